"""Images of a published data set: hundreds of thousands of files in as many folders.

Where they lie is known from the tables, so nothing is looked for when the data set is
read, and a path is made when an image is opened. A copy is often fetched in part; which
files of a drawn sample are missing is asked once, before the work begins.

Limits: a file that vanishes afterwards is missed when it is opened.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import overload

import numpy as np
import pandas as pd
from jaxtyping import Int

from negcxr.data.dataset import Dataset
from negcxr.data.files import FileImages, listing
from negcxr.data.images import behind, file_of
from negcxr.data.mendable import refuse
from negcxr.data.tables import read_lines
from negcxr.data.withheld import Place, told
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
        self, root: Path, names: Sequence[str], *, place: Place | None = None
    ) -> None:
        """Remember where files should lie.

        Args:
            names: Paths from ``root``, with forward slashes.
            place: As ``FileImages`` takes it.
        """
        super().__init__(PathsUnder(root, names), place=place)
        self.root = root


def missing_rows(dataset: Dataset) -> Int[np.ndarray, " missing"]:
    """The rows whose image file is not there; none where images are no files."""
    there: dict[str, set[str]] = {}
    missing = []
    for row in range(len(dataset)):
        path = file_of(dataset.images, row)
        if path is None:
            continue
        folder, name = os.path.split(path)
        if folder not in there:
            there[folder] = listing(Path(folder))
        if name not in there[folder]:
            missing.append(row)
    return np.array(missing, dtype=np.int64)


def refuse_missing_files(dataset: Dataset) -> None:
    """Refuse a sample of which a file is missing; one not in a tree was looked for.

    Raises:
        InputError: Names the first such image, and how many there are.
    """
    images, _ = behind(dataset.images, 0)
    if not isinstance(images, TreeImages):
        return
    lost = missing_rows(dataset)
    if lost.size:
        first = images.place(behind(dataset.images, int(lost[0]))[1])
        refuse(
            f"{images.root}: {len(lost)} of {len(dataset)} images are not there, first "
            f"that of {first}; `negcxr data check` lists them all; a list of those that "
            f"are, in {THERE} there, keeps the others out"
        )


def shortened(paths: pd.Series, prefixes: Sequence[str], root: Path) -> pd.Series:
    """Paths without those beginnings that are no folder under ``root``."""
    for prefix in prefixes:
        if not (root / prefix).is_dir():
            paths = paths.str.removeprefix(prefix)
    return paths


def rows_there(
    images: pd.Series, root: Path, prefixes: Sequence[str]
) -> tuple[Int[np.ndarray, " row"], str]:
    """The rows whose image ``images.txt`` names; all, where there is no such file.

    Args:
        prefixes: Beginnings that a line may have as a table has them; see `shortened`.

    Returns:
        The rows, and what was kept, in words; "" where there is no such file.

    Raises:
        InputError: It names none of these images.
    """
    path = root / THERE
    if not path.is_file():
        return np.arange(len(images)), ""
    lines = pd.Series(read_lines(path), dtype="str").drop_duplicates()
    lines = shortened(lines, prefixes, root)
    rows = np.flatnonzero(images.isin(lines))
    if not rows.size:
        raise InputError(
            f"{path}: none of {len(lines)} lines is an image of the tables, such as "
            f"{told(images.iloc[0])}"
        )
    n_odd = int((~lines.isin(images)).sum())
    odd = f"; {n_odd:,} of its {len(lines):,} lines name none" if n_odd else ""
    return rows, f"{THERE} keeps {len(rows):,} of {len(images):,} images{odd}"
