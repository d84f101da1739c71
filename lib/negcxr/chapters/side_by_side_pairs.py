"""The same scorer in two runs, and by how much one is above the other.

Idea: two runs that measured the same images, by the same policy and prompts, drew the same
patients again, since the seed alone says which. So their draws are subtracted one by one:
a patient who is hard for both cancels. Of two runs that drew unequally often, the draws
that both have are compared, which are the same ones.

Limits: that two data sets are the same is known by the hash of what was drawn from them.
A difference without draws has no interval, and whether it is more than chance is not known.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.methods import corrected
from negcxr.chapters.side_by_side import state_of
from negcxr.chapters.side_by_side_scores import MEASURES, Scored
from negcxr.measure.intervals import Difference, paired_difference
from negcxr.results import Result

ALIKE = ("split", "prompt_set", "n_items", "seed")  # besides images and policy
NO_DRAWS = "not paired: no draws were kept"
PAIRED = "paired"
COLUMNS = ("run", "found in", "scorer", "measure", "value", "low", "high", "p", "p_holm")
COLUMNS = (*COLUMNS, "resamples", "n", "how", "state")


def differences(rows: Sequence[Scored], against: str) -> pd.DataFrame:
    """Every scorer of every other run less the same scorer of one run.

    Above zero where the other run's value is larger. A scorer that the one run lacks has
    no row.

    Args:
        against: The run that is subtracted.

    Returns:
        run, found in, scorer, measure, value with its ends, p (two-sided), p_holm
        (corrected over the measures of one scorer), resamples, n, how: ``paired``, or why
        not, and state: ``fit``, or why one of the two results is stale.
    """
    base = {one.scorer: one for one in rows if one.run == against}
    parts = [
        corrected(
            pd.DataFrame(
                {
                    **_who(one),
                    **difference(one, base[one.scorer], measure),
                    "state": state_of(one.found, base[one.scorer].found),
                }
                for measure in MEASURES
            )
        )
        for one in rows
        if one.run != against and one.scorer in base
    ]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)] if parts else _nothing()


def _who(one: Scored) -> dict[str, str]:
    return {"run": one.run, "found in": one.found.where, "scorer": one.scorer}


def _nothing() -> pd.DataFrame:
    """No row, in columns of the types that rows have."""
    words = ("run", "found in", "scorer", "measure", "how", "state")
    types = {name: str if name in words else float for name in COLUMNS}
    return pd.DataFrame(columns=list(COLUMNS)).astype(types)


def difference(first: Scored, second: Scored, measure: str) -> Mapping[str, object]:
    """First minus second in one measure, as a row."""
    results = first.found.result, second.found.result
    why = unlike(*results) if None not in results else "not evaluable: unreadable"
    row: dict[str, object] = dict.fromkeys(("value", "low", "high", "p"), np.nan)
    row |= {"measure": measure, "n": _images(first), "how": why, "resamples": 0}
    if why:
        return row
    if not (first.draws and second.draws):
        apart = first.numbers[measure].value - second.numbers[measure].value
        return row | {"value": apart, "how": NO_DRAWS}
    pair = first.draws[measure], second.draws[measure]
    shared = min(map(len, pair))
    known = paired_difference(*(draws[:shared] for draws in pair))
    return row | _ends(known) | {"resamples": shared - 1, "how": PAIRED}


def _ends(known: Difference) -> dict[str, object]:
    return {name: getattr(known, name) for name in ("value", "low", "high", "p")}


def unlike(first: Result, second: Result) -> str:
    """Why two results cannot be subtracted; empty where they can."""
    data = first.provenance.dataset, second.provenance.dataset
    if None in data or data[0].fingerprint != data[1].fingerprint:
        return "not evaluable: other images"
    if first.provenance.policy != second.provenance.policy:
        return "not evaluable: another policy"
    for name in ALIKE:
        values = [result.parameters.get(name) for result in (first, second)]
        if None not in values and values[0] != values[1]:
            return f"not evaluable: {name} is {values[0]} and {values[1]}"
    return ""


def _images(one: Scored) -> int:
    data = one.found.result.provenance.dataset if one.found.result else None
    return data.n_images if data else 0
