"""One entry of a prompt set, and the prompts that it makes.

An entry's text has slots in braces. Which slots it may have and must have follows from
its polarity, and is checked when the file is read, so a misspelt slot never becomes a
prompt with a brace in it.
"""

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from negcxr.text.vocabulary import Words

Polarity = Literal[
    "affirmed",
    "denied",
    "composite",
    "equivalent",
    "double-negation",
    "hedged",
    "scope",
    "side",
]
Side = Literal["left", "right"]

# polarity: the slots without which its text would not say what the polarity claims
SLOTS: dict[str, set[str]] = {
    "affirmed": {"finding"},
    "denied": {"finding"},
    "composite": {"finding", "other"},
    "equivalent": {"equivalent"},
    "double-negation": {"finding"},
    "hedged": {"finding"},
    "scope": {"finding", "other"},
    "side": {"finding", "side"},
}


class Prompt(BaseModel):
    """One text that a gallery is asked with, and what it claims.

    Attributes:
        id: Unique in its set and stable: finding/polarity/template, and what varies.
        finding: What is asked for; of a scope, the far item of the list.
        polarity: How the text stands to the finding.
        cue: What denies, where something does.
        text: What the encoder reads.
        other: Of a composite, the excluded finding; of a scope, the near item.
        side: Of a side prompt, the side that is denied.
        template: The entry of the prompt set that made it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str
    finding: str
    polarity: Polarity
    cue: str = ""
    text: str = Field(min_length=1)
    other: str = ""
    side: Literal["", "left", "right"] = ""
    template: str = ""


class Filling(NamedTuple):
    """What goes into the slots of one template to make one prompt."""

    finding: str
    other: str = ""
    side: Literal["", "left", "right"] = ""
    equivalent: str = ""


class Template(BaseModel):
    """One entry of a prompt set.

    Attributes:
        id: Short name in lower case, unique among the entries of its polarity.
        polarity: How the text stands to its finding.
        text: Words and slots.
        cue: What denies; it stands in the text.
        finding: Makes the entry a single prompt for this finding.
        other: The second finding of such a prompt, where its polarity has one.
        side: The side of such a prompt, where its polarity has one.
        pairs: With how many others each finding is paired: the next ones in the data
            set's order, the first coming after the last; ``all`` makes every ordered pair.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    polarity: Polarity
    text: str = Field(min_length=1)
    cue: str = ""
    finding: str = ""
    other: str = ""
    side: Literal["", "left", "right"] = ""
    pairs: Literal["all"] | int = "all"

    @model_validator(mode="after")
    def _says_what_it_claims(self) -> Self:
        self._check_slots()
        self._check_single()
        if self.polarity == "denied" and not self.cue:
            raise ValueError("a denied prompt names its cue")
        if self.cue.lower() not in self.text.lower():
            raise ValueError(f"cue {self.cue!r} does not stand in {self.text!r}")
        if self.pairs != "all" and self.pairs < 1:
            raise ValueError(f"pairs is {self.pairs}; allowed: all, or a number from 1")
        return self

    def _check_slots(self) -> None:
        slots = {name for _, name, _, _ in Formatter().parse(self.text) if name is not None}
        needed = set() if self.finding else SLOTS[self.polarity]
        allowed = {"is"} | (
            SLOTS[self.polarity] - {"equivalent"} if self.finding else needed
        )
        if slots - allowed or needed - slots:
            has, may, must = (
                ", ".join(sorted(s)) or "none" for s in (slots, allowed, needed)
            )
            raise ValueError(
                f"{self.text!r} has the slots {has}; allowed: {may}; needed: {must}"
            )

    def _check_single(self) -> None:
        two = bool(self.finding) and "other" in SLOTS[self.polarity]
        if bool(self.other) != two:
            raise ValueError("other goes with finding, in composite and scope alone")
        if bool(self.side) != (bool(self.finding) and self.polarity == "side"):
            raise ValueError("side goes with finding, in side prompts alone")


def fill(template: Template, words: Mapping[str, Words]) -> Iterator[Prompt]:
    """The prompts that an entry makes for these findings, in their order."""
    for filling in _fillings(template, words):
        entry = words[filling.finding]
        text = template.text.format(
            finding=entry.phrase,
            other=words[filling.other].phrase if filling.other else "",
            side=filling.side,
            equivalent=filling.equivalent,
            **{"is": "are" if entry.plural else "is"},
        )
        parts = (filling.finding, template.polarity, template.id, *filling[1:])
        yield Prompt(
            id="/".join(slug(part) for part in parts if part),
            finding=filling.finding,
            polarity=template.polarity,
            cue=template.cue,
            text=text,
            other=filling.other,
            side=filling.side,
            template=template.id,
        )


def slug(text: str) -> str:
    """Lower case, with a hyphen for whatever is neither letter nor digit."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _fillings(template: Template, words: Mapping[str, Words]) -> Iterator[Filling]:
    if template.finding:
        if template.finding in words and (template.other or template.finding) in words:
            yield Filling(template.finding, template.other, template.side)
    elif template.polarity in ("composite", "scope"):
        yield from _pairs(list(words), template.pairs)
    elif template.polarity == "equivalent":
        yield from (
            Filling(name, equivalent=text)
            for name, entry in words.items()
            for text in entry.equivalents
        )
    elif template.polarity == "side":
        lateral = [name for name, entry in words.items() if entry.lateral]
        yield from (
            Filling(name, side=side) for name in lateral for side in ("left", "right")
        )
    else:
        yield from map(Filling, words)


def _pairs(names: list[str], pairs: Literal["all"] | int) -> Iterator[Filling]:
    others = len(names) - 1 if pairs == "all" else min(pairs, len(names) - 1)
    for place, name in enumerate(names):
        for step in range(1, others + 1):
            yield Filling(name, names[(place + step) % len(names)])
