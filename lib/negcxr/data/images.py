"""What a data set needs of its pixels: open the image of a row, and name its content."""

from pathlib import Path
from typing import Protocol, runtime_checkable

from PIL.Image import Image

from negcxr.data.part import Part


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
        return images.whole, images.at(row)
    return images, row


def file_of(images: Images, row: int) -> Path | None:
    """The file of a row's image; none where images are made otherwise."""
    whole, at = behind(images, row)
    path = getattr(whole, "path", None)
    return path(at) if path else None


class ImageRows(Part[Images]):
    """Some rows of other images, renumbered from 0."""

    def open(self, row: int) -> Image:
        """The image of this row, 8-bit grey, fully loaded."""
        return self.whole.open(self.at(row))

    def key(self, row: int) -> str:
        """A hash of the content of this row's image."""
        return self.whole.key(self.at(row))
