"""From draws to an interval, a difference and a test.

Idea: a draw is one value of a measure, the sample's own first and one for each resample
of the patients after it (see `resampling`). Means over queries and differences between
scorers are taken draw by draw, and only then summarised: what two scorers share (easy
patients, say) cancels within each resample, so their difference is known better than
either of them.

Limits: percentile intervals of few patients are too narrow.

Reference: Davison & Hinkley (1997), *Bootstrap Methods and their Application*, ch. 4, 5.
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from negcxr.shapes import checked

COVERAGE = 0.95  # of every interval of the study
# Standard errors between no difference and one that a two-sided test at 5 % finds in
# 80 of 100 samples: 1.96 to be called a difference, 0.84 more to be so that often.
DETECTABLE = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.80)


class Interval(NamedTuple):
    """A value and the ends of its 95 % interval, in the unit of the value."""

    value: float
    low: float
    high: float


class Difference(NamedTuple):
    """First minus second on the same resamples; ``p`` is two-sided."""

    value: float
    low: float
    high: float
    p: float
    standard_error: float


@checked
def interval(values: Float[np.ndarray, " resample"]) -> tuple[float, float]:
    """The middle 95 % of the resampled values (percentile method).

    A NaN is a resample in which the measure is undefined (AUROC without an image on one
    side); it is left out. Fewer than two values give (NaN, NaN).
    """
    defined = values[np.isfinite(values)]
    if defined.size < 2:
        return float("nan"), float("nan")
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)


@checked
def summarise(draws: Float[np.ndarray, " draw"]) -> Interval:
    """The value on the sample, and the interval of its resamples."""
    return Interval(float(draws[0]), *interval(draws[1:]))


@checked
def mean_over(draws: Float[np.ndarray, "query draw"]) -> Float[np.ndarray, " draw"]:
    """Mean of a measure over queries, draw by draw; NaN if no query is evaluable.

    A query that is NaN on the sample leaves the mean. One that is NaN in a resample
    takes the resample with it: a mean over other queries would be another quantity.
    """
    evaluable = draws[np.isfinite(draws[:, 0])]
    if not len(evaluable):
        return np.full(draws.shape[1], np.nan)
    return evaluable.mean(axis=0)


@checked
def paired_difference(
    first: Float[np.ndarray, " draw"], second: Float[np.ndarray, " draw"]
) -> Difference:
    """First minus second, resample by resample.

    Zero where both agree. Both must come from the same patients and seed; nothing in
    the arrays could tell that they do not.
    """
    draws = first - second
    low, high = interval(draws[1:])
    p, spread = bootstrap_p(draws[1:]), standard_error(draws)
    return Difference(float(draws[0]), low, high, p, spread)


@checked
def mean_difference(
    first: Float[np.ndarray, "first draw"], second: Float[np.ndarray, "second draw"]
) -> Difference:
    """Mean over the first group of queries minus mean over the second.

    With affirmed prompts first and denied ones second, the affirmed-denied gap: above
    zero where denials are ranked worse. Of AUROC alone, because chance of the other
    measures differs by polarity. Blind spot: a gap of zero says that both are equally
    good, or equally bad.
    """
    return paired_difference(mean_over(first), mean_over(second))


@checked
def standard_error(draws: Float[np.ndarray, " draw"]) -> float:
    """Standard deviation of a measure over the resamples; NaN from fewer than two."""
    defined = draws[1:][np.isfinite(draws[1:])]
    return float(defined.std(ddof=1)) if defined.size > 1 else float("nan")


@checked
def smallest_detectable_difference(standard_error: float) -> float:
    """The difference that this sample would find in 80 of 100 tries, tested at 5 %.

    In the unit of the standard error. "No difference found" says nothing about a
    difference smaller than this.
    """
    return DETECTABLE * standard_error


@checked
def bootstrap_p(differences: Float[np.ndarray, " resample"]) -> float:
    """Two-sided p of "no difference": twice the share of resamples beyond zero.

    The sample counts as one more resample (+1), so p is never 0: the least that B
    resamples can give is 2 / (B + 1). NaN resamples are left out.
    """
    defined = differences[np.isfinite(differences)]
    if not defined.size:
        return float("nan")
    beyond = min(np.sum(defined <= 0), np.sum(defined >= 0))
    return min(1.0, float(2 * (1 + beyond) / (defined.size + 1)))


@checked
def holm(p: Float[np.ndarray, " test"]) -> Float[np.ndarray, " test"]:
    """Holm's adjusted p of a family of tests, in the order given.

    Below alpha in any of them by chance at most alpha of the time, whatever ties the
    tests together. NaN (not tested) does not count towards the family and stays NaN.
    See `resamples_needed`: too few resamples can leave nothing to find.

    Reference:
        Holm (1979), https://www.jstor.org/stable/4615733.
    """
    order = np.argsort(p)[: np.isfinite(p).sum()]  # NaN sorts last
    adjusted = np.full(p.shape, np.nan)
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(factors * p[order]))
    return adjusted


@checked
def resamples_needed(n_tests: int, alpha: float = 0.05) -> int:
    """Fewest resamples with which the clearest of ``n_tests`` differences passes Holm.

    The least p of B resamples is 2 / (B + 1), and Holm multiplies it by ``n_tests``:
    with 8 findings and 200 resamples nothing can fall below 0.05, however clear.
    """
    return int(2 * n_tests / alpha)
