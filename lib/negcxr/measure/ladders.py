"""One query's ranking, made ready to be measured on any resample of the patients.

Idea: what a resample needs of a ranking is how many images of each patient lie in each
of its bins, and the images near its top one by one. Both are worked out once; a resample
is then a sparse matrix product and a look at the top.

Limits: scores that tie very many images at the top make that look slow.
"""

from typing import NamedTuple, Self

import numpy as np
from jaxtyping import Float, Float32, Int, Int8, Shaped
from scipy.sparse import csr_matrix

from negcxr.errors import InputError
from negcxr.measure.asked import NOT_JUDGED, spread
from negcxr.measure.binned import Bins, Content, binned_measures, bins_of
from negcxr.measure.ranking import hits_at_k
from negcxr.measure.steps import top

DEPTH = 16  # times k: images near the top that are looked at first
CELLS = 2**22  # weights in memory at once, where very many images are tied at the top

Counts = Float32[np.ndarray, "patient resample"]
Values = Float[np.ndarray, " resample"]


class Patients(NamedTuple):
    """The patient of each image by number, and how many patients there are."""

    of: Int[np.ndarray, " image"]
    n: int

    @classmethod
    def numbered(cls, names: Shaped[np.ndarray, " image"]) -> Self:
        """Numbers for patients, in the order in which resamples take them.

        Raises:
            InputError: Fewer than two patients.
        """
        known, of = np.unique(names, return_inverse=True)
        if len(known) < 2:
            raise InputError(f"patients: {len(known)} in all, an interval needs at least 2")
        return cls(of.astype(np.int32), len(known))


class First(NamedTuple):
    """A ranking by its top, and how many judged images each patient has."""

    scores: Float32[np.ndarray, " image"]
    judged: Int8[np.ndarray, " image"]
    people: Patients
    drawn: Float32[np.ndarray, " patient"]

    @classmethod
    def of(cls, scores: np.ndarray, judged: np.ndarray, people: Patients) -> Self:
        """Of one query."""
        among = people.of[judged != NOT_JUDGED]
        each = np.bincount(among, minlength=people.n).astype(np.float32)
        return cls(scores, judged, people, each)

    def hits(self, k: int, counts: Counts) -> tuple[Values, Values]:
        """Weight of images judged 1 in the first k places, and that of all judged ones."""
        drawn = (self.drawn @ counts).astype(float)
        n, depth = int(self.drawn.sum()), DEPTH * k
        if k > n:
            return np.full(drawn.shape, np.nan), drawn
        near = top(depth, self.scores, self.judged)
        while len(near) < n and self._weights(near, counts).sum(axis=0).min() < k:
            depth *= 2
            near = top(depth, self.scores, self.judged)
        return self._expected(k, near, counts), drawn

    def _weights(self, near: np.ndarray, counts: Counts) -> np.ndarray:
        return counts[self.people.of[near]]

    def _expected(self, k: int, near: np.ndarray, counts: Counts) -> Values:
        scores, relevant = self.scores[near].astype(float), spread(self.judged[near])
        step = max(1, CELLS // len(near))
        parts = [counts[:, i : i + step] for i in range(0, counts.shape[1], step)]
        weights = (self._weights(near, part).T.astype(float) for part in parts)
        return np.concatenate([hits_at_k(k, scores, relevant, each) for each in weights])


class Ladder(NamedTuple):
    """A ranking: bins by patient, and its top for what is wanted and what is not."""

    of_patients: csr_matrix
    bins: Bins
    wanted: First
    unwanted: First

    @classmethod
    def of(
        cls, scores: np.ndarray, wanted: np.ndarray, unwanted: np.ndarray, people: Patients
    ) -> Self:
        """Of one query's scores, and what is judged for and against it."""
        bins = bins_of(scores, wanted)
        tops = (First.of(scores, judged, people) for judged in (wanted, unwanted))
        return cls(_by_patient(bins, wanted, people), bins, *tops)

    def content(self, counts: Counts) -> Content:
        """What lies in each bin on some resamples."""
        # Whole numbers below 2**24 are exact in single precision, half the memory.
        both = np.ascontiguousarray((self.of_patients @ counts).T, dtype=float)
        n = len(self.bins.single)
        return Content(both[:, :n], both[:, n:], self.bins.single)

    def measured(self, counts: Counts, k: int) -> dict[str, Values]:
        """Every measure on some resamples, by its name."""
        content = self.content(counts)
        hits, drawn = self.wanted.hits(k, counts)
        against, judged = self.unwanted.hits(k, counts)
        return {
            **binned_measures(content),
            "precision_at_k": _ratio(hits, np.minimum(k, drawn)),
            "recall_at_k": _ratio(hits, content.hits.sum(axis=1)),
            "contradiction_at_k": _ratio(against, np.minimum(k, judged)),
        }


def _by_patient(bins: Bins, judged: np.ndarray, people: Patients) -> csr_matrix:
    """How many images of each patient lie in each bin: relevant ones, then others."""
    n, among = len(bins.single), np.flatnonzero(bins.of >= 0)
    rows = bins.of[among] + np.where(judged[among] == 1, 0, n)
    ones = np.ones(len(among), np.float32)
    return csr_matrix((ones, (rows, people.of[among])), shape=(2 * n, people.n))


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
