"""Multiple choice over a gallery: items asked, scored and summed up."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int, Shaped

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.readers import Reader, reader
from negcxr.measure.choice import choice_accuracy, confusions
from negcxr.results import Estimate
from negcxr.text.choices import Item
from negcxr.text.statements import TYPES

NO_ITEM = "not evaluable: the labels make no such item"


class Asked(NamedTuple):
    """Items of one kind with the scores of their options."""

    scores: Float[np.ndarray, "item option"]
    answers: Int[np.ndarray, " item"]
    types: Shaped[np.ndarray, "item option"]
    patients: Shaped[np.ndarray, " item"]


def asked_items(
    gallery: Gallery, items: Sequence[Item], name: str | Reader = "encoder"
) -> Asked:
    """Score the options of items by a reader of texts.

    Args:
        name: A key of ``READERS``, or a reader itself.

    Raises:
        InputError: The scorer is not one that reads texts.
    """
    reads = reader(name)
    if not items:
        return Asked(
            np.empty((0, 2)), np.empty(0, int), np.empty((0, 2), str), np.empty(0, str)
        )
    texts = sorted({option.text for item in items for option in item.options})
    place = {text: i for i, text in enumerate(texts)}
    known = reads.read(gallery, texts)
    scores = [[known[place[o.text], item.row] for o in item.options] for item in items]
    return Asked(
        np.array(scores),
        np.array([item.answer for item in items]),
        np.array([[option.type for option in item.options] for item in items]),
        gallery.patients[[item.row for item in items]],
    )


def choice_table(asked: Asked, sampling: Sampling) -> pd.DataFrame:
    """Accuracy over all items and by the type of the true option; every type has a row."""
    columns = ["type", "value", "low", "high", "n", "chance", "note"]
    table = pd.DataFrame(columns=columns)
    if len(asked.answers):
        how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
        table = choice_accuracy(*asked, **how)
    missing = [kind for kind in ("all", *TYPES) if kind not in set(table["type"])]
    rest = [{"type": kind, "n": 0, "note": NO_ITEM} for kind in missing]
    return pd.DataFrame([*table.to_dict("records"), *rest], columns=columns)


def confusion_table(asked: Asked) -> pd.DataFrame:
    """Which type was chosen where which type was true."""
    if not len(asked.answers):
        return pd.DataFrame(columns=["answer", "chosen", "share", "n"])
    return confusions(asked.scores, asked.answers, asked.types)


def accuracies(table: pd.DataFrame, prefix: str = "") -> dict[str, Estimate]:
    """The rows of a choice table as numbers, named by type."""
    keep = ("value", "low", "high", "n", "chance", "note")
    return {
        f"{prefix}{row['type']}_accuracy": Estimate(**{name: row[name] for name in keep})
        for row in table.to_dict("records")
    }
