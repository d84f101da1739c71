"""A film out of a DICOM file: its pixels as a viewer shows them, and nothing else.

A file's numbers become a picture in three steps that the file itself describes: to units
of measurement (rescale slope and intercept, or a table), to what is worth seeing (a
window, or a table, which is preferred), and the right way round (``MONOCHROME1`` shows
its lowest number white). Only the tags that these steps need are read; name, number and
dates of a patient are passed over and never kept.

Limits: the first window of several is taken. Pixels that pad the picture are taken as
they are, and where there is no window they may squeeze its contrast. Words burnt into
the pixels stay there. What was compressed in a way that no decoder here reads, such as
JPEG Lossless, must be converted before, or a decoder be installed that pydicom finds.

Reference:
    DICOM PS3.3 C.7.6.3 and C.11, https://dicom.nema.org/medical/dicom/current.
"""

import struct
from io import BytesIO

import numpy as np
from jaxtyping import Num
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut, get_decoder
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from negcxr.data.pixels import INVERTED, WHITE, stretch

START = 132  # a preamble of 128 bytes, then the letters DICM
META_GROUP = 0x0002
SYNTAX = 0x00020010
TAGS = [
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "VOILUTSequence",
    "PixelData",
]
NEEDED = ("PhotometricInterpretation", "Rows", "Columns", "BitsAllocated", "PixelData")
GREY = (INVERTED, "MONOCHROME2")
COLOURED = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
READ = "uncompressed, RLE, JPEG of 8 bits, JPEG 2000"
# What pydicom and the decoders under it let through when a file is broken.
BROKEN = (
    InvalidDicomError,
    BytesLengthException,
    AttributeError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    EOFError,
    OverflowError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class NotShown(ValueError):
    """Why a film cannot be shown, in our own words."""


def read_dicom(data: bytes) -> Image.Image:
    """The film in 8-bit grey, air dark: window applied, then stretched.

    Raises:
        ValueError: The file is broken, larger than a film, of several pictures, or
            compressed in a way that cannot be read; says which.
    """
    syntax = "unknown"
    try:
        found = _syntax(data)
        syntax = f"{found.name} ({found})"
        _require_decoder(found)
        return _film(dcmread(BytesIO(data), specific_tags=TAGS))
    except NotShown as error:
        raise ValueError(f"DICOM: {error}") from None
    except BROKEN as error:
        # pydicom's own words may quote bytes of the file, a patient's name among them
        said = f"broken or cut off ({type(error).__name__}), transfer syntax {syntax}"
        raise ValueError(f"DICOM: {said}") from None


def _syntax(data: bytes) -> UID:
    meta = read_dataset(
        BytesIO(data[START:]),
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=lambda tag, vr, length: tag.group != META_GROUP,
    )
    if SYNTAX not in meta:
        raise NotShown("no transfer syntax is named")
    return UID(str(meta[SYNTAX].value))


def _require_decoder(syntax: UID) -> None:
    # A deflated file unpacks as a whole before its size is known.
    if not syntax.is_transfer_syntax or syntax == DeflatedExplicitVRLittleEndian:
        raise NotShown(f"transfer syntax {syntax.name} ({syntax}); read are: {READ}")
    if syntax.is_encapsulated and not get_decoder(syntax).is_available:
        raise NotShown(
            f"transfer syntax {syntax.name} ({syntax}) has no decoder here; read are: "
            f"{READ}; others with a package that pydicom knows, such as python-gdcm"
        )


def _film(file: Dataset) -> Image.Image:
    missing = [tag for tag in NEEDED if tag not in file]
    if missing:
        raise NotShown(f"no tag {', '.join(missing)}; a file that was cut off has none")
    kind = str(file.PhotometricInterpretation)
    if kind not in (*GREY, *COLOURED):
        allowed = ", ".join((*GREY, *COLOURED))
        said = kind[:16]  # the longest a code may be; what is longer is no code
        raise NotShown(f"photometric interpretation {said!r}; allowed: {allowed}")
    if int(file.get("NumberOfFrames") or 1) != 1:
        raise NotShown(f"{file.NumberOfFrames} pictures in one file; allowed: 1")
    n_pixels = int(file.Rows) * int(file.Columns)
    if n_pixels > Image.MAX_IMAGE_PIXELS:
        raise NotShown(f"{n_pixels} pixels; at most {Image.MAX_IMAGE_PIXELS} are read")
    return _coloured(file) if kind in COLOURED else _grey(file, kind)


def _grey(file: Dataset, kind: str) -> Image.Image:
    levels: Num[np.ndarray, "height width"] = apply_modality_lut(file.pixel_array, file)
    shown = stretch(apply_voi_lut(levels, file))
    return Image.fromarray(WHITE - shown if kind == INVERTED else shown)


def _coloured(file: Dataset) -> Image.Image:
    if file.BitsAllocated != 8:
        raise NotShown(f"colour of {file.BitsAllocated} bits; allowed: 8")
    return Image.fromarray(file.pixel_array).convert("L")  # pydicom made it RGB
