"""Tables of a layout read from disk, and put together to a row an image.

Cells of an image come from several files. Where a cell is wrong, its owner must find it,
so each column remembers its file, and each row its number in that file.

Limits: tables are joined in memory. A row of a joined table that no image names is left
out without a word, as tables of a whole data set are used with a part of the images.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Int

from negcxr.data import checks
from negcxr.data.layout_parts import Join, Table
from negcxr.data.openi_images import read_films
from negcxr.data.readers import read_majority
from negcxr.data.tables import FIRST_ROW, column_names, read_csv
from negcxr.data.withheld import Place, RowsOf, told
from negcxr.errors import InputError

ENDINGS = (".csv", ".csv.gz")
OF_FOLDERS = ("open-i",)  # kinds of table that are a folder of files
NO_ROW = -1
BETWEEN = "\x1f"  # the unit separator, which no identifier has


@dataclass
class Cells:
    """Cells of a row an image, and where each column of them stands on disk.

    Attributes:
        path: The file with a row an image.
        frame: All columns, as text.
        own: Where each row of it stands on disk.
        origins: Of a column that another table brought: where rows of that stand, and
            for each image the row in it, counted from 0; ``NO_ROW`` where it has none.
    """

    path: Path
    frame: pd.DataFrame
    own: Place
    origins: dict[str, tuple[Place, Int[np.ndarray, " image"]]] = field(
        default_factory=dict
    )

    def place(self, column: str, row: int) -> str:
        """The file and row of a cell, as messages name it."""
        place, rows = self.origins.get(column, (self.own, None))
        if rows is None or rows[row] == NO_ROW:
            return self.own(row)
        return place(int(rows[row]))


def read_table(root: Path, table: Table, columns: Iterable[str]) -> Cells:
    """These columns of a table of a layout, as text; blank those that it may lack.

    Raises:
        InputError: No such file is there, or it is not as it must be.
    """
    columns = list(columns)
    path = find_table(root, table)
    if path is None:
        tried = " or ".join(f"{name}{ENDINGS[0]}[.gz]" for name in table.files)
        raise InputError(f"{root}: no file {tried}; the data set needs it")
    has = set(column_names(path)) if table.blanks else set()
    lacks = [name for name in columns if name in table.blanks and name not in has]
    frame, own = KINDS[table.kind](path, [name for name in columns if name not in lacks])
    return Cells(path, frame.assign(**dict.fromkeys(lacks, "")), own)


def find_table(root: Path, table: Table) -> Path | None:
    """Where a table is: the first of its names that is there, as a file or a folder."""
    for name in table.files:
        for ending in ENDINGS:
            if (root / f"{name}{ending}").is_file():
                return root / f"{name}{ending}"
        # CheXpert has a folder `test` of images beside a table of that name.
        if table.kind in OF_FOLDERS and (root / name).is_dir():
            return root / name
    return None


def join(cells: Cells, root: Path, how: Join, columns: Iterable[str]) -> None:
    """Add columns of another table to ``cells``, by the columns that name its rows.

    Raises:
        InputError: The table is missing, names a row twice, or lacks the row of an image
            that must have one.
    """
    columns = list(columns)
    if how.optional and find_table(root, how) is None:
        for column in columns:
            cells.frame[column] = ""
        return
    other = read_table(root, how, [*how.by, *columns])
    rows = matching(cells, other, how)
    for column in columns:
        cells.frame[column] = _taken(other.frame[column], rows)
        cells.origins[column] = (other.own, rows)


def matching(cells: Cells, other: Cells, how: Join) -> Int[np.ndarray, " image"]:
    """For each image the row of the other table, counted from 0; ``NO_ROW``: none.

    Raises:
        InputError: It has no row, a key is blank or stands twice there, or an image that
            must have a row has none.
    """
    path, table = other.path, other.frame
    if table.empty:
        raise InputError(f"{path}: no row below its header; at least one is needed")
    checks.refuse_blank_cells(table, how.by, source=str(path), first_row=FIRST_ROW)
    theirs, ours = pd.Index(_keys(table, how.by)), _keys(cells.frame, how.by)
    twice = theirs.duplicated()
    if twice.any():
        row = int(twice.argmax())
        raise InputError(
            f"{other.own(row)}: {cells_told(table, how.by, row)} stands there twice"
        )
    rows = theirs.get_indexer(pd.Index(ours))
    if how.unmatched == "refused" and (rows == NO_ROW).any():
        row = int((rows == NO_ROW).argmax())
        raise InputError(
            f"{cells.place(how.by[0], row)}: no row in {path} with "
            f"{cells_told(cells.frame, how.by, row)}; each image needs one"
        )
    return rows


def _taken(cells: pd.Series, rows: np.ndarray) -> pd.Series:
    with_blank = pd.concat([cells, pd.Series([""], dtype="str")], ignore_index=True)
    taken = with_blank.take(np.where(rows == NO_ROW, len(cells), rows))
    return taken.reset_index(drop=True)


def _keys(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    key = table[columns[0]]
    for column in columns[1:]:
        key = key + BETWEEN + table[column]
    return key


def cells_told(table: pd.DataFrame, columns: list[str], row: int) -> str:
    """Cells that name an image or a patient, as a message may say them."""
    cells = ((name, table[name].iloc[row]) for name in columns)
    return ", ".join(
        f"{name} {told(repr(cell)) if cell else repr(cell)}" for name, cell in cells
    )


def _csv(path: Path, columns: Iterable[str]) -> tuple[pd.DataFrame, Place]:
    return read_csv(path, only=columns), RowsOf(path)


# How a table is read: given its file, which columns of text it gives, and where its rows
# stand.
KINDS: dict[str, Callable[[Path, Iterable[str]], tuple[pd.DataFrame, Place]]] = {
    "csv": _csv,
    "majority": read_majority,
    "open-i": read_films,
}
