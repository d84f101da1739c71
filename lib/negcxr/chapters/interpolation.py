"""Fine-tuned checkpoints of a run, and all that lies between them and their base.

Idea: along the way from the base's weights to the tuned ones, denials are won and
affirmed prompts may be lost, and not at the same pace. The whole way is asked, on the same
resampled patients, and validation phantoms choose a point of it.

Limits: the way is straight; a better point may lie beside it.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Float

from negcxr.chapters.curves import POLARITIES, Points, Validation, asked_along, best_point
from negcxr.chapters.galleries import Gallery, Sampling, reopen
from negcxr.chapters.methods import BY
from negcxr.chapters.queries import Queries, ask, compare
from negcxr.errors import InputError
from negcxr.finetune.interpolate import interpolated
from negcxr.measure.intervals import mean_over
from negcxr.models import load_encoder
from negcxr.models.checkpoint import CONFIG
from negcxr.models.encoder import DualEncoder
from negcxr.paths import at_root
from negcxr.reading import listed
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt

SHARES = tuple(n / 10 for n in range(11))
BASE, HALF, TUNED = 0.0, 0.5, 1.0


def method_names(text: str) -> list[str]:
    """The names in a list with commas, each once.

    Raises:
        InputError: There is none.
    """
    names = listed(text)
    if not names:
        raise InputError(f"methods is {text!r}; allowed: names with commas between them")
    return list(dict.fromkeys(names))


def tuned_folder(results: str | Path, method: str) -> Path:
    """Where a run keeps the checkpoint that a method made."""
    return at_root(results) / "checkpoints" / method


def load_tuned(results: str | Path, method: str, base: DualEncoder) -> DualEncoder:
    """The encoder that a method made in a run, in the base's precision and place.

    Raises:
        InputError: It is not there; the message names its folder and the command that
            makes it.
    """
    folder = tuned_folder(results, method)
    if not (folder / CONFIG).is_file():
        raise InputError(
            f"{folder}: no checkpoint of method {method!r}; the chapter 20_{method} makes "
            f"it: run notebooks/20_method.ipynb with method {method} and these results, or "
            "the study that holds both (negcxr finetune makes one elsewhere)"
        )
    return load_encoder(str(folder), device=str(base.device), dtype=base.dtype)


def between(
    gallery: Gallery, prompts: list[Prompt], tuned: DualEncoder, sampling: Sampling
) -> dict[float, Queries]:
    """The queries at each share of the way from the gallery's encoder to the tuned one."""
    asked = asked_along(prompts)
    return {
        share: ask(
            reopen(gallery, interpolated(gallery.encoder, tuned, share)),
            asked,
            BY,
            sampling=sampling,
        )
        for share in SHARES
    }


def chosen_share(validation: Validation, tuned: DualEncoder, *, seed: int) -> float:
    """The share that the validation images choose; the smaller one of two that tie."""
    return best_point(between(*validation, tuned, Sampling(0, seed)))


def share_changes(
    curves: Mapping[str, Points], shares: Mapping[str, float], *, since: float, n: int
) -> dict[str, Estimate]:
    """By polarity, the change of AUROC from one share to another, mean over methods.

    Args:
        curves: The points of each method.
        shares: The share of each method that it leads to.
        since: The share that it starts from.
        n: Images that were asked of.
    """
    found = {}
    for polarity in POLARITIES:
        ends = [
            np.stack([_mean(curves[name][at[name]], polarity) for name in curves])
            for at in (shares, dict.fromkeys(curves, since))
        ]
        found[polarity] = compare(*ends, n)
    return found


def _mean(queries: Queries, polarity: str) -> Float[np.ndarray, " draw"]:
    return mean_over(queries.where(polarity=polarity))
