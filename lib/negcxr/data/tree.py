"""Images of a published data set: hundreds of thousands of files in as many folders.

Where they lie is known from the tables, so nothing is looked for when the data set is
read, and a path is made when an image is opened. A copy is often fetched in part; which
files of a drawn sample are missing is asked once, before the work begins.

Limits: a file that vanishes afterwards is missed when it is opened.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import overload

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from negcxr.data.dataset import Dataset
from negcxr.data.files import FileImages, listing
from negcxr.data.images import ImageRows, Images
from negcxr.data.mendable import refuse
from negcxr.data.tables import read_lines
from negcxr.errors import InputError

THERE = "images.txt"  # one path a line, as the tables have it


class PathsUnder(Sequence[Path]):
    """Paths that are made when they are asked for."""

    def __init__(self, root: Path, names: Sequence[str]) -> None:
        self.root, self.names = root, names

    def __len__(self) -> int:
        """How many there are."""
        return len(self.names)

    @overload
    def __getitem__(self, row: int) -> Path: ...
    @overload
    def __getitem__(self, row: slice) -> "PathsUnder": ...
    def __getitem__(self, row):
        """The path of one row, or those of some."""
        names = self.names[row]
        return PathsUnder(self.root, names) if isinstance(row, slice) else self.root / names


class TreeImages(FileImages):
    """The images of files under one folder, none of which has been looked for."""

    def __init__(
        self, root: Path, names: Sequence[str], photometric: Sequence[str] = ()
    ) -> None:
        """Remember where files should lie.

        Args:
            names: Paths from ``root``, with forward slashes.
            photometric: As ``FileImages`` takes it.
        """
        super().__init__(PathsUnder(root, names), photometric)
        self.root, self.names = root, names

    def missing(self, rows: Shaped[np.ndarray, " row"]) -> list[int]:
        """Those of these rows whose file is not there; each folder is listed once."""
        there: dict[str, set[str]] = {}
        lost = []
        for row in rows:
            folder, _, name = str(self.names[row]).rpartition("/")
            if folder not in there:
                there[folder] = listing(self.root / folder)
            if name not in there[folder]:
                lost.append(int(row))
        return lost


def missing_files(dataset: Dataset) -> list[str]:
    """The images of a data set whose file is not there, by their names in the table.

    Returns:
        None where the images do not lie in a tree: those were looked for already.
    """
    images, rows = _rows(dataset.images, len(dataset))
    return [images.names[row] for row in images.missing(rows)] if images else []


def refuse_missing_files(dataset: Dataset) -> None:
    """Refuse a sample of which a file is missing.

    Raises:
        InputError: Names the first such file, and how many there are.
    """
    images, _ = _rows(dataset.images, len(dataset))
    lost = missing_files(dataset)
    if images and lost:
        refuse(
            f"{images.root}: {len(lost)} of {len(dataset)} images are not there, first "
            f"{lost[0]}; `negcxr data check` lists them all; a list of those that are, "
            f"in {THERE} there, keeps the others out"
        )


def rows_there(images: pd.Series, root: Path) -> np.ndarray:
    """The rows whose image ``images.txt`` names; all, where there is no such file.

    Raises:
        InputError: It names none of these images.
    """
    path = root / THERE
    if not path.is_file():
        return np.arange(len(images))
    rows = np.flatnonzero(images.isin(read_lines(path)))
    if not rows.size:
        raise InputError(
            f"{path}: no line is an image of the tables, such as {images.iloc[0]}"
        )
    return rows


def _rows(images: Images, n: int) -> tuple[TreeImages | None, np.ndarray]:
    rows = np.arange(n)
    if isinstance(images, ImageRows):
        images, rows = images.images, images.rows
    return (images if isinstance(images, TreeImages) else None), rows
