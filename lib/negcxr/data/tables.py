"""CSV files as tables of text, so that each source decides itself what a cell means.

A reader that guesses types turns a patient "007" into 7 and the view "NA" into nothing;
here every cell stays as it was written, without the blanks around it. Rows are counted
as a spreadsheet counts them: the header is row 1.
"""

import csv
from pathlib import Path

import pandas as pd

from negcxr.errors import InputError

FIRST_ROW = 2  # the first row below the header


def read_csv(path: Path) -> pd.DataFrame:
    """The cells of a CSV file as text, blank where nothing is written.

    Raises:
        InputError: The file is missing, is not CSV in UTF-8, names a column twice, or
            has a row that is longer or shorter than its header.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not CSV in UTF-8 ({error})") from None
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise InputError(f"{path}: empty; a header and at least one row are needed")
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


def _refuse_ragged(rows: list[list[str]], path: Path) -> None:
    header = rows[0]
    repeated = [name for name in header if header.count(name) > 1]
    if repeated:
        raise InputError(f"{path}: column {repeated[0]!r} is named twice")
    for number, row in enumerate(rows[1:], start=FIRST_ROW):
        if len(row) != len(header):
            raise InputError(
                f"{path}, row {number}: {len(row)} cells, but {len(header)} columns"
            )
