"""Statements that the labels of one image make true or false.

What multiple choice items are made of. A statement is affirmed ("A and B are present"),
denied ("no N") or hybrid ("A but no N"), over findings that are judged in the image; one
that names a finding which is not judged is neither true nor false, and is not made.
"""

from collections.abc import Iterator
from itertools import combinations, permutations, product
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from negcxr.shapes import checked

Type = Literal["affirmed", "denied", "hybrid"]
TYPES: tuple[Type, ...] = ("affirmed", "denied", "hybrid")
Columns = tuple[int, ...]
Pools = dict[tuple[Type, bool], list[Columns]]


class Design(NamedTuple):
    """The types of an item's options before they are shuffled, and which is true."""

    types: tuple[Type, ...]
    true: int


FOUR_WAY = {
    doubled: [Design((*TYPES, doubled), true) for true in range(4)] for doubled in TYPES
}


@checked
def can_bear(
    relevance: Float[np.ndarray, "image finding"], design: Design
) -> Bool[np.ndarray, " image"]:
    """Which images have enough true and false statements for an item of this design.

    They are counted, not made, so that asking a large data set is cheap.

    Args:
        relevance: 1 present, 0 absent, NaN not judged.
    """
    present, absent = (relevance == 1).sum(axis=1), (relevance == 0).sum(axis=1)
    judged = present + absent
    true = {
        "affirmed": present * (present - 1) // 2,
        "denied": absent,
        "hybrid": present * absent,
    }
    every = {
        "affirmed": judged * (judged - 1) // 2,
        "denied": judged,
        "hybrid": judged * (judged - 1),
    }
    needs = {type_: design.types.count(type_) for type_ in TYPES}
    needs_true = {type_: int(design.types[design.true] == type_) for type_ in TYPES}
    enough = [
        (true[type_] >= needs_true[type_])
        & (every[type_] - true[type_] >= needs[type_] - needs_true[type_])
        for type_ in TYPES
    ]
    return np.logical_and.reduce(enough)


@checked
def statements(judged: Float[np.ndarray, " finding"]) -> Pools:
    """Every statement that the labels of one image make true or false.

    Args:
        judged: 1 present, 0 absent, NaN not judged.

    Returns:
        For each type and truth, the columns of the findings that a statement names.
    """
    known = [int(column) for column in np.flatnonzero(~np.isnan(judged))]
    is_so = {
        "affirmed": lambda *columns: all(judged[column] == 1 for column in columns),
        "denied": lambda column: judged[column] == 0,
        "hybrid": lambda has, lacks: judged[has] == 1 and judged[lacks] == 0,
    }
    every = {
        "affirmed": combinations(known, 2),
        "denied": combinations(known, 1),
        "hybrid": permutations(known, 2),
    }
    pools: Pools = {key: [] for key in product(TYPES, (True, False))}
    for type_, candidates in every.items():
        for columns in candidates:
            pools[type_, bool(is_so[type_](*columns))].append(columns)
    return pools


def draw(pools: Pools, design: Design, rng: np.random.Generator) -> Iterator[Columns]:
    """A statement for each place of a design, none twice; it is taken from its pool."""
    for place, type_ in enumerate(design.types):
        pool = pools[type_, place == design.true]
        columns = pool.pop(int(rng.integers(len(pool))))
        turned = type_ == "affirmed" and rng.random() < 0.5
        yield columns[::-1] if turned else columns
