"""Contrastive objectives: a softmax over the batch, pulled to a distribution over it.

All are one loss, ``contrast``, asked with different queries, keys and targets: the keys
say what a query is told apart from, the targets what it is pulled to. That is all in
which CLIP, CoN-CLIP, NegCLIP and label-aware losses differ here.

Limits: whatever a batch does not hold is not pushed away, and in the objectives here a
text of another image counts as wrong, also where it is true (see ``sharing``).
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from negcxr.errors import InputError
from negcxr.finetune.rows import Rows, needs
from negcxr.shapes import checked


@checked
def contrast(
    logits: Float[Tensor, "query key"], targets: Float[Tensor, "query key"]
) -> Float[Tensor, ""]:
    """Cross-entropy of each query's softmax over keys to its target, mean over queries.

    -1/n sum_q sum_k p_qk log softmax_k(z_q). Zero only where each target is a single key
    that is found for sure; a target of several keys leaves its own entropy.

    Args:
        logits: Scores z; a key at -inf is left out of its query's softmax.
        targets: Shares p. A query's sum to one, or are all zero and leave it out.

    Raises:
        InputError: Every query is left out.

    Reference:
        van den Oord et al. (2018), https://arxiv.org/abs/1807.03748, equation 4, with a
        distribution in place of the one right key.
    """
    asked = targets.sum(dim=1) > 0
    if not asked.any():
        raise InputError("batch: no query has a target; allowed: at least one true pair")
    shares = targets[asked]
    # A key left out has a logarithm of -inf, and zero times that is no number.
    logs = functional.log_softmax(logits[asked], dim=1).masked_fill(shares == 0, 0)
    return -(shares * logs).sum(dim=1).mean()


@checked
def logits_of(
    queries: Float[Tensor, "pair dim"],
    own: Float[Tensor, "pair dim"],
    *others: Float[Tensor, "pair dim"],
    scale: Tensor,
) -> Float[Tensor, "pair key"]:
    """Scaled cosines of query k to its own key, in column k, and to all other keys."""
    return scale * queries @ torch.cat([own, *others]).T


def own_key(logits: Tensor) -> Tensor:
    """CE(logits, k): the contrast whose query k wants key k."""
    wanted = torch.eye(*logits.shape, dtype=logits.dtype, device=logits.device)
    return contrast(logits, wanted)


def con1(rows: Rows) -> Tensor:
    """Symmetric InfoNCE: each image finds its text in the batch, and each text its image.

    1/2 [ CE(s I T', k) + CE(s T I', k) ]. Every other text of the batch counts as wrong,
    also where it is true of the image, as most denials are.

    Reference:
        Radford et al. (2021), https://arxiv.org/abs/2103.00020, figure 3.
    """
    logits = logits_of(rows.images, rows.texts, scale=rows.scale)
    return (own_key(logits) + own_key(logits.T)) / 2


@needs("opposed", "distractors")
def con2(rows: Rows) -> Tensor:
    """CoN-CLIP: images, captions and distractors each find theirs among oppositions.

    1/3 [ CE(s I [T; T~]', k) + CE(s T [I; I~]', k) + CE(s I~ [T~; T]', k) ]: the mean of
    ``con2_images``, ``con2_texts`` and ``con2_distractors``. Of those only the first and
    the last tell a caption from its opposition.

    Raises:
        InputError: The batch has no oppositions or no distractors.

    Reference:
        Singh et al. (2025), https://arxiv.org/abs/2403.20312, and its released code.
    """
    return (con2_images(rows) + con2_texts(rows) + con2_distractors(rows)) / 3


@needs("opposed")
def con2_images(rows: Rows) -> Tensor:
    """CON2's first term: an image finds its caption among captions and oppositions.

    CE(s I [T; T~]', k).
    """
    return own_key(logits_of(rows.images, rows.texts, rows.opposed, scale=rows.scale))


@needs("distractors")
def con2_texts(rows: Rows) -> Tensor:
    """CON2's second term: a caption finds its image among images and distractors.

    CE(s T [I; I~]', k). It never sees an opposition.
    """
    return own_key(logits_of(rows.texts, rows.images, rows.distractors, scale=rows.scale))


@needs("opposed", "distractors")
def con2_distractors(rows: Rows) -> Tensor:
    """CON2's third term: a distractor finds the opposition of its pair's caption.

    CE(s I~ [T~; T]', k). Right only where that opposition is true of the distractor.
    """
    return own_key(logits_of(rows.distractors, rows.opposed, rows.texts, scale=rows.scale))


@needs("opposed")
def hard_captions(rows: Rows) -> Tensor:
    """InfoNCE with oppositions as further wrong texts: NegCLIP, and CON2 by text alone.

    1/2 [ CE(s I [T; T~]', k) + CE(s T I', k) ]. It is CoN-CLIP's loss without distractors,
    and where half of the images are neighbours of the others it is NegCLIP's.

    Raises:
        InputError: The batch has no oppositions.

    Reference:
        Yuksekgonul et al. (2023), https://arxiv.org/abs/2210.01936; Singh et al. (2025).
    """
    to_images = own_key(logits_of(rows.texts, rows.images, scale=rows.scale))
    return (con2_images(rows) + to_images) / 2
