"""What each token adds to a target, by integrated gradients along a straight line.

Idea: the target is one number, the product of a text's unit row with a fixed vector: the
contrast of a finding, or the row of an image. Word tokens are faded in from the blank, and
what the target gains on the way is shared out among them. The shares of all tokens sum to
the whole gain, which is checked for every text: what does not sum is refused.

Start, end and padding stay as they are, and so does the place that is read: a baseline
without them would be read elsewhere, and no number of steps could make the shares sum. So
special tokens get nothing by construction. All words may be blank in the baseline, or the
cue alone, against which nothing but the cue can have a share.

Limits: a share is of this target, against this baseline, along this line; between its ends
lie states that no text has. Where two words work together, the line divides what is due to
both, and another path would divide it otherwise.

Reference: Sundararajan, Taly & Yan (2017), https://arxiv.org/abs/1703.01365.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from captum.attr import LayerIntegratedGradients
from jaxtyping import Bool, Float, Int

from negcxr.errors import InputError
from negcxr.models.tower import TextTower, Tokens
from negcxr.probe.places import word_places
from negcxr.shapes import checked

FEW_STEPS, MANY_STEPS = 32, 512  # doubled from the first until the shares sum
RELATIVE, ABSOLUTE = 0.01, 1e-4  # of the whole gain; and of a target that hardly moves
TEXTS_AT_ONCE = 16
TOKENS_AT_ONCE = 4096  # on the line at once; of a base-sized tower about 3 GiB

Places = Sequence[Bool[np.ndarray, " _"]]  # of any number of tokens


class Shares(NamedTuple):
    """What each token of one text adds to a target.

    Attributes:
        values: A token each, in the unit of the target; 0 for what the baseline keeps.
        whole: The target of the text less that of the baseline.
        delta: The sum of ``values`` less ``whole``: what the steps have not resolved.
        steps: On the line from the baseline to the text.
    """

    values: Float[np.ndarray, " _"]
    whole: float
    delta: float
    steps: int

    @property
    def bound(self) -> float:
        """The largest ``delta`` that is allowed, either way."""
        return max(RELATIVE * abs(self.whole), ABSOLUTE)


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
def integrated_gradients(
    tower: TextTower,
    texts: Sequence[str],
    vectors: Float[np.ndarray, "text dim"],
    blanked: Places | None = None,
) -> list[Shares]:
    """Shares of each text's tokens in the product of its unit row with its vector.

    Above zero where a token brings the text nearer to the vector. Blind to what special
    tokens say by themselves, since the baseline keeps them.

    Args:
        vectors: The contrast of a finding, or the unit row of an image, a text each.
        blanked: For each text, the tokens that are blank in the baseline; all of its
            words if not given.

    Raises:
        InputError: The shares of a text miss its whole gain by more than 1 % of it and
            more than 1e-4, however many steps are taken; or a special token is blanked.
    """
    found = unchecked_gradients(tower, texts, vectors, blanked)
    for text, shares in zip(texts, found, strict=True):
        if not abs(shares.delta) <= shares.bound:  # so that NaN is refused as well
            raise InputError(
                f"{tower.name}, {text!r}: the shares of its tokens miss the whole by "
                f"{shares.delta:.2g} after {shares.steps} steps, allowed is "
                f"{shares.bound:.2g} (half precision is too coarse; try float32)"
            )
    return found


@checked
def unchecked_gradients(
    tower: TextTower,
    texts: Sequence[str],
    vectors: Float[np.ndarray, "text dim"],
    blanked: Places | None = None,
    *,
    most_steps: int = MANY_STEPS,
) -> list[Shares]:
    """As `integrated_gradients`, but what does not sum is given with its delta.

    For models that mean nothing, such as one with its weights dealt anew.
    """
    found: dict[int, Shares] = {}
    for aimed in aim(tower, texts, vectors):
        chosen = None if blanked is None else [blanked[place] for place in aimed.places]
        baseline = blanked_ids(tower, aimed.tokens, chosen)
        found |= zip(
            aimed.places, _resolved(tower, aimed, baseline, most_steps), strict=True
        )
    return [found[place] for place in range(len(texts))]


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


def _resolved(
    tower: TextTower, aimed: Aimed, baseline: torch.Tensor, most_steps: int
) -> list[Shares]:
    """Shares with as many steps as each text needs."""
    ids, rows = aimed.tokens.ids, list(range(len(baseline)))
    with torch.inference_mode():
        ends = (target_of(tower)(end, *aimed.inputs(rows)) for end in (ids, baseline))
        wholes = torch.sub(*ends).double().tolist()
    found: dict[int, Shares] = {}
    steps = FEW_STEPS
    while rows and steps <= most_steps:
        values = _along_line(tower, aimed, baseline, rows=rows, steps=steps)
        for row, own in zip(rows, values, strict=True):
            own = own[: int(aimed.tokens.lengths[row])]
            found[row] = Shares(own, wholes[row], float(own.sum()) - wholes[row], steps)
        rows = [row for row in rows if not abs(found[row].delta) <= found[row].bound]
        steps *= 2
    return [found[row] for row in range(len(wholes))]


def _along_line(
    tower: TextTower, aimed: Aimed, baseline: torch.Tensor, *, rows: list[int], steps: int
) -> Float[np.ndarray, "text token"]:
    ids = aimed.tokens.ids[rows]
    method = LayerIntegratedGradients(target_of(tower), tower.embedding)
    values = method.attribute(
        ids,
        baselines=baseline[rows],
        additional_forward_args=aimed.inputs(rows),
        n_steps=steps,
        internal_batch_size=max(len(rows), TOKENS_AT_ONCE // ids.shape[1]),
    )
    return values.sum(dim=-1).double().cpu().numpy()
