"""AUROC within strata: only items of one kind are compared.

Idea: where affirmed sentences speak of other findings than denied ones, telling findings
apart would pass for telling denials apart. So an affirmed and a denied item make a pair
only if they share a stratum, and all pairs of all strata count alike.

Limits: a stratum without an item on either side has no say.
"""

import numpy as np
from jaxtyping import Shaped

from negcxr.measure.ranking import Row, Values, auroc
from negcxr.measure.resampling import Weights
from negcxr.shapes import checked


@checked
def stratified_auroc(
    scores: Row, relevant: Row, strata: Shaped[np.ndarray, " image"], weights: Weights
) -> Values:
    """Chance that a relevant item scores above another one of its stratum; a tie is half.

    1/2 for scores that tell strata apart and nothing else.

    Args:
        relevant: 1 or 0.

    Returns:
        In [0, 1]; NaN for a resample without any pair.

    Example:
        >>> scores, relevant = np.array([[2.0, 1.0, 9.0, 8.0], [1.0, 0.0, 0.0, 1.0]])
        >>> stratified_auroc(scores, relevant, np.array(list("aabb")), np.ones((1, 4)))
        array([0.5])
    """
    won, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for name in np.unique(strata):
        here = strata == name
        drawn, asked = weights[:, here], relevant[here] == 1
        count = drawn[:, asked].sum(axis=1) * drawn[:, ~asked].sum(axis=1)
        share = auroc(scores[here], relevant[here], drawn)
        won += np.where(count > 0, share, 0) * count
        pairs += count
    return np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)
