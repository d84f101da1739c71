"""What checkpoints have seen: said by sources, and, where it can be, measured.

Idea: the embedded checkpoints were trained on known phantoms, and a world makes others
without end. So the same measure is taken on phantoms that a checkpoint was trained on and
on as many that it never met, and what having seen them is worth can be read off. Beside
it, an observer who sees nothing but scores guesses which phantoms were trained on.

Limits: an image has no twin among those not seen, so the two sets are resampled apart,
not in pairs. What a small model forgets a large one may keep.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.galleries import Gallery, Sampling, open_gallery
from negcxr.chapters.queries import CHANCE, as_estimate, ask
from negcxr.data.registry import DATASETS, load_dataset
from negcxr.measure.intervals import mean_over, summarise
from negcxr.measure.retrieval import auroc_draws
from negcxr.models import load_encoder
from negcxr.models.catalogue import without_revision
from negcxr.models.ledger import exposure, names
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt

POLARITIES = ("affirmed", "denied")
MEMBERSHIP = "membership"
Draws = Float[np.ndarray, " draw"]


def exposures(checkpoint: str, dataset: str, root: str = "") -> pd.DataFrame:
    """Every line of the ledger, after that of the checkpoint and data set of a run.

    Returns:
        checkpoint (the last part of its name), data set, state, split (empty where any
        may have been seen), source, note.
    """
    ours = Path(without_revision(checkpoint)).name
    rows = [_line(ours, checkpoint, name, root * (name == dataset)) for name in DATASETS]
    known = [name for name in names() if name.rpartition("/")[2] != ours]
    rows += [_line(one.rpartition("/")[2], one, name) for one in known for name in DATASETS]
    return pd.DataFrame(rows)


def _line(shown: str, checkpoint: str, dataset: str, root: str = "") -> dict[str, str]:
    known = exposure(checkpoint, dataset, root).model_dump()
    return {"checkpoint": shown, "data set": dataset, **known}


def counted(lines: pd.DataFrame) -> dict[str, Estimate]:
    """How many pairs of the ledger are in each state."""
    n = len(lines)
    counts = {
        state.replace(" ", "_"): int((lines["state"] == state).sum())
        for state in ("seen", "not listed", "unknown")
    }
    return {f"pairs_{name}": Estimate(value=count, n=n) for name, count in counts.items()}


class Sides(NamedTuple):
    """One checkpoint on phantoms that it was trained on, and on others of their world."""

    name: str
    seen: Gallery
    other: Gallery


def open_both(
    checkpoint: str, *, n: int, training_seed: int, seed: int, **how: str
) -> Sides:
    """The first ``n`` phantoms of the training split, and ``n`` of the split test.

    Args:
        training_seed: Of the world that the checkpoint was trained on.
        seed: Of the phantoms that are held against them.
        how: Device and dtype.
    """
    encoder = load_encoder(checkpoint, **how)
    galleries = [
        open_gallery(encoder, load_dataset("phantoms", split=split, n_images=n, seed=drawn))
        for split, drawn in (("train", training_seed), ("test", seed))
    ]
    return Sides(encoder.checkpoint.name, *galleries)


def worth(
    sides: Sequence[Sides], prompts: Sequence[Prompt], sampling: Sampling
) -> dict[str, dict[str, Draws]]:
    """Draws by checkpoint and quantity: of each polarity, and of the observer's guess.

    ``affirmed seen``, ``affirmed other`` and ``affirmed difference`` are mean AUROC over
    findings; ``membership`` is the observer's AUROC.
    """
    return {side.name: _worth(side, prompts, sampling) for side in sides}


def _worth(side: Sides, prompts: Sequence[Prompt], sampling: Sampling) -> dict[str, Draws]:
    found = {}
    apart = sampling._replace(seed=sampling.seed + 1)  # the sets are resampled apart
    for polarity in POLARITIES:
        asked = [prompt for prompt in prompts if prompt.polarity == polarity]
        seen, other = (
            mean_over(ask(gallery, asked, ["polarity", "finding"], sampling=own).draws)
            for gallery, own in ((side.seen, sampling), (side.other, apart))
        )
        found |= {f"{polarity} seen": seen, f"{polarity} other": other}
        found[f"{polarity} difference"] = seen - other
    return found | {MEMBERSHIP: _membership(side, prompts, sampling)}


def _membership(side: Sides, prompts: Sequence[Prompt], sampling: Sampling) -> Draws:
    """AUROC of a guess by how much better an image fits what it has than what it lacks."""
    fits = [fit(gallery, prompts) for gallery in (side.seen, side.other)]
    scores = np.concatenate(fits)
    trained = np.repeat([1.0, 0.0], [len(part) for part in fits])
    known = np.isfinite(scores)
    patients = np.arange(len(scores)).astype(str)
    return auroc_draws(
        scores[known][None],
        trained[known][None],
        patients[known],
        n_resamples=sampling.n_resamples,
        seed=sampling.seed,
    )[0]


def fit(gallery: Gallery, prompts: Sequence[Prompt]) -> Float[np.ndarray, " image"]:
    """Mean cosine to the findings that an image has, less that to those it lacks.

    NaN for an image that has all of them, or none.
    """
    affirmed = [prompt for prompt in prompts if prompt.polarity == "affirmed"]
    cosines = gallery.cosines([prompt.text for prompt in affirmed])
    place = [gallery.dataset.findings.index(prompt.finding) for prompt in affirmed]
    has = gallery.relevance.T[place] == 1
    lacks = gallery.relevance.T[place] == 0
    sums = [np.where(part, cosines, 0).sum(axis=0) for part in (has, lacks)]
    counts = [part.sum(axis=0).astype(float) for part in (has, lacks)]
    first, second = (
        np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
        for total, count in zip(sums, counts, strict=True)
    )
    return first - second


def worth_table(found: Mapping[str, Mapping[str, Draws]]) -> pd.DataFrame:
    """What was measured, a row a checkpoint and quantity, with intervals and chance."""
    rows = [
        {
            "checkpoint": checkpoint,
            "measure": name,
            **summarise(draws)._asdict(),
            "chance": _chance(name),
        }
        for checkpoint, each in found.items()
        for name, draws in each.items()
    ]
    columns = ["checkpoint", "measure", "value", "low", "high", "chance"]
    return pd.DataFrame(rows, columns=columns)


def _chance(quantity: str) -> float:
    """What an uninformed score is worth; NaN for a difference, where it means nothing."""
    return np.nan if "difference" in quantity else CHANCE


def worth_numbers(found: Mapping[str, Draws], n: int) -> dict[str, Estimate]:
    """The quantities of one checkpoint as numbers, blanks in their names as underscores."""
    return {
        name.replace(" ", "_"): as_estimate(draws, n=n, chance=_chance(name))
        for name, draws in found.items()
    }
