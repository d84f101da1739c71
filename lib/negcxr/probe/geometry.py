"""Where texts lie: neighbours, clusters and angles, in the space itself.

Idea: a map shows two dimensions of many, and shows them bent. What it seems to say is
asked here of the rows themselves: are the texts nearest to a denial denials too? Each
function gives a number to every text, so that means and intervals are taken over texts
(see ``negcxr.measure.clusters``), and all of them take plain arrays: rows, a label for
each, and groups of texts that must not be compared.

Texts of one wording, or of one cue, resemble each other whatever they mean. Where they
are kept apart (``apart``), reading the wording alone does not help.

Limits: a denial is also longer, and has other words than an affirmed text; what lies apart
may do so for that. And near and far say nothing about images.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Shaped
from sklearn.metrics import silhouette_samples

from negcxr.errors import InputError
from negcxr.models.rows import require_unit_rows
from negcxr.shapes import checked

DIGITS = 6  # of a cosine: rows in single precision tell no more apart
Near = Float[np.ndarray, "text text"]
Labels = Shaped[np.ndarray, " text"]
Values = Float[np.ndarray, " text"]


class Purity(NamedTuple):
    """Of each text, the share of its nearest that has its label, and what chance gives."""

    values: Values
    chance: Values


@checked
def cosines(rows: Float[np.ndarray, "text dim"]) -> Near:
    """How near texts lie: 1 the same direction, 0 unrelated, -1 opposite.

    Differences that single precision does not carry are made ties.

    Raises:
        InputError: A row is not of unit length.
    """
    require_unit_rows(rows=rows)
    return np.round(rows @ rows.T, DIGITS) + 0.0


@checked
def closeness(points: Float[np.ndarray, "text axis"]) -> Near:
    """How near points of a map lie: 0 on one place, below zero the farther apart."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    return -np.round(distances, DIGITS)


@checked
def candidates(n: int, apart: Sequence[Labels] = ()) -> Bool[np.ndarray, "text text"]:
    """Which texts may be neighbours of which: all others that share no group with it."""
    allowed = ~np.eye(n, dtype=bool)
    for groups in apart:
        allowed &= groups[:, None] != groups[None]
    return allowed


@checked
def neighbours(near: Near, k: int, apart: Sequence[Labels] = ()) -> Near:
    """How much each text counts among the ``k`` nearest of each other one.

    Texts that are equally near for the last places share them, as ties are chance.

    Args:
        near: The larger the nearer, as from `cosines` or `closeness`.
        apart: Groups, such as wordings; texts of one group are not compared.

    Returns:
        A row a text, summing to 1; NaN where it has fewer than ``k`` candidates.

    Raises:
        InputError: ``k`` is less than 1.
    """
    if k < 1:
        raise InputError(f"k is {k}, allowed is 1 or more neighbours")
    allowed = candidates(len(near), apart)
    enough = allowed.sum(axis=1) >= k
    if k >= len(near) or not enough.any():
        return np.full(near.shape, np.nan)
    near = np.where(allowed, near, -np.inf)
    last = np.partition(near, -k, axis=1)[:, -k][:, None]
    nearer, level = near > last, near == last
    places = k - nearer.sum(axis=1, keepdims=True)
    counted = (nearer + level * places / level.sum(axis=1, keepdims=True)) / k
    return np.where(enough[:, None], counted, np.nan)


@checked
def purity(near: Near, labels: Labels, *, k: int, apart: Sequence[Labels] = ()) -> Purity:
    """Share of the ``k`` nearest texts that have a text's own label.

    1 where like lies by like; at ``chance`` where a label has nothing to do with place.
    Blind to how far apart they lie, and to whether *one* direction parts them.

    Args:
        near: The larger the nearer, as from `cosines` or `closeness`.
        apart: Groups, such as wordings; texts of one group are not compared.

    Returns:
        Shares in [0, 1]; NaN for a text without ``k`` candidates, or whose candidates
        all have its label, or none.

    Raises:
        InputError: ``k`` is less than 1.
    """
    same = labels[:, None] == labels[None]
    allowed = candidates(len(labels), apart).astype(float)
    total = allowed.sum(axis=1)
    chance = (allowed * same).sum(axis=1) / np.maximum(total, 1)
    chance[(chance == 0) | (chance == 1)] = np.nan
    values = (neighbours(near, k, apart) * same).sum(axis=1)
    undecided = np.isnan(values) | np.isnan(chance)
    return Purity(*(np.where(undecided, np.nan, each) for each in (values, chance)))


@checked
def silhouettes(near: Near, labels: Labels) -> Values:
    """How much nearer a text lies to its own label's texts than to the next label's.

    1 where each label is a point far from the others, 0 where they mix, below zero where
    a text lies nearer to another label. Distance is 1 - cosine. Blind to labels that lie
    apart in long bands: their own texts are far away as well.

    Returns:
        In [-1, 1]; NaN throughout where there are not at least two labels, or as many
        labels as texts.

    Reference:
        Rousseeuw (1987), https://doi.org/10.1016/0377-0427(87)90125-7.
    """
    if not 2 <= len(np.unique(labels)) < len(labels):
        return np.full(len(labels), np.nan)
    distances = 1 - near
    np.fill_diagonal(distances, 0)
    return silhouette_samples(distances, labels, metric="precomputed")


@checked
def mean_angles(near: Near, pairs: Bool[np.ndarray, "text text"]) -> Values:
    """The mean angle between a text and those that it is paired with.

    Args:
        near: Cosines.
        pairs: Which texts each text is paired with.

    Returns:
        Degrees in [0, 180]; 0 the same row, 90 unrelated. NaN for a text without a pair.
    """
    degrees = np.degrees(np.arccos(np.clip(near, -1, 1)))
    count = pairs.sum(axis=1)
    total = np.where(pairs, degrees, 0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(near), np.nan), where=count > 0)


@checked
def dealt(labels: Labels, units: Labels, *, n_deals: int, seed: int) -> Iterator[Labels]:
    """Yield the labels dealt anew to the units: what they are if they mean nothing.

    All texts of a unit keep one label. With wordings as units, the null is that denial is
    one more way of wording: then any other parting of the wordings does as well.

    Raises:
        InputError: A unit has texts of two labels.
    """
    names, first, codes = np.unique(units, return_index=True, return_inverse=True)
    own = labels[first]
    for text in np.flatnonzero(own[codes] != labels)[:1]:
        unit = names[codes[text]]
        raise InputError(
            f"unit {unit} has texts labelled {own[codes[text]]} and {labels[text]}; "
            "labels are dealt to units, so one has a single label"
        )
    rng = np.random.default_rng(seed)
    for _ in range(n_deals):
        yield rng.permutation(own)[codes]


@checked
def deal_p(value: float, deals: Float[np.ndarray, " deal"]) -> float:
    """Share of deals at least as high as the value, itself counted as one; one-sided."""
    known = deals[np.isfinite(deals)]
    if not known.size or not np.isfinite(value):
        return float("nan")
    # Sums in another order differ in their last digits; such values are equal.
    return float((1 + np.sum(known >= value - 1e-9)) / (1 + known.size))
