"""Statements that fine-tuning reads, what makes each true, and what each is opposed to.

A statement is a prompt whose claim can be checked against labels: it wants one finding,
or two, to be present or absent. So its truth is looked up and never assumed: a blank
that the policy leaves out makes a claim on it unknown, and an unknown claim is neither
used as true nor as false.

The opposition of a statement is made by its grammar: "A" and "no A", "A without B" and
"B without A", "not without A" and "no A". It is a candidate only; whether it is false of
an image is again for the labels to say.

Limits: an equivalent counts as the denial of its finding, though it may say more.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from negcxr.errors import InputError
from negcxr.reading import read_yaml
from negcxr.shapes import checked
from negcxr.text.prompts import Prompt, load_prompt_set, load_prompt_words
from negcxr.text.templates import Template, fill
from negcxr.text.vocabulary import FINDINGS_FILE, Words

TRAINING = Path(__file__).with_name("words") / "training.yml"
PLAIN = ("affirmed", "denied")  # what a finding's synonyms are put into
# What a statement wants of its finding and of its other finding: 1 present, 0 absent.
WANTS: dict[str, tuple[float, float | None]] = {
    "affirmed": (1, None),
    "double-negation": (1, None),
    "denied": (0, None),
    "equivalent": (0, None),
    "composite": (1, 0),
    "scope": (0, 0),
}
OPPOSED = {
    "affirmed": "denied",
    "denied": "affirmed",
    "equivalent": "affirmed",
    "scope": "affirmed",
    "double-negation": "denied",
    "composite": "composite",
    "side": "side",
}


class Judged(NamedTuple):
    """What is judged of images.

    Attributes:
        findings: Names of the columns.
        relevance: 1 present, 0 absent, NaN not judged.
        sides: left, right, both, or blank where no side is known; None knows no side.
    """

    findings: tuple[str, ...]
    relevance: Float[np.ndarray, "image finding"]
    sides: Shaped[np.ndarray, "image finding"] | None = None

    def take(self, rows: Sequence[int]) -> "Judged":
        """What is judged of these images."""
        sides = None if self.sides is None else self.sides[rows]
        return self._replace(relevance=self.relevance[rows], sides=sides)


def plain_statements(findings: Sequence[str]) -> list[Prompt]:
    """Every statement of ``words/training.yml`` under its finding's usual name."""
    return load_prompt_set(str(TRAINING), findings)


def training_statements(findings: Sequence[str]) -> list[Prompt]:
    """Every statement in every wording of ``words/training.yml``, synonyms included.

    A text that stands for two of the findings is left out: "clear lungs", said of an
    image without the one, may be false by the label of the other.
    """
    words = load_prompt_words(str(TRAINING), findings)
    statements = plain_statements(findings)
    for number, renamed in enumerate(_synonyms(words), start=1):
        for template in _templates():
            if template.polarity in PLAIN:
                more = fill(template, renamed)
                statements += [
                    p.model_copy(update={"id": f"{p.id}/{number}"}) for p in more
                ]
    said = Counter(statement.text for statement in statements)
    return [statement for statement in statements if said[statement.text] == 1]


def wordings(*more: Path) -> str:
    """A hash of all words that training is made of: templates, names, and more files."""
    files = [path.read_bytes() for path in (TRAINING, FINDINGS_FILE, *more)]
    return hashlib.sha256(b"\0".join(files)).hexdigest()


def held_out(prompts: Sequence[Prompt]) -> list[bool]:
    """Which prompts deny by a cue, or are worded by a template, that training never sees.

    A denied prompt is held out where its cue is; any other one where its text is.
    """
    cues = {template.cue for template in _templates()}
    findings = sorted({name for p in prompts for name in (p.finding, p.other) if name})
    worded = {statement.text for statement in training_statements(findings)}
    return [
        p.cue not in cues if p.polarity == "denied" else p.text not in worded
        for p in prompts
    ]


@checked
def truth(
    statements: Sequence[Prompt], judged: Judged
) -> Float[np.ndarray, "image statement"]:
    """Whether each statement is true of each image: 1, 0, or NaN where it is unknown.

    A claim on two findings is false as soon as one of them is known to fail, as in
    Kleene's logic. "No left A" is true of an image without A, and of one with A on the
    right alone; where the side of a present A is not known, it is unknown.

    Raises:
        InputError: A statement has no truth (a hedge), or names a finding without a column.
    """
    places = [_columns(statement, judged.findings) for statement in statements]
    wants = np.array([_wants(s) for s in statements], dtype=float).reshape(-1, 2)
    has = judged.relevance[:, np.array(places, dtype=int).reshape(-1, 2)]
    first, second = np.moveaxis(np.where(wants == 1, has, 1 - has), 2, 0)
    second = np.where(np.isnan(wants[:, 1]), 1.0, second)
    true = np.where((first == 0) | (second == 0), 0.0, np.minimum(first, second))
    for place, statement in enumerate(statements):
        if statement.polarity == "side":
            true[:, place] = _side_denied(statement, judged)
    return true


def oppositions(statement: Prompt, pool: Sequence[Prompt]) -> list[int]:
    """Places in ``pool`` of the statements that say the opposite of this one."""
    polarity = OPPOSED[statement.polarity]
    wanted = statement.finding, statement.other
    if polarity == "composite":
        wanted = statement.other, statement.finding
    elif polarity != statement.polarity:
        wanted = statement.finding, ""
    return [
        place
        for place, other in enumerate(pool)
        if (other.polarity, other.finding, other.other) == (polarity, *wanted)
        and (polarity != "side" or other.side != statement.side)
    ]


def _columns(statement: Prompt, findings: Sequence[str]) -> tuple[int, int]:
    named = statement.finding, statement.other or statement.finding
    for name in named:
        if name not in findings:
            known = ", ".join(findings)
            raise InputError(f"{statement.id}: no labels for {name!r}; there are: {known}")
    return findings.index(named[0]), findings.index(named[1])


def _wants(statement: Prompt) -> tuple[float, float | None]:
    if statement.polarity == "side":
        return 0, None  # overwritten by _side_denied
    if statement.polarity not in WANTS:
        raise InputError(f"{statement.text!r} is {statement.polarity} and has no truth")
    return WANTS[statement.polarity]


def _side_denied(statement: Prompt, judged: Judged) -> Float[np.ndarray, " image"]:
    column = judged.findings.index(statement.finding)
    has = judged.relevance[:, column]
    if judged.sides is None:
        return np.where(has == 0, 1.0, np.nan)
    side = judged.sides[:, column]
    known = np.isin(side, ("left", "right", "both"))
    there = np.isin(side, (statement.side, "both"))
    return np.where(has == 1, np.where(known, 1.0 - there, np.nan), 1 - has)


@cache
def _templates() -> tuple[Template, ...]:
    return tuple(Template.model_validate(entry) for entry in read_yaml(TRAINING)["prompts"])


def _synonyms(words: Mapping[str, Words]) -> Iterator[dict[str, Words]]:
    """The words with the first other name for the phrase, then with the second ..."""
    most = max((len(entry.also) for entry in words.values()), default=0)
    for number in range(most):
        yield {
            name: entry.model_copy(update={"phrase": entry.also[number]})
            for name, entry in words.items()
            if number < len(entry.also)
        }
