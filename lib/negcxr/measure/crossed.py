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


class Drawn(NamedTuple):
    """How often each text counts, the sample first and then each resample.

    Attributes:
        weights: By all factors.
        first: By the first factor alone.
    """

    weights: Weights
    first: Weights

    def part(self, n: int) -> "Drawn":
        """Of the first texts."""
        return Drawn(self.weights[:, :n], self.first[:, :n])


def factor(units: Labels, strata: Labels | None = None) -> Factor:
    """A way in which texts go together, drawn within strata if any are given."""
    return Factor(units, np.zeros(len(units), int) if strata is None else strata)


@checked
def crossed_weights(*factors: Factor, n_resamples: int, seed: int) -> Drawn:
    """How often each text counts: once in the sample, then by resample.

    A factor that has a single unit in a stratum stays as it is there. Where nothing at all
    can be drawn, the resamples are NaN.

    Args:
        factors: The same factors and seed give the same resamples, whatever is measured.
    """
    rng = np.random.default_rng(seed)
    each = [_factor_weights(one, n_resamples, rng) for one in factors]
    found = Drawn(np.prod(each, axis=0), each[0])
    if all((one == 1).all() for one in each):
        for weights in found:
            weights[1:] = np.nan
    return found


def _factor_weights(one: Factor, n_resamples: int, rng: np.random.Generator) -> Weights:
    found = np.ones((1 + n_resamples, len(one.units)))
    for stratum in np.unique(one.strata):
        here = one.strata == stratum
        own = int(
            rng.integers(2**31)
        )  # also where not used, so that others stay as they are
        if n_resamples and len(np.unique(one.units[here])) > 1:
            drawn = resample_weights(one.units[here], n_resamples, own)
            found[1:, here] = np.concatenate(list(drawn))
    return found


@checked
def shares(weights: Weights) -> Weights:
    """Weights of which each draw sums to one; NaN where a draw holds no text at all."""
    total = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, total, out=np.full_like(weights, np.nan), where=total > 0)


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
def ordering_draws(
    drawn: Drawn,
    scores: Float[np.ndarray, " text"],
    labels: Bool[np.ndarray, " text"],
    within: Labels,
) -> Float[np.ndarray, " draw"]:
    """Chance that a labelled text scores above one that is not, within groups, by draw.

    An AUROC of pairs that share a group; a tie counts half. 1/2 where scores have nothing
    to do with labels. Blind to where a group lies as a whole: each has its own zero.

    Args:
        drawn: A pair counts as often as both texts, but its unit of the first factor once.
        scores: NaN is a text that was not asked.
        within: Only texts of one group are compared, all of one unit of the first factor.

    Returns:
        In [0, 1]; NaN where no group has both.
    """
    won = total = np.zeros(len(drawn.weights))
    for group in np.unique(within):
        here = np.isfinite(scores) & (within == group)
        pair = [here & (labels == label) for label in (True, False)]
        if not all(side.any() for side in pair):
            continue
        first, second = (drawn.weights[:, side] for side in pair)
        gap = scores[pair[0]][:, None] - scores[pair[1]]
        unit = drawn.first[:, here][:, 0]
        once = np.divide(1, unit, out=np.zeros(len(unit)), where=unit != 0)
        right = np.einsum("ri,ij,rj->r", first, (1 + np.sign(gap)) / 2, second)
        won = won + right * once
        total = total + first.sum(axis=1) * second.sum(axis=1) * once
    return np.divide(won, total, out=np.full(len(total), np.nan), where=total > 0)
