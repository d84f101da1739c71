"""What a sentence affirms and what it denies, by the cues in it.

A small reader of cues in the manner of NegEx: it finds the cues of ``words/cues.yml``,
takes what follows (or, for "is absent", what stands before) as denied up to the end of
the clause, and the rest as affirmed. It needs no training and no model, and is the
rival that every remedy must beat: score ``s(affirmed) - s(denied)``.

Where it is wrong, knowingly:

* Only a full stop, a semicolon and a turn ("but", "however", ...) end what a cue denies,
  and a comma does not: "no effusion, the heart is enlarged" denies both. Lists
  ("no A, B or C") are right for the same reason.
* A cue that stands after takes all that stands before it in its clause: "no edema,
  pneumothorax cannot be excluded" affirms both.
* "no change in A" and "no new A" deny A, though A may well be there.
* "no A with B" denies both; whether B is there, the words do not say.
* A hedge ("cannot exclude A") is read as affirmed, and an equivalent ("sharp
  costophrenic angles") is left as it is, since it carries no cue.
* Who is spoken of, and when ("family history of", "previously"), is not read.

Reference:
    Chapman et al. (2001), A simple algorithm for identifying negated findings.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

from negcxr.reading import read_yaml
from negcxr.text.vocabulary import FOLDER

CUES_FILE = FOLDER / "words" / "cues.yml"
PUNCTUATION = " \t\n,;:."
JOINTS = ("and", "or", "nor", "with", "but")  # nothing when they stand at an end

Kind = Literal["denial", "double-negation", "hedge"]


class Cue(NamedTuple):
    """Words that say how a sentence stands to what it names."""

    cue: str
    kind: Kind
    position: Literal["before", "after"]
    forms: tuple[str, ...]


class Parsed(NamedTuple):
    """The two halves of a sentence; a half that it lacks is empty.

    Several pieces of a half are joined, the affirmed by "and", the denied by "or".
    """

    affirmed: str
    denied: str


@cache
def _lists() -> dict[str, Any]:
    return read_yaml(CUES_FILE)


def _cue(entry: dict[str, Any]) -> Cue:
    forms = tuple(entry.get("forms", (entry["cue"],)))
    return Cue(entry["cue"], entry["kind"], entry["position"], forms)


CUES: list[Cue] = [_cue(entry) for entry in _lists()["cues"]]


def parse(text: str) -> Parsed:
    """What a sentence affirms and what it denies, without its cues.

    A text without a cue is affirmed as it stands. Double negations and hedges count as
    affirmed. Words that only say where something was seen ("chest x-ray without A")
    are dropped where nothing else is left of a half.

    Example:
        >>> parse("pneumothorax without pleural effusion")
        Parsed(affirmed='pneumothorax', denied='pleural effusion')
        >>> parse("no edema or consolidation but pneumothorax")
        Parsed(affirmed='pneumothorax', denied='edema or consolidation')
    """
    if not _pattern().search(text):
        return Parsed(text.strip(), "")
    halves: dict[bool, list[str]] = {False: [], True: []}
    for clause in _turn().split(text):
        for is_denied, words in _pieces(clause):
            piece = _tidy(words)
            if piece and piece.lower() not in _lists()["frames"]:
                halves[is_denied].append(piece)
    return Parsed(" and ".join(halves[False]), " or ".join(halves[True]))


def strip_cue(text: str) -> str:
    """The text without the cues that deny; the other words stay in order.

    What an encoder that is deaf to denial would read. Hedges stay, as they deny nothing.

    Example:
        >>> strip_cue("pneumothorax without pleural effusion")
        'pneumothorax pleural effusion'
    """
    kept = _pattern().sub(lambda m: m[0] if _found(m).kind == "hedge" else " ", text)
    return " ".join(kept.split())


def cue_spans(text: str) -> list[tuple[int, int]]:
    """Where the cues of a text stand, hedges too: first letter, and the one after the last.

    A copula before a cue that stands after goes with it, as in `strip_cue`.

    Example:
        >>> cue_spans("edema is ruled out")
        [(6, 18)]
    """
    return [match.span() for match in _pattern().finditer(text)]


def cues_in(text: str) -> tuple[Cue, ...]:
    """The cues of a text in their order; of nested ones the longest.

    Example:
        >>> [cue.cue for cue in cues_in("no evidence of edema, effusion is absent")]
        ['no evidence of', 'absent']
    """
    return tuple(_found(match) for match in _pattern().finditer(text))


def _pieces(clause: str) -> Iterator[tuple[bool, str]]:
    """Whether each stretch between two cues is denied, and the stretch."""
    start, denies = 0, False
    for match in _pattern().finditer(clause):
        cue, words = _found(match), clause[start : match.start()]
        is_denial = cue.kind == "denial"
        if cue.position == "after":
            yield is_denial, words
            denies = False
        else:
            yield denies, words
            denies = is_denial
        start = match.end()
    yield denies, clause[start:]


def _tidy(words: str) -> str:
    """Without punctuation and joints at the ends, and copulas that lost their sentence."""
    joints, copulas = _any_of(JOINTS), _any_of(_lists()["copulas"])
    loose = re.compile(rf"^{joints}\b|\b(?:{joints}|{copulas})$", re.IGNORECASE)
    before, words = None, words.strip(PUNCTUATION)
    while words != before:
        before, words = words, loose.sub("", words).strip(PUNCTUATION)
    return words


@cache
def _pattern() -> re.Pattern[str]:
    """Any wording of any cue, the longest first; the group tells which cue it is."""
    copula = {"before": "", "after": rf"(?:\b{_any_of(_lists()['copulas'])}\s+)?"}
    wordings = [(form, n) for n, cue in enumerate(CUES) for form in cue.forms]
    wordings.sort(key=lambda wording: -len(wording[0]))
    parts = [
        rf"(?P<cue{n}_{k}>{copula[CUES[n].position]}\b{_spaced(form)}\b)"
        for k, (form, n) in enumerate(wordings)
    ]
    return re.compile("|".join(parts), re.IGNORECASE)


@cache
def _turn() -> re.Pattern[str]:
    turns = _any_of(_lists()["turns"])
    led = rf"(?:[;.]\s+|,?\s+|^){turns},?\s+"
    return re.compile(rf"{led}|[;.](?:\s+|$)", re.IGNORECASE)


def _found(match: re.Match[str]) -> Cue:
    return CUES[int(match.lastgroup.removeprefix("cue").split("_")[0])]


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return f"(?:{'|'.join(map(_spaced, longest_first))})"


def _spaced(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))
