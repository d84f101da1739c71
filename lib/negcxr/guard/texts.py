"""Whether a text names an image or a patient, or repeats a report.

Limits: see `negcxr.guard`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html import unescape
from typing import Any

from negcxr.data.dataset import Dataset
from negcxr.errors import InputError
from negcxr.guard.secrets import APART, FEW, Secrets, pieces

WORDS = 8  # in a row that make a piece of a report, and hardly a prompt
# A number with decimals is no identifier, whatever its digits, unless it is a whole one,
# as identifiers are in a column that has a gap; one with more dots may be.
_DECIMAL = re.compile(r"(?<![\w.])-?\d+\.\d*(?:e[+-]?\d+)?(?![\w.])", re.IGNORECASE)
LARGEST = 1e15  # up to which a whole number is told from the next one
_TAG = re.compile(r"<[^>]*>")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")  # as JSON writes other letters than ours


def refuse_text(text: str, secrets: Secrets, *, where: str) -> None:
    """Refuse a text with a name, or with a piece of a report.

    Raises:
        InputError: Says where, and what kind of thing was found; not what it is.
    """
    plain = unescape(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
    found = pieces(_DECIMAL.sub(_whole, f"{plain}{APART}{_TAG.sub(' ', plain)}"))
    if secrets.names.stand_in(found):
        refuse(secrets, where, "the name of an image or a patient")
    said = {*_runs(found, WORDS)}
    if said and any(not said.isdisjoint(report) for report in _reports(secrets.told)):
        refuse(secrets, where, f"{WORDS} words in a row of a report")


def _whole(number: re.Match[str]) -> str:
    """What identifier a number with decimals may be; nothing where it has a fraction."""
    value = abs(float(number[0]))
    return f" {int(value)} " if value < LARGEST and value.is_integer() else APART


def strings_in(thing: Any) -> Iterator[str]:
    """Every text, number and key, however deep."""
    if isinstance(thing, Mapping):
        for key, value in thing.items():
            yield str(key)
            yield from strings_in(value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from strings_in(value)
    else:
        yield str(thing)


def refuse(secrets: Secrets, where: str, what: str) -> None:
    """Refuse what was found.

    Raises:
        InputError: Always.
    """
    raise InputError(
        f"{where}: {what}; {secrets.source} is credentialed: allowed are aggregates alone"
    )


def _runs(found: list[str], count: int) -> Iterator[str]:
    return (" ".join(found[i : i + count]) for i in range(len(found) - count + 1))


def _reports(sample: Dataset) -> Iterable[Iterable[str]]:
    """Every ``WORDS`` words in a row of each report."""
    return [_few_reports(sample)] if len(sample) <= FEW else _read_reports(sample)


@lru_cache(maxsize=1)
def _few_reports(sample: Dataset) -> frozenset[str]:
    return frozenset(run for report in _read_reports(sample) for run in report)


def _read_reports(sample: Dataset) -> Iterator[Iterator[str]]:
    for row in range(len(sample)):
        texts = [] if sample.sections is None else [*sample.sections.read(row).values()]
        if sample.reports is not None:
            texts += [claim.text for claim in sample.reports[row]]
        yield (run for text in texts for run in _runs(pieces(text), WORDS))
