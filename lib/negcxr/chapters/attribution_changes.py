"""What fine-tuning changed of what the parts of a prompt add.

Limits: sides are compared on the same prompts and the same resamples of findings; how much
another training would differ, they cannot say.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.attribution import MEASURES, POLARITIES, Attributed
from negcxr.chapters.galleries import Sampling
from negcxr.chapters.groups import BASE
from negcxr.chapters.methods import Draws
from negcxr.chapters.side_changes import name_of, side_changes
from negcxr.measure.effects import mean_draws
from negcxr.measure.intervals import Interval, summarise
from negcxr.probe.places import TOKEN_PARTS
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt

ENDS = ("value", "low", "high")
CHANGE = ("change", "change_low", "change_high")
NOT_EVALUABLE = "not evaluable: no such prompt, or nothing to divide by"
ONE_FINDING = "no interval: findings can be drawn in one way alone"


def attribution_changes(found: Mapping[str, Mapping[str, Draws]]) -> pd.DataFrame:
    """Measures of every side, and the paired change of each against the base.

    Args:
        found: By side, the base first, then by measure.

    Returns:
        measure, side, value with its ends, change with its ends, p of the change, p_holm
        over all changes of the table.
    """
    return side_changes(found)


def change_numbers(table: pd.DataFrame, prompts: Sequence[Prompt]) -> dict[str, Estimate]:
    """Rows of `attribution_changes` as numbers of a result.

    Args:
        prompts: That were attributed; a number counts those of its own polarity.

    Returns:
        ``<measure>_<side>``, and ``<measure>_change_<side>`` of all but the base.
    """
    found = {}
    for row in table.to_dict("records"):
        stem, side = name_of(row["measure"]), name_of(row["side"])
        polarity = MEASURES[row["measure"]][0] if row["measure"] in MEASURES else "denied"
        n = sum(prompt.polarity == polarity for prompt in prompts)
        value, change = (Interval(*map(row.get, ends)) for ends in (ENDS, CHANGE))
        found[f"{stem}_{side}"] = as_number(value, n)
        if row["side"] != BASE:
            found[f"{stem}_change_{side}"] = as_number(change, n)
    return found


def as_number(ends: Interval, n: int) -> Estimate:
    """A value over prompts with its interval, as a number of a result."""
    note = "" if np.isfinite(ends.low) else ONE_FINDING
    note = note if np.isfinite(ends.value) else NOT_EVALUABLE
    return Estimate(**ends._asdict(), n=n, note=note)


def part_table(found: Sequence[Attributed], sampling: Sampling) -> pd.DataFrame:
    """What share of the sizes each part of a prompt has: a row a side, polarity and part.

    Returns:
        polarity, part, side, value with its ends, prompts. Special tokens have 0 by
        construction, as the baseline keeps them.
    """
    rows = []
    for polarity in POLARITIES:
        for part in TOKEN_PARTS:
            for one in found:
                block = one.table[one.table["polarity"] == polarity]
                values = block[[f"{part}_share"]].to_numpy(dtype=float).T
                how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
                draws = mean_draws(values, block["finding"].tolist(), **how)[0]
                about = {"polarity": polarity, "part": part, "side": one.side.name}
                ends = summarise(draws)._asdict()
                rows.append(about | ends | {"prompts": len(block)})
    return pd.DataFrame(rows)


def completeness_table(found: Sequence[Attributed]) -> pd.DataFrame:
    """How far shares miss their whole, at worst, and how many steps that took."""
    return pd.DataFrame(
        {
            "side": one.side.name,
            "prompts": len(one.table),
            "largest delta": one.table["delta"].abs().max(),
            "share of its bound": (one.table["delta"].abs() / one.table["bound"]).max(),
            "median steps": int(one.table["steps"].median()),
            "most steps": int(one.table["steps"].max()),
        }
        for one in found
    )
