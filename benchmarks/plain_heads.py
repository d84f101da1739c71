"""The usual way to ablate heads: the whole model run again, padded in full, for each.

Limits: CLIP alone, whose rows start with one special token and are read at the other.
"""

from collections.abc import Iterator

import numpy as np
import torch

from negcxr.models.dual_tower import DualTower
from negcxr.probe.heads import Head
from negcxr.probe.replacements import KINDS, draw_partners


def plain_loop(
    tower: DualTower, texts: list[str], heads: list[Head]
) -> Iterator[tuple[Head, str, np.ndarray]]:
    """The rows without each head, one run of the whole model a head and kind."""
    encoder, partners = tower.encoder, draw_partners(tower, texts, 0).text
    rows = encoder.token_rows(texts)
    length, ends = encoder.text_length, [len(row) - 1 for row in rows]
    ids = torch.tensor([[*row, *[row[-1]] * (length - len(row))] for row in rows])
    outputs = [_run(tower, ids, number)[0] for number in range(len(tower.layers))]
    means = [_means(seen, ends) for seen in outputs]
    others = [_partners(seen, ends, partners) for seen in outputs]
    for number, head in heads:
        new = {"mean": means[number], "resample": others[number]}
        new["zero"] = torch.zeros_like(means[number])
        for kind in KINDS:
            yield (number, head), kind, _run(tower, ids, number, head, new=new[kind])[1]


@torch.no_grad()
def _run(
    tower: DualTower,
    ids: torch.Tensor,
    number: int,
    head: int = 0,
    *,
    new: torch.Tensor | None = None,
) -> tuple[torch.Tensor, np.ndarray]:
    """What a layer's heads put out, and the rows; a head replaced if ``new`` is given."""
    layer, seen = tower.layers[number], []

    def hook(module: torch.nn.Module, inputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        seen.append(inputs[0].clone())
        changed = inputs[0].clone()
        own = slice(head * layer.head_dim, (head + 1) * layer.head_dim)
        if new is not None:
            changed[..., own] = new[..., own]
        return (changed,)

    handle = layer.out_proj.register_forward_pre_hook(hook)
    made = tower.encoder.model.get_text_features(input_ids=ids).pooler_output
    handle.remove()
    return seen[0], torch.nn.functional.normalize(made, dim=-1).numpy()


def _means(seen: torch.Tensor, ends: list[int]) -> torch.Tensor:
    """The mean of first tokens, of words and of last tokens, each in their places."""
    new = seen.clone()
    words = torch.cat([row[1:end] for row, end in zip(seen, ends, strict=True)]).mean(dim=0)
    last = torch.stack([row[end] for row, end in zip(seen, ends, strict=True)]).mean(dim=0)
    new[:, 0] = seen[:, 0].mean(dim=0)
    for row, end in zip(new, ends, strict=True):
        row[1:end], row[end] = words, last
    return new


def _partners(seen: torch.Tensor, ends: list[int], partners: np.ndarray) -> torch.Tensor:
    """Place by place what the partner has, its last word where it has no more."""
    new = seen.clone()
    for i, other in enumerate(partners):
        for place in range(ends[i]):
            new[i, place] = seen[other, min(place, ends[other] - 1)]
        new[i, ends[i]] = seen[other, ends[other]]
    return new
