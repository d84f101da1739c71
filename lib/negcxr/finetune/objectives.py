"""Losses on unit rows: plain functions of tensors, each with its equation and source."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from negcxr.errors import InputError
from negcxr.shapes import checked


class Rows(NamedTuple):
    """One batch in the encoder's space, unit rows, and what is known of it.

    Image k and text k are a pair, but for ``sigmoid``, which pairs every image with every
    text. Oppositions are false of their image, distractors are images of other patients of
    which the opposition is true. ``true`` runs over images, then distractors, down, and
    over texts, then oppositions, across: 1 true, 0 false, NaN unknown.
    """

    images: Float[Tensor, "image dim"]
    texts: Float[Tensor, "text dim"]
    scale: Tensor
    bias: Tensor | None = None
    opposed: Float[Tensor, "text dim"] | None = None
    distractors: Float[Tensor, "image dim"] | None = None
    true: Float[Tensor, "image text"] | None = None


def con1(rows: Rows) -> Tensor:
    """Symmetric InfoNCE: each image finds its text in the batch, and each text its image.

    1/2 [ CE(s I T', i) + CE(s T I', i) ]. Every other text of the batch counts as wrong,
    also where it is true of the image, as most denials are.

    Reference:
        Radford et al. (2021), https://arxiv.org/abs/2103.00020, figure 3.
    """
    return _infonce(rows.images, rows.texts, rows.scale)


@checked
def _infonce(
    images: Float[Tensor, "pair dim"], texts: Float[Tensor, "pair dim"], scale: Tensor
) -> Float[Tensor, ""]:
    logits = scale * images @ texts.T
    own = torch.arange(len(images), device=logits.device)
    to_text = functional.cross_entropy(logits, own)
    return (to_text + functional.cross_entropy(logits.T, own)) / 2


def sigmoid(rows: Rows) -> Tensor:
    """SigLIP's loss with the truth in place of the diagonal, averaged over known pairs.

    -mean log sigmoid(z (s i.t + b)), z = 1 where the text is true of the image, else -1.
    SigLIP sums over texts and averages over images; the mean keeps the step independent
    of how many statements a batch happens to hold.

    Raises:
        InputError: The batch has no bias or no truth.

    Reference:
        Zhai et al. (2023), https://arxiv.org/abs/2303.15343, equation 1.
    """
    for name in ("bias", "true"):
        if getattr(rows, name) is None:
            raise InputError(f"sigmoid: the batch has no {name}; allowed: a tensor")
    return _truth(_all(rows.images, rows.distractors), _all(rows.texts, rows.opposed), rows)


def _all(first: Tensor, second: Tensor | None) -> Tensor:
    return first if second is None else torch.cat([first, second])


def _truth(images: Tensor, texts: Tensor, rows: Rows) -> Tensor:
    return _binary(rows.scale * images @ texts.T + rows.bias, rows.true)


@checked
def _binary(
    logits: Float[Tensor, "image text"], true: Float[Tensor, "image text"]
) -> Float[Tensor, ""]:
    known = ~true.isnan()
    return functional.binary_cross_entropy_with_logits(logits[known], true[known])
