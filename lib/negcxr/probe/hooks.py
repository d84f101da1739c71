"""Reading and changing what attention heads put out, by hooks.

transformers 5 takes a ``head_mask`` and ignores it. What a layer's heads put out lies side
by side in the input of its output projection; a hook there sees each head apart.

A change may put variants in front: of ``text token width`` it may make ``variant text
token width``. The rest of the layer then works on all variants at once, while what it
adds them to (the states before it) is kept once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from negcxr.models.anatomy import TextLayer
from negcxr.models.tower import States, TextTower, Tokens


@contextmanager
def heads_changed(layer: TextLayer, change: Callable[[States], States]) -> Iterator[None]:
    """While open, what the heads of a layer put out passes through ``change``."""

    def hook(module: torch.nn.Module, inputs: tuple[States]) -> tuple[States]:
        return (change(inputs[0]),)

    handle = layer.out_proj.register_forward_pre_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def head_outputs(tower: TextTower, number: int, states: States, tokens: Tokens) -> States:
    """What the heads of one layer put out, side by side, from the states before it."""
    seen: list[States] = []

    def keep(outputs: States) -> States:
        seen.append(outputs)
        return outputs

    with heads_changed(tower.layers[number], keep):
        tower.step(number, states, tokens)
    return seen[0]


def head_slice(layer: TextLayer, head: int) -> slice:
    """Where a head's output lies in the row of all heads."""
    return slice(head * layer.head_dim, (head + 1) * layer.head_dim)
