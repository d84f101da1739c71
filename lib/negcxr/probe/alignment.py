"""Which tokens of an affirmed and a denied sentence stand for each other.

Idea: a state can be exchanged between two runs where both have a token in the same place
and mean the same by it. So a pair of sentences is used if both have as many tokens and
differ in one run of them, which is the cue. The tokens then have roles that do not depend
on how long a sentence is, so that pairs of different length can be averaged.

Limits: that tokens stand in the same place does not make them mean the same: after the
cue each state holds what it has heard of it, and that is what tracing asks for.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool

from negcxr.errors import InputError
from negcxr.models.tower import READ, SPECIAL, WORD, TextTower, Tokens
from negcxr.shapes import checked
from negcxr.text.pairs import Pair

# From left to right. "end" is what stands behind the words and is not read: padding that
# is seen by others, or a separator.
PLACES = ("start", "before cue", "cue", "after cue", "end", "read")
Mask = Bool[torch.Tensor, "pair token"]


class Aligned(NamedTuple):
    """Pairs that can be traced, and why the others cannot.

    Attributes:
        pairs: In the order given.
        left_out: The others, each with a reason.
    """

    pairs: list[Pair]
    left_out: list[tuple[Pair, str]]


def align(tower: TextTower, pairs: Sequence[Pair]) -> Aligned:
    """Part pairs by whether a tower's tokens keep their places.

    Raises:
        InputError: No pair is left; the message counts the reasons.
    """
    texts = [pair.affirmed for pair in pairs] + [pair.denied for pair in pairs]
    tokens = tower.tokens(texts)
    words = tower.roles(tokens) == WORD
    found = Aligned([], [])
    for place, pair in enumerate(pairs):
        both = [place, place + len(pairs)]
        reason = _reason(words[both].sum(dim=1), tokens.ids[both])
        if reason:
            found.left_out.append((pair, reason))
        else:
            found.pairs.append(pair)
    if not found.pairs:
        counted = Counter(reason for _, reason in found.left_out)
        why = ", ".join(f"{count} with {reason}" for reason, count in counted.items())
        raise InputError(
            f"{tower.name}: none of {len(pairs)} pairs of sentences can be traced ({why}); "
            "allowed: two sentences of as many tokens that differ in one run of them"
        )
    return found


def _reason(words: torch.Tensor, ids: torch.Tensor) -> str:
    """Why a pair's tokens do not keep their places; empty if they do."""
    if words[0] != words[1]:
        return "another number of tokens"
    differs = torch.nonzero(ids[0] != ids[1]).ravel().tolist()
    if not differs:
        return "no token that differs"
    return "tokens that differ apart" if differs[-1] - differs[0] >= len(differs) else ""


@checked
def places(tower: TextTower, first: Tokens, second: Tokens) -> dict[str, Mask]:
    """Which tokens have each role of `PLACES`, in a batch of aligned pairs.

    Every token that a tower sees has one role. A text may have no token of a role.
    """
    roles, at = tower.roles(first), torch.arange(first.ids.shape[1], device=tower.device)
    cue = _between(first.ids != second.ids, at)
    words = _between(roles == WORD, at)
    begins, ends = (_first(cue, at), _last(cue, at))
    special = (roles == SPECIAL) & (at < first.lengths[:, None])
    return {
        "start": special & (at < _first(words, at)),
        "before cue": (roles == WORD) & (at < begins),
        "cue": cue,
        "after cue": (roles == WORD) & (at > ends),
        "end": special & (at > _last(words, at)),
        "read": (roles == READ) & ~cue,
    }


def _first(mask: Mask, at: torch.Tensor) -> torch.Tensor:
    return torch.where(mask, at, len(at)).amin(dim=1, keepdim=True)


def _last(mask: Mask, at: torch.Tensor) -> torch.Tensor:
    return torch.where(mask, at, -1).amax(dim=1, keepdim=True)


def _between(mask: Mask, at: torch.Tensor) -> Mask:
    """From the first to the last of each row."""
    return (at >= _first(mask, at)) & (at <= _last(mask, at))
