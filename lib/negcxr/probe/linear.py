"""Linear probes: whether polarity can be read off a tower's states, and what is read.

Idea: a line is fitted between the states of affirmed and of denied texts, in every layer,
and asked of texts that it was not fitted to. Which those are decides what the answer means
(see `splits`).

A tower may turn each finding its own way when it is denied. Then no line serves a finding
that was not seen, although every denial is heard.

Limits: a probe reads what is there, not what is used: states may part polarity along a
direction that moves no row, and no score. What parts two sets of texts may be their
length, or a word such as "of". Before the first layer the token that is read by a causal
tower holds its place and nothing else, so a probe there knows the length of the text, and
what is above it in later layers came from the words; the mean over word tokens holds the
word "no" from the start.

Reference: Alain & Bengio (2017), https://arxiv.org/abs/1610.01644.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from negcxr.errors import InputError
from negcxr.models.tower import WORD, States, TextTower, Tokens, at_read
from negcxr.probe.splits import Labels, Part
from negcxr.shapes import checked

READ, WORDS = "read", "mean of words"
Scores = Float[np.ndarray, " text"]
DIGITS = 6  # of a decision: below, it is rounding and no decision
NOISE = 1e-5  # of the entry that varies most: single precision carries no smaller variation


class Probing(NamedTuple):
    """How probes are fitted.

    Attributes:
        penalty: Of the squared weights, 1 / C of scikit-learn.
        n_folds: Parts that findings, and wordings, are dealt to.
        n_controls: Lots of the control task.
        seed: Draws the lots.
    """

    penalty: float = 100.0
    n_folds: int = 4
    n_controls: int = 10
    seed: int = 0


class Inside(NamedTuple):
    """What a tower holds of each text: before its first layer, after each, and its row.

    Attributes:
        read: States of the token that is read; for a tower that takes the mean over
            tokens, the same as ``words``.
        words: Mean states of the word tokens.
        rows: What the states become.
    """

    read: Float[np.ndarray, "depth text width"]
    words: Float[np.ndarray, "depth text width"]
    rows: Float[np.ndarray, "text dim"]

    def named(self) -> Iterator[tuple[tuple[str, int], Float[np.ndarray, "text width"]]]:
        """What is probed: its name, how many layers it has passed (the row last), it."""
        for name, each in ((READ, self.read), (WORDS, self.words)):
            for passed, features in enumerate(each):
                yield (name, passed), features
        yield (READ, len(self.read)), self.rows


def inside(tower: TextTower, texts: Sequence[str], at_once: int = 64) -> Inside:
    """What a tower holds of each text, in the order given."""
    parts, places = [], []
    with torch.inference_mode():
        for some, tokens in tower.batches(texts, at_once):
            parts.append(_inside(tower, tokens))
            places += some
    order = np.argsort(places)
    read, words, rows = (
        np.concatenate([part[k] for part in parts], axis=-2)[..., order, :]
        for k in range(3)
    )
    return Inside(read, words, rows)


def _inside(tower: TextTower, tokens: Tokens) -> tuple[np.ndarray, ...]:
    states = tower.states(tokens)
    word = (tower.roles(tokens) == WORD)[..., None]
    stacked = torch.stack(states)
    words = (stacked * word).sum(dim=2) / word.sum(dim=1).clamp(min=1)
    has_place = bool((tokens.read >= 0).all())
    read = at_read(stacked, tokens) if has_place else words
    found: tuple[States, ...] = (read, words, tower.end(states[-1], tokens))
    return tuple(each.double().cpu().numpy() for each in found)


def probe(penalty: float) -> Pipeline:
    """A line between two sets of texts, entries scaled to one spread, labels balanced.

    Raises:
        InputError: The penalty is not above zero.
    """
    if not penalty > 0:
        raise InputError(f"penalty is {penalty}, allowed is a number above 0")
    line = LogisticRegression(C=1 / penalty, class_weight="balanced", max_iter=5000)
    return make_pipeline(StandardScaler(), line)


@checked
def held_out_scores(
    features: Float[np.ndarray, "text width"],
    labels: Labels,
    held_out: Sequence[Part],
    penalty: float,
) -> Scores:
    """What a probe says of each text that it was not fitted to: above zero, labelled.

    Zero is undecided, as where the features of all texts are the same.

    Args:
        held_out: From `splits.parts`; a text that none asks is NaN, and so are those of a
            part with a single label to be fitted to.
    """
    found, features = np.full(len(labels), np.nan), _telling(features)
    for part in held_out:
        if len(np.unique(labels[part.fit])) == 2:
            line = probe(penalty).fit(features[part.fit], labels[part.fit])
            found[part.ask] = line.decision_function(features[part.ask])
    return np.round(found, DIGITS)


@checked
def credit(scores: Scores, labels: Labels) -> Scores:
    """1 where a score has the sign of the label, 0 where not, 1/2 for zero; NaN stays."""
    return (1 + np.sign(scores) * np.where(labels, 1, -1)) / 2


def _telling(
    features: Float[np.ndarray, "text width"],
) -> Float[np.ndarray, "text width"]:
    """Centred; what varies by rounding alone is made zero, or scaling would raise it."""
    centred = features - features.mean(axis=0)
    spread = centred.std(axis=0)
    return np.where(spread > NOISE * spread.max(), centred, 0)
