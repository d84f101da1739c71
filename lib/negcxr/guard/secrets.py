"""What of a credentialed data set must not be found in anything that leaves.

Names are taken apart into runs of letters and of digits, so that no glue hides them:
``row_p10000032.csv`` still has 10000032 in it. A part that several patients share, as a
folder, names none of them.

Limits: see `negcxr.guard`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.data.dataset import Dataset
from negcxr.data.registry import load_dataset

OPEN = ("phantoms", "nih", "openi")  # whose terms forbid nothing of the kind
MINIMUM = 5  # patients on either side of a number; below, it may tell who they are
LEAST = 5  # characters of an identifier that is looked for within a text
PLAIN = ("view", "split", "age", "sex")  # columns that name nobody
SHARED = ""  # in place of a patient, where several have a part
_PIECE = re.compile(r"[^\W\d_]+|\d+")
_SUFFIX = re.compile(r"\.[a-z]\w*$")


class Names(NamedTuple):
    """What names an image or a patient.

    Attributes:
        cells: As it stands in the data set's table, in small letters.
        ids: In pieces, joined by blanks, by the count of pieces.
    """

    cells: frozenset[str]
    ids: Mapping[int, frozenset[str]]


class Secrets(NamedTuple):
    """A credentialed data set: its names, and the images that were measured."""

    names: Names
    sample: Dataset

    @property
    def source(self) -> str:
        """The data set's name."""
        return self.sample.name


def secrets_of(sample: Dataset) -> Secrets | None:
    """What to look for; None where a data set is not credentialed."""
    return Secrets(_names(sample.table), sample) if sample.credentialed else None


def secrets_for(asked: Mapping[str, object]) -> Secrets | None:
    """What to look for after a notebook that ran on these parameters.

    Names are those of the whole data set: what a notebook trains on is secret as well.

    Raises:
        InputError: The data set cannot be read, so that nothing can be checked.
    """
    name = str(asked.get("dataset", ""))
    if not name or name in OPEN:
        return None
    whole, names = _known(name, str(asked.get("root", "")))
    if names is None:
        return None
    n_images, seed = (int(str(asked.get(key, 0))) for key in ("n_images", "seed"))
    part = whole.in_split(str(asked.get("split", "all")))
    return Secrets(names, part.sample(n_images, seed))


@lru_cache(maxsize=1)  # a book asks for the same one after every notebook
def _known(name: str, root: str) -> tuple[Dataset, Names | None]:
    whole = load_dataset(name, root=root, split="all")
    return whole, _names(whole.table) if whole.credentialed else None


def _names(table: pd.DataFrame) -> Names:
    owner: dict[str, str] = {}
    cells: set[str] = set()
    patients = table["patient"].astype(str)
    for column in [name for name in table.columns if name not in PLAIN]:
        texts = table[column].astype(str).str.lower()
        cells |= {*texts}
        for text, patient in zip(texts, patients, strict=True):
            for part in _parts(text):
                if owner.setdefault(part, patient) != patient:
                    owner[part] = SHARED
    single = {part for part, patient in owner.items() if patient != SHARED}
    ids: dict[int, set[str]] = {}
    for part in single:
        found = pieces(part)
        telling = part in cells or any(map(str.isdigit, found))
        if telling and sum(map(len, found)) >= LEAST:
            ids.setdefault(len(found), set()).add(" ".join(found))
    by_count = {count: frozenset(names) for count, names in ids.items()}
    return Names(frozenset(cells & single), by_count)


def _parts(text: str) -> Iterator[str]:
    """A name, the folders and the file in it, and both without a suffix."""
    for part in {text, *text.split("/")} - {""}:
        yield part
        if (bare := _SUFFIX.sub("", part)) and bare != part:
            yield bare


def pieces(text: str) -> list[str]:
    """Runs of letters and of digits, in small letters."""
    return _PIECE.findall(text.lower())


def enough(
    relevance: Float[np.ndarray, "query image"], dataset: Dataset
) -> Float[np.ndarray, "query image"]:
    """Relevance without the queries that tell of too few patients of a credentialed set.

    A query is not judged at all where fewer than ``MINIMUM`` patients are on a side.
    """
    if not dataset.credentialed:
        return relevance
    patients = dataset.table["patient"].to_numpy(str)
    sides = [[len({*patients[row == side]}) for side in (0, 1)] for row in relevance]
    few = np.array([min(counts) < MINIMUM for counts in sides], dtype=bool)
    return np.where(few[:, None], np.nan, relevance)
