"""AUROC taken apart into its images, so that a resample of it is a sum.

Idea: the AUROC of a query is a mean over pairs of a relevant image and another one. What
one image gives to it is its *placement*: of a relevant image the share of the others that
it scores above, of another one the share of the relevant ones that score above it. The
mean over either side is the AUROC. When images count more or less, as they do in a
resample, the mean placement moves, and that of both sides together, less the AUROC that
is counted twice, is nearly the AUROC of the resample: so ten thousand resamples of a
thousand queries are one product of matrices.

Limits: what two images give only together is left out (it shrinks as one over the number
of images), so a value of a few dozen images is better resampled by `ranking` itself.

References: DeLong, DeLong & Clarke-Pearson (1988), https://doi.org/10.2307/2531595;
Hájek (1968), https://doi.org/10.1214/aoms/1177698394.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from negcxr.shapes import checked

Scores = Float[np.ndarray, "query image"]
Relevant = Float[np.ndarray, " image"]


class Components(NamedTuple):
    """Queries of one relevance, taken apart.

    Attributes:
        auroc: Of each query, each image counted once; NaN if a side has no image.
        placements: What each image gives; 0 where it is not judged.
    """

    auroc: Float[np.ndarray, " query"]
    placements: Float[np.ndarray, "query image"]


@checked
def auroc_components(scores: Scores, relevant: Relevant) -> Components:
    """AUROC of each query, and the placement of each image; a tie counts half.

    Ranks alone are looked at, all queries at once.

    Args:
        relevant: 1 is asked for, 0 is not, NaN leaves the gallery; the same for all.

    Returns:
        Both in [0, 1], in the precision of the scores.

    Example:
        >>> auroc_components(np.array([[3.0, 2.0, 1.0]]), np.array([1.0, 0.0, 1.0]))
        Components(auroc=array([0.5]), placements=array([[1. , 0.5, 0. ]]))
    """
    judged = np.flatnonzero(~np.isnan(relevant))
    hit = relevant[judged] == 1
    placements = np.zeros_like(scores)
    auroc = np.full(len(scores), np.nan, scores.dtype)
    if hit.all() or not hit.any():
        return Components(auroc, placements)
    order = np.argsort(scores[:, judged], axis=1)
    here = hit[order]
    first, last = _steps(np.take_along_axis(scores[:, judged], order, axis=1))
    misses_below = _below(~here, first, last) / np.sum(~hit)
    hits_above = 1 - _below(here, first, last) / np.sum(hit)
    placed = np.where(here, misses_below, hits_above).astype(scores.dtype)
    np.put_along_axis(placements, judged[order], placed, axis=1)
    return Components(placements[:, relevant == 1].mean(axis=1), placements)


@checked
def side_weights(
    relevant: Relevant, weights: Float[np.ndarray, "resample image"]
) -> Float[np.ndarray, "resample image"]:
    """How much each image counts within its own side, relevant or not.

    Placements times these are the mean of one side plus that of the other. A resample
    without an image on one side is NaN.
    """
    shares = np.zeros_like(weights)
    empty = np.zeros(len(weights), dtype=bool)
    for side in (relevant == 1, relevant == 0):
        total = weights[:, side].sum(axis=1, keepdims=True)
        shares[:, side] = weights[:, side] / np.where(total > 0, total, 1)
        empty |= total[:, 0] == 0
    shares[empty] = np.nan
    return shares


@checked
def linear_auroc(
    components: Components, shares: Float[np.ndarray, "resample image"]
) -> Float[np.ndarray, "query resample"]:
    """AUROC of each query on each resample, nearly; exact where all images count once.

    Args:
        shares: From `side_weights` of the same relevance.

    Returns:
        In [0, 1] but for what the approximation misses.
    """
    return components.placements @ shares.T - components.auroc[:, None]


def _steps(
    ordered: Scores,
) -> tuple[Int[np.ndarray, "query image"], Int[np.ndarray, "query image"]]:
    """Of each place of ascending scores, the first and the last that is tied with it."""
    places = np.arange(ordered.shape[1])
    rises = ordered[:, 1:] != ordered[:, :-1]
    starts, ends = (np.ones(ordered.shape, dtype=bool) for _ in range(2))
    starts[:, 1:], ends[:, :-1] = rises, rises
    first = np.maximum.accumulate(np.where(starts, places, 0), axis=1)
    from_end = np.where(ends, places, places[-1])[:, ::-1]
    return first, np.minimum.accumulate(from_end, axis=1)[:, ::-1]


def _below(counted: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """How many counted images score below each place, those tied with it by half."""
    climb = np.cumsum(counted, axis=1)
    before = climb - counted
    lower = np.take_along_axis(before, first, axis=1)
    return (lower + np.take_along_axis(climb, last, axis=1)) / 2
