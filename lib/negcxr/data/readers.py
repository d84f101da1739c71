"""Several readers of one film, made into one label by a rule that has a name.

Where each reader looked for every finding, what nobody marked is absent, and what some
marked and others did not is open. Whoever needs yes or no takes a policy for the open
ones, as with any uncertain label.

Limits: readers are taken for equally good. A rule knows how many marked a finding, not
why the others did not.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from negcxr.data import checks
from negcxr.data.tables import FIRST_ROW, read_csv
from negcxr.data.withheld import Place, RowsOf, told
from negcxr.errors import InputError

IMAGE, READER = "image_id", "rad_id"
READERS = 3  # of each image; of fewer, one mark is no majority
MARKED = {"0": 0, "0.0": 0, "1": 1, "1.0": 1}


def read_majority(path: Path, columns: Iterable[str]) -> tuple[pd.DataFrame, Place]:
    """One row an image from a table with one row an image and reader.

    Two or three of the three readers marked it: present. One: uncertain. Nobody: absent.

    Args:
        columns: Which are wanted: image_id, and any finding. Who the readers were is
            dropped.

    Returns:
        Images in the order in which they first stand, of a finding "1", "0" or "-1"; and
        where an image first stands.

    Raises:
        InputError: A column is missing, a reader stands twice for an image, an image has
            another number of readers, or a cell is neither 0 nor 1; names the row.
    """
    findings = [name for name in dict.fromkeys(columns) if name != IMAGE]
    table = read_csv(path, only=[IMAGE, READER, *findings])
    keys = [IMAGE, READER]
    checks.refuse_blank_cells(table, keys, source=str(path), first_row=FIRST_ROW)
    _refuse_repeated(table, path)
    _refuse_paths(table[IMAGE], path)
    marks = pd.DataFrame({name: _marks(table[name], path) for name in findings})
    _refuse_other_numbers(table[IMAGE], path)
    by_image = marks.groupby(table[IMAGE].to_numpy(), sort=False)
    share = by_image.mean()
    cells = np.where(share > 0.5, "1", np.where(share == 0, "0", "-1"))
    found = pd.DataFrame(cells, columns=findings, dtype=str)
    found.insert(0, IMAGE, share.index.to_numpy(str))
    firsts = np.flatnonzero(~table[IMAGE].duplicated().to_numpy())
    return found, RowsOf(path, firsts)


def _refuse_repeated(table: pd.DataFrame, path: Path) -> None:
    repeated = table.duplicated([IMAGE, READER]).to_numpy()
    if repeated.any():
        row = int(repeated.argmax())
        image, reader = table[IMAGE].iloc[row], table[READER].iloc[row]
        raise InputError(
            f"{path}, row {row + FIRST_ROW}: reader {told(reader)} stands twice for image "
            f"{told(image)}"
        )


def _refuse_other_numbers(names: pd.Series, path: Path) -> None:
    n_readers = names.groupby(names, sort=False).transform("size").to_numpy()
    off = np.flatnonzero(n_readers != READERS)
    if off.size:
        row = int(off[0])
        raise InputError(
            f"{path}, row {row + FIRST_ROW}: {n_readers[row]} readers for image "
            f"{told(names.iloc[row])}; allowed: {READERS}"
        )


def _refuse_paths(names: pd.Series, path: Path) -> None:
    # Here, since rows have other numbers once there is one an image.
    for row in np.flatnonzero(names.str.contains(r"[/\\:]|^\.\.").to_numpy()):
        raise InputError(
            f"{path}, row {row + FIRST_ROW}: {IMAGE} {told(repr(names.iloc[row]))} leaves "
            "its folder; allowed: the name of an image"
        )


def _marks(cells: pd.Series, path: Path) -> pd.Series:
    marks = cells.map(MARKED)
    if marks.isna().any():
        row = int(marks.isna().to_numpy().argmax())
        raise InputError(
            f"{path}, row {row + FIRST_ROW}, {cells.name}: {cells.iloc[row]!r}; "
            "allowed: 0 or 1"
        )
    return marks.astype(int)
