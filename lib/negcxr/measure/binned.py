"""Measures of a ranking that is known bin by bin: what resamples of many images take.

Idea: the ranking of the sample is cut into bins, finely where that matters. A resample
only changes how much the images of a bin weigh, so it is a product of a sparse matrix
(how many images of a patient lie in a bin) and the patients' counts, and no image is
sorted or gathered again. Within a bin nothing is known but how many are relevant.

Nothing is lost in a bin that is one step of the ranking, nor in one without a relevant
image. So where at most `SHARES` images are relevant, each step that has one is a bin, and
all is exact. Elsewhere a bin of several steps has at most one of `SHARES` equal parts of
the rarer side, and of either side at most one of `RANKS` parts of all images down to its
end: a new bin begins where a step more would be more than that.

How far off can it be? For AUROC, only pairs within one bin are guessed, at 1/2: a
relevant and another image there count between 0 and 1, so the error is at most half the
share of such pairs. For average precision, a relevant image of a bin has a precision
between those of all others of the bin standing above it and of none, and so has what is
taken for it. Of n images down to the end of a bin, at most n / `RANKS` of a side in it,
both are apart by at most 1 / (2 `RANKS` - 2). `largest_error` gives both for every draw;
on the sample, with these sizes, neither is above 1e-4 in whatever order images stand.

Limits: a bin is cut on the sample; a resample that doubles one patient may crowd one.
"""

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Int8

from negcxr.measure.asked import NOT_JUDGED
from negcxr.measure.steps import falling
from negcxr.shapes import checked

SHARES = 5_000  # half of one part bounds AUROC's error: 1e-4 on the sample
RANKS = 5_001  # 1 / (2 RANKS - 2) bounds that of average precision: 1e-4

Weights = Float[np.ndarray, "resample bin"]
Values = Float[np.ndarray, " resample"]


class Bins(NamedTuple):
    """The bin of each image, best first and -1 for none, and which bins are one step."""

    of: Int[np.ndarray, " image"]
    single: Bool[np.ndarray, " bin"]


class Content(NamedTuple):
    """What lies in each bin of a resample: relevant images, others, and one step or not."""

    hits: Weights
    others: Weights
    single: Bool[np.ndarray, " bin"]


@checked
def bins_of(
    scores: Float32[np.ndarray, " image"],
    judged: Int8[np.ndarray, " image"],
    *,
    shares: int = SHARES,
    ranks: int = RANKS,
) -> Bins:
    """Cut the ranking of the judged images into bins.

    Args:
        shares: Into how many parts the rarer side is cut at least.
        ranks: Of either side, a bin of several steps holds at most one of so many parts
            of the images down to its end.
    """
    among, of = np.flatnonzero(judged != NOT_JUDGED), np.full(len(judged), -1, np.int32)
    if not among.size:
        return Bins(of, np.empty(0, bool))
    keys = falling(scores[among])
    order = np.argsort(keys)
    begins = np.append(True, np.diff(keys[order]) != 0)
    firsts = np.flatnonzero(begins)
    hits = np.add.reduceat(judged[among][order].astype(np.int64), firsts)
    sizes = np.diff(firsts, append=len(among))
    cut = _cuts(hits, sizes, shares, ranks)
    of[among[order]] = (np.cumsum(cut) - 1)[np.cumsum(begins) - 1]
    return Bins(of, np.bincount(np.cumsum(cut) - 1) == 1)


def _cuts(hits: np.ndarray, sizes: np.ndarray, shares: int, ranks: int) -> np.ndarray:
    """At which steps a bin begins: where a step more would be more than a bin may hold."""
    if hits.sum() <= shares:
        used = hits[None].astype(float)  # between two relevant images all are alike
    else:
        sides = np.stack([hits, sizes - hits]).astype(float)
        rarer = sides[np.argmin(sides.sum(axis=1))]
        parts = rarer * shares / max(1, rarer.sum())
        used = np.vstack([parts, sides * ranks / np.cumsum(sizes)])
    used[:, (used >= 1).any(axis=0)] = 2  # fits beside no other step, and is a bin alone
    totals = np.cumsum(np.pad(used, ((0, 0), (1, 0))), axis=1)
    cut, step = np.zeros(len(sizes), bool), 0
    rows = [memoryview(row) for row in totals]  # read faster one by one than arrays are
    while step < len(sizes):
        cut[step] = True
        ends = (bisect_right(row, row[step] + 1, step) - 1 for row in rows)
        step = max(step + 1, min(ends))
    return cut


@checked
def binned_measures(bins: Content) -> dict[str, Values]:
    """AUROC and average precision on each resample, by name.

    AUROC takes half of the pairs within a bin for won. Precision in a bin that is one
    step of the ranking is taken at its end, that in another in its middle.
    """
    reach = _reach(bins)
    total, rest = reach.found[:, -1:].sum(axis=1), reach.missed[:, -1:].sum(axis=1)
    lost = np.einsum("rb,rb->r", bins.hits, reach.missed)
    lost -= np.einsum("rb,rb->r", bins.hits, bins.others) / 2
    precise = np.einsum("rb,rb->r", bins.hits, _precisions(bins, reach))
    return {
        "auroc": _ratio(total * rest - lost, total * rest),
        "average_precision": _ratio(precise, total),
    }


@checked
def largest_error(bins: Content) -> dict[str, Values]:
    """How far AUROC and average precision may at most be from those of the whole ranking.

    Proved above; the true error is far smaller, since images of one bin seldom stand in
    the worst order.

    Returns:
        By measure, in its unit.
    """
    hits, several, reach = bins.hits, ~bins.single, _reach(bins)
    total, rest = hits.sum(axis=1), bins.others.sum(axis=1)
    before, taken = reach.found - hits, _precisions(bins, reach)
    least = _ratio(before, before + reach.missed, empty=0)
    most = _ratio(reach.found, reach.found + reach.missed - bins.others, empty=0)
    wide = np.maximum(most - taken, taken - least) * several
    pairs = np.einsum("rb,rb->r", hits * several, bins.others)
    return {
        "auroc": _ratio(pairs / 2, total * rest),
        "average_precision": _ratio(np.einsum("rb,rb->r", hits, wide), total),
    }


class _Reach(NamedTuple):
    """Relevant and other images from the best bin down to the end of each."""

    found: Weights
    missed: Weights


def _reach(bins: Content) -> _Reach:
    return _Reach(np.cumsum(bins.hits, axis=1), np.cumsum(bins.others, axis=1))


def _precisions(bins: Content, reach: _Reach) -> Weights:
    inside = np.where(bins.single, 0.0, 0.5)
    found = reach.found - inside * bins.hits
    shown = found + reach.missed - inside * bins.others
    return _ratio(found, shown, empty=0)


def _ratio(top: np.ndarray, bottom: np.ndarray, empty: float = np.nan) -> np.ndarray:
    return np.divide(top, bottom, out=np.full(top.shape, empty, float), where=bottom > 0)
