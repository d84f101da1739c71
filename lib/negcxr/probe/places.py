"""Which tokens of a text belong to which of its words, for any tokenizer.

Idea: few tokenizers say where in the text a token comes from. But a text that grows word
by word tells it: the tokens that come in with a word are the word's own. That each shorter
text begins the longer one is checked, and refused where it does not hold.

Limits: a tokenizer that joins letters across white space does not fit in.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, get_args

import torch
from jaxtyping import Bool

from negcxr.errors import InputError
from negcxr.models.tower import TextTower, Tokens
from negcxr.shapes import checked
from negcxr.text.parts import word_parts

TokenPart = Literal["cue", "finding", "rest", "special"]
TOKEN_PARTS: tuple[TokenPart, ...] = get_args(TokenPart)
OUTSIDE = -1  # the word of a token that is start, end or padding
# How tokenizers mark where a word begins, goes on, or ends.
MARKS = ("</w>", "\N{LOWER ONE EIGHTH BLOCK}", "##")
START, END, PADDING = "⟨start⟩", "⟨end⟩", "padding"


@checked
def word_places(tower: TextTower, tokens: Tokens) -> Bool[torch.Tensor, "text token"]:
    """Which tokens are text rather than start, end or padding."""
    special = torch.tensor(tower.special, device=tokens.ids.device)
    places = torch.arange(tokens.ids.shape[1], device=tokens.ids.device)
    return ~torch.isin(tokens.ids, special) & (places < tokens.lengths[:, None])


def token_words(tower: TextTower, text: str) -> list[int]:
    """The number of the word that each token belongs to, `OUTSIDE` if to none.

    A word may have no token, where a tokenizer drops a lone comma or the text is cut.

    Raises:
        InputError: The tokens of the first words change when another one follows.
    """
    words = text.split()
    grown = _grown_ids(tower, [" ".join(words[:n]) for n in range(1, len(words))] + [text])
    for number, (shorter, longer) in enumerate(pairwise(grown)):
        if longer[: len(shorter)] != shorter:
            raise InputError(
                f"{tower.name}, {text!r}: the tokens of word {number + 1}, "
                f"{words[number]!r}, depend on what follows; allowed are tokenizers that "
                "cut at white space"
            )
    ends = [0, *map(len, grown)]
    owners = iter([n for n, ids in enumerate(grown) for _ in range(len(ids) - ends[n])])
    tokens = tower.tokens([text])
    row = word_places(tower, tokens)[0, : int(tokens.lengths[0])].tolist()
    return [next(owners) if is_word else OUTSIDE for is_word in row]


def token_parts(tower: TextTower, text: str, phrases: Iterable[str]) -> list[TokenPart]:
    """The part of each token: cue, finding, rest or special.

    Args:
        phrases: The words for the findings.

    Raises:
        InputError: As `token_words`.
    """
    parts = word_parts(text, phrases)
    found = token_words(tower, text)
    return ["special" if word == OUTSIDE else parts[word] for word in found]


def token_labels(tower: TextTower, text: str) -> list[str]:
    """What to show of each token: its letters, or what special token it is."""
    table = tower.token_table(text)
    last = max((n for n, special in enumerate(table.special) if not special), default=0)
    return [
        _special_label(number, last) if special else _letters(string)
        for number, (string, special) in enumerate(
            zip(table.strings, table.special, strict=True)
        )
    ]


def _grown_ids(tower: TextTower, texts: Sequence[str]) -> list[list[int]]:
    tokens = tower.tokens(texts)
    rows = zip(tokens.ids, word_places(tower, tokens), strict=True)
    return [ids[is_word].tolist() for ids, is_word in rows]


def _special_label(number: int, last: int) -> str:
    if number < last:
        return START
    return END if number == last + 1 else PADDING


def _letters(string: str) -> str:
    for mark in MARKS:
        string = string.replace(mark, "")
    return string
