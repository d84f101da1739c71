"""Images that lie in files.

Files are looked for once, when a data set is read, and opened one at a time. What a
file is called matters to nobody: an image is known by the hash of its bytes.

Limits: an image of more than 8 bits is stretched from its own darkest to its own
brightest pixel, so its absolute exposure is lost; a photometrically inverted image
cannot be told from a proper one; colour is turned into luminance and transparency
dropped. DICOM is not read.
"""

import hashlib
import os
import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
from jaxtyping import Num, UInt8
from PIL import Image

from negcxr.data.mendable import refuse
from negcxr.data.tables import FIRST_ROW
from negcxr.errors import InputError
from negcxr.shapes import checked

FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
WHITE = 255
# What Pillow's decoders let through when a file is broken or absurdly large.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class FileImages:
    """The images of a list of files, one a row."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Remember the files; none is opened.

        Args:
            paths: The file of each row.
        """
        self._paths = tuple(paths)
        self._keys: dict[int, str] = {}

    def open(self, row: int) -> Image.Image:
        """The image of this row, 8-bit grey (mode ``L``), fully loaded.

        Raises:
            InputError: The file is missing, broken, truncated or of another format.
        """
        path, data = self._paths[row], self._read(row)
        self._keys[row] = hashlib.sha256(data).hexdigest()
        try:
            with Image.open(BytesIO(data), formats=FORMATS) as image:
                return _grey(image)
        except BROKEN as error:
            allowed = ", ".join(FORMATS)
            raise InputError(
                f"{path}: not a readable image ({error}); allowed: {allowed}, complete"
            ) from None

    def path(self, row: int) -> Path:
        """The file of this row, whether or not it is there."""
        return self._paths[row]

    def key(self, row: int) -> str:
        """SHA-256 of the file's bytes in hexadecimal; a file is read for it but once.

        Raises:
            InputError: The file is missing.
        """
        if row not in self._keys:
            self._keys[row] = hashlib.sha256(self._read(row)).hexdigest()
        return self._keys[row]

    def _read(self, row: int) -> bytes:
        try:
            return self._paths[row].read_bytes()
        except OSError as error:
            raise InputError(
                f"{self._paths[row]}: cannot be read ({error.strerror})"
            ) from None


@checked
def stretch(pixels: Num[np.ndarray, "height width"]) -> UInt8[np.ndarray, "height width"]:
    """Grey levels spread from the image's own minimum to its own maximum.

    An image of one grey level comes out black.

    Returns:
        0 at the minimum, 255 at the maximum.

    Raises:
        ValueError: A pixel is not a number.

    Example:
        >>> stretch(np.array([[1000, 1500, 2000]]))
        array([[  0, 128, 255]], dtype=uint8)
    """
    levels = pixels.astype(np.float64)
    if not np.isfinite(levels).all():
        raise ValueError("a pixel is not a finite number")
    low, span = levels.min(), np.ptp(levels)
    return np.round((levels - low) * (WHITE / span if span else 0)).astype(np.uint8)


def find_files(root: Path, names: Sequence[str], *, source: str) -> list[Path]:
    """Where the named files lie under ``root``; each folder is listed once.

    Args:
        names: Paths relative to ``root``, with forward slashes.
        source: The file that names them, for messages.

    Raises:
        InputError: A name leaves ``root``, or no such file is there; names the row.
    """
    there: dict[PurePosixPath, set[str]] = {}
    for number, name in enumerate(names, start=FIRST_ROW):
        path = PurePosixPath(name)
        refuse_leaving(name, root, source=f"{source}, row {number}")
        if path.parent not in there:
            there[path.parent] = listing(root / path.parent)
        if path.name not in there[path.parent]:
            refuse(f"{source}, row {number}: image {name!r} is not in {root}")
    return [root / name for name in names]


def refuse_leaving(name: str, root: Path, *, source: str) -> None:
    """Refuse a path that may end outside ``root``.

    Raises:
        InputError: Names the path, and ``source``: the file and row that name it.
    """
    if leaves_root(name):
        raise InputError(
            f"{source}: image {name!r} leaves {root}; allowed: a relative path without '..'"
        )


def leaves_root(name: str) -> bool:
    """Whether a path may end outside the folder it is taken from, on any system."""
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    rooted = posix.is_absolute() or bool(windows.drive or windows.root)
    return rooted or ".." in windows.parts


def listing(folder: Path) -> set[str]:
    """Names of the files in a folder; none where there is no such folder."""
    if not folder.is_dir():
        return set()
    with os.scandir(folder) as entries:
        return {entry.name for entry in entries if entry.is_file()}


def _grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(stretch(np.asarray(image)))
    return image.convert("L")
