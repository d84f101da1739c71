"""Parts of a fine-tuned text tower put into its base, and the other way round.

Idea: that a layer changed does not say that its change did anything. So the weights of one
part alone are taken over, and what is gained is measured; and one part alone is given back
to the base, and what is lost is measured. A part that gains much alone *suffices*, one
without which much is lost is *needed*.

Limits: parts that were trained together fit each other, so a part may do nothing alone and
nothing be gained by any; and a part is a layer, which holds many things.
"""

from collections.abc import Collection

import pandas as pd
import torch

from negcxr.finetune.interpolate import mixed_weights, require_alike, with_weights
from negcxr.models.anatomy import layer_of
from negcxr.models.encoder import DualEncoder

EMBEDDINGS, END, OUTSIDE = "embeddings", "end", ""
TEXT = ("text_model.", "text_projection.")


def part_of(weight: str) -> str:
    """The part of the text tower that a weight belongs to; empty for what is no text tower.

    ``embeddings`` of tokens and places, ``layer 1`` and so on, and ``end``, the last norm
    with the way into the common space (and before it the pooler, in a BERT).

    Example:
        >>> part_of("text_model.encoder.layers.0.mlp.fc1.weight")
        'layer 1'
    """
    layer = layer_of(weight)
    if layer is not None:
        return f"layer {layer + 1}"
    if weight.startswith("text_model.embeddings."):
        return EMBEDDINGS
    return END if weight.startswith(TEXT) else OUTSIDE


def text_parts(encoder: DualEncoder) -> list[str]:
    """The parts of an encoder's text tower, from the first to the last."""
    layers = [f"layer {n + 1}" for n in range(len(encoder.text_layers()))]
    return [EMBEDDINGS, *layers, END]


def transplanted(
    base: DualEncoder, tuned: DualEncoder, parts: Collection[str]
) -> DualEncoder:
    """The base with some parts of the tuned text tower; the image tower stays the base's.

    Raises:
        InputError: The two are of other shapes, families or vocabularies.
    """
    require_alike(base, tuned)
    own, other = base.model.state_dict(), tuned.model.state_dict()
    taken = mixed_weights(own, other, 1)  # refuses unlike shapes
    weights = {n: taken[n] if part_of(n) in parts else own[n] for n in own}
    return with_weights(base, tuned, weights, f"with {', '.join(sorted(parts))} brought")


def weight_changes(base: DualEncoder, tuned: DualEncoder) -> pd.DataFrame:
    """How far each part moved: the length of its change by the length of its weights.

    Returns:
        A row a part: part, moved (0 where it stayed to the bit).
    """
    require_alike(base, tuned)
    own, other = base.model.state_dict(), tuned.model.state_dict()
    rows = []
    for part in text_parts(base):
        names = [name for name in own if part_of(name) == part]
        moved = torch.stack([(other[n].float() - own[n].float()).norm() for n in names])
        whole = torch.stack([own[name].float().norm() for name in names])
        rows.append({"part": part, "moved": float(moved.norm() / whole.norm())})
    return pd.DataFrame(rows)
