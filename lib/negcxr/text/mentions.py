"""Where a real sentence names a finding.

A finding is named where one of its words stands: its phrase or one of its other names,
in any case, with any space between, in the singular or a plain plural.

Limits, and the chapter on real sentences measures what they cost: a finding that is put
into other words ("the heart is large") is missed, and a word that means something else
here ("soft tissue edema", "body mass index") is taken for the finding.
"""

import re
from collections.abc import Sequence
from functools import cache

from negcxr.text.vocabulary import load_words


def names_in(sentence: str, finding: str) -> tuple[str, ...]:
    """What a sentence calls a finding, as it stands there; empty if it does not name it.

    Example:
        >>> names_in("Small effusions, no Pleural  effusion.", "Pleural Effusion")
        ('effusions', 'Pleural  effusion')
    """
    return tuple(dict.fromkeys(_pattern(finding).findall(sentence)))


def findings_in(sentence: str, findings: Sequence[str]) -> tuple[str, ...]:
    """The findings that a sentence names, in the order given."""
    return tuple(finding for finding in findings if _pattern(finding).search(sentence))


def places(sentence: str, concept: str) -> list[tuple[int, int]]:
    """Where whole words stand in a sentence, in any case and with any space between.

    Example:
        >>> places("PE: a history of PE's, no peas", "pe")
        [(0, 2), (17, 19)]
    """
    # A concept may begin or end with a sign, where no word ends.
    pattern = rf"(?<!\w){_spaced(concept)}(?!\w)"
    found = re.finditer(pattern, sentence, re.IGNORECASE)
    return [match.span() for match in found if match[0]]


@cache
def _pattern(finding: str) -> re.Pattern[str]:
    words = load_words([finding])[finding]
    names = sorted([words.phrase, *words.also], key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(_spaced, names))})(?:e?s)?\b", re.IGNORECASE)


def _spaced(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))
