"""Pairs of an affirmed and a denied sentence that differ in their cue alone.

What is exchanged between two runs of a model must stand at the same place in both. So a
pair is made by a frame, in which nothing but one word is another: "with edema", "without
edema".

Limits: the word that stands against a cue is never nothing, and says something itself.
Whether a frame keeps its tokens in place is the tokenizer's matter, not known here.
"""

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from negcxr.errors import InputError
from negcxr.paths import at_root
from negcxr.reading import first_fault, read_yaml
from negcxr.text.vocabulary import FOLDER, Words

PAIRS_FILE = FOLDER / "words" / "pairs.yml"
SLOTS = {"finding", "is"}


class Pair(NamedTuple):
    """Two sentences about one finding.

    Attributes:
        finding: What both are about.
        frame: The frame that made them.
        affirmed: Says that it is there.
        denied: Says that it is not.
    """

    finding: str
    frame: str
    affirmed: str
    denied: str


class Frame(BaseModel):
    """One entry of a file of frames; see `Pair`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    affirmed: str
    denied: str

    @model_validator(mode="after")
    def _is_a_pair(self) -> Self:
        for text in (self.affirmed, self.denied):
            slots = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
            if "finding" not in slots or slots - SLOTS:
                raise ValueError(f"{text!r}; allowed: words, {{is}}, and one {{finding}}")
        if self.affirmed == self.denied:
            raise ValueError(f"both sentences are {self.denied!r}")
        return self


def load_pairs(words: Mapping[str, Words], path: str | Path = PAIRS_FILE) -> list[Pair]:
    """Every frame of a file, filled for every finding.

    Args:
        words: Of each finding.
        path: Taken from the project's root if relative.

    Raises:
        InputError: The file holds no frames, or one is not as it must be.
    """
    path = at_root(path)
    content = read_yaml(path)
    frames = content.get("frames") if isinstance(content, dict) else None
    if not isinstance(frames, list) or not frames:
        raise InputError(f"{path}: not a mapping with frames, a list of entries")
    found = [_frame(entry, number, path) for number, entry in enumerate(frames, start=1)]
    return [_pair(frame, name, entry) for frame in found for name, entry in words.items()]


def _frame(entry: object, number: int, path: Path) -> Frame:
    try:
        return Frame.model_validate(entry)
    except ValidationError as error:
        raise InputError(f"{path}, frames entry {number}: {first_fault(error)}") from None


def _pair(frame: Frame, finding: str, words: Words) -> Pair:
    filling = {"finding": words.phrase, "is": "are" if words.plural else "is"}
    texts = [text.format(**filling) for text in (frame.affirmed, frame.denied)]
    return Pair(finding, frame.id, *texts)
