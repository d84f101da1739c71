"""How well yes-or-no answers agree with those of people.

Idea: what a reader says of each item and what is true of it fall into four cells, and a
resample only changes how much each item counts. So all readers, all questions and all
resamples are matrix products, and differences between readers are paired.

Limits: items count alike; that some are harder than others, or copies of each other, only
the clusters of the resampling know.
"""

import numpy as np
from jaxtyping import Bool, Float, Shaped

from negcxr.measure.resampling import Weights, resampled
from negcxr.shapes import checked

MEASURES = ("accuracy", "sensitivity", "specificity", "precision", "f1")

Answers = Bool[np.ndarray, "question item"]


@checked
def agreement(
    said: Answers, truth: Answers, weights: Weights
) -> Float[np.ndarray, "question measure resample"]:
    """Each of ``MEASURES`` of each question.

    Sensitivity is the share of true items that were said to be, specificity that of the
    others that were not; precision the share of those said that are true, and F1 the
    harmonic mean of precision and sensitivity.

    Returns:
        In [0, 1]; NaN where a share is of nothing.

    Example:
        >>> said, truth = np.array([[[1, 1, 0, 0]], [[1, 0, 0, 0]]], dtype=bool)
        >>> agreement(said, truth, np.ones((1, 4)))[0, :, 0]
        array([0.75      , 1.        , 0.66666667, 0.5       , 0.66666667])
    """
    both, extra, missed, neither = (
        cell.astype(float) @ weights.T
        for cell in (said & truth, said & ~truth, ~said & truth, ~said & ~truth)
    )
    shares = [
        _share(both + neither, both + extra + missed + neither),
        _share(both, both + missed),
        _share(neither, neither + extra),
        _share(both, both + extra),
        _share(2 * both, 2 * both + extra + missed),
    ]
    return np.stack(shares, axis=1)


@checked
def agreement_draws(
    said: Answers,
    truth: Answers,
    clusters: Shaped[np.ndarray, " item"],
    *,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, "question measure draw"]:
    """Draws of `agreement`: on the sample first, then on each resample of the clusters."""
    return resampled(
        lambda weights: agreement(said, truth, weights),
        clusters,
        n_resamples=n_resamples,
        seed=seed,
    )


def chance_of_agreement(prevalence: float) -> dict[str, float]:
    """The most that answers reach which do not look at the item.

    Always yes or always no for accuracy, always yes for F1. Sensitivity and specificity
    are left out: each alone is had for nothing, at the price of the other.

    Args:
        prevalence: Share of items of which it is true.
    """
    return {
        "accuracy": max(prevalence, 1 - prevalence),
        "precision": prevalence,
        "f1": 2 * prevalence / (1 + prevalence),
    }


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    undefined = np.full(part.shape, np.nan)
    return np.divide(part, whole, out=undefined, where=whole > 0)
