"""What is known of each image, worked out from the cells of its row as a layout says.

A layout fills a text from cells, takes a part of it, and looks it up in a list of what
may stand there. All is done for whole columns at once, as a data set may have hundreds
of thousands of rows.

Limits: a list of allowed texts is as its maker wrote it; a release that writes "portable"
for a view is refused until its layout says what that means.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from negcxr.data.checks import as_years
from negcxr.data.files import leaves_root
from negcxr.data.joins import Cells, cells_told
from negcxr.data.layout_parts import CELL, Column
from negcxr.data.withheld import told
from negcxr.errors import InputError

# What may lead out of a folder, or is no name of a file; few paths have it, and those
# few are looked at one by one.
SUSPECT = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def named_in(ways: Iterable[Column]) -> list[str]:
    """The columns whose cells these ways need."""
    return list(dict.fromkeys(name for way in ways for name in cells_of(way.text)))


def cells_of(text: str) -> list[str]:
    """The columns that a text is filled from."""
    return [name for name, _ in CELL.findall(text)]


def filled(cells: Cells, text: str) -> pd.Series:
    """A layout's text for each image, filled from its cells, without blanks around it."""
    out = pd.Series("", index=cells.frame.index, dtype="str")
    end = 0
    for found in CELL.finditer(text):
        column = cells.frame[found[1]]
        part = column.str[: int(found[2])] if found[2] else column
        out = out + text[end : found.start()] + part
        end = found.end()
    return (out + text[end:]).str.strip()


def known(cells: Cells, ways: Iterable[Column]) -> pd.Series:
    """What the ways say of each image; the first that is not blank, "" if all are.

    Raises:
        InputError: A text is none of those that a way allows.
    """
    out = pd.Series("", index=cells.frame.index, dtype="str")
    for way in ways:
        text = filled(cells, way.text)
        if way.pattern:
            text = text.str.extract(way.pattern, expand=False).fillna("")
        open_ = (out == "").to_numpy()
        if way.values:
            text = _looked_up(text, way, cells, open_)
        out = out.where(~open_, text)
    return out


def needed(cells: Cells, ways: list[Column], what: str) -> pd.Series:
    """What the ways say of each image, which each image must have.

    Raises:
        InputError: Nothing is known of an image, or a cell that is part of it is blank.
    """
    out = known(cells, ways)
    blank = (out == "").to_numpy()
    for name in named_in(ways) if len(ways) == 1 else []:
        blank = blank | (cells.frame[name] == "").to_numpy()
    if blank.any():
        row = int(blank.argmax())
        names = named_in(ways)
        raise InputError(
            f"{cells.place(names[0], row)}: {cells_told(cells.frame, names, row)} "
            f"gives no {what}"
        )
    return out


def paths(cells: Cells, ways: list[Column], root: Path) -> pd.Series:
    """The path of each image from ``root``.

    Raises:
        InputError: A path is blank, leaves ``root``, or has a control character.
    """
    out = needed(cells, ways, "path of an image")
    refuse_escapes(out, cells, ways[0].text, root)
    return out


def refuse_escapes(out: pd.Series, cells: Cells, text: str, root: Path) -> None:
    """Refuse a path that may end outside ``root``, or that is no name of a file.

    Raises:
        InputError: Names the file, the row and the path.
    """
    for pattern in (SUSPECT, CONTROL):
        for row in np.flatnonzero(out.str.contains(pattern).to_numpy()):
            if pattern is CONTROL or leaves_root(out.iloc[row]):
                column = cells_of(text)[0]
                raise InputError(
                    f"{cells.place(column, row)}: path {told(repr(out.iloc[row]))} "
                    f"leaves {root}; "
                    "allowed: a relative path without '..' and control characters"
                )


def years(cells: Cells, ways: list[Column]) -> pd.Series:
    """Ages in years; NaN where nothing is known.

    Raises:
        InputError: An age is no number of years.
    """
    place = partial(cells.place, named_in(ways)[0])
    return as_years(known(cells, ways).rename("age"), place)


def dealt(patients: pd.Series, shares: Mapping[str, float]) -> pd.Series:
    """A split for each patient by a hash of who it is, the same on every machine.

    Args:
        shares: The splits and their shares, which add up to 1.
    """
    bounds, splits = np.cumsum(list(shares.values())), list(shares)
    who = pd.unique(patients)
    places = [
        int(hashlib.sha256(name.encode()).hexdigest()[:13], 16) / 16**13 for name in who
    ]
    cut = np.searchsorted(bounds, places, side="right").clip(0, len(splits) - 1)
    split_of = dict(zip(who, np.array(splits)[cut], strict=True))
    return patients.map(split_of).astype("str")


def _looked_up(text: pd.Series, way: Column, cells: Cells, open_: np.ndarray) -> pd.Series:
    known_texts = {"": "", **way.values}
    off = open_ & ~text.isin(list(known_texts)).to_numpy()
    if off.any():
        row = int(off.argmax())
        names = cells_of(way.text)
        allowed = ", ".join(way.values)
        raise InputError(
            f"{cells.place(names[0], row)}, {', '.join(names)}: {text.iloc[row]!r}; "
            f"allowed: {allowed}, or blank"
        )
    return text.map(known_texts).fillna("").astype("str")
