"""Methods side by side: every scorer of every group by every measure.

Idea: one long table holds each value and its change against the base, on the same
resamples; the tables and charts of the comparison are cut from it.

Limits: a change is against the base of its own group. Two methods of a group are compared
in `negcxr.chapters.contrasts`, not by looking whether two intervals overlap.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.groups import BASE, BEST, RULE, Group, rewritten
from negcxr.chapters.methods import CHOSEN, Draws, changes
from negcxr.measure.intervals import summarise

# Scorers of the landing page.
SHOWN = (BASE, RULE, "con1", "con2", BEST, rewritten(BEST))
LANDING = {  # its columns, each the mean of some measures
    "affirmed": ("affirmed",),
    "affirmed, held-out wordings": ("affirmed-held-out",),
    "denied": ("denied",),
    "denied, held-out cues": ("denied-held-out",),
    **{name: (name,) for name in ("composite", "scope", "equivalent")},
    "choice": CHOSEN,
}
ENDS = ("", "_low", "_high")


def measures_of(groups: Iterable[Group]) -> pd.DataFrame:
    """Every scorer and measure of every group, with its change against the base.

    Returns:
        group, base, seeds, scorer, measure, value with its ends, change with its ends, p,
        p_holm (over the measures of one scorer), chance.
    """
    parts = []
    for group in groups:
        for scorer, found in group.scorers.items():
            table = changes(group.scorers[BASE], found, group.n)
            table = table.drop(columns=["before", "before_low", "before_high"])
            ends = {"after": "value", "after_low": "low", "after_high": "high"}
            about = {"group": group.name, "base": group.base}
            about["seeds"] = group.trainings[scorer]
            parts.append(table.rename(columns=ends).assign(**about, scorer=scorer))
    columns = ["group", "base", "seeds", "scorer", "measure", "value", "low", "high"]
    columns += ["change", "change_low", "change_high", "p", "p_holm", "chance", "n"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


def wide(
    table: pd.DataFrame, measures: Sequence[str], value: str = "value"
) -> pd.DataFrame:
    """``measures_of`` with a column a measure, a row a group and scorer.

    Args:
        value: ``value``, or ``change`` for the change against the base.
    """
    low, high = ("low", "high") if value == "value" else (f"{value}_low", f"{value}_high")
    rows = []
    for (group, scorer), block in table.groupby(["group", "scorer"], sort=False):
        known = block.set_index("measure")
        row: dict[str, object] = {"group": group, "scorer": scorer}
        row["trainings"] = int(block["seeds"].iloc[0])
        for name in measures:
            for end, column in zip(ENDS, (value, low, high), strict=True):
                row[f"{name}{end}"] = known.at[name, column]
        rows.append(row)
    columns = [f"{name}{end}" for name in measures for end in ENDS]
    return pd.DataFrame(rows, columns=["group", "scorer", "trainings", *columns])


def prices(table: pd.DataFrame, gain: str, order: Sequence[str] = ()) -> pd.DataFrame:
    """What each scorer wins on one measure and pays on affirmed prompts, for a chart.

    The base, which is the zero of both, has no row.

    Args:
        gain: The measure that is won on.
        order: Scorers in the order of their numbers.
    """
    ends = ["change", "change_low", "change_high"]
    keys = ["group", "scorer"]
    paid, won = (
        table[table["measure"] == name].set_index(keys)[ends] for name in ("affirmed", gain)
    )
    found = pd.concat(
        [
            paid.set_axis(["price", "price_low", "price_high"], axis=1),
            won.set_axis(["gain", "gain_low", "gain_high"], axis=1),
        ],
        axis=1,
    ).reset_index()
    found = found[found["scorer"] != BASE].rename(columns={"scorer": "method"})
    present = list(dict.fromkeys(found["method"]))
    names = list(dict.fromkeys([*(n for n in order if n in present), *present]))
    return found.assign(number=[str(names.index(name) + 1) for name in found["method"]])


def landing(groups: Sequence[Group]) -> pd.DataFrame:
    """The few scorers that the landing page shows, on the group of most trainings a base.

    Returns:
        base, scorer, seeds, and the measures in ``LANDING`` with their ends; ``choice`` is
        the mean accuracy over the types of the true option.
    """
    most = {group.base: group for group in sorted(groups, key=lambda g: len(g.seeds))}
    rows = [
        {
            "base": f"{group.base}{group.mark}",
            "scorer": scorer,
            "seeds": str(group.trainings[scorer] or "none"),
            **_landing_columns(group.scorers[scorer]),
        }
        for group in groups
        for scorer in group.scorers
        if most[group.base] is group and scorer in SHOWN
    ]
    columns = [f"{name}{end}" for name in LANDING for end in ENDS]
    return pd.DataFrame(rows, columns=["base", "scorer", "seeds", *columns])


def _landing_columns(found: Mapping[str, Draws]) -> dict[str, float]:
    columns = {}
    for name, measures in LANDING.items():
        draws = np.mean([found[measure] for measure in measures], axis=0)
        for end, value in zip(ENDS, summarise(draws), strict=True):
            columns[f"{name}{end}"] = value
    return columns
