"""What of a real text a tower can read: its words, and its end.

Idea: a tokenizer has whole tokens for the words that it was made on and puts the others
together from pieces, which a model has seldom seen side by side; and a tower reads texts
up to a length. Both limit what real sentences can show of a model.

Limits: a word in pieces may be understood, and a whole one need not be.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool

from negcxr.chapters.denial_counts import NO_REPORTS
from negcxr.chapters.drawn_sentences import can_read
from negcxr.chapters.sides import Side
from negcxr.models.tower import TextTower
from negcxr.results import Estimate

ONE_MORE = " effusion"  # a word that is read unless a text fills the tower already
WAYS = ("whole", "pieces", "unknown")
UNKNOWN = ("[unk]", "<unk>", "<|unk|>")  # how tokenizers call what they do not know


def fills(tower: TextTower, texts: Sequence[str]) -> Bool[np.ndarray, " text"]:
    """Which texts fill all that a tower reads, so that the next word would be lost."""
    found = []
    for text in texts:
        ids = (tower.tokens([t]).ids.cpu().numpy() for t in (text, text + ONE_MORE))
        found.append(np.array_equal(*ids))
    return np.array(found, dtype=bool)


def how_read(tower: TextTower, word: str) -> str:
    """Whether a word is one token (whole), several (pieces), or not read (unknown)."""
    if not can_read(tower, word):
        return "unknown"
    table = tower.token_table(word)
    tokens = [t for t, out in zip(table.strings, table.special, strict=True) if not out]
    if not tokens or any(token.lower() in UNKNOWN for token in tokens):
        return "unknown"
    return "whole" if len(tokens) == 1 else "pieces"


def word_table(sides: Sequence[Side], texts: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """How much of the words of texts each side's tower has as whole words.

    Args:
        texts: By where they are from.

    Returns:
        side, texts (where from), words, and the share of them read in each of ``WAYS``;
        no row where there is no word.
    """
    rows = []
    for name, some in texts.items():
        counts = Counter(re.findall("[a-z]+", " ".join(some).lower()))
        for side in sides if counts else ():
            read: Counter[str] = Counter()
            for word, n in counts.items():
                read[how_read(side.tower, word)] += n
            total = counts.total()
            rows.append([side.name, name, total, *(read[way] / total for way in WAYS)])
    return pd.DataFrame(rows, columns=["side", "texts", "words", *WAYS])


def reading_numbers(
    side: Side, reports: pd.DataFrame, sentences: Sequence[str]
) -> dict[str, Estimate]:
    """What one side's tower can read of reports and sentences.

    Returns:
        ``filled``, the share of reports that fill the tower; ``whole_words``, the share
        of the words of the sentences that are one token.
    """
    texts = [t for t in reports["text"] if t.strip() and can_read(side.tower, t)]
    filled = float(fills(side.tower, texts).mean()) if texts else None
    words = word_table([side], {"sentences": sentences})
    whole = None if words.empty else float(words["whole"].iloc[0])
    return {
        "filled": _share(filled, len(texts)),
        "whole_words": _share(whole, int(words["words"].sum())),
    }


def _share(value: float | None, n: int) -> Estimate:
    return Estimate(value=value, n=n, note="" if n else NO_REPORTS)
