"""A target of texts, and what is left of it when words become blank.

Idea: all that is asked of single tokens is asked of one number a text, its target: the
product of its unit row with a fixed vector, such as the contrast of a finding or the row of
an image. A word that is taken out becomes the tower's blank. Start, end and padding stay,
and so does the place that is read, as another place would be another model.

Limits: a text with blanks is one that no model has been trained on, and in some families
the blank is the very token that ends a text.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from negcxr.errors import InputError
from negcxr.models.tower import TextTower, Tokens
from negcxr.probe.places import word_places
from negcxr.shapes import checked

TEXTS_AT_ONCE = 16
Places = Sequence[Bool[np.ndarray, " _"]]  # of any number of tokens


class Aimed(NamedTuple):
    """Some texts of like length as tokens, each with the vector of its target."""

    places: list[int]  # of the texts among all
    tokens: Tokens
    vectors: Float[torch.Tensor, "text dim"]

    def inputs(self, rows: list[int], times: int = 1) -> tuple[torch.Tensor, ...]:
        """What a target is computed from beside ids, of some texts, several times over."""
        whole = self.tokens.lengths, self.tokens.read, self.vectors
        return tuple(part[rows].repeat_interleave(times, dim=0) for part in whole)


@checked
def whole_effects(
    tower: TextTower,
    texts: Sequence[str],
    vectors: Float[np.ndarray, "text dim"],
    blanked: Places | None = None,
) -> Float[np.ndarray, " text"]:
    """The target of each text less that with some tokens blank: what shares sum to.

    Where the cue alone is blank, this is all that the cue can be given, and no line has
    to be walked to know it.
    """
    found = np.empty(len(texts))
    for aimed in aim(tower, texts, vectors):
        found[aimed.places] = wholes(tower, aimed, baseline_ids(tower, aimed, blanked))
    return found


def aim(tower: TextTower, texts: Sequence[str], vectors: np.ndarray) -> Iterator[Aimed]:
    """Texts with their vectors, in batches of like length."""
    for places, tokens in tower.batches(texts, TEXTS_AT_ONCE):
        chosen = torch.tensor(vectors[places], dtype=torch.float32, device=tower.device)
        yield Aimed(places, tokens, chosen)


def blanked_ids(
    tower: TextTower, tokens: Tokens, chosen: Places | None = None
) -> Int[torch.Tensor, "text token"]:
    """The ids of a baseline: blank where chosen, else where words stand.

    Raises:
        InputError: A chosen token is no word; start, end and padding are kept always.
    """
    words = word_places(tower, tokens)
    if chosen is None:
        return torch.where(words, tower.blank, tokens.ids)
    mask = torch.zeros_like(words)
    for row, own in zip(mask, chosen, strict=True):
        row[: len(own)] = torch.tensor(own, device=row.device)
    if (mask & ~words).any():
        raise InputError("a special token was to be blanked; allowed are words alone")
    return torch.where(mask, tower.blank, tokens.ids)


def target_of(tower: TextTower) -> Callable[..., Float[torch.Tensor, " text"]]:
    """The product of unit rows with vectors, as a function of ids and `Aimed.inputs`.

    A text is read where it was read before its ids were changed.
    """

    def score(ids, lengths, read, vectors):
        rows = tower.rows(Tokens(ids, lengths, read))
        return (rows.float() * vectors).sum(dim=-1)

    return score


def baseline_ids(tower: TextTower, aimed: Aimed, blanked: Places | None) -> torch.Tensor:
    """The ids of a baseline, from the tokens that each of all texts has blank."""
    chosen = None if blanked is None else [blanked[place] for place in aimed.places]
    return blanked_ids(tower, aimed.tokens, chosen)


def wholes(tower: TextTower, aimed: Aimed, baseline: torch.Tensor) -> list[float]:
    """The target of each text less that of its baseline."""
    every = aimed.inputs(list(range(len(baseline))))
    with torch.inference_mode():
        ends = (target_of(tower)(ids, *every) for ids in (aimed.tokens.ids, baseline))
        return torch.sub(*ends).double().tolist()
