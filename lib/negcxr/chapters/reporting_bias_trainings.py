"""Every level trained and measured, one after the other, on the same phantoms.

Limits: what is trained lies in the cache, where it can be made again; a result keeps its
recipe's level and the fingerprint of its weights, not the weights.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from negcxr.chapters.galleries import Sampling, open_gallery
from negcxr.chapters.reporting_bias import Level, trained
from negcxr.chapters.reporting_bias_measures import Measured, measured
from negcxr.data.dataset import Dataset
from negcxr.finetune.recipe import Recipe
from negcxr.models import load_encoder
from negcxr.models.encoder import DualEncoder
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
    """

    found: dict[tuple[Level, int], Measured]
    table: pd.DataFrame


def train_and_measure(recipes: Recipes, asking: Asking) -> Trained:
    """Train what is not in the cache yet, and ask every training the same."""
    found, rows = {}, []
    for (level, seed), recipe in recipes.items():
        folder = trained(recipe, device=asking.device)
        encoder = load_encoder(str(folder), device=asking.device, dtype=asking.dtype)
        found[level, seed] = _ask(encoder, asking)
        spent = json.loads((folder / "training.json").read_text())[-1]["seconds"]
        row = {**level._asdict(), "seed": seed, "steps": recipe.steps, "seconds": spent}
        rows.append({**row, "weights": encoder.checkpoint.fingerprint[:NAMED]})
    return Trained(found, pd.DataFrame(rows))


def _ask(encoder: DualEncoder, asking: Asking) -> Measured:
    images, sampling = asking.images, asking.sampling
    gallery = open_gallery(encoder, images)
    prompts = load_prompt_set(asking.prompt_set, images.findings)
    words = load_prompt_words(asking.prompt_set, images.findings)
    how = {"n": asking.n_items, "seed": sampling.seed}
    items = four_way_items(gallery.relevance, images.findings, words, **how)
    return measured(gallery, prompts, items, sampling)
