"""Numbers of several sides, and what became of each of the base's.

Idea: whatever is measured inside an encoder is measured on every side from the same
resamples, so that a change is paired: what is hard for all of them cancels.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from negcxr.chapters.groups import BASE
from negcxr.chapters.methods import Draws
from negcxr.measure.intervals import holm, paired_difference, summarise
from negcxr.results import Estimate

CHANGE = ("change", "change_low", "change_high", "p")
NO_VALUE, NO_INTERVAL = "not evaluable on these texts", "no interval: too little to draw"


def side_changes(found: Mapping[str, Mapping[str, Draws]]) -> pd.DataFrame:
    """Every number of every side with its change, a row each.

    Args:
        found: By side and then by measure; the first side is the base.

    Returns:
        measure, side, value with its ends, change against the base with its ends, p
        (two-sided) and p_holm, corrected over all changes; no change in the base's rows.
    """
    table = pd.DataFrame(_rows(found))
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))


def _rows(found: Mapping[str, Mapping[str, Draws]]) -> Iterator[dict[str, object]]:
    base = next(iter(found))
    for measure, before in found[base].items():
        for side, numbers in found.items():
            known = summarise(numbers[measure])._asdict()
            change = paired_difference(numbers[measure], before)[:4]
            moved = dict.fromkeys(CHANGE, np.nan)
            if side != base and np.isfinite(change[0]):
                moved = dict(zip(CHANGE, change, strict=True))
            yield {"measure": measure, "side": side, **known, **moved}


def side_numbers(table: pd.DataFrame, n: int) -> dict[str, Estimate]:
    """The rows of `side_changes` as numbers of a result.

    Args:
        table: Its column chance, if any, goes into the numbers.
        n: Over how many texts they are.

    Returns:
        ``<measure>_<side>``, and ``<measure>_change_<side>`` of all but the base, with
        an underscore for whatever is no letter.
    """
    numbers = {}
    for row in table.to_dict("records"):
        stem, side = (name_of(row[name]) for name in ("measure", "side"))
        value = _estimate(row, ("value", "low", "high"), n)
        chance = row.get("chance", np.nan)
        known = {"chance": float(chance)} if np.isfinite(chance) else {}
        numbers[f"{stem}_{side}"] = value.model_copy(update=known)
        if row["side"] != BASE:
            numbers[f"{stem}_change_{side}"] = _estimate(row, CHANGE[:3], n)
    return numbers


def name_of(words: str) -> str:
    """How words are written in the name of a number: ``no-price`` is ``no_price``."""
    return words.replace("-", "_").replace(" ", "_").replace(",", "").lower()


def _estimate(row: Mapping[str, float], ends: tuple[str, ...], n: int) -> Estimate:
    value, low, high = (row[name] for name in ends)
    note = NO_VALUE if not np.isfinite(value) else ""
    note = note or ("" if np.isfinite(low) else NO_INTERVAL)
    return Estimate(value=value, low=low, high=high, n=n, note=note)
