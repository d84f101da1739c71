"""Every level trained and measured, one after the other, on the same phantoms.

Limits: what is trained lies in the cache, where it can be made again; a result keeps its
recipe's level and the fingerprint of its weights, not the weights. What was measured lies
beside them.
"""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from negcxr.chapters.galleries import Sampling, open_gallery
from negcxr.chapters.precision import pretraining_precision
from negcxr.chapters.reporting_bias import Level, trained
from negcxr.chapters.reporting_bias_kept import Question, once
from negcxr.chapters.reporting_bias_measures import Measured, measured
from negcxr.data.dataset import Dataset
from negcxr.finetune.recipe import Recipe
from negcxr.models import load_encoder
from negcxr.models.checkpoint import resolve
from negcxr.results import Estimate
from negcxr.text.choices import four_way_items
from negcxr.text.prompts import load_prompt_set, load_prompt_words

Recipes = Mapping[tuple[Level, int], Recipe]
NAMED = 12  # letters of a fingerprint that tell weights apart


class Asking(NamedTuple):
    """What every training is asked, and where it computes.

    Attributes:
        images: Phantoms that no level was trained on.
        n_items: Four-way items made of them.
    """

    images: Dataset
    prompt_set: str
    n_items: int
    sampling: Sampling
    device: str = "cpu"
    dtype: str = "float32"


class Trained(NamedTuple):
    """What came of every training, and how it went.

    Attributes:
        table: A row a training: objective, rate, cues, seed, steps, seconds, weights (the
            beginning of their fingerprint).
        precision: How far half precision moved a first loss; see
            `negcxr.chapters.precision.pretraining_precision`.
    """

    found: dict[tuple[Level, int], Measured]
    table: pd.DataFrame
    precision: Estimate


def train_and_measure(recipes: Recipes, asking: Asking) -> Trained:
    """Train and measure what is not in the cache yet; every training is asked the same."""
    question = _question(asking)
    found, rows, folders, key = {}, [], [], question.key()
    for (level, seed), recipe in recipes.items():
        folder = trained(recipe, device=asking.device)
        weights = resolve(str(folder)).fingerprint
        ask = partial(_ask, folder, question)
        found[level, seed] = once(folder.parent, key, weights, ask)
        spent = json.loads((folder / "training.json").read_text())[-1]["seconds"]
        row = {**level._asdict(), "seed": seed, "steps": recipe.steps, "seconds": spent}
        rows.append({**row, "weights": weights[:NAMED]})
        folders.append(folder)
    dtype = next(iter(recipes.values())).precision
    precision = pretraining_precision(folders, dtype)
    return Trained(found, pd.DataFrame(rows), precision)


def _question(asking: Asking) -> Question:
    images, sampling = asking.images, asking.sampling
    prompts = load_prompt_set(asking.prompt_set, images.findings)
    words = load_prompt_words(asking.prompt_set, images.findings)
    how = {"n": asking.n_items, "seed": sampling.seed}
    items = four_way_items(images.relevance(), images.findings, words, **how)
    return Question(images, prompts, items, sampling, asking.device, asking.dtype)


def _ask(folder: Path, question: Question) -> Measured:
    device, dtype = question.device, question.dtype
    encoder = load_encoder(str(folder), device=device, dtype=dtype)
    gallery = open_gallery(encoder, question.images)
    return measured(gallery, question.prompts, question.items, question.sampling)
