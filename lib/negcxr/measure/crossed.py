"""Draws of numbers over texts that share their findings one way and their wordings another.

Idea: a set of prompts is a grid, findings by wordings. Texts about one finding go
together, and so do texts of one wording, so neither are as many witnesses as there are
texts. Both are drawn again, each by itself, and a text counts as often as its finding was
drawn, times as often as its wording was. A number then says what other findings *and*
other wordings might have given.

Limits: somewhat too wide where texts hardly go together, which is the careful side; and
too narrow for few findings or wordings, as every bootstrap is. What was fitted is held
fixed: only what it is asked is drawn again.

Reference: Owen (2007), The pigeonhole bootstrap, https://doi.org/10.1214/07-AOAS122.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Shaped

from negcxr.measure.resampling import resample_weights
from negcxr.shapes import checked

Weights = Float[np.ndarray, "draw text"]
Labels = Shaped[np.ndarray, " text"]


class Factor(NamedTuple):
    """One way in which texts go together.

    Attributes:
        units: The name of what each text shares with others, such as its finding.
        strata: Units are drawn within each of these, so that none is ever empty; one
            name for all where it does not matter.
    """

    units: Labels
    strata: Labels


def factor(units: Labels, strata: Labels | None = None) -> Factor:
    """A way in which texts go together, drawn within strata if any are given."""
    return Factor(units, np.zeros(len(units), int) if strata is None else strata)


@checked
def crossed_weights(*factors: Factor, n_resamples: int, seed: int) -> Weights:
    """How often each text counts: once in the sample, then by resample.

    A factor that has a single unit in a stratum stays as it is there. Where nothing at all
    can be drawn, the resamples are NaN.

    Args:
        factors: The same factors and seed give the same resamples, whatever is measured.

    Returns:
        ``1 + n_resamples`` rows, the first all ones.
    """
    n, rng = len(factors[0].units), np.random.default_rng(seed)
    found, moved = np.ones((1 + n_resamples, n)), False
    for each in factors:
        for stratum in np.unique(each.strata):
            here = each.strata == stratum
            own = int(
                rng.integers(2**31)
            )  # also if not used, so that others stay as they are
            if n_resamples and len(np.unique(each.units[here])) > 1:
                drawn = resample_weights(each.units[here], n_resamples, own)
                found[1:, here] *= np.concatenate(list(drawn))
                moved = True
    if not moved:
        found[1:] = np.nan
    return found


@checked
def share_draws(
    weights: Weights, values: Float[np.ndarray, " text"]
) -> Float[np.ndarray, " draw"]:
    """The mean of a number that each text has, by draw.

    A NaN is a text without one, which leaves the mean; NaN where no text is left.
    """
    has = np.isfinite(values)
    top, count = weights[:, has] @ values[has], weights[:, has].sum(axis=1)
    return np.divide(top, count, out=np.full(len(count), np.nan), where=count > 0)


@checked
def balanced_draws(
    weights: Weights,
    credit: Float[np.ndarray, " text"],
    labels: Bool[np.ndarray, " text"],
) -> Float[np.ndarray, " draw"]:
    """Balanced accuracy by draw: the share that is right, of each label, averaged.

    1/2 for whoever always says the same, however common it is. NaN where one of the two
    labels has no text.

    Args:
        credit: 1 right, 0 wrong, 1/2 undecided; NaN was not asked.
    """
    sides = [np.where(labels == label, credit, np.nan) for label in (True, False)]
    return sum(share_draws(weights, side) for side in sides) / 2
