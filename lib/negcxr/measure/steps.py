"""Measures of one ranking from one sort, for galleries of any size.

Idea: a score and the judgement of its image fit into one whole number, the score in the
upper bits. Numbers are sorted several times faster than places are, and what comes out is
the ranking itself, from which every measure is read in one pass. The sample is measured,
no resample of it; for these see ``binned``.

Images of one score form one step of the ranking, in no order, as in ``ranking``, whose
values these are: to the bit where they are ratios of whole numbers, and but for the
rounding of a sum where they are means (average precision).

Limits: single precision. Scores that differ by less than it can tell are tied.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int, Int8

from negcxr.errors import InputError
from negcxr.measure.asked import NOT_JUDGED, spread
from negcxr.measure.ranking import hits_at_k
from negcxr.shapes import checked

SIGN = np.uint32(1 << 31)

Row = Float32[np.ndarray, " image"]
Judged = Int8[np.ndarray, " image"]


class Steps(NamedTuple):
    """How many relevant and other images there are down to the end of each step."""

    found: Int[np.ndarray, " step"]
    missed: Int[np.ndarray, " step"]


@checked
def steps(scores: Row, judged: Judged) -> Steps:
    """The ranking of the judged images, best first.

    Raises:
        InputError: A score is not finite.
    """
    among = judged != NOT_JUDGED
    keys = falling(scores[among]) << np.uint64(1) | judged[among].astype(np.uint64)
    keys.sort()
    last = np.flatnonzero(np.diff(keys >> np.uint64(1), append=np.uint64(2**64 - 1)))
    found = np.cumsum(keys & np.uint64(1), dtype=np.int64)[last]
    return Steps(found, last + 1 - found)


@checked
def falling(scores: Row) -> np.ndarray:
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
    turned = ~(bits.view(np.int32) >> 31).view(np.uint32) & ~SIGN
    return (bits ^ turned).astype(np.uint64)


@checked
def auroc_of(ranking: Steps) -> float:
    """Chance that a relevant image scores above one that is not; a tie counts half."""
    found, missed = ranking
    hits, others = (np.diff(each, prepend=0) for each in ranking)
    # Halves of whole numbers below 2**53: exact in double precision, in any order.
    won = np.dot(hits.astype(float), missed[-1] - missed + others / 2)
    return float(won / (found[-1] * missed[-1]))


@checked
def average_precision_of(ranking: Steps) -> float:
    """Precision at the place of each relevant image, averaged over them."""
    found, missed = ranking
    hits = np.diff(found, prepend=0)
    return float(np.dot(hits.astype(float), found / (found + missed)) / found[-1])


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
