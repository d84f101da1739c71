"""What an objective does to the pairs of a batch: which it pulls together, which apart.

Idea: one plain step down the loss moves each text a little. How its cosine to an image
changes is, to first order, minus the loss's gradient times that image: above zero the
two are pulled together, below it pushed apart. It is the same question for every method,
whatever its equation, and the labels say which pushes are wrong.

Limits: the step is on the rows themselves. The weights that make them move all texts at
once, and an optimiser rescales what is shown here; only the directions carry over.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from negcxr.finetune.batches import draw_batch
from negcxr.finetune.methods import Method
from negcxr.finetune.objectives import OBJECTIVES
from negcxr.finetune.pool import Pool
from negcxr.finetune.rows import Rows
from negcxr.results import Estimate
from negcxr.shapes import checked

SAID = {1.0: "true", 0.0: "false"}


@checked
def pulls(terms: Mapping[str, float], rows: Rows) -> Float[np.ndarray, "text image"]:
    """How one step down the loss moves the cosine of each text to each image.

    Above zero it pulls the pair together, below it pushes it apart; per unit of step. A
    text stays of unit length, so what only lengthens its row does not count. Zero for a
    text that the loss does not look at.

    Args:
        terms: The weight of each objective in the loss.
        rows: A batch; its gradient is taken at these rows.

    Returns:
        Captions first, then oppositions, by the batch's images.
    """
    still = Rows(*(None if part is None else part.detach() for part in rows))
    texts = [part for part in (still.texts, still.opposed) if part is not None]
    moved = [part.clone().requires_grad_(True) for part in texts]
    batch = still._replace(**dict(zip(("texts", "opposed"), moved, strict=False)))
    loss = torch.stack([w * OBJECTIVES[name](batch) for name, w in terms.items()]).sum()
    slopes = torch.autograd.grad(loss, moved, allow_unused=True, materialize_grads=True)
    away, along = torch.cat(slopes), torch.cat(texts)
    away = away - (away * along).sum(dim=1, keepdim=True) * along
    return (-away @ still.images.T).double().cpu().numpy()


def pull_table(
    terms: Mapping[str, float], rows: Rows, texts: Sequence[str]
) -> pd.DataFrame:
    """``pulls`` as a table, a row a pair, with what the labels say of it.

    Args:
        texts: Captions, then as many oppositions.

    Returns:
        group, row (its number), text, image (from 1), truth, pull, and share: the pull's
        square root, signed, of the strongest one's, in [-1, 1], since a softmax spends
        nearly all of its pull on a few pairs.
    """
    pulled, true = pulls(terms, rows), rows.true.cpu().numpy()
    strongest = np.abs(pulled).max() or 1.0
    shares = np.sign(pulled) * np.sqrt(np.abs(pulled) / strongest)
    captions = pulled.shape[1]
    return pd.DataFrame(
        {
            "group": "captions" if row < captions else "oppositions",
            "row": row,
            "text": text,
            "image": str(image + 1),
            "truth": SAID.get(float(true[image, row]), "unknown"),
            "pull": pulled[row, image],
            "share": shares[row, image],
        }
        for row, text in enumerate(texts[: len(pulled)])
        for image in range(captions)
    )


def batch_images(rows: Rows, findings: Sequence[str]) -> pd.DataFrame:
    """The batch's images by number, and what the labels say each has."""
    labels = rows.labels[: len(rows.images)].cpu().numpy()
    has = [
        ", ".join(name for name, label in zip(findings, row, strict=True) if label == 1)
        for row in labels
    ]
    numbers = [str(place + 1) for place in range(len(has))]
    return pd.DataFrame({"image": numbers, "has": [text or "none of them" for text in has]})


def batch_truths(
    method: Method, pool: Pool, *, seed: int, batches: int = 8
) -> list[Float[np.ndarray, "pair pair"]]:
    """Whether each caption is true of each image, in the first batches of a training."""
    how = {"seed": seed, "images": method.images}
    drawn = [draw_batch(pool, method.batch, step=step, **how) for step in range(batches)]
    return [batch.true[: len(batch.images), : len(batch.images)] for batch in drawn]


def false_negatives(batches: Sequence[Float[np.ndarray, "pair pair"]]) -> Estimate:
    """Share of a batch's supposedly wrong pairs that are true by the labels.

    Plain InfoNCE takes every caption of another image for false. Pairs of which the
    labels say nothing are not counted.

    Args:
        batches: Whether the caption in a column is true of the image in a row; their own
            pairs lie on the diagonal.

    Returns:
        A share, in [0, 1]; n is the number of pairs.
    """
    others = [true[~np.eye(len(true), dtype=bool)] for true in batches]
    known = np.concatenate([true[~np.isnan(true)] for true in others] or [np.empty(0)])
    if not len(known):
        return Estimate(value=None, n=0, note="not evaluable: the labels know no pair")
    return Estimate(value=float(known.mean()), n=len(known))
