"""The checks of all sides as tables, and their numbers.

Limits: sides are checked on the same prompts, but each on its own answers.
"""

from collections.abc import Mapping

import pandas as pd

from negcxr.chapters.attribution import Attributed
from negcxr.chapters.attribution_changes import as_number
from negcxr.chapters.attribution_checks import (
    CHANCE,
    GRADIENTS,
    LEFT_OUT,
    METHODS,
    SHAPLEY,
    Checked,
    agreement_table,
    deletion_area,
    deletion_table,
    randomisation_draws,
    randomised_prompts,
)
from negcxr.chapters.galleries import Sampling
from negcxr.chapters.methods import Draws
from negcxr.chapters.side_changes import name_of
from negcxr.measure.intervals import Interval, summarise
from negcxr.results import Estimate

STEP, RANDOMISED = "step", "randomised"  # steps are layers, and one more
EVERYTHING, LAYERS = "everything", "all layers"
PAIR = f"{GRADIENTS} / {LEFT_OUT}"


def agreements(checked: Mapping[str, Checked], sampling: Sampling) -> pd.DataFrame:
    """Agreement of each two methods: methods, side, value with ends, chance, prompts."""
    parts = [
        agreement_table(one, sampling).assign(side=name) for name, one in checked.items()
    ]
    table = pd.concat(parts)
    return table.sort_index(kind="stable").reset_index(drop=True)


def deletions(
    checked: Mapping[str, Checked], sampling: Sampling
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is left while words become blank, and the area that a method's order gains.

    Returns:
        Two tables: side, order, blanked, value with its ends; and side, order, value with
        its ends, prompts.
    """
    curves = [deletion_table(c, sampling).assign(side=name) for name, c in checked.items()]
    areas = [
        {"side": side, "order": name, **_ends(deletion_area(one, sampling, name))}
        | {"prompts": sum(curve is not None for curve in one.deletions[name])}
        for side, one in checked.items()
        for name in METHODS
    ]
    return pd.concat(curves, ignore_index=True), pd.DataFrame(areas)


def randomisations(found: Mapping[str, Attributed], sampling: Sampling) -> pd.DataFrame:
    """What outlives randomised layers.

    Returns:
        side, step (how many), randomised (what, in words), value with its ends, chance,
        prompts.
    """
    return pd.DataFrame(
        {"side": side, STEP: step, RANDOMISED: _said(step, len(one.side.tower.layers))}
        | {**_ends(draws), "chance": CHANCE, "prompts": len(randomised_prompts(one))}
        for side, one in found.items()
        for step, draws in enumerate(randomisation_draws(one, sampling))
    )


def _said(step: int, depth: int) -> str:
    if step >= depth:
        return LAYERS if step == depth else EVERYTHING
    return f"top {step}" if step else "nothing"


def check_numbers(
    agreed: pd.DataFrame,
    areas: pd.DataFrame,
    sane: pd.DataFrame,
    complete: pd.DataFrame,
) -> dict[str, Estimate]:
    """The checks as numbers of a result.

    Returns:
        By side: ``agreement`` (gradients and leave one out), ``deletion_area`` (of
        gradients), ``sanity_layers`` (all layers randomised) and ``sanity`` (everything),
        ``largest_delta``, ``short_prompts`` (of which every combination is tried) and
        ``long_prompts`` (the others).
    """
    short = areas[areas["order"] == SHAPLEY].set_index("side")["prompts"]
    asked = complete.assign(short=complete["side"].map(short))
    rows = {
        "agreement": agreed[agreed["methods"] == PAIR],
        "deletion_area": areas[areas["order"] == GRADIENTS],
        "sanity_layers": sane[sane[RANDOMISED] == LAYERS],
        "sanity": sane[sane[RANDOMISED] == EVERYTHING],
        "largest_delta": complete.rename(columns={"largest delta": "value"}),
        "short_prompts": asked.assign(value=asked["short"]),
        "long_prompts": asked.assign(value=asked["prompts"] - asked["short"]),
    }
    return {
        f"{name}_{name_of(row['side'])}": _estimate(row)
        for name, table in rows.items()
        for row in table.to_dict("records")
    }


def _estimate(row: Mapping[str, float]) -> Estimate:
    n = int(row["prompts"])
    if "low" not in row:
        return Estimate(value=row["value"], n=n)
    return as_number(Interval(row["value"], row["low"], row["high"]), n)


def _ends(draws: Draws) -> dict[str, float]:
    return summarise(draws)._asdict()
