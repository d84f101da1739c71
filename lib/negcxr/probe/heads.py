"""Attention heads taken away one by one, or several together, and the rows that are left.

Idea: a head is worth what is lost without it. The states below the layer are computed
once; the layer is run once with every way of taking away each of its heads side by side;
only the layers above are run for each. That is exact, and so is leaving out padding where
it is seen by none.

Limits: a head whose work another one does as well is not missed, so that single heads can
all look useless while together they are not: see `ablated_rows` for sets of them. And a
row that changes has not yet changed for the worse: measures say that.

References: Michel, Levy & Neubig (2019), https://arxiv.org/abs/1905.10650; for
``resample``, Geiger et al. (2021), https://arxiv.org/abs/2106.02997.
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.models.anatomy import TextLayer
from negcxr.models.tower import States, TextTower
from negcxr.probe.hooks import head_slice, heads_changed
from negcxr.probe.replacements import (
    KINDS,
    Part,
    draw_partners,
    replaced,
    through_layers,
)
from negcxr.shapes import checked

Head = tuple[int, int]  # layer and head, both from 0
TOKENS_AT_ONCE = (
    2**13
)  # tokens times variants: their widest states take 64 MiB at width 512


def all_heads(tower: TextTower) -> list[Head]:
    """Every head of a tower, layer by layer."""
    return [
        (i, head) for i, layer in enumerate(tower.layers) for head in range(layer.n_heads)
    ]


@checked
@torch.inference_mode()
def head_sweep(
    tower: TextTower, texts: Sequence[str], kinds: Sequence[str] = KINDS, *, seed: int = 0
) -> Iterator[Float[np.ndarray, "kind head text dim"]]:
    """The rows of all texts without each head, layer by layer.

    Args:
        kinds: How it is taken away, of `KINDS`.
        seed: Draws the texts that ``resample`` takes from.

    Returns:
        For each layer unit rows, in the order of kinds, heads and texts.

    Raises:
        InputError: A kind is not known, or has too few texts.
    """
    partners = draw_partners(tower, texts, seed)
    most = len(kinds) * max(layer.n_heads for layer in tower.layers)
    at_once = texts_at_once(tower, texts, most)
    for number, parts in enumerate(through_layers(tower, texts, at_once)):
        layer = tower.layers[number]
        instead = [replaced(kind, parts, partners) for kind in kinds]
        rows = in_order(
            [
                rows_with(tower, number, part, _each_alone(layer, part.outputs, new))
                for part, *new in zip(parts, *instead, strict=True)
            ],
            parts,
        )
        yield rows.reshape(len(kinds), layer.n_heads, *rows.shape[1:])


@checked
@torch.inference_mode()
def ablated_sets(
    tower: TextTower,
    texts: Sequence[str],
    sets: Sequence[Collection[Head]],
    kind: str = "mean",
    *,
    seed: int = 0,
) -> Float[np.ndarray, "set text dim"]:
    """The rows of all texts without each of several sets of heads.

    What stands in for a head is always what the whole tower has there.

    Raises:
        InputError: The kind is not known, or a head does not exist.
    """
    _require_heads(tower, sets)
    partners = draw_partners(tower, texts, seed)
    states, parts, n = [], [], len(sets)
    at_once = texts_at_once(tower, texts, n)
    for number, parts in enumerate(through_layers(tower, texts, at_once)):
        states = states or [part.states.repeat(n, 1, 1) for part in parts]
        for i, new in enumerate(replaced(kind, parts, partners)):
            change = _Swap(tower, number, sets, new)
            with heads_changed(tower.layers[number], change):
                states[i] = tower.step(number, states[i], parts[i].tokens.repeated(n))
    ends = [tower.end(s, p.tokens.repeated(n)) for s, p in zip(states, parts, strict=True)]
    return in_order([rows.unflatten(0, (n, -1)) for rows in ends], parts)


def ablated_rows(
    tower: TextTower,
    texts: Sequence[str],
    heads: Collection[Head],
    kind: str = "mean",
    *,
    seed: int = 0,
) -> Float[np.ndarray, "text dim"]:
    """The rows of all texts without some heads together; without any, the tower's own."""
    return ablated_sets(tower, texts, [heads], kind, seed=seed)[0]


def rows_with(
    tower: TextTower, number: int, part: Part, variants: States
) -> Float[torch.Tensor, "variant text dim"]:
    """The rows of a batch, with variants in the place of what a layer's heads put out."""
    with heads_changed(tower.layers[number], lambda _: variants):
        states = tower.step(number, part.states, part.tokens)
    tokens = part.tokens.repeated(len(variants))
    rows = tower.end(tower.run(states.flatten(0, 1), tokens, number + 1), tokens)
    return rows.unflatten(0, (len(variants), -1))


def in_order(
    rows: Sequence[Float[torch.Tensor, "variant some dim"]], parts: Sequence[Part]
) -> Float[np.ndarray, "variant text dim"]:
    """Rows of batches as rows of all texts, in the order in which these were given."""
    places = np.argsort([place for part in parts for place in part.places])
    return torch.cat(list(rows), dim=1).float().cpu().numpy()[:, places]


def texts_at_once(tower: TextTower, texts: Sequence[str], variants: int) -> int:
    """How many texts a batch takes, so that all their variants fit in memory."""
    longest = tower.tokens(texts).ids.shape[1]
    return max(1, TOKENS_AT_ONCE // (max(1, variants) * longest))


def _each_alone(layer: TextLayer, outputs: States, others: Sequence[States]) -> States:
    """What a layer's heads put out, by kind and head with that head alone replaced."""
    variants = outputs.expand(len(others), layer.n_heads, *outputs.shape).clone()
    for i, new in enumerate(others):
        for head in range(layer.n_heads):
            own = head_slice(layer, head)
            variants[i, head, ..., own] = new[..., own]
    return variants.flatten(0, 1)


class _Swap:
    """Puts something in the place of some heads, other ones in each repeat of a batch."""

    def __init__(
        self, tower: TextTower, number: int, sets: Sequence[Collection[Head]], new: States
    ) -> None:
        layer = tower.layers[number]
        self.places = [
            (i, head_slice(layer, head))
            for i, heads in enumerate(sets)
            for at, head in heads
            if at == number
        ]
        self.new, self.n = new, len(sets)

    def __call__(self, outputs: States) -> States:
        changed = outputs.unflatten(0, (self.n, -1)).clone()
        for i, own in self.places:
            changed[i, ..., own] = self.new[..., own]
        return changed.flatten(0, 1)


def _require_heads(tower: TextTower, sets: Sequence[Collection[Head]]) -> None:
    known = set(all_heads(tower))
    for head in (head for heads in sets for head in heads):
        if head not in known:
            layers, heads = len(tower.layers), tower.layers[0].n_heads
            raise InputError(
                f"{tower.name}: no head {head}; it has {layers} layers of {heads} heads, "
                "both counted from 0"
            )
