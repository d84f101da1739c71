"""Draws of numbers over texts, of which some go together.

Idea: texts about one finding share its words, so they are not so many witnesses. Whole
findings are drawn again, with all of their texts, as patients are with all of their
images (see `resampling`); one seed gives the same resamples on every checkpoint, so that
changes are paired. Whoever has no findings passes other units: reports, patients.

Limits: what a text lies near is taken as it is in the sample, and drawn along with it; a
text is no neighbour of its own copies. Intervals of few units are too narrow. Wordings
are not drawn: a number is of these wordings.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float, Shaped

from negcxr.measure.resampling import Weights, resampled
from negcxr.shapes import checked

FEWEST = 2  # units that can be drawn again


@checked
def balanced(labels: Shaped[np.ndarray, " text"]) -> Float[np.ndarray, " text"]:
    """How much each text counts so that every label counts the same; they sum to 1.

    Without it, the commoner polarity would decide what a mean over texts is.
    """
    names, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return 1 / (len(names) * counts[codes])


@checked
def mean_draws(
    values: Float[np.ndarray, " text"],
    counts: Float[np.ndarray, " text"],
    units: Shaped[np.ndarray, " text"],
    *,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, " draw"]:
    """The mean of a number that each text has, drawn again by unit.

    Args:
        values: NaN where a text has none, which leaves the mean.
        counts: How much each text counts, such as `balanced`.
        units: Texts that share one are drawn together.

    Returns:
        In the unit of the values; NaN throughout where no text has a value, and in all
        resamples where fewer than two units have one that counts.
    """
    has = np.isfinite(values) & (counts > 0)
    counts, values = np.where(has, counts, 0), np.where(has, values, 0)

    def mean(weights: Weights) -> Float[np.ndarray, " resample"]:
        return _ratio(weights @ (counts * values), weights @ counts)

    if len(np.unique(units[has])) < FEWEST:
        return _alone(mean(np.ones((1, len(units)))), n_resamples)
    return drawn(mean, units, n_resamples=n_resamples, seed=seed)


@checked
def pair_draws(
    values: Float[np.ndarray, "unit unit"],
    units: Shaped[np.ndarray, " unit"],
    *,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, " draw"]:
    """The mean over ordered pairs of different units, the units drawn again.

    A unit that was drawn twice makes no pair with itself. NaN pairs leave the mean.
    """
    used = np.isfinite(values) & ~np.eye(len(values), dtype=bool)
    values = np.where(used, values, 0)

    def mean(weights: Weights) -> Float[np.ndarray, " resample"]:
        top, bottom = (
            np.einsum("ri,ij,rj->r", weights, matrix, weights, optimize=True)
            for matrix in (values, used.astype(float))
        )
        return _ratio(top, bottom)

    return drawn(mean, units, n_resamples=n_resamples, seed=seed)


@checked
def influence_draws(
    statistic: Callable[[Bool[np.ndarray, " text"]], float],
    units: Shaped[np.ndarray, " text"],
    *,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, " draw"]:
    """Draws of a number that repeats would distort, such as a rank.

    A resample holds fewer different units than the sample, so its rank is lower and an
    interval of ranks could lie below the value. So each unit is left out once; what that
    moves is the unit's influence, and the influences are drawn again around the value.

    Args:
        statistic: The number, of the texts that are kept.

    Reference:
        Davison & Hinkley (1997), *Bootstrap Methods and their Application*, section 2.7.
    """
    names, codes = np.unique(units, return_inverse=True)
    value = statistic(np.ones(len(units), dtype=bool))
    if len(names) < FEWEST:
        return _alone(np.array([value]), n_resamples)
    without = np.array([statistic(codes != code) for code in range(len(names))])
    influence = (len(names) - 1) * (without.mean() - without)

    def moved(weights: Weights) -> Float[np.ndarray, " resample"]:
        return value + weights @ influence / len(names)

    return drawn(moved, names, n_resamples=n_resamples, seed=seed)


@checked
def mean_row_draws(
    rows: Float[np.ndarray, "text dim"],
    units: Shaped[np.ndarray, " text"],
    *,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, "dim draw"]:
    """The mean row, drawn again by unit; NaN in all resamples of a single unit."""

    def mean(weights: Weights) -> Float[np.ndarray, "dim resample"]:
        return (weights @ rows / weights.sum(axis=1, keepdims=True)).T

    return drawn(mean, units, n_resamples=n_resamples, seed=seed)


def drawn(
    statistic: Callable[[Weights], np.ndarray],
    units: Shaped[np.ndarray, " text"],
    *,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, "*query draw"]:
    """As `resampled`, but without an interval rather than an error for a single unit."""
    if len(np.unique(units)) < FEWEST:
        return _alone(statistic(np.ones((1, len(units)))), n_resamples)
    return resampled(statistic, units, n_resamples=n_resamples, seed=seed)


def _alone(value: np.ndarray, n_resamples: int) -> np.ndarray:
    missing = np.full((*value.shape[:-1], n_resamples), np.nan)
    return np.concatenate([value, missing], axis=-1)


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
