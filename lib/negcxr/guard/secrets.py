"""What of a credentialed data set must not be found in anything that leaves.

Names are taken apart into runs of letters and of digits, so that no glue hides them:
``row_p10000032.csv`` still has 10000032 in it. A part that several patients share, as a
folder, names none of them.

Limits: see `negcxr.guard`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.data.dataset import Dataset
from negcxr.data.registry import load_dataset

OPEN = ("phantoms", "nih", "openi")  # whose terms forbid nothing of the kind
MINIMUM = 5  # patients on either side of a number; below, it may tell who they are
FEW = 5000  # reports that are read whole; each has a hundred pieces
LEAST = 5  # characters of an identifier that is looked for within a text
PLAIN = ("view", "split", "age", "sex")  # columns that name nobody
SHARED = ""  # in place of a patient, where several have a part
APART = "\x1f"  # between two texts, so that no words run over; a piece of its own
_PIECE = re.compile(rf"[^\W\d_]+|\d+|{APART}")
_SUFFIX = re.compile(r"\.[a-z]\w*$")


class Names(NamedTuple):
    """What names an image or a patient.

    Attributes:
        cells: As it stands in the data set's table, in small letters.
        ids: In pieces, joined by blanks.
        starts: By the first two pieces of an id, how many pieces there are.
    """

    cells: frozenset[str]
    ids: frozenset[str]
    starts: Mapping[tuple[str, ...], frozenset[int]]

    def stand_in(self, found: Sequence[str]) -> bool:
        """Whether any id stands in a text that was taken into pieces."""
        for place in range(len(found)):
            for first in (tuple(found[place : place + 1]), tuple(found[place : place + 2])):
                for count in self.starts.get(first, ()):
                    if " ".join(found[place : place + count]) in self.ids:
                        return True
        return False


class Secrets(NamedTuple):
    """A credentialed data set: its names, and the images that were measured.

    Attributes:
        names: Of all images and patients that are known here.
        sample: The images that were measured.
        split: Those that they were drawn from, if it was looked into.
    """

    names: Names
    sample: Dataset
    split: Dataset | None = None

    @property
    def told(self) -> Dataset:
        """Whose reports are looked for: the split's, where they are not too many."""
        few = self.split is not None and len(self.split) <= FEW
        return self.split if self.split is not None and few else self.sample

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
    place = (name, str(asked.get("root", "")))
    names = _known(*place)[1]
    if names is None:
        return None
    n_images, seed = (int(str(asked.get(key, 0))) for key in ("n_images", "seed"))
    part = _part(*place, str(asked.get("split", "all")))
    return Secrets(names, part.sample(n_images, seed), part)


@lru_cache(maxsize=1)  # a book asks for the same one after every notebook
def _known(name: str, root: str) -> tuple[Dataset, Names | None]:
    whole = load_dataset(name, root=root, split="all")
    return whole, _names(whole.table) if whole.credentialed else None


@lru_cache(maxsize=1)  # the same one, so that its reports are read once
def _part(name: str, root: str, split: str) -> Dataset:
    return _known(name, root)[0].in_split(split)


def _names(table: pd.DataFrame) -> Names:
    parts: dict[str, list[str]] = {}
    owner: dict[str, str] = {}
    for column in [name for name in table.columns if name not in PLAIN]:
        known = table[[column]].assign(patient=table["patient"]).drop_duplicates()
        texts = known[column].astype(str).str.lower()
        for text, patient in zip(texts, known["patient"].astype(str), strict=True):
            parts[text] = _telling(text)
            for part in {text, *parts[text]}:
                if owner.setdefault(part, patient) != patient:
                    owner[part] = SHARED
    single = {part for part, patient in owner.items() if patient != SHARED}
    ids: set[str] = set()
    for text in parts.keys() & single:  # by its parts, or as a whole where none names one
        ids |= single.intersection(parts[text]) or {_SUFFIX.sub("", text)}
    return _indexed(frozenset(parts.keys() & single), ids)


def _indexed(cells: frozenset[str], parts: Iterable[str]) -> Names:
    ids: set[str] = set()
    starts: dict[tuple[str, ...], set[int]] = {}
    for part in parts:
        found = pieces(part)
        if sum(map(len, found)) >= LEAST:
            ids.add(" ".join(found))
            starts.setdefault(tuple(found[:2]), set()).add(len(found))
    counts = {first: frozenset(known) for first, known in starts.items()}
    return Names(cells, frozenset(ids), counts)


def _telling(text: str) -> list[str]:
    """The folders and the file of a name, without suffix, that may name one by itself."""
    parts = [_SUFFIX.sub("", part) for part in text.split("/")]
    return [p for p in parts if len(p) >= LEAST and any(map(str.isdigit, p))]


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
