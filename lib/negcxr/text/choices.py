"""Multiple choice items: one image, several statements, one of them true.

In the manner of NegBench, a statement of a four-way item is *affirmed* ("A and B are
present"), *denied* ("no N") or *hybrid* ("A but no N"). What is true and what is false
is read from judged labels alone; an item that would need a guess is not made.

Two things differ from NegBench on purpose. The true option stands at a random place,
since a scorer that always takes the first must not win. And the form of the options
tells nothing: an item has one option of each type and a fourth that doubles one type,
and each of the four is the true one equally often, so that whoever reads the types of
the options without the image is right one time in four.

Limits: a true affirmed option needs two findings in one image, so images with several
are asked more often than they occur. Which findings are likely can still be guessed
from how common they are, as the label-prior baseline does.

Reference:
    Alhamoud et al. (2025), https://arxiv.org/abs/2501.09425.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.reading import read_yaml
from negcxr.shapes import checked
from negcxr.text.statements import FOUR_WAY, Type, can_bear, draw, statements
from negcxr.text.vocabulary import FOLDER, Words

CHOICES_FILE = FOLDER / "words" / "choices.yml"

Kind = Literal["four-way", "binary"]


@dataclass(frozen=True)
class Option:
    """One statement of an item, and the findings that it names, in order."""

    text: str
    type: Type
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One question about one image.

    Attributes:
        row: The image's row in the data set, so that intervals go by patient.
        options: What is offered; one of them is true.
        answer: Index of the true option.
        kind: How many options there are.
    """

    row: int
    options: tuple[Option, ...]
    answer: int
    kind: Kind

    @property
    def type(self) -> Type:
        """The type of the true option."""
        return self.options[self.answer].type


@checked
def four_way_items(
    relevance: Float[np.ndarray, "image finding"],
    findings: Sequence[str],
    words: Mapping[str, Words],
    *,
    n: int,
    seed: int,
) -> list[Item]:
    """Four statements about an image: one true, three false.

    Twelve designs (which type is doubled, which option is true) get the same number of
    items, each of another image. Where one design runs out of images that can bear it,
    the other three that double the same type stop with it. So there may be fewer items
    than asked for, and none where no image has two findings.

    Args:
        relevance: 1 present, 0 absent, NaN not judged and never asked about.
        findings: Names of the columns.
        n: Items to make, rounded down to a multiple of 12, and at least 12.
        seed: Draws images, statements and their order.

    Raises:
        InputError: ``n`` is below 1.
    """
    rng = np.random.default_rng(seed)
    quota = _quota(n, 12)
    items = []
    for designs in FOUR_WAY.values():
        able = [np.flatnonzero(can_bear(relevance, design)) for design in designs]
        size = min(quota, *map(len, able))
        for design, rows in zip(designs, able, strict=True):
            for row in rng.choice(rows, size=size, replace=False):
                drawn = draw(statements(relevance[row]), design, rng)
                options = tuple(
                    _option("four-way", type_, [findings[c] for c in columns], words)
                    for type_, columns in zip(design.types, drawn, strict=True)
                )
                item = Item(int(row), options, design.true, "four-way")
                items.append(_shuffled(item, rng))
    return items


@checked
def binary_items(
    relevance: Float[np.ndarray, "image finding"],
    findings: Sequence[str],
    words: Mapping[str, Words],
    *,
    n: int,
    seed: int,
) -> list[Item]:
    """A finding affirmed against the same finding denied.

    Every finding is asked about as often where it is present as where it is absent, so
    saying "present" or "absent" throughout is right one time in two. A finding that is
    present or absent nowhere is not asked about.

    Args:
        relevance: 1 present, 0 absent, NaN not judged and never asked about.
        findings: Names of the columns.
        n: Items to make, rounded down to a multiple of twice the number of findings,
            and at least that.
        seed: Draws images and the order of the options.

    Raises:
        InputError: ``n`` is below 1.
    """
    rng = np.random.default_rng(seed)
    quota = _quota(n, 2 * len(findings))
    items = []
    for column, name in enumerate(findings):
        options = tuple(
            _option("binary", type_, [name], words) for type_ in ("affirmed", "denied")
        )
        able = [np.flatnonzero(relevance[:, column] == value) for value in (1, 0)]
        size = min(quota, *map(len, able))
        for true, rows in enumerate(able):
            for row in rng.choice(rows, size=size, replace=False):
                items.append(_shuffled(Item(int(row), options, true, "binary"), rng))
    return items


def _quota(n: int, cells: int) -> int:
    if n < 1:
        raise InputError(f"n is {n}; allowed: the number of items, from 1")
    return max(n // cells, 1)


def _option(
    kind: Kind, type_: Type, names: Sequence[str], words: Mapping[str, Words]
) -> Option:
    phrases = dict(zip("ab", (words[name].phrase for name in names), strict=False))
    return Option(_texts()[kind][type_].format(**phrases), type_, tuple(names))


def _shuffled(item: Item, rng: np.random.Generator) -> Item:
    order = rng.permutation(len(item.options))
    options = tuple(item.options[place] for place in order)
    return Item(item.row, options, int(np.flatnonzero(order == item.answer)[0]), item.kind)


@cache
def _texts() -> dict[str, dict[str, str]]:
    return read_yaml(CHOICES_FILE)
