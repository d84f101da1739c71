"""What every table of images must satisfy, whichever source it came from.

Each check names the source, the row or patient, and the value, in one line. Row numbers
of a CSV file count as a spreadsheet does, its header being row 1; those of an array
start at 0.
"""

from collections.abc import Iterable, Sequence, Sized

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from negcxr.data.mendable import refuse
from negcxr.data.withheld import Place, told
from negcxr.errors import InputError

SIDES = ("", "left", "right", "both")


def require_columns(table: pd.DataFrame, needed: Iterable[str], *, source: str) -> None:
    """Refuse a table that lacks a column.

    Raises:
        InputError: Names the missing columns and those that are there.
    """
    missing = [name for name in needed if name not in table.columns]
    if missing:
        has = ", ".join(map(str, table.columns)) or "none"
        raise InputError(f"{source}: no column {', '.join(missing)}; it has: {has}")


def refuse_empty(table: pd.DataFrame, *, source: str) -> None:
    """Refuse a table without a row.

    Raises:
        InputError: There is no image.
    """
    if table.empty:
        raise InputError(f"{source}: no images; at least one is needed")


def refuse_blank_cells(
    table: pd.DataFrame, columns: Iterable[str], *, source: str, first_row: int = 0
) -> None:
    """Refuse an empty or missing cell where a text is needed.

    Raises:
        InputError: Names the first such row and its column.
    """
    for column in columns:
        text = table[column]
        blank = text.isna() | (text.astype(str).str.strip() == "")
        if blank.any():
            row = first_row + int(blank.to_numpy().argmax())
            raise InputError(f"{source}, row {row}: {column} is blank; a text is needed")


def refuse_repeated_images(table: pd.DataFrame, *, source: str, first_row: int = 0) -> None:
    """Refuse an image that stands in two rows.

    Raises:
        InputError: Names the image and both rows.
    """
    repeated = table["image"].duplicated()
    if repeated.any():
        second = int(repeated.to_numpy().argmax())
        image = table["image"].iloc[second]
        first = int((table["image"] == image).to_numpy().argmax())
        rows = f"rows {first_row + first} and {first_row + second}"
        raise InputError(
            f"{source}: image {told(image)} stands in {rows}; one row an image"
        )


def refuse_shared_patients(
    table: pd.DataFrame, *, source: str, place: Place | None = None
) -> None:
    """Refuse a patient whose images lie in two splits.

    Two images of one patient are alike, so a patient on both sides lets a model be
    tested on what it has seen.

    Args:
        place: Where a row stands, so that the message can name it.

    Raises:
        InputError: Names the first such patient, or the row, and the splits.
    """
    pairs = table[["patient", "split"]].drop_duplicates()
    shared = pairs["patient"].duplicated()
    if shared.any():
        patient = pairs["patient"][shared].iloc[0]
        splits = " and ".join(sorted(pairs["split"][pairs["patient"] == patient]))
        row = table.index.get_loc(pairs.index[shared.to_numpy()][0])
        refuse(
            f"{place(int(row)) if place else source}: patient {told(patient)} has images "
            f"in splits {splits}; a patient belongs to one split"
        )


def as_years(cells: pd.Series, place: Place) -> pd.Series:
    """Ages in years; NaN where a cell is blank.

    Args:
        place: Where each cell stands, for the message.

    Raises:
        InputError: Names the first row whose cell is no number of years.
    """
    years = pd.to_numeric(cells.where(cells != ""), errors="coerce").astype(float)
    is_age = (years >= 0) & np.isfinite(years)
    off = np.flatnonzero((cells != "").to_numpy() & ~is_age.to_numpy())
    if off.size:
        raise InputError(
            f"{place(int(off[0]))}, {cells.name}: {cells.iloc[off[0]]!r}; "
            "allowed: a number of years, or blank"
        )
    return years


def refuse_unknown_sides(
    sides: Shaped[np.ndarray, "image finding"],
    shape: tuple[int, int],
    findings: Sequence[str],
    *,
    source: str,
) -> None:
    """Refuse sides that do not fit the labels' shape, or a word that is no side.

    Raises:
        InputError: Names both shapes, or the first row whose side is unknown.
    """
    if sides.shape != shape:
        raise InputError(f"{source}: sides are {sides.shape}, labels {shape}")
    off = np.argwhere(~np.isin(sides, SIDES))
    if off.size:
        row, column = off[0]
        raise InputError(
            f"{source}, row {row}, {findings[column]}: side {str(sides[row, column])!r}; "
            "allowed: left, right, both or blank"
        )


def refuse_missing_reports(reports: Sized, n: int, *, source: str) -> None:
    """Refuse reports that are not one an image; an image without one has an empty one.

    Raises:
        InputError: Names both numbers.
    """
    if len(reports) != n:
        raise InputError(f"{source}: {len(reports)} reports of {n} images; one an image")
