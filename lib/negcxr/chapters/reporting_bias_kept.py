"""What was measured of a level, kept beside its weights, so that a restart goes on there.

Idea: a study of many levels is stopped more often than it is finished in one go. A file is
named for all that was asked and of which weights, so whoever asks the same finds it, and
whoever asks anything else measures anew. It holds every digit, and a checksum; what
disagrees with its checksum is measured again.

Limits: as with weights in the cache, another processor may round otherwise than the one
that measured.
"""

import hashlib
import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

import negcxr
from negcxr.chapters.galleries import Sampling
from negcxr.chapters.reporting_bias_measures import Measured
from negcxr.data.dataset import Dataset
from negcxr.text.choices import Item
from negcxr.text.prompts import Prompt
from negcxr.writing import write_whole

MEASURING = 1  # raise it when a measure changes, so that no old number is taken
KEY = 32  # letters of the hash that names a file


class Question(NamedTuple):
    """All that decides what comes of a level, but its weights.

    Attributes:
        images: Phantoms that are asked about.
        items: Four-way items made of them.
    """

    images: Dataset
    prompts: Sequence[Prompt]
    items: Sequence[Item]
    sampling: Sampling
    device: str
    dtype: str

    def key(self) -> str:
        """A hash of it all: equal where the same is asked in the same way."""
        told = [
            [MEASURING, negcxr.__version__, self.device.partition(":")[0], self.dtype],
            [self.images.fingerprint(), self.images.policy, list(self.sampling)],
            [prompt.model_dump() for prompt in self.prompts],
            [asdict(item) for item in self.items],
        ]
        return _hash(json.dumps(told, default=int))  # rows are numpy's whole numbers


def once(
    folder: Path, question: str, weights: str, measure: Callable[[], Measured]
) -> Measured:
    """What was measured before of these weights, else what is measured now, and kept.

    Args:
        folder: Where it is kept.
        question: A key of what is asked.
        weights: The fingerprint of what is asked.
    """
    path = folder / f"{_hash(f'{question} {weights}')[:KEY]}.measured"
    if path.is_file():
        checksum, _, text = path.read_text(errors="replace").partition("\n")
        if checksum == _hash(text):
            return _read(text)
        warnings.warn(f"{path}: damaged, measured again", stacklevel=2)
    text = _written(measure())
    write_whole(path, f"{_hash(text)}\n{text}".encode())
    return _read(text)  # the same way, so that found and measured are one


def _written(found: Measured) -> str:
    lists = {
        name: {key: draws.tolist() for key, draws in getattr(found, name).items()}
        for name in ("outer", "cues")
    }
    inner = {name: float(value) for name, value in found.inner.items()}
    return json.dumps({**lists, "inner": inner})


def _read(text: str) -> Measured:
    told = json.loads(text)
    outer, cues = (
        {key: np.array(draws, dtype=np.float64) for key, draws in told[name].items()}
        for name in ("outer", "cues")
    )
    return Measured(outer, cues, told["inner"])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
