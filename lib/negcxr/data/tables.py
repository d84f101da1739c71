"""CSV files as tables of text, so that each source decides itself what a cell means.

A reader that guesses types turns a patient "007" into 7 and the view "NA" into nothing;
here every cell stays as it was written, without the blanks around it. Rows are counted
as a spreadsheet counts them: the header is row 1. A file that ends in ``.gz`` is unpacked
in memory.

Large tables take a quick way, through Arrow. What it does not read as Python's own
reader does, it hands to that one, which also says what is wrong and in which row.

Limits: a file is held in memory as a whole, so none may be larger than `LARGEST`.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable
from functools import reduce
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from negcxr.data.checks import require_columns
from negcxr.data.withheld import FIRST_ROW
from negcxr.errors import InputError

LARGEST = 2**29  # bytes, unpacked; MIMIC-CXR-JPG's largest table has about 60 million
LONGEST_CELL = csv.field_size_limit()  # characters; Python's reader refuses longer ones
BLOCK = 2**22  # bytes that Arrow reads at once; a row must lie within two of them


def read_csv(path: Path, *, only: Iterable[str] | None = None) -> pd.DataFrame:
    """The cells of a CSV file as text, blank where nothing is written.

    Args:
        only: The columns wanted, each of which must be there; ``None`` takes all.

    Raises:
        InputError: The file is missing or too large, is not CSV in UTF-8, names a column
            twice, lacks one that is wanted, or has a row that is longer or shorter than
            its header.
    """
    content = _unpacked(path)
    cells = _quick(content)
    table = plain_csv(content, path) if cells is None else _headed(cells, path)
    if only is None:
        return table
    wanted = list(dict.fromkeys(only))
    require_columns(table, wanted, source=str(path))
    return table[wanted]


def column_names(path: Path) -> list[str]:
    """What the columns of a CSV file are called.

    Raises:
        InputError: As ``read_csv`` says, of the file and its header.
    """
    header, _, _ = _unpacked(path).partition(b"\n")
    return list(plain_csv(header, path).columns)


def plain_csv(content: bytes, path: Path) -> pd.DataFrame:
    """What ``read_csv`` gives of a file's bytes, by Python's own reader, row by row.

    Raises:
        InputError: As ``read_csv`` says; names ``path``.
    """
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        rows = [[cell.strip() for cell in row] for row in csv.reader(text)]
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not CSV in UTF-8 ({error})") from None
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise InputError(f"{path}: empty; a header and at least one row are needed")
    _refuse_repeated(rows[0], path)
    _refuse_ragged(rows, path)
    return pd.DataFrame(rows[1:], columns=rows[0], dtype=str)


def read_lines(path: Path) -> list[str]:
    """The lines of a text file without blanks around them; empty ones are left out.

    Raises:
        InputError: The file is missing or is not UTF-8.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not text in UTF-8") from None
    return [line.strip() for line in lines if line.strip()]


def _unpacked(path: Path) -> bytes:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as file:
            content = file.read(LARGEST + 1)  # no more, whatever it unpacks to
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: not a whole gzip file ({error})") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if len(content) > LARGEST:
        raise InputError(f"{path}: unpacks to more than {LARGEST} bytes; allowed: fewer")
    return content


def _quick(content: bytes) -> pa.Table | None:
    """All cells, the header's among them, or ``None`` where Python's reader must look."""
    if b"\0" in content:
        return None  # Arrow's names of columns end there
    try:
        cells = pa.csv.read_csv(
            pa.py_buffer(content.rstrip(b"\r\n")),
            read_options=pa.csv.ReadOptions(
                autogenerate_column_names=True, block_size=BLOCK
            ),
            parse_options=pa.csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=_as_text(_width(content)),
        )
    except (pa.ArrowInvalid, csv.Error, UnicodeDecodeError):
        return None
    if cells.num_columns < 2 or {*cells.schema.types} != {pa.string()}:
        return None  # of one column, an empty line and a blank cell look alike
    names = cells.column_names
    cells = pa.table({name: pc.utf8_trim_whitespace(cells[name]) for name in names})
    return None if _needs_a_look(cells) else cells


def _width(content: bytes) -> int:
    """How many columns the header has."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    return len(next(csv.reader(text), []))


def _as_text(width: int) -> pa.csv.ConvertOptions:
    types = {f"f{i}": pa.string() for i in range(width)}
    return pa.csv.ConvertOptions(column_types=types, strings_can_be_null=False)


def _needs_a_look(cells: pa.Table) -> bool:
    # An empty line is a row of no cells, which is refused; Arrow makes blank cells of it.
    sizes = [pc.binary_length(column) for column in cells.columns]
    blank = reduce(pc.and_, (pc.equal(size, 0) for size in sizes))
    return pc.any(blank).as_py() or max(pc.max(s).as_py() for s in sizes) > LONGEST_CELL


def _headed(cells: pa.Table, path: Path) -> pd.DataFrame:
    header = [str(name) for name in cells.slice(0, 1).to_pylist()[0].values()]
    _refuse_repeated(header, path)
    table = cells.slice(1).to_pandas()
    return table.set_axis(pd.Index(header, dtype="str"), axis=1).astype("str")


def _refuse_repeated(header: list[str], path: Path) -> None:
    repeated = [name for name in header if header.count(name) > 1]
    if repeated:
        raise InputError(f"{path}: column {repeated[0]!r} is named twice")


def _refuse_ragged(rows: list[list[str]], path: Path) -> None:
    header = rows[0]
    for number, row in enumerate(rows[1:], start=FIRST_ROW):
        if len(row) != len(header):
            raise InputError(
                f"{path}, row {number}: {len(row)} cells, but {len(header)} columns"
            )
