"""What a data set needs of its pixels: open the image of a row, and name its content."""

from dataclasses import dataclass
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
