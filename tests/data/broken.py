"""Ways to break a table, each once and somewhere else each time it is drawn."""

import csv
import gzip
import io
from collections.abc import Callable, Sequence
from typing import NamedTuple

ESCAPES = (
    *("../../etc/passwd", "/etc/passwd", "x/../../y.png", "C:\\Windows\\y.png"),
    *("..\\..\\y.png", "\\\\host\\share\\y.png"),
)
CLIMBS = (
    "../../../../etc/passwd",
    "x/../../../../y",
    "..\\..\\..\\..\\y",
)  # below a folder
NO_LABELS = ("2", "yes", "1.5", "-2", "none", "1;0")
NO_YEARS = ("old", "-3", "inf", "12Y")
FIRST_ROW = 2  # the first one below the header, as a spreadsheet counts


class Table(NamedTuple):
    """A table of a data set, and what of it the reader needs.

    Attributes:
        file: Where it lies, from the data set's folder.
        needed: Columns without which it cannot be read.
        texts: Columns that may not be blank.
        image: The column that names the file of a row.
        escapes: What to put there so that the file lies outside the folder.
        years: The column of ages.
        labels: Columns of which each cell is one label.
        is_keyed: Whether a row that stands twice is a mistake.
    """

    file: str
    needed: Sequence[str] = ()
    texts: Sequence[str] = ()
    image: str = ""
    escapes: Sequence[str] = ESCAPES
    years: str = ""
    labels: Sequence[str] = ()
    is_keyed: bool = True


class Pick(NamedTuple):
    """Where a table is broken, and by which of several values."""

    row: int
    which: int


class Grid(NamedTuple):
    """The cells of a table, its header apart."""

    header: list[str]
    rows: list[list[str]]

    def row(self, pick: Pick) -> int:
        return pick.row % len(self.rows)

    def put(self, row: int, column: str, cell: str) -> "Grid":
        """A copy with one cell changed."""
        rows = [list(cells) for cells in self.rows]
        rows[row][self.header.index(column)] = cell
        return Grid(self.header, rows)


class Broken(NamedTuple):
    """A broken table: its bytes before packing, and what the error must say of it."""

    content: bytes
    says: tuple[str, ...] = ()


def read(content: bytes, file: str) -> Grid:
    """The cells of a good table."""
    plain = gzip.decompress(content) if file.endswith(".gz") else content
    header, *rows = csv.reader(io.StringIO(plain.decode("utf-8"), newline=""))
    return Grid(header, rows)


def written(grid: Grid, delimiter: str = ",") -> bytes:
    """Cells as a CSV file."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(
        [grid.header, *grid.rows]
    )
    return file.getvalue().encode()


def packed(content: bytes, file: str) -> bytes:
    """As it lies on disk."""
    return gzip.compress(content, mtime=0) if file.endswith(".gz") else content


def one_of(choices: Sequence[str], pick: Pick) -> str:
    return choices[pick.which % len(choices)]


def lacks_a_column(table: Table, grid: Grid, pick: Pick) -> Broken:
    column = one_of(table.needed, pick)
    place = grid.header.index(column)
    lines = [[*cells[:place], *cells[place + 1 :]] for cells in (grid.header, *grid.rows)]
    return Broken(written(Grid(lines[0], lines[1:])), (column,))


def names_a_column_twice(table: Table, grid: Grid, pick: Pick) -> Broken:
    column = one_of(table.needed, pick)
    place = grid.header.index(column)
    lines = [[*cells, cells[place]] for cells in (grid.header, *grid.rows)]
    return Broken(written(Grid(lines[0], lines[1:])), (column, "twice"))


def repeats_a_row(table: Table, grid: Grid, pick: Pick) -> Broken:
    again = grid.rows[grid.row(pick)]
    return Broken(written(Grid(grid.header, [*grid.rows, again])))


def has_a_blank_key(table: Table, grid: Grid, pick: Pick) -> Broken:
    row, column = grid.row(pick), one_of(table.texts, pick)
    said = (f"row {FIRST_ROW + row}",)
    return Broken(written(grid.put(row, column, " " * (pick.row % 2))), said)


def has_no_years(table: Table, grid: Grid, pick: Pick) -> Broken:
    row, cell = grid.row(pick), one_of(NO_YEARS, pick)
    said = (f"row {FIRST_ROW + row}", repr(cell))
    return Broken(written(grid.put(row, table.years, cell)), said)


def has_no_label(table: Table, grid: Grid, pick: Pick) -> Broken:
    row, column = grid.row(pick), one_of(table.labels, pick)
    cell = NO_LABELS[(pick.row + pick.which) % len(NO_LABELS)]
    said = (f"row {FIRST_ROW + row}", repr(cell))
    return Broken(written(grid.put(row, column, cell)), said)


def leaves_the_folder(table: Table, grid: Grid, pick: Pick) -> Broken:
    row, cell = grid.row(pick), one_of(table.escapes, pick)
    said = (f"row {FIRST_ROW + row}",)
    return Broken(written(grid.put(row, table.image, cell)), said)


def is_ragged(table: Table, grid: Grid, pick: Pick) -> Broken:
    rows = [list(cells) for cells in grid.rows]
    row = grid.row(pick)
    rows[row] = [*rows[row], "x"] if pick.which % 2 else rows[row][:-1]
    return Broken(written(Grid(grid.header, rows)), (f"row {FIRST_ROW + row}", "cells"))


def is_not_utf8(table: Table, grid: Grid, pick: Pick) -> Broken:
    content = written(grid)
    if pick.which % 2:
        return Broken(content.decode().encode("utf-16"))
    place = pick.row % len(content)
    return Broken(content[:place] + b"\xff" + content[place:])


def has_another_delimiter(table: Table, grid: Grid, pick: Pick) -> Broken:
    return Broken(written(grid, one_of(";\t|", pick)))


def is_empty(table: Table, grid: Grid, pick: Pick) -> Broken:
    return Broken(one_of(("", "\n\n", "\ufeff"), pick).encode())


def has_a_header_alone(table: Table, grid: Grid, pick: Pick) -> Broken:
    return Broken(written(Grid(grid.header, [])))


def everywhere(table: Table) -> bool:
    return True


# Each way to break a table, and of which tables it breaks anything.
WAYS: dict[Callable[[Table, Grid, Pick], Broken], Callable[[Table], bool]] = {
    lacks_a_column: lambda table: bool(table.needed),
    names_a_column_twice: lambda table: bool(table.needed),
    repeats_a_row: lambda table: table.is_keyed,
    has_a_blank_key: lambda table: bool(table.texts),
    has_no_years: lambda table: bool(table.years),
    has_no_label: lambda table: bool(table.labels),
    leaves_the_folder: lambda table: bool(table.image),
    is_ragged: everywhere,
    is_not_utf8: everywhere,
    has_another_delimiter: everywhere,
    is_empty: everywhere,
    has_a_header_alone: everywhere,
}
