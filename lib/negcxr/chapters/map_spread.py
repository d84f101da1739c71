"""What holds over all maps of a side, and which of them a page shows."""

from collections.abc import Sequence

import pandas as pd

from negcxr.chapters.groups import BASE
from negcxr.chapters.maps import NUMBERS
from negcxr.chapters.side_changes import name_of
from negcxr.errors import InputError
from negcxr.reading import listed
from negcxr.results import Estimate

ENDS = ("low", "high")
SHOWN = 3  # starts on a page; kept runs have more, whose numbers are given


def spread(numbers: pd.DataFrame) -> pd.DataFrame:
    """The mean of each number over the maps of a side, and its lowest and highest.

    Returns:
        side, number, value, low, high, maps; the ends are a range over maps, and no
        interval over prompts.
    """
    rows = []
    for side, block in numbers.groupby("side", sort=False):
        for name in NUMBERS:
            low, mean, high = block[name].min(), block[name].mean(), block[name].max()
            about = {"side": side, "number": name, "maps": len(block)}
            rows.append(about | {"value": mean, "low": low, "high": high})
    return pd.DataFrame(rows, columns=["side", "number", "value", "low", "high", "maps"])


def shown(table: pd.DataFrame, side: str, starts: int = SHOWN) -> pd.DataFrame:
    """The points, or numbers, of a side that fit a page: those of its first starts."""
    of_side = table[table["side"] == side]
    return of_side[of_side["start"].isin(of_side["start"].unique()[:starts])]


def mapped_sides(names: Sequence[str], chosen: str) -> list[str]:
    """Which sides are mapped: empty for the base and the last, ``all``, or a list.

    Raises:
        InputError: A name is not of this run.
    """
    if chosen == "all":
        return list(names)
    wanted = listed(chosen) or [BASE, names[-1]]
    for name in wanted:
        if name not in names:
            raise InputError(f"mapped names {name!r}, allowed are all, {', '.join(names)}")
    return list(dict.fromkeys(wanted))


def map_scalars(numbers: pd.DataFrame, sides: Sequence[str]) -> dict[str, Estimate]:
    """Range of each number over the maps of a side: ``<number>_low_<side>`` and high.

    Args:
        sides: Those that were to be mapped; one without a map has no value and says so.
    """
    none = Estimate(value=None, n=0, note="no map: too few texts for any perplexity")
    ends = [(name, end, side) for side in sides for name in NUMBERS for end in ENDS]
    found = {_scalar(*end): none for end in ends}
    for row in spread(numbers).to_dict("records"):
        for end in ENDS:
            note = f"{end}est over {row['maps']} maps"
            known = Estimate(value=row[end], n=row["maps"], note=note)
            found[_scalar(row["number"], end, row["side"])] = known
    return found


def _scalar(number: str, end: str, side: str) -> str:
    return f"{name_of(number)}_{end}_{name_of(side)}"
