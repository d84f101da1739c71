"""Queries against a gallery of images: every measure with n, prevalence and chance.

Idea: a query (one prompt, or some averaged) scores every image; relevance says which
images it asks for. `evaluate` gives the table that chapters show. `metric_draws` and
`auroc_draws` give the draws beneath it, from which `intervals` makes means over
findings, gaps between affirmed and denied prompts, and paired differences between
checkpoints. One seed gives one set of resamples, so all of these are paired.

Limits: precision, average precision and contradiction depend on prevalence, which
differs by polarity: only AUROC may be compared between affirmed and denied prompts.

The measures themselves are in `ranking`, their chance in `gallery`, the bootstrap in
`resampling`.
"""

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from negcxr.errors import InputError
from negcxr.measure.gallery import (
    chance,
    not_evaluable,
    prevalence,
    require_known,
    uses_k,
)
from negcxr.measure.intervals import summarise
from negcxr.measure.ranking import METRICS
from negcxr.measure.resampling import Weights, resampled
from negcxr.shapes import checked

Rows = Float[np.ndarray, "query image"]
Patients = Shaped[np.ndarray, " image"]


@checked
def metric_draws(
    measure: str,
    scores: Rows,
    relevance: Rows,
    patients: Patients,
    *,
    k: int = 10,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, "query draw"]:
    """Draws of one measure for every query: on the sample, then on each resample.

    A query that is `not_evaluable` is NaN throughout.

    Args:
        measure: A key of `METRICS`.

    Raises:
        InputError: An unknown measure, a score that is not finite, a relevance other
            than 0, 1 and NaN, or ``k`` outside 1 to n.
    """
    require_known(measure)
    if uses_k(measure) and not 1 <= k <= scores.shape[1]:
        raise InputError(f"k is {k}, allowed is 1 to n = {scores.shape[1]}, the images")
    metric, queries = METRICS[measure], range(len(scores))
    evaluable = [q for q in queries if not not_evaluable(measure, relevance[q], k)]

    def on(weights: Weights) -> np.ndarray:
        values = np.full((len(scores), len(weights)), np.nan)
        for q in evaluable:
            values[q] = metric(scores[q], relevance[q], weights, k=k)
        return values

    return resampled(on, patients, n_resamples=n_resamples, seed=seed)


@checked
def auroc_draws(
    scores: Rows, relevance: Rows, patients: Patients, *, n_resamples: int, seed: int
) -> Float[np.ndarray, "query draw"]:
    """`metric_draws` of AUROC, the one measure that may be compared across polarity."""
    return metric_draws(
        "auroc", scores, relevance, patients, n_resamples=n_resamples, seed=seed
    )


@checked
def evaluate(
    scores: Rows,
    relevance: Rows,
    contradiction: Rows,
    patients: Patients,
    *,
    k: int = 10,
    n_resamples: int,
    seed: int,
) -> pd.DataFrame:
    """Every measure of every query, with its interval, n, prevalence and chance.

    Args:
        contradiction: 1 where an image contradicts the query; contradiction@k ranks the
            images judged by it, the other measures those judged by ``relevance``.

    Returns:
        A row a (query, measure): query (its row in ``scores``), measure, value, low,
        high, n (judged images), prevalence, chance, note (why there is no value).

    Raises:
        InputError: As `metric_draws`.
    """
    judged = dict.fromkeys(METRICS, relevance) | {"contradiction_at_k": contradiction}
    how = {"k": k, "n_resamples": n_resamples, "seed": seed}
    rows = [
        _report(query, measure, draws, judged[measure][query], k)
        for measure in METRICS
        for query, draws in enumerate(
            metric_draws(measure, scores, judged[measure], patients, **how)
        )
    ]
    return pd.DataFrame(rows).sort_values("query", kind="stable", ignore_index=True)


def _report(
    query: int, measure: str, draws: np.ndarray, relevant: np.ndarray, k: int
) -> dict[str, object]:
    note, lost = not_evaluable(measure, relevant, k), int(np.isnan(draws[1:]).sum())
    if lost and not note:
        note = f"{lost} of {len(draws) - 1} resamples left out: a side was empty"
    return {
        "query": query,
        "measure": measure,
        **summarise(draws)._asdict(),
        "n": int(np.sum(~np.isnan(relevant))),
        "prevalence": prevalence(relevant),
        "chance": chance(measure, relevant, k),
        "note": note,
    }
