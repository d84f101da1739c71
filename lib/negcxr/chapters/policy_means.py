"""Means under each policy, over which queries they are, and how far they lie apart.

Idea: a policy decides which queries have enough images, so a mean under one policy and a
mean under another may be over other queries, and differ without any label read otherwise.
So a difference is over the queries of both sides, and where all policies stand together it
is over those that all of them share. A mean over fewer than three of several is none.

Limits: what all policies share is what the strictest of them can ask, which may be the
findings that are denied habitually.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float
from scipy.stats import norm

from negcxr.chapters.policies import ASKED, MEASURES, SCORERS, Judged, Policies
from negcxr.chapters.queries import CHANCE, Queries
from negcxr.measure.intervals import holm, mean_over, standard_error, summarise

FEWEST = 3  # queries that a mean is over, unless fewer were asked
NO_QUERY = "not evaluable: no finding has enough images"
FEW = f"not evaluable: fewer than {FEWEST} queries have enough images"


def mean_table(judged: Sequence[Judged], scorers: Sequence[str] = SCORERS) -> pd.DataFrame:
    """Mean AUROC by policy, scorer and polarity, and the gap, each with its interval.

    Returns:
        labels, policy, scorer, measure, value, low, high, chance, queries (those that
        have enough images; below `FEWEST` there is no mean), note.
    """
    rows = []
    for one in judged:
        for scorer in scorers:
            found = one.queries[scorer]
            for measure in MEASURES:
                chance = 0.0 if measure == "gap" else CHANCE
                counted = count_queries(found, measure)
                numbers = _numbers(mean_draws(found, measure), counted, chance)
                rows.append(_about(one, scorer, measure) | numbers)
    return pd.DataFrame(rows)


def move_table(policies: Policies, scorer: str = "encoder") -> pd.DataFrame:
    """How far each policy's mean lies above the reference's, over the queries of both.

    Paired on the same resampled patients. Tested are affirmed, denied and composite of
    every policy but the reference: the gap is the first less the second, and no fact of
    its own. p is that of a normal with the bootstrap's standard error, for among so many
    tests a share of resamples cannot become small enough (`resamples_needed`).

    Returns:
        As `mean_table`; zero is no move, and there is no chance. Besides: apart (the width
        that the interval would have if the two were of different patients), p (two-sided;
        NaN where not tested) and p_holm (corrected over the table).
    """
    rows = []
    for one in policies.judged:
        found, known = one.queries[scorer], policies.reference.queries[scorer]
        both = np.isfinite(found.draws[:, 0]) & np.isfinite(known.draws[:, 0])
        found, known = _only(found, both), _only(known, both)
        for measure in MEASURES:
            sides = mean_draws(found, measure), mean_draws(known, measure)
            moved = sides[0] - sides[1]
            numbers = _numbers(moved, count_queries(found, measure), np.nan)
            tested = measure != "gap" and not _same(one, policies.reference)
            numbers["apart"] = float(np.hypot(*(_width(side) for side in sides)))
            numbers["p"] = _p(moved) if tested else np.nan
            rows.append(_about(one, scorer, measure) | numbers)
    table = pd.DataFrame(rows)
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))


def _same(one: Judged, other: Judged) -> bool:
    return (one.labels, one.policy) == (other.labels, other.policy)


def _width(draws: Float[np.ndarray, " draw"]) -> float:
    _, low, high = summarise(draws)
    return high - low


def _p(moved: Float[np.ndarray, " draw"]) -> float:
    spread = standard_error(moved)
    if spread == 0:  # every resample says the same
        return float(moved[0] == 0)
    return float(2 * norm.sf(abs(moved[0]) / spread))


def on_common(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """The same with only the queries that every policy shares, polarity by polarity.

    A policy that cannot be asked at all, as it has fewer than `FEWEST` queries of a
    polarity, takes none from the others.
    """
    asked = [one.queries["encoder"] for one in judged]
    kept = np.zeros(len(asked[0].table), dtype=bool)
    for polarity in ASKED:
        able = [one for one in asked if _enough(one, polarity)]
        if able:
            shared = np.all([np.isfinite(one.draws[:, 0]) for one in able], axis=0)
            kept |= shared & _of(asked[0], polarity)
    return tuple(
        one._replace(queries={name: _only(q, kept) for name, q in one.queries.items()})
        for one in judged
    )


def _of(queries: Queries, polarity: str) -> Bool[np.ndarray, " query"]:
    return (queries.table["polarity"] == polarity).to_numpy(dtype=bool)


def _only(queries: Queries, kept: Bool[np.ndarray, " query"]) -> Queries:
    return queries._replace(draws=np.where(kept[:, None], queries.draws, np.nan))


def mean_draws(queries: Queries, measure: str) -> Float[np.ndarray, " draw"]:
    """Draws of the mean AUROC of a polarity; of the gap, affirmed less denied.

    NaN where fewer than `FEWEST` queries have enough images, unless fewer were asked.
    """
    if measure == "gap":
        return mean_draws(queries, "affirmed") - mean_draws(queries, "denied")
    found = mean_over(queries.where(polarity=measure))
    return found if _enough(queries, measure) else np.full_like(found, np.nan)


def _enough(queries: Queries, measure: str) -> bool:
    return count_queries(queries, measure) >= min(FEWEST, _of(queries, measure).sum())


def count_queries(queries: Queries, measure: str) -> int:
    """How many queries that mean is over: those with enough images on either side."""
    polarity = "denied" if measure == "gap" else measure
    return int(np.isfinite(queries.where(polarity=polarity)[:, 0]).sum())


def _about(one: Judged, scorer: str, measure: str) -> dict[str, object]:
    named = {"labels": one.labels, "policy": one.policy}
    return named | {"scorer": scorer, "measure": measure}


def _numbers(
    draws: Float[np.ndarray, " draw"], queries: int, chance: float
) -> dict[str, object]:
    found = {**summarise(draws)._asdict(), "chance": chance, "queries": queries}
    note = "" if np.isfinite(draws[0]) else FEW if queries else NO_QUERY
    return found | {"note": note}
