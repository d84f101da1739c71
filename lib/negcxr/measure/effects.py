"""How much of a difference between two runs a change of one of them brings about.

Idea: a change moves an answer by so much; the whole way to the other run is so much. The
effect is the mean of the first over the mean of the second. A mean of ratios would be led
by those pairs whose whole way is short, where any noise is many times the way.

Limits: where the whole way may be nothing, no share of it can be said.

Reference: Fieller (1954) on ratios of means; see Davison & Hinkley (1997), ch. 2.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from negcxr.measure.intervals import interval
from negcxr.measure.resampling import resampled
from negcxr.shapes import checked

# Rows of single precision give dot products that are known to about this much.
NOISE = 1e-5


@checked
def mean_draws(
    values: Float[np.ndarray, "cell pair"],
    clusters: Sequence[str],
    *,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, "cell draw"]:
    """Draws of the mean of each row over pairs, resampling whole clusters of them.

    A NaN is a pair that a row does not have. A row whose pairs are all of one cluster can
    be drawn in one way alone: its resamples are NaN.

    Args:
        clusters: What each pair is about; pairs about the same are not two witnesses.
    """
    names = np.asarray(clusters, dtype=str)
    there = np.isfinite(values)
    both = np.concatenate([np.where(there, values, 0), there.astype(float)])
    if len(np.unique(names)) > 1:
        how = {"n_resamples": n_resamples, "seed": seed}
        sums = resampled(lambda weights: both @ weights.T, names, **how)
    else:
        sums = np.full((len(both), 1 + n_resamples), np.nan)
        sums[:, 0] = both.sum(axis=1)
    total, count = np.split(sums, 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        draws = total / count
    alone = np.array([len(np.unique(names[own])) < 2 for own in there], dtype=bool)
    draws[alone, 1:] = np.nan
    return draws


@checked
def effect_draws(
    moved: Float[np.ndarray, "cell pair"],
    whole: Float[np.ndarray, " pair"],
    clusters: Sequence[str],
    *,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, "cell draw"]:
    """Draws of mean move over mean whole way, of the pairs that a row has.

    0 is no effect and 1 the whole way; an effect may lie beyond both. A row is NaN
    throughout where the interval of its mean whole way holds zero.

    Args:
        moved: By how much a change moved the answer of each pair; NaN, it has no such.
        whole: By how much the two runs of each pair differ.
        clusters: As in `mean_draws`.
    """
    ways = np.where(np.isfinite(moved), whole, np.nan)
    how = {"clusters": clusters, "n_resamples": n_resamples, "seed": seed}
    above, below = mean_draws(moved, **how), mean_draws(ways, **how)
    known = np.array([_is_known(row) for row in below])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known[:, None], above / below, np.nan)


@checked
def chosen_elsewhere(
    moved: Float[np.ndarray, "cell pair"],
    whole: Float[np.ndarray, " pair"],
    clusters: Sequence[str],
) -> Float[np.ndarray, " pair"]:
    """How far each pair is moved by the cell of largest effect on the other clusters.

    The largest of many effects is large in part by luck, and the more so the noisier they
    are; pairs that did not choose a cell do not share its luck. It is the effect of a
    choice, which need not fall on one cell for all clusters, and is a little too small
    where few clusters choose badly.

    Returns:
        A move a pair; NaN where there is no other cluster to choose by.
    """
    names, found = np.asarray(clusters, dtype=str), np.full(len(whole), np.nan)
    for name in np.unique(names):
        own = names == name
        if not own.all():
            way = np.sign(whole[~own].sum())
            best = np.argmax(way * np.nansum(moved[:, ~own], axis=1))
            found[own] = moved[best, own]
    return found


def _is_known(ways: Float[np.ndarray, " draw"]) -> bool:
    """Whether the mean whole way is told apart from zero."""
    low, high = interval(ways[1:])
    ends = (ways[0],) if np.isnan(low) else (ways[0], low, high)
    return min(ends) > NOISE or max(ends) < -NOISE


@checked
def crossing_draws(
    leaving: Float[np.ndarray, "depth draw"], reaching: Float[np.ndarray, "depth draw"]
) -> Float[np.ndarray, " draw"]:
    """How many layers pass before more of an effect has reached a place than is left.

    Between two layers the way is taken as straight, so that a value need not be whole.

    Args:
        leaving: Effect at the place that it leaves, by the number of layers passed.
        reaching: Effect at the place that it goes to.

    Returns:
        In [0, depth - 1]; NaN where it never crosses, or an effect is not known.
    """
    gap = reaching - leaving
    crossed = gap[1:] > 0
    step = crossed.argmax(axis=0)
    at = np.arange(gap.shape[1])
    before, after = gap[step, at], gap[step + 1, at]
    known = np.isfinite(gap).all(axis=0) & crossed.any(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, step + np.clip(before / (before - after), 0, 1), np.nan)
