"""The same queries along a scale: a strength, a share; and the point that is chosen of it.

What is chosen is chosen on phantoms of the validation split, by one rule for every scale:
the highest mean of affirmed, denied and composite AUROC. So a gain on denials that is
paid for on affirmed prompts counts for what is left of it.

Limits: the winner of a scale is a little too good on the images that chose it, so its
numbers are taken from others.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from negcxr.chapters.galleries import Gallery, open_gallery
from negcxr.chapters.queries import Queries, group_means
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError
from negcxr.finetune.statements import held_out
from negcxr.models.encoder import DualEncoder
from negcxr.text.prompts import Prompt, load_prompt_set

POLARITIES = ("affirmed", "denied", "composite")
VALIDATION = ("phantoms", "val", "chest")  # data set, split, prompt set
Points = Mapping[float, Queries]


class Validation(NamedTuple):
    """Images that choose, and what they are asked."""

    gallery: Gallery
    prompts: list[Prompt]


def asked_along(prompts: Sequence[Prompt]) -> list[Prompt]:
    """The prompts that a scale is asked by."""
    return [prompt for prompt in prompts if prompt.polarity in POLARITIES]


def choosing(prompts: Sequence[Prompt]) -> list[Prompt]:
    """Those of them that choose: by wordings of training, or none would be held out."""
    asked = asked_along(prompts)
    unseen = held_out(asked)
    return [prompt for prompt, out in zip(asked, unseen, strict=True) if not out]


def open_validation(
    encoder: DualEncoder, *, n_images: int, seed: int, size: str = ""
) -> Validation:
    """Phantoms of the validation split, whatever is measured afterwards.

    Args:
        size: Of the phantoms, such as ``160px``; empty for their own.

    Raises:
        InputError: No image is asked for.
    """
    if n_images < 1:
        raise InputError(f"validation_images is {n_images}; allowed: 1 or more")
    name, split, prompt_set = VALIDATION
    how = {"root": size, "split": split, "n_images": n_images, "seed": seed}
    images = load_dataset(name, **how)
    prompts = load_prompt_set(prompt_set, images.findings)
    return Validation(open_gallery(encoder, images), choosing(prompts))


def along(points: Points, scale: str, chosen: float | None = None) -> pd.DataFrame:
    """Mean AUROC of each polarity at each point.

    Args:
        scale: What the column of the points is called.
        chosen: The point that the column ``chosen`` is true of.

    Returns:
        A row a point and polarity: value, low, high, chance, queries, note.
    """
    means = [
        group_means(queries, ["polarity"]).assign(
            **{scale: float(at), "chosen": at == chosen}
        )
        for at, queries in points.items()
    ]
    return pd.concat(means, ignore_index=True)


def best_point(points: Points) -> float:
    """The point with the highest mean over polarities; of equal ones the first.

    A polarity without a query is left out; without any, the first point is taken.
    """
    table = along(points, "at").dropna(subset=["value"])
    if table.empty:
        return float(next(iter(points)))
    return float(table.groupby("at", sort=False)["value"].mean().round(6).idxmax())
