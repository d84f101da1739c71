"""Which of the runs that are found are looked at.

Idea: each filter is a list of words, and a run passes where a word is part of what it
says; no word lets all pass. A word that fits nothing is refused, since a table that is
empty for a misspelt name looks like a finding.

Limits: words are parts of names: ``con1`` fits ``con1-multi`` too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from negcxr.chapters.side_by_side import KEPT, Found
from negcxr.chapters.side_by_side_scores import Scored
from negcxr.errors import InputError
from negcxr.live import LIVE
from negcxr.paths import at_root
from negcxr.reading import listed
from negcxr.runs import method_of

FOUND_IN = {"live": LIVE, "artifacts": KEPT}


class Wanted(NamedTuple):
    """What is looked at: words after commas, each empty for all.

    Attributes:
        found_in: ``live``, ``artifacts`` or both.
    """

    checkpoints: str = ""
    datasets: str = ""
    policies: str = ""
    scorers: str = ""
    devices: str = ""
    found_in: str = "live,artifacts"


OF_A_RUN: dict[str, Callable[[Found], str]] = {
    "checkpoints": lambda one: one.about.checkpoint,
    "datasets": lambda one: one.about.data,
    "policies": lambda one: one.about.policy,
    "devices": lambda one: one.about.device,
}


def chosen(found: Sequence[Found], wanted: Wanted) -> list[Found]:
    """The results that pass every filter but that of scorers.

    One that names no checkpoint, data or policy, as a comparison does not, passes with
    its run.

    Raises:
        InputError: A word fits nothing; the message lists what there is.
    """
    places = listed(wanted.found_in) or [*FOUND_IN]
    for place in places:
        if place not in FOUND_IN:
            raise InputError(f"found_in: {place!r}; allowed: {', '.join(FOUND_IN)}")
    left = [one for one in found if one.where in {FOUND_IN[place] for place in places}]
    for name, value_of in OF_A_RUN.items():
        words = listed(getattr(wanted, name))
        values = _values(found, value_of)
        _refuse_unknown(name, words, {v for known in values.values() for v in known})
        left = [
            one
            for one in left
            if any(fits(v, words) for v in _own(one, value_of, values)) or not words
        ]
    return left


def _values(
    found: Iterable[Found], value_of: Callable[[Found], str]
) -> Mapping[str, set[str]]:
    """What the results of each run say of one thing."""
    values: dict[str, set[str]] = {}
    for one in found:
        values.setdefault(one.run, set()).update({value_of(one)} - {""})
    return values


def _own(
    one: Found, value_of: Callable[[Found], str], values: Mapping[str, set[str]]
) -> set[str]:
    own = value_of(one)
    return {own} if own else values[one.run]


def of_scorers(rows: Sequence[Scored], wanted: Wanted) -> list[Scored]:
    """The scorers whose names fit the words for scorers.

    Raises:
        InputError: A word fits none.
    """
    words = listed(wanted.scorers)
    _refuse_unknown("scorers", words, {one.scorer for one in rows})
    return [one for one in rows if fits(one.scorer, words)]


def of_methods(found: Sequence[Found], wanted: Wanted) -> list[Found]:
    """Results but those of fine-tunings by other methods."""
    words = listed(wanted.scorers)
    return [
        one for one in found if not method_of(one.job) or fits(method_of(one.job), words)
    ]


def reference(found: Sequence[Found], own: str | Path, against: str) -> str:
    """The run that others are held against: the one that is named, or the one that asks.

    Where the one that asks has no result, it is the first live run, or else the kept one
    of most results; empty where nothing was found.

    Raises:
        InputError: There is no run of the name.
    """
    counts: dict[str, int] = {}
    for one in found:
        counts[one.run] = counts.get(one.run, 0) + (one.result is not None)
    if against and against not in counts:
        known = ", ".join(counts) or "none"
        raise InputError(f"against: no run {against!r}; runs: {known}")
    if against or at_root(own).name in counts:
        return against or at_root(own).name
    live = [one.run for one in found if one.where == LIVE]
    return live[0] if live else max(counts, key=lambda name: counts[name], default="")


def fits(value: str, words: Sequence[str]) -> bool:
    """Whether a word is part of a value; no words fit all."""
    return not words or any(word.lower() in value.lower() for word in words)


def _refuse_unknown(name: str, words: Sequence[str], known: Iterable[str]) -> None:
    known = sorted(known)
    for word in words:
        if not any(fits(value, [word]) for value in known):
            raise InputError(f"{name}: {word!r} fits none; there are: {', '.join(known)}")
