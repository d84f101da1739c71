"""What a data set needs of its pixels: open the image of a row, and name its content."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Shaped
from PIL.Image import Image


@runtime_checkable
class Images(Protocol):
    """The pixels behind the rows of a data set."""

    def open(self, row: int) -> Image:
        """The image of this row, 8-bit grey, fully loaded."""
        ...

    def key(self, row: int) -> str:
        """A hash of the content: it names the pixels, whatever the file is called."""
        ...


def behind(images: Images, row: int) -> tuple[Images, int]:
    """The whole that a part was taken from, and where a row of the part stands in it."""
    if isinstance(images, ImageRows):
        return images.images, int(images.rows[row])
    return images, row


def file_of(images: Images, row: int) -> Path | None:
    """The file of a row's image; none where images are made otherwise."""
    whole, at = behind(images, row)
    path = getattr(whole, "path", None)
    return path(at) if path else None


@dataclass(frozen=True, eq=False)
class ImageRows:
    """Some rows of other images, renumbered from 0."""

    images: Images
    rows: Shaped[np.ndarray, " image"]

    @classmethod
    def of(cls, images: Images, rows: Shaped[np.ndarray, " image"]) -> "ImageRows":
        """These rows of ``images``; a part of a part looks straight at the whole."""
        if isinstance(images, cls):
            return cls(images.images, images.rows[rows])
        return cls(images, rows)

    def open(self, row: int) -> Image:
        """The image of this row, 8-bit grey, fully loaded."""
        return self.images.open(int(self.rows[row]))

    def key(self, row: int) -> str:
        """A hash of the content of this row's image."""
        return self.images.key(int(self.rows[row]))
