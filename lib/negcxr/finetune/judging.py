"""What a training is validated by: AUROC of the wordings it is trained on.

The images are of patients that training never sees. The wordings are those of training,
so that choosing a step or a recipe by them tells nothing of the held-out ones.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from negcxr.errors import InputError
from negcxr.finetune.statements import Judged
from negcxr.measure.gallery import MIN_A_SIDE, not_evaluable
from negcxr.measure.intervals import mean_over
from negcxr.measure.retrieval import auroc_draws
from negcxr.shapes import checked
from negcxr.text.prompts import Prompt
from negcxr.text.relevance import prompt_relevance

SELECTION = ("affirmed", "denied", "composite")  # their mean chooses a step
ASKED = ["polarity", "finding", "other"]

Embed = Callable[[list[str]], Float[np.ndarray, "text dim"]]


class Judge(NamedTuple):
    """Queries of one set of images: wordings that ask the same make one query.

    Attributes:
        texts: Every wording.
        members: Places in ``texts`` of each query.
        polarities: Of each query.
        relevance: Of each query by image, as ``prompt_relevance`` gives.
        rows: The images in the encoder's space.
        patients: The patient of each image.
    """

    texts: list[str]
    members: list[np.ndarray]
    polarities: Shaped[np.ndarray, " query"]
    relevance: Float[np.ndarray, "query image"]
    rows: Float[np.ndarray, "image dim"]
    patients: Shaped[np.ndarray, " image"]


@checked
def make_judge(
    prompts: Sequence[Prompt],
    judged: Judged,
    rows: Float[np.ndarray, "image dim"],
    patients: Shaped[np.ndarray, " image"],
) -> Judge:
    """The queries of ``SELECTION`` among these prompts, on these images.

    Raises:
        InputError: No query has enough images on each side.
    """
    asked = [prompt for prompt in prompts if prompt.polarity in SELECTION]
    table = pd.DataFrame([prompt.model_dump() for prompt in asked])
    members = list(table.groupby(ASKED, sort=False).indices.values())
    first = [asked[places[0]] for places in members]
    relevance = prompt_relevance(first, judged.findings, judged.relevance, judged.sides)
    if all(not_evaluable("auroc", row, 0) for row in relevance):
        raise InputError(
            f"validation: no query has {MIN_A_SIDE} images on each side, of {len(rows)} "
            "that are set aside; allowed: more images, or a policy that judges more"
        )
    polarities = np.array([prompt.polarity for prompt in first])
    return Judge(list(table["text"]), members, polarities, relevance, rows, patients)


def judge_draws(
    judge: Judge, embed: Embed, *, n_resamples: int = 0, seed: int = 0
) -> dict[str, Float[np.ndarray, " draw"]]:
    """Mean AUROC of each polarity: on the images, then on each resample of patients."""
    rows = embed(judge.texts)
    means = np.stack([rows[places].mean(axis=0) for places in judge.members])
    scores = (means @ judge.rows.T).astype(np.float64)
    how = {"n_resamples": n_resamples, "seed": seed}
    draws = auroc_draws(scores, judge.relevance, judge.patients, **how)
    return {name: mean_over(draws[judge.polarities == name]) for name in SELECTION}


def validated(judge: Judge, embed: Embed) -> dict[str, float]:
    """Mean AUROC of each polarity, and ``selected``, the mean of those that there are."""
    found = {name: float(draws[0]) for name, draws in judge_draws(judge, embed).items()}
    known = [value for value in found.values() if np.isfinite(value)]
    return {**found, "selected": float(np.mean(known)) if known else float("nan")}
