"""What half precision changes: the same images and texts in single precision beside it.

Idea: rows that were computed in half precision are as good as the numbers that are made
of them. So some of the images, and all texts, are embedded once more in float32, and the
result itself says how far cosines lie apart, and mean AUROCs, which is what is concluded
from.

Limits: of the first images of the gallery alone, on the device of the run; another
device rounds otherwise. Of a training, the loss before its first step.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from negcxr.chapters.galleries import Gallery, Sampling, open_gallery
from negcxr.chapters.queries import ask
from negcxr.finetune.halves import SINGLE, kept_precision
from negcxr.finetune.methods import Method
from negcxr.finetune.sources import Sources
from negcxr.finetune.tuning import Tuning
from negcxr.measure.intervals import mean_over
from negcxr.models import load_encoder
from negcxr.models.encoder import DualEncoder
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt

SOME = 200  # images that are embedded twice: seconds on a CPU, next to nothing on a GPU
FIRST = 3  # batches whose loss is taken twice
NOT_HALF = "does not apply: float32"
TOO_FEW = "not evaluable: too few images"
NOT_KEPT = "not evaluable: trained before the first loss was taken in both precisions"
NAMES = ("precision_cosine", "precision_affirmed_auroc", "precision_denied_auroc")


def precision_numbers(
    gallery: Gallery, prompts: Sequence[Prompt], n: int = SOME
) -> dict[str, Estimate]:
    """How far a gallery's numbers lie from those of single precision.

    Args:
        gallery: Embedded in any precision.
        prompts: A set with affirmed and denied ones.
        n: Images to embed in single precision.

    Returns:
        ``precision_cosine``: the largest difference of a cosine of image and prompt, at
        least 0. ``precision_affirmed_auroc`` and ``precision_denied_auroc``: mean AUROC
        here less that in single precision, 0 where nothing changes. In single precision
        none of them has a value, and a note says so.
    """
    if gallery.encoder.dtype == SINGLE:
        return dict.fromkeys(NAMES, Estimate(value=None, n=0, note=NOT_HALF))
    some = gallery.dataset.take(range(min(n, len(gallery.rows))))
    own = gallery.encoder
    plain = load_encoder(str(own.checkpoint.folder), device=str(own.device), dtype=SINGLE)
    half, single = (open_gallery(one, some, gallery.policy) for one in (own, plain))
    return differences(half, single, prompts)


def training_precision(
    method: Method, checkpoint: str, sources: Sources, *, seed: int, device: str, dtype: str
) -> Estimate:
    """The loss of the first batches in the precision of training less that in float32.

    Of the same batches and weights, before any step; relative to the latter. How far
    weights lie apart after hundreds of steps it does not say.

    Returns:
        0 where nothing changes; in single precision no value, and a note says so.
    """
    if dtype == SINGLE:
        return Estimate(value=None, n=0, note=NOT_HALF)
    half, single = (
        first_loss(
            method, load_encoder(checkpoint, device=device), sources, seed=seed, dtype=one
        )
        for one in (dtype, SINGLE)
    )
    return Estimate(value=(half - single) / single, n=FIRST)


def pretraining_precision(folders: Iterable[Path], dtype: str) -> Estimate:
    """The largest relative difference of a first loss that pretrainings left behind.

    Args:
        folders: Their checkpoints; see `negcxr.finetune.halves`.
        dtype: The precision that they were trained in.

    Returns:
        Its size, at least 0; in single precision no value, and a note says so.
    """
    if dtype == SINGLE:
        return Estimate(value=None, n=0, note=NOT_HALF)
    each = [kept_precision(folder) for folder in folders]
    known = [abs(value) for value in each if value is not None]
    if len(known) < len(each):
        return Estimate(value=None, n=len(known), note=NOT_KEPT)
    return Estimate(value=max(known), n=len(known))


def first_loss(
    method: Method, encoder: DualEncoder, sources: Sources, *, seed: int, dtype: str
) -> float:
    """Mean loss of the first batches before any step, in a precision.

    The encoder's weights are opened for the method, as its training does, so another
    precision is to be asked of another encoder.
    """
    run = Tuning(method, encoder, sources, at=Path(), seed=seed, dtype=dtype)
    with torch.no_grad():
        losses = [run.loss(run.batch(step)).item() for step in range(FIRST)]
    return float(np.mean(losses))


def differences(
    half: Gallery, single: Gallery, prompts: Sequence[Prompt]
) -> dict[str, Estimate]:
    """The numbers of ``precision_numbers`` of two galleries of the same images."""
    texts = list(dict.fromkeys(prompt.text for prompt in prompts))
    apart = np.abs(half.cosines(texts) - single.cosines(texts))
    n = len(half.rows)
    found = {"precision_cosine": Estimate(value=float(apart.max()), n=n)}
    aurocs = [_aurocs(gallery, prompts) for gallery in (half, single)]
    for polarity in ("affirmed", "denied"):
        moved = aurocs[0][polarity] - aurocs[1][polarity]
        note = "" if np.isfinite(moved) else TOO_FEW
        found[f"precision_{polarity}_auroc"] = Estimate(value=moved, n=n, note=note)
    return found


def _aurocs(gallery: Gallery, prompts: Sequence[Prompt]) -> Mapping[str, float]:
    once = Sampling(0, 0)
    found = {}
    for polarity in ("affirmed", "denied"):
        asked = [prompt for prompt in prompts if prompt.polarity == polarity]
        queries = ask(gallery, asked, ["polarity", "finding"], sampling=once)
        found[polarity] = float(mean_over(queries.draws)[0])
    return found
