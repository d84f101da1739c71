"""Multiple choice: a softmax over a few options instead of the whole batch.

Options can be chosen so that only the denial tells them apart, which other texts of a
batch seldom do. What an option shares with all the others is not learnt.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from negcxr.finetune.contrast import contrast
from negcxr.finetune.rows import Rows, needs
from negcxr.shapes import checked


@needs("options")
def choice(rows: Rows) -> Tensor:
    """NegBench's multiple-choice loss: an image finds the true text among its options.

    CE(s I[k] O[k]', true one), O[k] the options of image k among [T; T~]. NegBench's own
    training feeds it rows of any length; these are unit rows, so s is the only sharpness.
    The order of the options does not enter.

    Raises:
        InputError: The batch has no options.

    Reference:
        Alhamoud et al. (2025), https://arxiv.org/abs/2501.09425.
    """
    texts = joined(rows.texts, rows.opposed)
    return _first(rows.images, texts, rows.options, scale=rows.scale)


@needs("candidates")
def image_choice(rows: Rows) -> Tensor:
    """The other direction: a text finds the image of which it is true among candidates.

    CE(s T[k] C[k]', true one), C[k] the candidates of text k among [I; I~]. With ``choice``
    it is Bi-MCQ in the form of a dual encoder. That form is ours: its abstract tells of
    the two directions, and of a cross-attention that a dual encoder does not have.

    Raises:
        InputError: The batch has no candidates.

    Reference:
        After Kim & Lee (2026), https://arxiv.org/abs/2601.22696.
    """
    images = joined(rows.images, rows.distractors)
    return _first(rows.texts, images, rows.candidates, scale=rows.scale)


def joined(first: Tensor, second: Tensor | None) -> Tensor:
    """[first; second], or the first alone where the batch has no second."""
    return first if second is None else torch.cat([first, second])


@checked
def _first(
    queries: Float[Tensor, "pair dim"],
    keys: Float[Tensor, "key dim"],
    places: Int[Tensor, "pair option"],
    *,
    scale: Tensor,
) -> Float[Tensor, ""]:
    """Contrast of each query with the keys at its places; it wants the first of them."""
    logits = (scale * queries @ keys.T).gather(1, places)
    wanted = torch.zeros_like(logits)
    wanted[:, 0] = 1
    return contrast(logits, wanted)
