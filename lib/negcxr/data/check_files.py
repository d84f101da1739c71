"""Which image files are missing, which do not open, and which hold the same picture.

A missing file is found without opening any: every folder is listed once. Whether a file
is whole is known only when it is decoded, so that is done for a sample or for all, one
image at a time. Of each decoded picture a hash is kept, which finds a picture that goes
by two names, though not one that was scaled or cropped.

Limits: a sample finds a fault in one file of a thousand only by luck. Whether a picture
is inverted is a guess (see `pixels.looks_inverted`).
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from PIL import Image

from negcxr.data.dataset import Dataset
from negcxr.data.files import BROKEN, DICOM, FORMATS
from negcxr.data.images import behind, file_of
from negcxr.data.pixels import looks_inverted
from negcxr.errors import InputError

LOOKED = ("row", "image", "patient", "split", "fault", "picture", "deep", "inverted")
TWINS = ["image", "split", "twin", "twin_split"]
ONE_BYTE = 8  # bits of grey a level; deeper images are stretched when they are read


def look_at(dataset: Dataset, rows: Iterable[int]) -> pd.DataFrame:
    """Decode the images of these rows, one at a time, and say what each is like.

    Returns:
        row, image, patient and split as in the table; fault (why it does not open, or
        ""); picture (hash of its grey levels, or ""); deep (whether the file has more
        than 8 bits a pixel); inverted (whether air looks bright).
    """
    # As an array: to take one row of a frame costs as much as to decode a small image.
    named = dataset.table[["image", "patient", "split"]].to_numpy()
    seen = [[int(row), *named[row], *_look(dataset, int(row))] for row in rows]
    return pd.DataFrame(seen, columns=list(LOOKED))


def same_pictures(looked: pd.DataFrame) -> pd.DataFrame:
    """Images that show what an earlier one of those looked at shows, pixel by pixel.

    In one split it weighs a picture twice; across two it lets a test leak.

    Args:
        looked: What `look_at` gave.

    Returns:
        image and split, and the first image with the same picture: twin, twin_split.
    """
    opened = looked[looked["picture"] != ""]
    firsts = opened.drop_duplicates("picture")[["picture", "image", "split"]]
    named = firsts.rename(columns={"image": "twin", "split": "twin_split"})
    pairs = opened.merge(named, on="picture")
    return pairs[pairs["image"] != pairs["twin"]][TWINS].reset_index(drop=True)


def _look(dataset: Dataset, row: int) -> list[object]:
    path = file_of(dataset.images, row)
    try:
        image = dataset.images.open(row)
    except InputError as error:
        return [_fault(error, dataset, row), "", False, False]
    shown = f"{image.size}".encode() + image.tobytes()
    picture = hashlib.sha256(shown).hexdigest()[:32]
    deep = path is not None and _is_deep(path)
    return ["", picture, deep, looks_inverted(image)]


def _fault(error: InputError, dataset: Dataset, row: int) -> str:
    path = file_of(dataset.images, row)
    if path is None:
        return str(error)
    if path.is_file() and not path.stat().st_size:
        return "empty: 0 bytes"
    images, at = behind(dataset.images, row)
    place = getattr(images, "place", None)
    return str(error).removeprefix(f"{place(at) if place else path}: ")


def _is_deep(path: Path) -> bool:
    with path.open("rb") as file:
        where, letters = DICOM
        is_dicom = file.read(where.stop)[where] == letters
    if is_dicom:
        return _dicom_bits(path) > ONE_BYTE
    try:
        with Image.open(path, formats=FORMATS) as image:  # reads the header alone
            return image.mode.startswith(("I", "F"))
    except BROKEN:
        return False


def _dicom_bits(path: Path) -> int:
    from pydicom import dcmread

    return int(dcmread(path, specific_tags=["BitsStored"]).BitsStored)
