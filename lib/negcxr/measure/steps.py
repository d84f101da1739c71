"""Measures of one ranking from two sorts, for galleries of any size.

Idea: every measure of a ranking can be told from the places of its relevant images. So
their scores and those of the others are sorted apart, as whole numbers, which is several
times faster than sorting places, and each relevant image is looked up among the others.
The sample is measured, no resample of it; for these see ``binned``.

Images of one score form one step of the ranking, in no order, as in ``ranking``, whose
values these are: to the bit where they are ratios of whole numbers, and but for the
rounding of a sum where they are means (average precision).

Limits: single precision. Scores that differ by less than it can tell are tied.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int, Int8, UInt32

from negcxr.errors import InputError
from negcxr.measure.asked import NOT_JUDGED, spread
from negcxr.measure.ranking import hits_at_k
from negcxr.shapes import checked

SIGN = np.uint32(1 << 31)

Row = Float32[np.ndarray, " image"]
Judged = Int8[np.ndarray, " image"]


class Steps(NamedTuple):
    """Of each relevant image, best first: what there is down to the end of its step."""

    found: Int[np.ndarray, " relevant"]  # relevant images, itself among them
    missed: Int[np.ndarray, " relevant"]  # other images
    tied: Int[np.ndarray, " relevant"]  # other images of its step alone
    n_others: int  # other images in all


@checked
def steps(scores: Row, judged: Judged) -> Steps:
    """Where the relevant ones are in the ranking of the judged images.

    Raises:
        InputError: A score is not finite.
    """
    keys = falling(scores)
    relevant, others = (np.sort(keys[judged == side]) for side in (1, 0))
    missed = np.searchsorted(others, relevant, side="right")
    above = np.searchsorted(others, relevant, side="left")
    found = np.searchsorted(relevant, relevant, side="right")
    return Steps(found, missed, missed - above, len(others))


@checked
def falling(scores: Row) -> UInt32[np.ndarray, " image"]:
    """Whole numbers of 32 bits that rise as scores fall, and are equal where they are.

    Positive single precision numbers are in the order of their bits, negative ones in
    the opposite order.

    Raises:
        InputError: A score is not finite.
    """
    for image in np.flatnonzero(~np.isfinite(scores))[:1]:
        raise InputError(f"scores image {image} is {scores[image]}, not a finite number")
    bits = (scores + np.float32(0)).view(np.uint32)  # -0.0 and 0.0 are one score
    # All bits of a positive number are turned but its sign, and none of a negative one.
    return bits ^ (~(bits.view(np.int32) >> 31).view(np.uint32) & ~SIGN)


@checked
def auroc_of(ranking: Steps) -> float:
    """Chance that a relevant image scores above one that is not; a tie counts half."""
    # Halves of whole numbers below 2**53: exact in double precision, in any order.
    won = np.sum(ranking.n_others - ranking.missed + ranking.tied / 2)
    return float(won / (len(ranking.found) * ranking.n_others))


@checked
def average_precision_of(ranking: Steps) -> float:
    """Precision at the place of each relevant image, averaged over them."""
    return float(np.mean(ranking.found / (ranking.found + ranking.missed)))


@checked
def hits_among_first(k: int, scores: Row, judged: Judged) -> float:
    """Expected number of images judged 1 in the first k places, ties in any order."""
    near = top(k, scores, judged)
    once = np.ones((1, len(near)))
    return float(hits_at_k(k, scores[near].astype(float), spread(judged[near]), once)[0])


@checked
def top(n: int, scores: Row, judged: Judged) -> Int[np.ndarray, " place"]:
    """The n judged images that score highest, and those tied with the last of them."""
    usable = np.where(judged != NOT_JUDGED, scores, -np.inf)
    if n >= len(usable):
        return np.flatnonzero(judged != NOT_JUDGED)
    border = np.partition(usable, len(usable) - n)[len(usable) - n]
    return np.flatnonzero((usable >= border) & (judged != NOT_JUDGED))
