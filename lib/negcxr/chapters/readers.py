"""Scorers that read a text and nothing else, so that they can score anything in words.

``encoder`` takes the text as it is. The others read its cues first: ``parsing rule`` and
``centred rule`` need no training and no choice of a strength; ``subtraction``,
``centring``, ``cap`` and ``steering`` make a reader of a strength.

Limits: what the readers of cues cannot read is scored as the encoder scores it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from negcxr.chapters.galleries import Gallery
from negcxr.errors import InputError
from negcxr.finetune.training_free import cap_centres, centred, steered, subtracted
from negcxr.text.cues import parse
from negcxr.text.prompts import Prompt
from negcxr.text.vocabulary import load_words

Scores = Float[np.ndarray, "text image"]
Rows = Float[np.ndarray, "text dim"]


@dataclass(frozen=True, eq=False)
class Reader:
    """A scorer of texts; called on prompts, it reads their texts."""

    read: Callable[[Gallery, Sequence[str]], Scores]

    def __call__(self, gallery: Gallery, prompts: Sequence[Prompt]) -> Scores:
        """Score prompts, as any scorer does."""
        return self.read(gallery, [prompt.text for prompt in prompts])


class Halves(NamedTuple):
    """What texts affirm and what they deny, as rows; a half that one lacks is all 0."""

    affirmed: Rows
    denied: Rows


def halves(gallery: Gallery, texts: Sequence[str]) -> Halves:
    """The halves of each text, as the reader of cues parts it."""
    parsed = [parse(text) for text in texts]
    names = sorted({half for both in parsed for half in both if half})
    place = {"": 0} | {name: i for i, name in enumerate(names, start=1)}
    rows = np.vstack([np.zeros((1, gallery.rows.shape[1])), gallery.texts(names)])
    return Halves(
        rows[[place[both.affirmed] for both in parsed]],
        rows[[place[both.denied] for both in parsed]],
    )


def rule_scores(gallery: Gallery, texts: Sequence[str], strength: float = 1.0) -> Scores:
    """The parsing rule on plain texts; a half that a text lacks scores 0.

    Args:
        strength: How much of the score of what is denied is taken away.
    """
    affirmed, denied = (half @ gallery.rows.T for half in halves(gallery, texts))
    return subtracted(affirmed, denied, strength)


def plain_wording(text: str) -> str:
    """The same claim in the plainest words: "A", "no N", or "A without N".

    Example:
        >>> plain_wording("pleural effusion is ruled out")
        'no pleural effusion'
    """
    affirmed, denied = parse(text)
    if not denied:
        return affirmed or text
    return f"{affirmed} without {denied}" if affirmed else f"no {denied}"


def rewritten_scores(gallery: Gallery, texts: Sequence[str]) -> Scores:
    """The encoder on texts that the reader of cues has put into the plainest words.

    For an encoder that hears "no" and not every other cue; it is deaf where the reader
    is, and where it knows a cue no encoder need have met it.
    """
    return gallery.cosines([plain_wording(text) for text in texts])


def background(gallery: Gallery) -> Float[np.ndarray, "finding image"]:
    """Cosine of each image to the bare phrase of each finding."""
    words = load_words(gallery.dataset.findings).values()
    return gallery.cosines([entry.phrase for entry in words])


def centred_scores(gallery: Gallery, texts: Sequence[str], share: float = 1.0) -> Scores:
    """The parsing rule on halves that are centred image by image; a missing half is 0.

    Args:
        share: How much of the mean cosine to the findings is taken away.
    """
    around, parts = background(gallery), []
    for half in halves(gallery, texts):
        is_there = half.any(axis=1, keepdims=True)
        parts.append(is_there * centred(half @ gallery.rows.T, around, share))
    return subtracted(*parts)


def cap_scores(gallery: Gallery, texts: Sequence[str], width: float) -> Scores:
    """Cosine to the middle of what lies in the cap around A and outside that around N.

    Without an A that is the row opposite to N; without an N it is A.
    """
    affirmed, denied = halves(gallery, texts)
    rows = affirmed - denied
    pairs = affirmed.any(axis=1) & denied.any(axis=1)
    rows[pairs] = cap_centres(affirmed[pairs], denied[pairs], width)
    return rows @ gallery.rows.T


def steered_scores(
    gallery: Gallery,
    texts: Sequence[str],
    share: float,
    direction: Float[np.ndarray, " dim"],
) -> Scores:
    """Cosine to the texts, of which those that deny are moved along a direction."""
    rows = gallery.texts(list(texts))
    denies = np.array([bool(parse(text).denied) for text in texts], dtype=bool)
    rows[denies] = steered(rows[denies], direction, share)
    return rows @ gallery.rows.T


def subtraction(strength: float) -> Reader:
    """s(A) - strength x s(N)."""
    return Reader(partial(rule_scores, strength=strength))


def centring(share: float) -> Reader:
    """The parsing rule less a share of each image's mean cosine to the findings."""
    return Reader(partial(centred_scores, share=share))


def cap(width: float) -> Reader:
    """Caps of a width in degrees."""
    return Reader(partial(cap_scores, width=width))


def steering(share: float, direction: Float[np.ndarray, " dim"]) -> Reader:
    """Denials moved a share of the way to a direction."""
    return Reader(partial(steered_scores, share=share, direction=direction))


READERS: dict[str, Reader] = {
    "encoder": Reader(lambda gallery, texts: gallery.cosines(list(texts))),
    "parsing rule": subtraction(1.0),
    "centred rule": centring(1.0),
    "rewritten": Reader(rewritten_scores),
}


def reader(name: str | Reader) -> Reader:
    """A reader by its name; one that is a reader already stays as it is.

    Raises:
        InputError: There is none of that name; the message lists those there are.
    """
    if not can_read(name):
        known = ", ".join(READERS)
        raise InputError(f"scorer {name!r} cannot read options; choose of {known}")
    return name if isinstance(name, Reader) else READERS[name]


def can_read(name: str | Reader) -> bool:
    """Whether a scorer needs nothing of a prompt but its text."""
    return isinstance(name, Reader) or name in READERS
