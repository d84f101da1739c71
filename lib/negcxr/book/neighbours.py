"""What the page on scale shows of indices of neighbours: benchmarks/neighbours.csv.

As with ``growth``, the table is kept in the repository, and nothing is measured when a
book is built. Every number in the sentences is one of the table, or a ratio of two.
"""

import math

import pandas as pd

from negcxr.book.site import Site
from negcxr.figures import small_table

NAMES = ("neighbours-machine", "neighbours-tables", "neighbours-said")
NONE = "No figure is kept: `python benchmarks/neighbours.py --full --write` makes them.\n"
TOGETHER, ALONE = "exact, together", "exact, one by one"
ENOUGH = 0.95  # of the true first ten; an aim of this study's own


def neighbours(site: Site) -> dict[str, str]:
    """The page's includes by name; each says so where nothing was measured."""
    kept = site.root / "benchmarks" / "neighbours.csv"
    if not kept.is_file():
        return dict.fromkeys(NAMES, NONE)
    table = pd.read_csv(kept)
    parts = [rows for _, rows in table.groupby(["gallery", "images"], sort=False)]
    tables = "\n\n".join(map(_table, parts))
    said = "\n".join([_lead(), "", *map(_said, parts)])
    texts = _machine(table), tables, said
    return {name: f"{text}\n" for name, text in zip(NAMES, texts, strict=True)}


def _machine(table: pd.DataFrame) -> str:
    one, waiting = table.iloc[-1], table["waiting"]
    threads = "1 thread" if one["threads"] == 1 else f"{one['threads']} threads"
    return (
        f"Measured on {one['date']} on {one['processor']}, {threads}, with faiss "
        f"{one['faiss']}. Between {waiting.min():.0f} and {waiting.max():.0f} processes "
        "wanted to run at once, with the benchmark's own, so times are of work (processor "
        "time), not by the clock."
    )


def _table(rows: pd.DataFrame) -> str:
    speed = _at(rows, ALONE)["ms"] / rows["ms"]
    shown = pd.DataFrame(
        {
            "way": [_named(at) for _, at in rows.iterrows()],
            "building, s": rows["build_s"].map(_plain, na_action="ignore").to_numpy(),
            "MiB": rows["mib"].map(_plain).to_numpy(),
            "a query, ms": rows["ms"].map(_plain).to_numpy(),
            "speed, one by one = 1": speed.map(_plain).to_numpy(),
            "recall@10": rows["recall_10"].to_numpy(),
            "recall@100": rows["recall_100"].to_numpy(),
            "precision@10 moves by": rows["precision_moved"].to_numpy(),
            "contradiction@10 moves by": rows["contradiction_moved"].to_numpy(),
        }
    )
    one = rows.iloc[0]
    caption = f"{_what(one)} of {one['dim']} numbers, {one['queries']:,} queries"
    return str(small_table(shown, caption, digits=3))


def _lead() -> str:
    return (
        f"For each index, the quickest setting that finds {ENOUGH:.0%} of the true first "
        "10 (an aim of our own), or else, of the settings tried, the one that finds most:"
    ).replace("%", "\N{NO-BREAK SPACE}%")


def _said(rows: pd.DataFrame) -> str:
    """One gallery in a few sentences: the product, then each index against it."""
    alone, together = _at(rows, ALONE), _at(rows, TOGETHER)
    indices = rows[rows["setting"].notna()].groupby("how", sort=False)
    said = [
        f"**{_what(alone)}:** exactly, a query takes {_plain(alone['ms'])} ms one by one, "
        f"and {_plain(together['ms'])} ms as one of {alone['queries']:,} in one product.",
        *(_index(settings, alone, together) for _, settings in indices),
        _judged(alone),
    ]
    return f"- {' '.join(one for one in said if one)}"


def _index(settings: pd.DataFrame, alone: pd.Series, together: pd.Series) -> str:
    """The quickest setting that finds enough, or the one that finds most."""
    good = settings[settings["recall_10"] >= ENOUGH]
    at = settings.loc[good["ms"].idxmin() if len(good) else settings["recall_10"].idxmax()]
    first = (
        f"{_named(at)} finds"
        if len(good)
        else f"{at['how']} finds fewer; most with {_knob(at)}:"
    )
    speeds = [_plain(other["ms"] / at["ms"]) for other in (alone, together)]
    return (
        f"{first} {_percent(at['recall_10'])} of the true first 10 in "
        f"{_plain(at['ms'])} ms, at {speeds[0]} times the speed of one by one and "
        f"{speeds[1]} times that of together; precision@10 moves by "
        f"{at['precision_moved']:.3f} and contradiction@10 by "
        f"{at['contradiction_moved']:.3f}; building it is the work of "
        f"{_plain(1000 * at['build_s'] / alone['ms'])} queries one by one."
    )


def _judged(one: pd.Series) -> str:
    few = {
        name: one[f"{name}_queries"]
        for name in ("precision", "contradiction")
        if one[f"{name}_queries"] < one["queries"]
    }
    told = " and ".join(f"{name} of {count:,}" for name, count in few.items())
    return told and (
        f"Of the {one['queries']:,} queries, {told} could be measured: the others have "
        "fewer than 10 judged images among their first 100."
    )


def _at(rows: pd.DataFrame, how: str) -> pd.Series:
    return rows[rows["how"] == how].iloc[0]


def _named(at: pd.Series) -> str:
    return at["how"] if pd.isna(at["setting"]) else f"{at['how']}, {_knob(at)}"


def _knob(at: pd.Series) -> str:
    return f"{at['knob']} {at['setting']:,.0f}"


def _what(one: pd.Series) -> str:
    return f"{one['images']:,} {one['gallery']}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def _plain(value: float) -> str:
    """At least two digits that count, and no power of ten."""
    digits = max(0, 1 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{digits}f}"
