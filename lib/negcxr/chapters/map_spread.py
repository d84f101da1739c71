"""What holds over all maps of a side, and which of them a page shows."""

from collections.abc import Sequence

import pandas as pd

from negcxr.chapters.groups import BASE
from negcxr.chapters.maps import NUMBERS
from negcxr.chapters.side_changes import name_of
from negcxr.errors import InputError
from negcxr.reading import listed
from negcxr.results import Estimate

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


def map_scalars(numbers: pd.DataFrame) -> dict[str, Estimate]:
    """Range of each number over the maps of a side: ``<number>_low_<side>`` and high."""
    found = {}
    for row in spread(numbers).to_dict("records"):
        stem, side = name_of(row["number"]), name_of(row["side"])
        for end in ("low", "high"):
            note = f"{end}est over {row['maps']} maps"
            found[f"{stem}_{end}_{side}"] = Estimate(
                value=row[end], n=row["maps"], note=note
            )
    return found
