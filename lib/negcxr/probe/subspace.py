"""How many directions denial takes, and how far texts lie from images.

Idea: denied less affirmed rows are what an encoder makes of a cue. If they all point one
way, one number says whether a text denies; if each finding and wording has a way of its
own, "no" is learnt sentence by sentence.

Limits: a rank counts directions, not what they mean; noise has a high one.
"""

import numpy as np
from jaxtyping import Bool, Float, Shaped

from negcxr.models.rows import require_unit_rows
from negcxr.probe.directions import NOTHING
from negcxr.probe.geometry import DIGITS
from negcxr.shapes import checked

Rows = Float[np.ndarray, "text dim"]
Groups = Shaped[np.ndarray, " text"]


@checked
def denial_differences(
    rows: Rows, affirmed: Bool[np.ndarray, " text"], groups: Groups
) -> tuple[Float[np.ndarray, "denied dim"], Bool[np.ndarray, " text"]]:
    """Each denied row less the mean affirmed row of its group, mostly a finding.

    Returns:
        The differences, and which texts they are of; a denied text of a group without an
        affirmed one is left out.
    """
    found, used = np.zeros_like(rows), np.zeros(len(rows), dtype=bool)
    for name in np.unique(groups):
        here = groups == name
        if (here & affirmed).any():
            denied = here & ~affirmed
            found[denied] = rows[denied] - rows[here & affirmed].mean(axis=0)
            used |= denied
    return found[used], used


@checked
def group_means(vectors: Rows, groups: Groups) -> Float[np.ndarray, "group dim"]:
    """The mean vector of each group, in the order of their names."""
    return np.stack([vectors[groups == name].mean(axis=0) for name in np.unique(groups)])


@checked
def effective_rank(vectors: Rows) -> float:
    """How many directions the vectors take, as if all were taken equally.

    1 where all lie along one line, and as many as there are vectors or dimensions where
    these spread evenly. The exponential of the entropy of the singular values; not
    centred, so a direction that all share is one of them.

    Returns:
        At least 1; 0 where there is no vector but zero, to rounding.

    Reference:
        Roy & Vetterli (2007), https://ieeexplore.ieee.org/document/7098875.

    Example:
        >>> effective_rank(np.array([[2.0, 0.0], [0.0, 2.0]]))
        2.0
    """
    values = _singular_values(vectors)
    shares = values[values > 0] / max(values.sum(), NOTHING)
    return float(np.exp(-np.sum(shares * np.log(shares)))) if shares.size else 0.0


@checked
def participation_ratio(vectors: Rows) -> float:
    """How many directions hold most of the squared length; below `effective_rank`.

    Weak directions count for less, as lengths are squared. 1 on one line.

    Returns:
        At least 1; 0 where there is no vector but zero, to rounding.
    """
    power = _singular_values(vectors) ** 2
    total = power.sum()
    return float(total**2 / np.sum(power**2)) if total > 0 else 0.0


@checked
def mean_lengths(vectors: Rows) -> Float[np.ndarray, " text"]:
    """The length of each vector; of denial, how far the cue moves a text."""
    return np.linalg.norm(vectors, axis=1)


@checked
def modality_gap(
    texts: Float[np.ndarray, "text dim"], images: Float[np.ndarray, "image dim"]
) -> float:
    """The distance between the mean text and the mean image.

    0 where both lie around one place, up to 2; with unit rows, 1.4 if the two means were
    points at right angles. It says nothing about how well texts fit images: scores
    compare differences, and what all texts share cancels.

    Raises:
        InputError: A row is not of unit length.

    Reference:
        Liang et al. (2022), https://arxiv.org/abs/2203.02053.
    """
    require_unit_rows(texts=texts, images=images)
    return float(np.linalg.norm(texts.mean(axis=0) - images.mean(axis=0)))


@checked
def told_from(
    texts: Float[np.ndarray, "text dim"], images: Float[np.ndarray, "image dim"]
) -> Float[np.ndarray, " text"]:
    """Of each text, the share of images that lie less text-like than it does.

    Text-like is: along the mean text less the mean image, both of every other row, asked
    of the rows between, and the other way round. The mean over texts is the AUROC of
    this linear look: 1 told apart, 1/2 chance.
    """
    found = np.full(len(texts), np.nan)
    for part in (0, 1):
        fit_t, fit_i = texts[1 - part :: 2], images[1 - part :: 2]
        if len(fit_t) and len(fit_i) and len(images[part::2]):
            look = fit_t.mean(axis=0) - fit_i.mean(axis=0)
            others = np.round(images[part::2] @ look, DIGITS)
            for place in range(part, len(texts), 2):
                found[place] = _above(round(float(texts[place] @ look), DIGITS), others)
    return found


def _above(score: float, others: Float[np.ndarray, " image"]) -> float:
    return float(np.mean(others < score) + np.mean(others == score) / 2)


def _singular_values(vectors: Rows) -> np.ndarray:
    if not vectors.size:
        return np.zeros(0)
    values = np.linalg.svd(vectors, compute_uv=False)
    return np.where(values > NOTHING * np.sqrt(len(vectors)), values, 0)
