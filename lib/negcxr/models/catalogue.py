"""Checkpoints that are known by name, and what is expected of each.

What a name stands for is looked up before its weights are there: the licence, whether its
terms must be accepted first, what it was trained on, what is odd about it, and about what
a run costs. Nothing here decides how a checkpoint is read: that is its config's to say.

Limits: a fact was true of its source when it was written down; a null is unknown.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from negcxr.errors import InputError
from negcxr.models import cost
from negcxr.paths import at_root
from negcxr.reading import first_fault, read_yaml

FILE = Path(__file__).with_suffix(".yml")
COMMIT = re.compile(r"@[0-9a-f]{40}$")
Family = Literal["clip", "siglip", "vision-text-dual-encoder"]
LARGE = 512  # pixels; what is reported of those whose siblings' size is unknown


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Vision(_Strict):
    """An image tower's design; a patch is so many pixels wide."""

    layers: int = Field(ge=1)
    heads: int = Field(ge=1)
    width: int = Field(ge=1)
    patch: int = Field(ge=1)


class Text(_Strict):
    """A text tower's design."""

    layers: int = Field(ge=1)
    heads: int = Field(ge=1)
    width: int = Field(ge=1)
    vocabulary: int = Field(ge=1)


class Towers(_Strict):
    """The two towers of a design."""

    vision: Vision
    text: Text


class Entry(_Strict):
    """What is known of one checkpoint.

    Attributes:
        id: Its name on the hub.
        family: ``model_type``, expected.
        towers: The design of its towers, expected; None where unknown.
        image_size: Pixels of a side, expected; None where unknown.
        text_length: Tokens that are read, expected; None where unknown.
        licence: Of the weights.
        training_data: Names of data sets, or words where they have none.
        base: What its training began with: a name of the catalogue, or words; None where
            unknown.
        gated: Whether its terms must be accepted on the hub before it can be fetched.
        caveats: What is odd about it, a sentence or two each.
        sources: Where each fact comes from, by the fact's name.
    """

    id: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    family: Family
    towers: Towers | None
    image_size: int | None
    text_length: int | None
    licence: str
    training_data: tuple[str, ...]
    gated: bool
    base: str | None = None
    caveats: tuple[str, ...] = ()
    sources: Mapping[str, str]

    @model_validator(mode="after")
    def _facts_have_sources(self) -> Self:
        facts = ("family", "towers", "image_size", "text_length", "licence", "gated")
        named = {name for name in (*facts, "training_data", "base") if _said(self, name)}
        if without := named - self.sources.keys():
            raise ValueError(f"{self.id}: no source of {', '.join(sorted(without))}")
        return self

    @property
    def name(self) -> str:
        """What its folder is called."""
        return self.id.partition("/")[2]

    @property
    def cost(self) -> cost.Cost | None:
        """What a run is estimated to take (`negcxr.models.cost`); None where unknown.

        An image size that is unknown is taken for ``LARGE``.
        """
        if self.towers is None or self.text_length is None:
            return None
        vision, text = self.towers.vision, self.towers.text
        patches = ((self.image_size or LARGE) // vision.patch) ** 2
        table = text.vocabulary * text.width
        return cost.estimate(
            cost.Tower(vision.layers, vision.width, patches),
            cost.Tower(text.layers, text.width, self.text_length, table),
        )


@cache
def entries() -> tuple[Entry, ...]:
    """Every checkpoint of the catalogue, in its order."""
    return read_catalogue(FILE)


def entry_of(name: str) -> Entry | None:
    """The entry of a hub id, or of a folder that is called like its last part.

    A revision behind the id does not matter. None where the catalogue has no such name.
    """
    wanted = without_revision(name)
    return next((e for e in entries() if wanted in (e.id, e.name)), None)


def without_revision(checkpoint: str) -> str:
    """A checkpoint without the commit behind its name, unless a folder is called so."""
    return checkpoint if at_root(checkpoint).is_dir() else COMMIT.sub("", checkpoint)


def read_catalogue(path: Path) -> tuple[Entry, ...]:
    """The entries of a catalogue's file.

    Raises:
        InputError: The file is not a catalogue; names the field and the value.
    """
    values = read_yaml(path)
    towers, caveats = values["towers"], values["caveats"]
    found = []
    for one in values["checkpoints"]:
        notes = (*(caveats[key] for key in one["caveats"]), *one.pop("notes", ()))
        one |= {"towers": towers[one["towers"]], "caveats": notes}
        try:
            found.append(Entry.model_validate(one))
        except ValidationError as error:
            raise InputError(f"{path}: {one['id']}: {first_fault(error)}") from None
    return tuple(found)


def _said(entry: Entry, name: str) -> bool:
    return getattr(entry, name) is not None
