"""The objectives by name: losses on unit rows, plain functions of a batch.

Each takes ``Rows`` and returns one number to make small; a method is a weighted sum of
them. Most are a softmax over the batch (``contrast``, and ``sharing`` with labels) or over
a few options (``choice``); the two here judge each pair, or each text, by itself.
"""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from negcxr.finetune.choice import choice, image_choice, joined
from negcxr.finetune.contrast import (
    con1,
    con2,
    con2_distractors,
    con2_images,
    con2_texts,
    hard_captions,
)
from negcxr.finetune.rows import Rows, needs
from negcxr.finetune.sharing import con1_multi, soft
from negcxr.shapes import checked


@needs("bias", "true")
def sigmoid(rows: Rows) -> Tensor:
    """SigLIP's loss with the truth in place of the diagonal, averaged over known pairs.

    -mean log sigmoid(z (s i.t + b)) over [I; I~] by [T; T~], z = 1 where the text is true
    of the image, else -1. SigLIP sums over texts and averages over images; the mean keeps
    the step independent of how many statements a batch happens to hold, and images and
    texts need not be pairs.

    Raises:
        InputError: The batch has no bias, no truth, or none that is known.

    Reference:
        Zhai et al. (2023), https://arxiv.org/abs/2303.15343, equation 1.
    """
    images, texts = joined(rows.images, rows.distractors), joined(rows.texts, rows.opposed)
    return _judged(rows.scale * images @ texts.T + rows.bias, rows.true)


@needs("targets")
def mirror(rows: Rows) -> Tensor:
    """How far the texts are from the rows that they are wanted at, as 1 - cosine.

    mean(1 - cos(t, target)) over [T; T~], in [0, 2]. With the mirror image of "edema" as
    the target of "no edema" it teaches the rule that parses the cue away; with the row of
    the untuned model as the target of "edema" it holds that where it was. It sees no image.

    Raises:
        InputError: The batch has no targets.
    """
    return _apart(joined(rows.texts, rows.opposed), rows.targets)


@checked
def _judged(
    logits: Float[Tensor, "image text"], true: Float[Tensor, "image text"]
) -> Float[Tensor, ""]:
    known = ~true.isnan()
    return functional.binary_cross_entropy_with_logits(logits[known], true[known])


@checked
def _apart(
    texts: Float[Tensor, "text dim"], targets: Float[Tensor, "text dim"]
) -> Float[Tensor, ""]:
    return 1 - (texts * targets).sum(dim=1).mean()


OBJECTIVES: dict[str, Callable[[Rows], Tensor]] = {
    "con1": con1,
    "con1-multi": con1_multi,
    "con2": con2,
    "con2-images": con2_images,
    "con2-texts": con2_texts,
    "con2-distractors": con2_distractors,
    "hard-captions": hard_captions,
    "choice": choice,
    "image-choice": image_choice,
    "sigmoid": sigmoid,
    "soft": soft,
    "mirror": mirror,
}
