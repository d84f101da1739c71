"""Whether two lists of head effects put the heads in the same order.

Idea: if fine-tuning left the mechanism as it was, the heads that matter before are those
that matter after; and if the way of taking a head away does not matter, all ways put the
heads in one order. Either is a rank correlation over heads, with an interval from the
resamples that both lists share.

Limits: noise in both lists pulls a correlation towards zero, also within the interval; so
a low one over heads without effects says nothing.
"""

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.stats import rankdata

from negcxr.chapters.head_auroc import POLARITIES, Draws
from negcxr.chapters.heads import Swept
from negcxr.measure.intervals import summarise
from negcxr.probe.replacements import KINDS
from negcxr.results import Estimate
from negcxr.shapes import checked


@checked
def rank_correlation(first: Draws, second: Draws) -> Float[np.ndarray, " draw"]:
    """Spearman's correlation of two lists of heads, draw by draw.

    Returns:
        In [-1, 1]; NaN where all heads of a list are equal.
    """
    ranks = [rankdata(values, axis=0) for values in (first, second)]
    one, other = (rank - rank.mean(axis=0) for rank in ranks)
    scale = np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))
    with np.errstate(invalid="ignore"):
        return (one * other).sum(axis=0) / scale


def side_agreement(swept: Sequence[Swept], kind: str, n_resamples: int) -> pd.DataFrame:
    """Rank correlation of head effects between each two sides that have the same heads.

    Returns:
        first, second, polarity, value with its ends, heads.
    """
    rows = []
    for (one, other), polarity in product(combinations(swept, 2), POLARITIES):
        if one.heads == other.heads:
            both = (side.draws[kind, polarity] for side in (one, other))
            found = _correlation(*both, n_resamples)
            names = {"first": one.side.name, "second": other.side.name}
            rows.append({**names, "polarity": polarity, **found})
    columns = ["first", "second", "polarity", "value", "low", "high", "heads"]
    return pd.DataFrame(rows, columns=columns)


def kind_agreement(swept: Sequence[Swept], n_resamples: int) -> pd.DataFrame:
    """Rank correlation of head effects between each two ways of taking heads away.

    Returns:
        side, polarity, first, second, value with its ends, heads.
    """
    rows = []
    for side, polarity, (one, other) in product(swept, POLARITIES, combinations(KINDS, 2)):
        both = (side.draws[kind, polarity] for kind in (one, other))
        found = _correlation(*both, n_resamples)
        about = {"side": side.side.name, "polarity": polarity}
        rows.append({**about, "first": one, "second": other, **found})
    return pd.DataFrame(rows)


def kind_numbers(table: pd.DataFrame) -> dict[str, Estimate]:
    """The agreement of kinds on denied prompts: ``<first>_<second>_<side>``."""
    found = {}
    for row in table[table["polarity"] == "denied"].to_dict("records"):
        name = f"{row['first']}_{row['second']}_{row['side'].replace('-', '_')}"
        value = {end: row[end] for end in ("value", "low", "high")}
        note = "" if np.isfinite(list(value.values())).all() else "not evaluable: no spread"
        found[name] = Estimate(**value, n=row["heads"], note=note)
    return found


def _correlation(first: Draws, second: Draws, n_resamples: int) -> dict[str, float]:
    draws = rank_correlation(first[:, : n_resamples + 1], second[:, : n_resamples + 1])
    return {**summarise(draws)._asdict(), "heads": len(first)}
