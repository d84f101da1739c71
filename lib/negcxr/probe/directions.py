"""The polarity direction: one way from denied to affirmed, or one for each finding?

Idea: the mean of affirmed texts less that of denied ones points from denial to
affirmation. If an encoder has one notion of absence, the direction found on one finding
parts the texts of another; if it has only learnt sentences, it does not. A shared *word*
would serve just as well, so wordings are held out too.

Limits: what parts affirmed from denied texts may be their length, or "no" itself; with
wordings held out it is still what cues have in common. A direction along which texts lie
apart need not be one that images are compared along.

Reference: Quantmeyer et al. (2024), https://arxiv.org/abs/2407.10488.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Shaped

from negcxr.measure.ranking import auroc
from negcxr.probe.geometry import DIGITS
from negcxr.shapes import checked

Rows = Float[np.ndarray, "text dim"]
Affirmed = Bool[np.ndarray, " text"]
Groups = Shaped[np.ndarray, " text"]
NOTHING = 10.0**-DIGITS  # a shorter direction is rounding


class Transfer(NamedTuple):
    """How well each group's direction (rows) parts each group's texts (columns)."""

    groups: tuple[str, ...]
    auroc: Float[np.ndarray, "fitted asked"]

    @property
    def own(self) -> float:
        """Mean over groups asked by their own direction; NaN pairs are left out."""
        return _mean(np.diagonal(self.auroc))

    @property
    def across(self) -> float:
        """Mean over pairs of different groups; NaN pairs are left out."""
        return _mean(self.auroc[~np.eye(len(self.groups), dtype=bool)])


@checked
def polarity_direction(rows: Rows, affirmed: Affirmed) -> Float[np.ndarray, " dim"]:
    """Mean of affirmed rows less mean of denied ones; its length is how far they lie apart.

    All zeros where they do not, to rounding; NaN where one of the two is missing.
    """
    if affirmed.all() or not affirmed.any():
        return np.full(rows.shape[1], np.nan)
    found = rows[affirmed].mean(axis=0) - rows[~affirmed].mean(axis=0)
    return found if np.linalg.norm(found) > NOTHING else np.zeros_like(found)


@checked
def transfer(rows: Rows, affirmed: Affirmed, groups: Groups) -> Transfer:
    """Whether the direction of one group parts affirmed from denied texts of another.

    AUROC of the projection, affirmed above denied: 1 each affirmed text above each denied
    one, 1/2 a direction that tells nothing here, 0 the other way round. What lies apart
    by little counts as much as by a lot. The diagonal is fitted on what it is asked.

    Args:
        groups: Mostly findings.

    Returns:
        AUROC in [0, 1]; NaN where a group lacks one of the two polarities.
    """
    everywhere = np.ones(len(rows), dtype=bool)
    return _transfer(rows, affirmed, groups, [(everywhere, everywhere)])


@checked
def transfer_to_other_wordings(
    rows: Rows, affirmed: Affirmed, groups: Groups, wordings: Groups
) -> Transfer:
    """As `transfer`, with a direction of one half of the wordings asked of the other half.

    The wordings of each polarity are dealt to the halves in turn, in their order; each
    half is asked once. So no cue that is asked was in the direction, and the diagonal
    is held out as well.

    Returns:
        AUROC in [0, 1]; NaN where a group lacks a polarity in one of the halves.
    """
    first = _first_half(affirmed, wordings)
    return _transfer(rows, affirmed, groups, [(first, ~first), (~first, first)])


@checked
def positions(
    rows: Rows,
    places: Groups,
    polarities: Groups,
    *,
    affirmed: str = "affirmed",
    denied: str = "denied",
) -> Float[np.ndarray, " text"]:
    """Where each text lies on the polarity direction of the *other* groups.

    Scaled so that over all groups affirmed texts lie at 1 on average and denied ones at
    -1; the zero of each group is midway between its own two. A wording that says that a
    finding is absent should lie near -1, with or without a cue. Blind to whatever is not
    along this direction.

    Args:
        places: The group of each text, mostly a finding.
        polarities: Names; those other than the two are placed, and fit nothing.

    Returns:
        Of no unit; NaN where the group lacks one of the two, or the groups do not agree
        on any direction.
    """
    names = np.unique(places)
    poles = (polarities == affirmed, polarities == denied)
    means = [_means(rows, pole, places, names) for pole in poles]
    apart, middle = means[0] - means[1], (means[0] + means[1]) / 2
    along, halves = np.full(len(rows), np.nan), np.full(len(names), np.nan)
    for number, name in enumerate(names):
        others = np.delete(apart, number, axis=0)
        others = others[np.isfinite(others).all(axis=1)]
        if len(others):
            direction, here = others.mean(axis=0), places == name
            halves[number] = apart[number] @ direction / 2
            along[here] = (rows[here] - middle[number]) @ direction
    scale = _mean(halves)
    return along / (scale if scale > NOTHING else np.nan)


def _means(
    rows: Rows, chosen: Affirmed, places: Groups, names: np.ndarray
) -> Float[np.ndarray, "group dim"]:
    found = np.full((len(names), rows.shape[1]), np.nan)
    for number, name in enumerate(names):
        here = chosen & (places == name)
        if here.any():
            found[number] = rows[here].mean(axis=0)
    return found


def _transfer(
    rows: Rows, affirmed: Affirmed, groups: Groups, folds: list[tuple[Affirmed, Affirmed]]
) -> Transfer:
    names = list(dict.fromkeys(groups.tolist()))
    found = np.full((len(folds), len(names), len(names)), np.nan)
    for number, (fit, ask) in enumerate(folds):
        for i, name in enumerate(names):
            chosen = fit & (groups == name)
            direction = polarity_direction(rows[chosen], affirmed[chosen])
            for j, other in enumerate(names):
                asked = ask & (groups == other)
                found[number, i, j] = _parted(rows[asked] @ direction, affirmed[asked])
    return Transfer(tuple(map(str, names)), found.mean(axis=0))


def _parted(scores: Float[np.ndarray, " text"], affirmed: Affirmed) -> float:
    if not np.isfinite(scores).all() or not len(scores):
        return float("nan")
    once = np.ones((1, len(scores)))
    return float(auroc(np.round(scores, DIGITS), affirmed.astype(float), once)[0])


def _first_half(affirmed: Affirmed, wordings: Groups) -> Affirmed:
    first = np.zeros(len(wordings), dtype=bool)
    for pole in (affirmed, ~affirmed):
        taken = list(dict.fromkeys(wordings[pole].tolist()))[::2]
        first |= pole & np.isin(wordings, taken)
    return first


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
