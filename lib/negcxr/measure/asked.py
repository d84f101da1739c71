"""What very many images are judged for, in one byte each.

Idea: 2,000 queries of 14 findings ask for few different sets of images. Each set is one
row of small whole numbers, which queries share: a gallery of 377,110 images takes 0.4 MB
a row instead of 3 MB a query.

Limits: a policy has been applied before; the four values of a label are not kept here.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Int8

from negcxr.errors import InputError
from negcxr.measure.gallery import chance, not_evaluable, prevalence
from negcxr.measure.ranking import METRICS
from negcxr.shapes import checked

NOT_JUDGED = -1  # stands for NaN, which a whole number cannot be


class Asked(NamedTuple):
    """What queries ask for: few rows of judgements, and which of them is whose.

    ``judged`` has 1, 0 and -1 for not judged. Of a query, ``wanted`` is the row in which
    1 is relevant, and ``unwanted`` the one in which 1 contradicts the query.
    """

    judged: Int8[np.ndarray, "row image"]
    wanted: Int[np.ndarray, " query"]
    unwanted: Int[np.ndarray, " query"]

    def pairs(self) -> list[tuple[int, int]]:
        """The two rows of each query."""
        return list(zip(self.wanted.tolist(), self.unwanted.tolist(), strict=True))

    def rows(self, which: slice) -> list[tuple[np.ndarray, np.ndarray]]:
        """What is judged for and against each of some queries."""
        return [(self.judged[a], self.judged[b]) for a, b in self.pairs()[which]]


@checked
def compact(relevance: Float[np.ndarray, "row image"]) -> Int8[np.ndarray, "row image"]:
    """Relevance in one byte each: 1, 0, and -1 where it is NaN.

    Raises:
        InputError: A relevance is none of 1, 0 and NaN.
    """
    few = np.full(relevance.shape, NOT_JUDGED, np.int8)
    few[relevance == 0], few[relevance == 1] = 0, 1
    odd = (few == NOT_JUDGED) & ~np.isnan(relevance)
    for row, image in np.argwhere(odd)[:1]:
        value = relevance[row, image]
        raise InputError(f"relevance row {row} image {image} is {value}, not 0, 1 or NaN")
    return few


@checked
def spread(judged: Int8[np.ndarray, " image"]) -> Float[np.ndarray, " image"]:
    """Relevance as other measures take it: 1, 0, and NaN for -1."""
    return np.where(judged == NOT_JUDGED, np.nan, judged)


class Fact(NamedTuple):
    """What the judged images alone decide of a measure, before anything is scored."""

    n: int
    prevalence: float
    chance: float
    note: str


def facts(asked: Asked, k: int) -> dict[tuple[int, str], Fact]:
    """Of each query and measure, in the order of tables; of equal rows worked out once."""
    known: dict[tuple[int, str], Fact] = {}

    def fact(row: int, measure: str) -> Fact:
        if (row, measure) not in known:
            relevant = spread(asked.judged[row])
            n, share = int(np.sum(~np.isnan(relevant))), prevalence(relevant)
            by = chance(measure, relevant, k), not_evaluable(measure, relevant, k)
            known[row, measure] = Fact(n, share, *by)
        return known[row, measure]

    return {
        (query, measure): fact(int(against if of_contradiction(measure) else row), measure)
        for query, (row, against) in enumerate(asked.pairs())
        for measure in METRICS
    }


def of_contradiction(measure: str) -> bool:
    """Whether a measure ranks the images that are judged by what contradicts the query."""
    return measure == "contradiction_at_k"


def refuse_other_shapes(
    images: np.ndarray, queries: np.ndarray, asked: Asked, k: int
) -> None:
    """Refuse what does not fit together.

    Raises:
        InputError: Says which of them, and what is allowed.
    """
    if not 1 <= k <= len(images):
        raise InputError(f"k is {k}, allowed is 1 to n = {len(images)}, the images")
    if asked.judged.shape[1:] != images.shape[:1]:
        n = asked.judged.shape[1]
        raise InputError(f"asked judges {n} images; there are {len(images)}")
    for name in ("wanted", "unwanted"):
        rows = getattr(asked, name)
        if len(rows) != len(queries):
            raise InputError(f"asked.{name} is of {len(rows)} queries, not {len(queries)}")
        for row in rows[(rows < 0) | (rows >= len(asked.judged))][:1]:
            known = len(asked.judged) - 1
            raise InputError(f"asked.{name} has row {row}; rows are 0 to {known}")
