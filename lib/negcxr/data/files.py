"""Images that lie in files.

Files are looked for once, when a data set is read, and opened one at a time. What a
file is called matters to nobody: an image is known by the hash of its bytes.

DICOM and TIFF say which way round their grey levels go, and are turned so that air is
dark. PNG, JPEG and BMP cannot say it; there, whoever names the files may.

Limits: an image of more than 8 bits is stretched from its own darkest to its own
brightest pixel, so its absolute exposure is lost; a photometrically inverted image that
nothing names so is taken as it is (see `pixels.looks_inverted`); colour is turned into
luminance and transparency dropped.
"""

import hashlib
import os
import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path, PurePosixPath, PureWindowsPath

from PIL import Image, UnidentifiedImageError

from negcxr.data.mendable import refuse
from negcxr.data.pixels import INVERTED, grey, inverted
from negcxr.data.tables import FIRST_ROW
from negcxr.data.withheld import FileEach, Place, told
from negcxr.errors import InputError

FORMATS = ("PNG", "JPEG", "TIFF", "BMP")  # beside DICOM
DICOM = slice(128, 132), b"DICM"  # where a DICOM file says that it is one
PHOTOMETRIC = ("", INVERTED, "MONOCHROME2")  # which way round, in DICOM's words
LARGEST = 512 * 2**20  # bytes; a film of 16 bits has about 30 MiB uncompressed
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

    def __init__(
        self,
        paths: Sequence[Path],
        photometric: Sequence[str] = (),
        *,
        place: Place | None = None,
    ) -> None:
        """Remember the files; none is opened.

        Args:
            paths: The file of each row.
            photometric: For each row one of ``PHOTOMETRIC``, where files cannot say it;
                blank is ``MONOCHROME2``. None: all blank.
            place: What messages call the image of each row, where its path must not be
                told; none: its path.

        Raises:
            ValueError: There is not one word a file.
        """
        if photometric and len(photometric) != len(paths):
            raise ValueError(f"{len(photometric)} words for {len(paths)} files")
        self._paths = paths
        self._place = place or FileEach(paths)
        self._photometric = tuple(photometric) or ("",) * len(paths)
        self._keys: dict[int, str] = {}

    def open(self, row: int) -> Image.Image:
        """The image of this row, 8-bit grey (mode ``L``), fully loaded.

        Raises:
            InputError: The file is missing, broken, truncated or of another format, or
                is a DICOM file and was also named inverted.
        """
        data, said = self._read(row), self._photometric[row]
        self._keys[row] = _key(data, said)
        try:
            image = _decoded(data, said)
        except BROKEN as error:
            allowed = ", ".join(FORMATS)
            unknown = isinstance(error, UnidentifiedImageError)
            why = "no format that is known" if unknown else error
            raise InputError(
                f"{self.place(row)}: not a readable image ({why}); "
                f"allowed: {allowed}, DICOM, complete"
            ) from None
        return inverted(image) if said == INVERTED else image

    def path(self, row: int) -> Path:
        """The file of this row, whether or not it is there."""
        return self._paths[row]

    def place(self, row: int) -> str:
        """What messages call the image of this row."""
        return self._place(row)

    def key(self, row: int) -> str:
        """A hash of the file's bytes, and of being named inverted; read for it but once.

        Returns:
            SHA-256 in hexadecimal: of the bytes alone, where nothing named it inverted.

        Raises:
            InputError: The file is missing.
        """
        if row not in self._keys:
            self._keys[row] = _key(self._read(row), self._photometric[row])
        return self._keys[row]

    def _read(self, row: int) -> bytes:
        path = self._paths[row]
        try:
            size = path.stat().st_size
            if size > LARGEST:
                raise InputError(
                    f"{self.place(row)}: {size} bytes; at most {LARGEST} are read"
                )
            return path.read_bytes()
        except OSError as error:
            raise InputError(
                f"{self.place(row)}: cannot be read ({error.strerror})"
            ) from None


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
            refuse(f"{source}, row {number}: image {told(repr(name))} is not in {root}")
    return [root / name for name in names]


def refuse_leaving(name: str, root: Path, *, source: str) -> None:
    """Refuse a path that may end outside ``root``.

    Raises:
        InputError: Names the path, and ``source``: the file and row that name it.
    """
    if leaves_root(name):
        raise InputError(
            f"{source}: image {told(repr(name))} leaves {root}; "
            "allowed: a relative path without '..'"
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


def _key(data: bytes, said: str) -> str:
    key = hashlib.sha256(data).hexdigest()
    if said != INVERTED:
        return key
    return hashlib.sha256(f"{said} {key}".encode()).hexdigest()


def _decoded(data: bytes, said: str) -> Image.Image:
    where, letters = DICOM
    if data[where] != letters:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            return grey(image)
    if said:
        raise ValueError(f"DICOM says itself which way round it is; named {said} as well")
    # pydicom takes half a second to import, and most data sets have no such file
    from negcxr.data.dicom import read_dicom

    return read_dicom(data)
