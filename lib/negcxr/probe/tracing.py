"""Where a text tower's answer to "no" lies, found by exchanging states between two runs.

Idea: a tower reads "with edema" and "without edema", which differ in one word. A state of
one run is put into the other, in the same layer and place, and the rest is run from
there. If the answer then is that of the run which the state came from, the state holds
all that the cue has done; if nothing changes, it holds none of it.

The answer is the dot product of the text's row with a contrast: how much nearer it lies to
images with the finding than to images without it.

What is exchanged: the *state* before a layer or after the last, in tokens of one role; what
a *head* puts out, in all tokens or in the one that is read; what a *layer* writes, that is
the state after it less the state before it, in all tokens. States of both runs are computed
once; an exchanged run begins where it was changed, for all places or heads at once.

Limits: an effect says where, not how. States that go together are exchanged apart, so a
head may have no effect because another does the same; effects do not add up to one. And a
state in the wrong run is a state that the tower has never met.

Reference: Vig et al. (2020), https://arxiv.org/abs/2004.12265; of "no" in CLIP, Quantmeyer
et al. (2024), https://arxiv.org/abs/2407.10488.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float

from negcxr.models.tower import States, TextTower, Tokens
from negcxr.probe.alignment import PLACES, places
from negcxr.probe.hooks import head_outputs, heads_changed
from negcxr.shapes import checked

AT_ONCE = 16  # pairs; each makes as many runs as a tower has heads, twice over
SCOPES = ("all places", "read place")  # where a head's output is exchanged
Scores = Float[torch.Tensor, "variant pair"]
Masks = Bool[torch.Tensor, "mask pair token"]


class Trace(NamedTuple):
    """Answers of the two runs, and of every exchange; NaN where a pair has no such place.

    Attributes:
        into: Of the run that is changed, unchanged.
        of: Of the run that states are taken from.
        states: By the number of layers before the exchange, and by `PLACES`.
        heads: By layer, `SCOPES` and head.
        layers: By layer, with what it writes exchanged in all places.
    """

    into: Float[np.ndarray, " pair"]
    of: Float[np.ndarray, " pair"]
    states: Float[np.ndarray, "depth place pair"]
    heads: Float[np.ndarray, "layer scope head pair"]
    layers: Float[np.ndarray, "layer pair"]


class Runs(NamedTuple):
    """A batch of pairs in both runs, with all of their states.

    Attributes:
        tower: The text tower.
        into: Tokens of the run that is changed.
        of: Tokens of the run that states are taken from.
        ours: States of the first, before each layer and after the last.
        theirs: States of the second.
        contrasts: What each pair's rows are compared with.
    """

    tower: TextTower
    into: Tokens
    of: Tokens
    ours: list[States]
    theirs: list[States]
    contrasts: Float[torch.Tensor, "pair dim"]

    def answers(self, variants: States, first: int) -> Scores:
        """Of changed states before layer ``first``; variants stand in front of pairs."""
        tokens = self.into.repeated(len(variants))
        states = self.tower.run(variants.flatten(0, 1), tokens, first)
        rows = self.tower.end(states, tokens).unflatten(0, variants.shape[:2])
        return (rows.cpu().double() * self.contrasts).sum(dim=-1)


def trace(
    tower: TextTower,
    into: Sequence[str],
    of: Sequence[str],
    contrasts: Float[np.ndarray, "pair dim"],
) -> Trace:
    """Every exchange of states, heads and layers between aligned sentences.

    Args:
        into: The sentences whose runs are changed.
        of: The sentences whose states are put into them; see `alignment.align`.
        contrasts: A row a pair.
    """
    parts, order = [], []
    with torch.inference_mode():
        for some, tokens in tower.batches(into, AT_ONCE):
            other = tower.tokens([of[place] for place in some])
            runs = open_runs(tower, tokens, other, contrasts[some])
            parts.append(_traced(runs))
            order += some
    back = np.argsort(order)
    return Trace(*(np.concatenate(p, axis=-1)[..., back] for p in zip(*parts, strict=True)))


def open_runs(
    tower: TextTower, into: Tokens, of: Tokens, contrasts: Float[np.ndarray, "pair dim"]
) -> Runs:
    """Both runs of a batch, from their tokens."""
    rows = torch.as_tensor(contrasts, dtype=torch.float64)  # not every device has doubles
    return Runs(tower, into, of, tower.states(into), tower.states(of), rows)


@checked
def states_exchanged(runs: Runs, masks: Masks) -> Float[torch.Tensor, "depth mask pair"]:
    """Answers with the state of some tokens exchanged, before each layer and at the end."""
    found = []
    for depth, (ours, theirs) in enumerate(zip(runs.ours, runs.theirs, strict=True)):
        mixed = torch.where(masks[..., None], theirs, ours)
        found.append(runs.answers(mixed, depth))
    return torch.stack(found)


@checked
def heads_exchanged(
    runs: Runs, masks: Masks, number: int
) -> Float[torch.Tensor, "mask head pair"]:
    """Answers with what each head of one layer puts out exchanged, in some tokens."""
    layer = runs.tower.layers[number]
    theirs = head_outputs(runs.tower, number, runs.theirs[number], runs.of)
    heads = torch.arange(layer.n_heads, device=masks.device)
    own = heads[:, None] == heads.repeat_interleave(layer.head_dim)  # head by feature

    def change(ours: States) -> States:
        chosen = masks[:, None, :, :, None] & own[:, None, None, :]
        return torch.where(chosen, theirs, ours).flatten(0, 1)

    with heads_changed(layer, change):
        mixed = runs.tower.step(number, runs.ours[number], runs.into)
    return runs.answers(mixed, number + 1).unflatten(0, (len(masks), layer.n_heads))


@checked
def layers_exchanged(runs: Runs) -> Float[torch.Tensor, "layer pair"]:
    """Answers with what each layer writes exchanged, in all tokens."""
    found = []
    for number in range(len(runs.tower.layers)):
        written = runs.theirs[number + 1] - runs.theirs[number]
        found.append(runs.answers((runs.ours[number] + written)[None], number + 1))
    return torch.cat(found)


def _traced(runs: Runs) -> Trace:
    """The trace of one batch."""
    tower = runs.tower
    named = places(tower, runs.into, runs.of)
    masks = torch.stack([named[name] for name in PLACES])
    scopes = torch.stack([masks.any(dim=0), named["read"]])
    heads = [heads_exchanged(runs, scopes, number) for number in range(len(tower.layers))]
    ends = [runs.answers(s[-1][None], len(tower.layers)) for s in (runs.ours, runs.theirs)]
    found = (
        ends[0][0],
        ends[1][0],
        _where(masks.any(dim=2), states_exchanged(runs, masks)),
        _where(scopes.any(dim=2)[:, None], torch.stack(heads)),
        layers_exchanged(runs),
    )
    return Trace(*(part.numpy() for part in found))


def _where(there: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    return torch.where(there.cpu(), values, float("nan"))
