"""Measures of a ranking, each on every resample at once.

Idea: sort the images once by score; a resample only changes how much each image counts,
so every measure is a cumulative sum along the ranking, for all resamples together.

One signature: ``metric(scores, relevant, weights, *, k) -> [resample]``.

* ``relevant`` is 1 (what the query asks for), 0 (not) or NaN (not judged: the image
  leaves the gallery).
* ``weights`` says how often each image was drawn; a row of ones is the sample itself.
* Ties are chance. Images of one score form one step of the ranking, in no order.
* A resample on which a measure is undefined is NaN: for AUROC one without an image on
  either side, for average precision and recall one without a relevant image.

Limits: ranks alone count. A scorer that is sure and one that is barely right are equal.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.measure.resampling import Weights
from negcxr.shapes import checked

Row = Float[np.ndarray, " image"]
Values = Float[np.ndarray, " resample"]


@checked
def auroc(scores: Row, relevant: Row, weights: Weights, *, k: int = 0) -> Values:
    """Chance that a relevant image scores above one that is not; a tie counts half.

    1 is a perfect order, 1/2 a blind one, 0 a perfect order upside down. The share of
    relevant images does not move it, so it may be compared between polarities.

    Args:
        k: Not used; here so that all metrics are called alike.

    Returns:
        In [0, 1].

    Example:
        >>> auroc(np.array([0.9, 0.1]), np.array([1.0, 0.0]), np.ones((1, 2)))
        array([1.])

    Reference:
        Hanley & McNeil (1982), https://doi.org/10.1148/radiology.143.1.7063747.
    """
    hits, others = _sides(scores, relevant)
    at, climb = _climb(scores, others, weights)
    below = climb[np.searchsorted(at, scores[hits], side="left")]
    up_to = climb[np.searchsorted(at, scores[hits], side="right")]
    drawn = weights.T[hits]
    won = np.einsum("ir,ir->r", drawn, below + up_to) / 2
    return _ratio(won, drawn.sum(axis=0) * climb[-1])


@checked
def average_precision(
    scores: Row, relevant: Row, weights: Weights, *, k: int = 0
) -> Values:
    """Precision at the place of each relevant image, averaged over them.

    Weighs the top of the ranking. Chance is the prevalence, so values of an affirmed
    and a denied prompt are not comparable. Tied images share one precision, that at the
    end of their step, as in scikit-learn.

    Args:
        k: Not used; here so that all metrics are called alike.

    Returns:
        In [0, 1].
    """
    hits, others = _sides(scores, relevant)
    found, missed = (
        climb[-1] - climb[np.searchsorted(at, scores[hits], side="left")]
        for at, climb in (_climb(scores, side, weights) for side in (hits, others))
    )
    precision, drawn = _ratio(found, found + missed, empty=0), weights.T[hits]
    return _ratio(np.einsum("ir,ir->r", drawn, precision), drawn.sum(axis=0))


@checked
def precision_at_k(scores: Row, relevant: Row, weights: Weights, *, k: int = 10) -> Values:
    """Share of relevant images among the ``k`` that score highest.

    Chance is the prevalence. Images tied at the last place share what places remain.

    Returns:
        In [0, 1].

    Raises:
        InputError: ``k`` is less than 1 or above the number of judged images.
    """
    hits, drawn = hits_at_k(k, scores, relevant, weights), weights @ ~np.isnan(relevant)
    # A resample of patients with few images can hold fewer than k images.
    return _ratio(hits, np.minimum(k, drawn))


@checked
def recall_at_k(scores: Row, relevant: Row, weights: Weights, *, k: int = 10) -> Values:
    """Share of the relevant images that are among the ``k`` that score highest.

    Chance is k / n. Where more than ``k`` images are relevant, 1 is out of reach.

    Returns:
        In [0, 1].

    Raises:
        InputError: ``k`` is less than 1 or above the number of judged images.
    """
    hits = hits_at_k(k, scores, relevant, weights)
    return _ratio(hits, weights @ (relevant == 1))


@checked
def contradiction_at_k(
    scores: Row, relevant: Row, weights: Weights, *, k: int = 10
) -> Values:
    """Share of images that contradict the query among the ``k`` that score highest.

    0 is best. Chance is the share of contradicting images in the gallery, which is that
    of the images judged for it. What a reader of the first page of results would meet:
    films *with* effusion for "no effusion".

    Args:
        relevant: 1 contradicts the query, 0 does not, NaN is not judged.

    Returns:
        In [0, 1].

    Raises:
        InputError: ``k`` is less than 1 or above the number of judged images.
    """
    return precision_at_k(scores, relevant, weights, k=k)


METRICS: dict[str, Callable[..., np.ndarray]] = {
    "auroc": auroc,
    "average_precision": average_precision,
    "precision_at_k": precision_at_k,
    "recall_at_k": recall_at_k,
    "contradiction_at_k": contradiction_at_k,
}


def _sides(scores: Row, relevant: Row) -> tuple[np.ndarray, np.ndarray]:
    require_usable(scores, relevant)
    return np.flatnonzero(relevant == 1), np.flatnonzero(relevant == 0)


def _climb(
    scores: Row, images: np.ndarray, weights: Weights
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of some images from the lowest up, and the weight beneath each place."""
    images = images[np.argsort(scores[images])]
    beneath = np.zeros((len(images) + 1, len(weights)))
    np.cumsum(weights.T[images], axis=0, out=beneath[1:])
    return scores[images], beneath


def hits_at_k(k: int, scores: Row, relevant: Row, weights: Weights) -> Values:
    """Expected weight of relevant images in the first k places, ties in any order."""
    top = _top(k, scores, relevant, weights)
    firsts = np.flatnonzero(np.diff(scores[top], prepend=np.inf))
    drawn = weights.T[top]
    size = np.add.reduceat(drawn, firsts, axis=0)
    hits = np.add.reduceat(drawn * relevant[top, None], firsts, axis=0)
    places_left = k - (size.cumsum(axis=0) - size)
    taken = np.clip(places_left, 0, size)
    return np.einsum("sr,sr->r", taken, _ratio(hits, size, empty=0))


def _top(k: int, scores: Row, relevant: Row, weights: Weights) -> np.ndarray:
    """Judged images, best first, as far as the first k of every resample may reach."""
    require_usable(scores, relevant)
    judged = np.flatnonzero(~np.isnan(relevant))
    if not 1 <= k <= len(judged):
        raise InputError(f"k is {k}, allowed is 1 to n = {len(judged)}, the judged images")
    order, depth = judged[np.argsort(-scores[judged])], k
    while depth < len(order) and weights.T[order[:depth]].sum(axis=0).min() < k:
        depth *= 2
    border = scores[order[:depth]].min()
    return order[scores[order] >= border]


def _ratio(top: np.ndarray, bottom: np.ndarray, empty: float = np.nan) -> np.ndarray:
    undefined = np.full(top.shape, empty, dtype=float)
    return np.divide(top, bottom, out=undefined, where=bottom > 0)


def require_usable(scores: Row, relevant: Row) -> None:
    """Refuse a score that is not finite and a relevance other than 0, 1 and NaN."""
    for image in np.flatnonzero(~np.isfinite(scores))[:1]:
        raise InputError(f"scores image {image} is {scores[image]}, not a finite number")
    allowed = np.isnan(relevant) | (relevant == 0) | (relevant == 1)
    for image in np.flatnonzero(~allowed)[:1]:
        raise InputError(f"relevance image {image} is {relevant[image]}, not 0, 1 or NaN")
