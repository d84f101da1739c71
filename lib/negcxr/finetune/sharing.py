"""Contrastive objectives whose targets are shared, by what is known of the images.

In a batch of radiographs "no edema" is true of most of the images, and a contrast that
takes only each image's own text for right pushes the others away from a true sentence.
Here the labels say what is right: by the truth of each text, or by how alike two images
are labelled.

Limits: labels that are blank leave pairs out, and what is left may be few.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from negcxr.finetune.contrast import contrast, logits_of
from negcxr.finetune.rows import Rows, needs
from negcxr.shapes import checked

# An image that disagrees on one finding in eight weighs e^-2.5.
TEMPERATURE = 0.05


@needs("true")
def con1_multi(rows: Rows) -> Tensor:
    """InfoNCE in which every text that is true of an image is a target, in equal shares.

    1/2 [ contrast(s I T', p) + contrast(s T I', q) ], p and q the truth, each row divided
    by its sum; a pair of unknown truth is in no softmax. What it does better than ``con1``
    is the cost of the false negatives of ``con1``.

    Raises:
        InputError: The batch has no truth.

    Reference:
        Khosla et al. (2020), https://arxiv.org/abs/2004.11362, equation 2.
    """
    logits = logits_of(rows.images, rows.texts, scale=rows.scale)
    true = rows.true[: len(logits), : len(logits)]
    logits = logits.masked_fill(true.isnan(), -torch.inf)
    return (contrast(logits, _shares(true)) + contrast(logits.T, _shares(true.T))) / 2


@needs("labels")
def soft(rows: Rows, *, temperature: float = TEMPERATURE) -> Tensor:
    """InfoNCE whose target is shared with the texts of images that are labelled alike.

    1/2 [ contrast(s I T', p) + contrast(s T I', p) ], p_kj = softmax_j(a_kj / temperature)
    and a_kj the share of findings on which images k and j agree, of those known of both;
    where none is, the pair is in no softmax. Images that nothing sets apart share their
    targets alike; at temperature 0 and with distinct labels it is ``con1``.
    The form is ours: of CXR-Align's soft labels only the abstract is known. It is blind
    to what a text says: "no edema" counts for a like image that has edema.

    Raises:
        InputError: The batch has no labels.

    Reference:
        After Ko & Park (2025), https://arxiv.org/abs/2505.22079.
    """
    logits = logits_of(rows.images, rows.texts, scale=rows.scale)
    agreement = _agreement(rows.labels[: len(logits)])
    logits = logits.masked_fill(agreement.isnan(), -torch.inf)
    alike = agreement.nan_to_num(-torch.inf) / temperature
    targets = functional.softmax(alike, dim=1).to(logits.dtype)
    return (contrast(logits, targets) + contrast(logits.T, targets)) / 2


def _shares(true: Tensor) -> Tensor:
    """Each row of truths divided by its sum; all zero where nothing is true."""
    ones = true.nan_to_num(0)
    return ones / ones.sum(dim=1, keepdim=True).clamp(min=1)


@checked
def _agreement(labels: Float[Tensor, "pair finding"]) -> Float[Tensor, "pair pair"]:
    """Share of the findings known of both images on which they agree; NaN if none is.

    An image agrees with itself, whatever is known of it.
    """
    present, absent = (labels == 1).to(labels), (labels == 0).to(labels)
    known = present + absent
    agreement = (present @ present.T + absent @ absent.T) / (known @ known.T)
    return agreement.fill_diagonal_(1)
