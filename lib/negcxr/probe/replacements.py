"""What stands in the place of a head's output when the head is taken away.

Idea: a head is taken away by putting something else in the place of what it puts out.
Nothing at all (``zero``) is the plainest, but no text makes a head put out nothing, so the
layers above meet states that they never met. The ``mean`` over texts keeps what the head
says of every text and takes what it says of this one; it is taken apart for the token
that is read, for words and for special tokens, since heads treat these unlike. What the
head put out for another text (``resample``) is a state that does occur, and says
something else. What all three agree on does not hang on the choice.

Limits: mean and resample depend on the set of texts. A head that says the same of all of
them is not missed by either, and a partner that says the same is no change.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int

from negcxr.errors import InputError
from negcxr.models.tower import READ, SPECIAL, WORD, States, TextTower, Tokens
from negcxr.probe.hooks import heads_changed
from negcxr.shapes import checked

ZERO, MEAN, RESAMPLE = KINDS = ("zero", "mean", "resample")
ROLES, BEYOND = (SPECIAL, WORD, READ), -1  # beyond a text's end nothing is read


class Part(NamedTuple):
    """A batch of texts before a layer.

    Attributes:
        places: Where its texts stand among all.
        tokens: The batch.
        roles: Of each token; `BEYOND` behind the end.
        states: Before the layer.
        outputs: What the layer's heads put out, side by side.
    """

    places: list[int]
    tokens: Tokens
    roles: Int[torch.Tensor, "text token"]
    states: States
    outputs: States


class Partners(NamedTuple):
    """Whose output stands in: of each text another one, and of each token its own."""

    text: Int[np.ndarray, " text"]
    place: Int[np.ndarray, "text token"]


def through_layers(
    tower: TextTower, texts: Sequence[str], at_once: int
) -> Iterator[list[Part]]:
    """For each layer in turn all texts before it; what lies below is computed once."""
    batches = list(tower.batches(texts, at_once))
    roles = [roles_within(tower, tokens) for _, tokens in batches]
    states = [tower.begin(tokens) for _, tokens in batches]
    for number in range(len(tower.layers)):
        parts = []
        for i, (places, tokens) in enumerate(batches):
            before, (outputs, states[i]) = (
                states[i],
                _seen(tower, number, states[i], tokens),
            )
            parts.append(Part(places, tokens, roles[i], before, outputs))
        yield parts


def replaced(kind: str, parts: Sequence[Part], partners: Partners) -> list[States]:
    """What stands in the place of each part's outputs.

    Raises:
        InputError: The kind is not known, or there is no other text to take from.
    """
    if kind == ZERO:
        return [torch.zeros_like(part.outputs) for part in parts]
    if kind == MEAN:
        means = role_means(parts)
        return [means[part.roles.clamp(min=SPECIAL)] for part in parts]
    if kind != RESAMPLE:
        raise InputError(f"kind is {kind!r}; allowed: {', '.join(KINDS)}")
    if len(partners.text) < 2:
        raise InputError("resample takes another text's output, and there is one text")
    return _of_partners(parts, partners)


def role_means(parts: Sequence[Part]) -> States:
    """Mean output over all tokens of a role: special, word, read."""
    means = []
    for role in ROLES:
        chosen = torch.cat([part.outputs[part.roles == role] for part in parts])
        means.append(chosen.sum(dim=0) / max(1, len(chosen)))
    return torch.stack(means)


def draw_partners(tower: TextTower, texts: Sequence[str], seed: int) -> Partners:
    """Another text for each, drawn; tokens are paired by role, in their order.

    The token that is read goes with the one that is read, the first word with the first
    word; a text with more words than its partner meets the partner's last word again.
    """
    tokens = tower.tokens(texts)
    roles = roles_within(tower, tokens).cpu().numpy()
    n = len(texts)
    drawn = np.random.default_rng(seed).integers(max(1, n - 1), size=n)
    partners = (drawn + (drawn >= np.arange(n))) % n
    pairs = zip(roles, roles[partners], strict=True)
    return Partners(partners, np.stack([aligned(own, other) for own, other in pairs]))


@checked
def aligned(
    own: Int[np.ndarray, " token"], other: Int[np.ndarray, " token"]
) -> Int[np.ndarray, " token"]:
    """For each token the place of the partner's token that stands in for it.

    Example:
        >>> aligned(np.array([0, 1, 1, 1, 2]), np.array([0, 1, 1, 2, -1]))
        array([0, 1, 2, 2, 3])
    """
    found = np.zeros(len(own), dtype=int)
    last = int(np.flatnonzero(other != BEYOND)[-1])
    for role in ROLES:
        mine, theirs = (np.flatnonzero(roles == role) for roles in (own, other))
        if len(theirs):
            found[mine] = theirs[np.minimum(np.arange(len(mine)), len(theirs) - 1)]
        else:  # a text that fills its row has no padding to take
            found[mine] = np.minimum(mine, last)
    return found


def roles_within(tower: TextTower, tokens: Tokens) -> Int[torch.Tensor, "text token"]:
    """The role of each token, `BEYOND` where the text has ended."""
    roles = tower.roles(tokens)
    places = torch.arange(roles.shape[1], device=roles.device)
    return torch.where(places < tokens.lengths[:, None], roles, BEYOND)


def _seen(
    tower: TextTower, number: int, states: States, tokens: Tokens
) -> tuple[States, States]:
    """What a layer's heads put out, and the states after it."""
    seen: list[States] = []

    def keep(outputs: States) -> States:
        seen.append(outputs)
        return outputs

    with heads_changed(tower.layers[number], keep):
        after = tower.step(number, states, tokens)
    return seen[0], after


def _of_partners(parts: Sequence[Part], partners: Partners) -> list[States]:
    longest = max(part.outputs.shape[1] for part in parts)
    first = parts[0].outputs
    every = first.new_zeros(len(partners.text), longest, first.shape[-1])
    for part in parts:
        every[part.places, : part.outputs.shape[1]] = part.outputs
    found = []
    for part in parts:
        places = partners.place[part.places, : part.outputs.shape[1]]
        found.append(every[partners.text[part.places, None], places])
    return found
