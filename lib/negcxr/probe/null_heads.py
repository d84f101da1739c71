"""What taking away anything of a head's size does: random subspaces of the same layer.

Idea: some effect is to be expected from any change of a layer's states. So next to each
head stands a random subspace of as many dimensions, among the outputs of all heads of its
layer. What is taken away of it is scaled, token by token, to the length of what is taken
away of the head. A head that does no more than these does nothing of its own.

Limits: a random subspace holds a little of every head, also of one that matters, so this
null is no state of a tower without function. And it has the head's length, not its place:
a direction that no later layer reads costs nothing to lose.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float

from negcxr.models.anatomy import TextLayer
from negcxr.models.tower import States, TextTower
from negcxr.probe.heads import in_order, rows_with, texts_at_once
from negcxr.probe.replacements import draw_partners, replaced, through_layers
from negcxr.shapes import checked

Bases = Float[torch.Tensor, "variant width dim"]


@checked
@torch.inference_mode()
def null_sweep(
    tower: TextTower, texts: Sequence[str], n: int, kind: str = "mean", *, seed: int = 0
) -> Iterator[Float[np.ndarray, "head subspace text dim"]]:
    """The rows of all texts without random subspaces in the place of each head.

    Args:
        n: Subspaces for each head.
        kind: How heads are taken away that these are compared with.
        seed: Draws the subspaces, and the partners of ``resample``.

    Returns:
        For each layer unit rows, in the order of heads, subspaces and texts.

    Raises:
        InputError: The kind is not known, or has too few texts.
    """
    partners = draw_partners(tower, texts, seed)
    generator = torch.Generator().manual_seed(seed)
    most = n * max(layer.n_heads for layer in tower.layers)
    at_once = texts_at_once(tower, texts, most)
    for number, parts in enumerate(through_layers(tower, texts, at_once)):
        layer = tower.layers[number]
        bases = random_bases(layer, n * layer.n_heads, generator).to(parts[0].outputs)
        instead = replaced(kind, parts, partners)
        rows = in_order(
            [
                rows_with(tower, number, part, without(layer, part.outputs, new, bases))
                for part, new in zip(parts, instead, strict=True)
            ],
            parts,
        )
        yield rows.reshape(layer.n_heads, n, *rows.shape[1:])


def random_bases(layer: TextLayer, n: int, generator: torch.Generator) -> Bases:
    """Orthonormal bases of random subspaces of a head's dimension, in a layer's outputs."""
    shape = (n, layer.n_heads * layer.head_dim, layer.head_dim)
    return torch.linalg.qr(torch.randn(shape, generator=generator)).Q


def without(layer: TextLayer, outputs: States, new: States, bases: Bases) -> States:
    """Outputs less their part in each subspace, as long as what is taken of a head.

    Args:
        new: What would stand in the place of a head; the difference to it is taken away.
        bases: As many for each head, head by head.
    """
    lost = outputs - new
    lengths = lost.unflatten(-1, (layer.n_heads, layer.head_dim)).norm(dim=-1)
    lengths = lengths.movedim(-1, 0).repeat_interleave(len(bases) // layer.n_heads, dim=0)
    inside = (lost.unsqueeze(0) @ bases[:, None]) @ bases[:, None].mT
    scale = lengths / inside.norm(dim=-1).clamp(min=torch.finfo(inside.dtype).tiny)
    return outputs - scale[..., None] * inside
