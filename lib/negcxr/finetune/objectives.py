"""Losses on unit rows: plain functions of tensors, each with its equation and source."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from negcxr.shapes import checked


@checked
def con1(
    images: Float[Tensor, "pair dim"], texts: Float[Tensor, "pair dim"], scale: Tensor
) -> Float[Tensor, ""]:
    """Symmetric InfoNCE: each image finds its text in the batch, and each text its image.

    1/2 [ CE(s I T', i) + CE(s T I', i) ]. Every other text of the batch counts as wrong,
    also where it is true of the image, as most denials are.

    Reference:
        Radford et al. (2021), https://arxiv.org/abs/2103.00020, figure 3.
    """
    logits = scale * images @ texts.T
    own = torch.arange(len(images), device=logits.device)
    to_text = functional.cross_entropy(logits, own)
    return (to_text + functional.cross_entropy(logits.T, own)) / 2


@checked
def sigmoid(
    images: Float[Tensor, "image dim"],
    texts: Float[Tensor, "text dim"],
    true: Bool[Tensor, "image text"],
    *,
    scale: Tensor,
    bias: Tensor,
) -> Float[Tensor, ""]:
    """SigLIP's loss with the truth in place of the diagonal, averaged over pairs.

    -mean log sigmoid(z (s i.t + b)), z = 1 where the text is true of the image, else -1.
    SigLIP sums over texts and averages over images; the mean keeps the step independent
    of how many statements a batch happens to hold.

    Reference:
        Zhai et al. (2023), https://arxiv.org/abs/2303.15343, equation 1.
    """
    logits = scale * images @ texts.T + bias
    return functional.binary_cross_entropy_with_logits(logits, true.to(logits.dtype))
