"""What a target loses when words become blank: one by one, or in every combination.

Idea: the plainest way to ask what a word does is to take it out. Leaving out one at a time
sees what a word does beside all others, and gives nothing to two words of which either is
enough. Shapley values take a word out of every combination of the others and average, so
they share out the whole; that takes two to the number of words, and is done for short
texts alone. Neither uses a gradient, so they check one that does.

Limits: a text with blanks is one that the model has not been trained on.

Reference: Shapley (1953), A value for n-person games; Strumbelj & Kononenko (2010).
"""

from collections.abc import Sequence
from math import factorial
from typing import NamedTuple

import numpy as np
import torch
from captum.attr import FeatureAblation
from jaxtyping import Bool, Float

from negcxr.errors import InputError
from negcxr.models.tower import TextTower
from negcxr.probe.places import word_places
from negcxr.probe.targets import Aimed, aim, blanked_ids, target_of
from negcxr.shapes import checked

SHORT = 8  # word tokens with 256 combinations; each more doubles them
ROWS_AT_ONCE = 256


class Combinations(NamedTuple):
    """The target of a short text with every combination of its words blank.

    Attributes:
        places: Of its word tokens among all of its tokens.
        length: Tokens in all.
        kept: Which words each combination keeps.
        scores: The target of each.
    """

    places: list[int]
    length: int
    kept: Bool[np.ndarray, "combination word"]
    scores: Float[np.ndarray, " combination"]

    def score(self, kept: Bool[np.ndarray, " word"]) -> float:
        """The target with these words kept, the others blank."""
        return float(self.scores[kept @ (1 << np.arange(len(kept)))])


@checked
def leave_one_out(
    tower: TextTower, texts: Sequence[str], vectors: Float[np.ndarray, "text dim"]
) -> list[Float[np.ndarray, " _"]]:
    """What the target of each text loses with one word token blank, a value a token.

    In the unit of the target; 0 for special tokens, which stay.
    """
    found: dict[int, np.ndarray] = {}
    for aimed in aim(tower, texts, vectors):
        values = _left_out(tower, aimed)
        lengths = aimed.tokens.lengths.tolist()
        cut = [row[:length] for row, length in zip(values, lengths, strict=True)]
        found |= zip(aimed.places, cut, strict=True)
    return [found[place] for place in range(len(texts))]


def _left_out(tower: TextTower, aimed: Aimed) -> Float[np.ndarray, "text token"]:
    ids, words = aimed.tokens.ids, word_places(tower, aimed.tokens)
    columns = words.any(dim=0)  # the rest, mostly padding, is one feature that stays
    with torch.inference_mode():
        values = FeatureAblation(target_of(tower)).attribute(
            ids,
            baselines=blanked_ids(tower, aimed.tokens),
            additional_forward_args=aimed.inputs(list(range(len(ids)))),
            feature_mask=torch.where(columns, columns.cumsum(0), 0)[None],
            perturbations_per_eval=max(1, ROWS_AT_ONCE // len(ids)),
        )
    return values.masked_fill(~words, 0).double().cpu().numpy()


@checked
def combinations(
    tower: TextTower, text: str, vector: Float[np.ndarray, " dim"]
) -> Combinations:
    """The target of a short text with every combination of its word tokens blank.

    Raises:
        InputError: The text has more than `SHORT` word tokens.
    """
    (aimed,) = aim(tower, [text], vector[None])
    words = word_places(tower, aimed.tokens)[0].nonzero().flatten()
    if len(words) > SHORT:
        raise InputError(
            f"{tower.name}, {text!r}: {len(words)} word tokens; every combination is "
            f"tried of at most {SHORT}"
        )
    subsets = np.arange(2 ** len(words))[:, None] >> np.arange(len(words)) & 1
    kept = torch.tensor(subsets, dtype=torch.bool, device=tower.device)
    ids = aimed.tokens.ids.repeat(len(kept), 1)
    ids[:, words] = torch.where(kept, ids[:, words], tower.blank)
    scores = []
    with torch.inference_mode():
        for some in ids.split(ROWS_AT_ONCE):
            scores.append(target_of(tower)(some, *aimed.inputs([0], len(some))))
    values = torch.cat(scores).double().cpu().numpy()
    return Combinations(words.tolist(), ids.shape[1], subsets.astype(bool), values)


@checked
def shapley_values(found: Combinations) -> Float[np.ndarray, " token"]:
    """What each word token adds, averaged over all orders in which words may come in.

    Exact. They sum to the target of the text less that of the text with all words blank.

    Returns:
        In the unit of the target; 0 for special tokens.
    """
    n = len(found.places)
    others = found.kept.sum(axis=1)
    orders = [factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)]
    values = np.zeros(found.length)
    for word, place in enumerate(found.places):
        without = np.flatnonzero(~found.kept[:, word])
        gains = found.scores[without + (1 << word)] - found.scores[without]
        values[place] = gains @ np.array(orders)[others[without]]
    return values
