"""Trainings in tables: a value over phantoms, and beside it how far seeds lie apart.

Idea: two things make a number of a level uncertain. Other phantoms would have been asked:
the interval. And another seed would have trained other weights: the least and the greatest
value of the seeds. They are never mixed, for the first shrinks with more phantoms and the
second does not.

Limits: from one seed nothing is known of the second.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.reporting_bias import ALL, Level
from negcxr.chapters.reporting_bias_measures import INNER, OUTER, Measured
from negcxr.measure.intervals import summarise

Trainings = Mapping[tuple[Level, int], Measured]
HEARD = 0.5  # chance of denied AUROC
SCALE = "log10(1 + percent denied)"


def outer_table(found: Trainings) -> pd.DataFrame:
    """A row a level and measure of phantoms.

    Returns:
        objective, rate (percent), cues, measure, value (mean over seeds) with the interval
        over phantoms, seeds, least and greatest (of a seed), chance.
    """
    rows = [
        _row(level, name, draws_of(found, level, name), chance)
        for level in levels_in(found)
        for name, chance in OUTER.items()
    ]
    return pd.DataFrame(rows)


def inner_table(found: Trainings) -> pd.DataFrame:
    """A row a level and measure of texts alone; no phantom is drawn, so no interval.

    Returns:
        As ``outer_table``, without low and high.
    """
    rows = [
        _row(level, name, np.array([[one.inner[name]] for one in of_level]), chance)
        for level, of_level in grouped(found)
        for name, chance in INNER.items()
    ]
    return pd.DataFrame(rows).drop(columns=["low", "high"])


def cue_table(found: Trainings) -> pd.DataFrame:
    """Denied AUROC by the cue that is asked, of every level.

    Returns:
        As ``outer_table``, with ``asked``, the cue of the prompts, for measure.
    """
    rows = [
        _row(level, cue, np.stack([one.cues[cue] for one in of_level]), HEARD)
        for level, of_level in grouped(found)
        for cue in of_level[0].cues
    ]
    return pd.DataFrame(rows).rename(columns={"measure": "asked"})


def levels_in(found: Trainings) -> list[Level]:
    """The levels that were trained, each once, in their order."""
    return list(dict.fromkeys(level for level, _ in found))


def grouped(found: Trainings) -> Iterator[tuple[Level, list[Measured]]]:
    """Each level with its trainings, one a seed."""
    for level in levels_in(found):
        yield level, [one for (own, _), one in found.items() if own == level]


def draws_of(
    found: Trainings, level: Level, measure: str
) -> Float[np.ndarray, "seed draw"]:
    """The draws of a measure of phantoms, a row a seed."""
    return np.stack([one.outer[measure] for (own, _), one in found.items() if own == level])


def _row(
    level: Level, name: str, draws: Float[np.ndarray, "seed draw"], chance: float
) -> dict[str, object]:
    each = draws[:, 0]
    return {
        **level._asdict(),
        "measure": name,
        **summarise(draws.mean(axis=0))._asdict(),
        "seeds": len(each),
        "least": float(each.min()),
        "greatest": float(each.max()),
        "chance": chance,
    }


def on_scale(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of all cues, with the place of a rate on an axis that spreads small ones.

    The decimal logarithm of one plus the rate: 0 stays 0, and 1 and 5 percent are told
    apart as 20 and 80 are.
    """
    plain = table[table["cues"] == ALL].sort_values("rate", kind="stable")
    return plain.assign(**{SCALE: np.log10(1 + plain["rate"])})
