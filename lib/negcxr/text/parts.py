"""What each word of a text is there for: to deny, to name a finding, or neither.

Idea: "does the model look at *no*?" needs to know which words are the cue. The reader of
cues knows them, and the words for a finding are data, so nothing is marked by hand.

Limits: a word is one part alone, and a cue comes first: in "no/edema" both are the cue. A
finding is found by the very words of its phrase, not by a synonym.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, get_args

from negcxr.text.cues import cue_spans

Part = Literal["cue", "finding", "rest"]
PARTS: tuple[Part, ...] = get_args(Part)


def word_parts(text: str, phrases: Iterable[str]) -> list[Part]:
    """The part of each word of a text, words being what white space sets apart.

    Args:
        phrases: The words for the findings; letters' case does not matter.

    Example:
        >>> word_parts("pneumothorax without pleural effusion", ["pleural effusion"])
        ['rest', 'cue', 'finding', 'finding']
    """
    cues, findings = cue_spans(text), list(_phrase_spans(text, phrases))
    words = [match.span() for match in re.finditer(r"\S+", text)]
    return [
        "cue" if _touches(word, cues) else "finding" if _touches(word, findings) else "rest"
        for word in words
    ]


def _phrase_spans(text: str, phrases: Iterable[str]) -> Iterator[tuple[int, int]]:
    for phrase in phrases:
        words = r"\s+".join(map(re.escape, phrase.split()))
        if words:
            pattern = rf"(?<!\w){words}(?!\w)"
            yield from (m.span() for m in re.finditer(pattern, text, re.IGNORECASE))


def _touches(word: tuple[int, int], spans: Iterable[tuple[int, int]]) -> bool:
    return any(start < word[1] and word[0] < stop for start, stop in spans)
