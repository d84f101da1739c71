"""The rivals that need no training, each at the strength that validation images choose.

Idea: a rival with a strength is a family of readers. The whole family is asked along its
strengths on validation phantoms; the one that is chosen there is measured beside the
encoder and the parsing rule, on other images.

Limits: a direction of denial is fitted on training wordings, so it is not quite free of
training; ``transfer`` asks whether it serves findings that it was not fitted on.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from negcxr.chapters.curves import Validation
from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.groups import RULE
from negcxr.chapters.methods import BY, CHANCES, Draws
from negcxr.chapters.polarity import BOTH, asked_in, mean_rows
from negcxr.chapters.queries import CHANCE, Queries, as_estimate, ask, compare
from negcxr.chapters.readers import (
    Reader,
    background,
    cap,
    centring,
    steering,
    subtraction,
)
from negcxr.errors import InputError
from negcxr.finetune.training_free import polarity_direction
from negcxr.measure.intervals import mean_over
from negcxr.measure.resampling import resampled
from negcxr.measure.retrieval import auroc_draws
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt

FEW = "not evaluable: fewer than two findings with both polarities"
Direction = Float[np.ndarray, " dim"]


class Family(NamedTuple):
    """Readers that differ in one strength."""

    make: Callable[[float], Reader]
    strengths: tuple[float, ...]

    def curve(self, validation: Validation, sampling: Sampling) -> dict[float, Queries]:
        """What the validation images say of each strength."""
        gallery, prompts = validation
        return {
            strength: ask(gallery, prompts, BY, sampling=sampling, name=self.make(strength))
            for strength in self.strengths
        }


def families(direction: Direction) -> dict[str, Family]:
    """Every rival that has a strength; the first strength changes nothing, or little."""
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    return {
        "subtraction": Family(
            subtraction, (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
        ),
        "centring": Family(centring, shares),
        "cap": Family(cap, (0.0, 30.0, 45.0, 60.0, 75.0, 90.0, 105.0, 120.0)),
        "steering": Family(partial(steering, direction=direction), shares),
    }


def fitted_direction(
    gallery: Gallery, statements: Sequence[Prompt], findings: Sequence[str] = ()
) -> Direction:
    """The way from affirmed to denied in a checkpoint's own rows.

    Args:
        statements: The wordings that it is fitted on.
        findings: The findings that it is fitted on; all of them where none is named.

    Raises:
        InputError: No finding has statements of both polarities.
    """
    own = [s for s in statements if not findings or s.finding in findings]
    places = asked_in(gallery, own, BOTH)
    if not places:
        raise InputError("no finding has an affirmed and a denied statement to fit on")
    return polarity_direction(*(mean_rows(gallery, own, p, places) for p in BOTH))


class Transfer(NamedTuple):
    """Steering by a direction of the same findings, and by one of others."""

    own: Estimate
    other: Estimate
    change: Estimate
    cosine: Estimate


def transfer(
    gallery: Gallery,
    prompts: Sequence[Prompt],
    statements: Sequence[Prompt],
    *,
    share: float,
    sampling: Sampling,
) -> Transfer:
    """Denied AUROC of every finding, steered by its own half of the findings and not.

    The findings are dealt into two halves, and a direction is fitted on each. Every
    finding is asked under both, so that the two means are over the same queries.

    Args:
        statements: The wordings that directions are fitted on.
        share: The strength of steering.
    """
    places = asked_in(gallery, statements, BOTH)
    halves = [[gallery.dataset.findings[i] for i in places[n::2]] for n in range(2)]
    if not all(halves):
        return Transfer(*[Estimate(value=np.nan, n=len(places), note=FEW)] * 4)
    ways = [fitted_direction(gallery, statements, half) for half in halves]

    def steer(by: Sequence[Direction]) -> Float[np.ndarray, "query draw"]:
        parts = []
        for half, way in zip(halves, by, strict=True):
            asked = [p for p in prompts if p.polarity == "denied" and p.finding in half]
            steered = steering(share, way)
            parts.append(ask(gallery, asked, BY, sampling=sampling, name=steered).draws)
        return np.concatenate(parts)

    own, other = steer(ways), steer(ways[::-1])
    n = len(gallery.rows)
    told = [as_estimate(mean_over(draws), n=n, chance=CHANCE) for draws in (own, other)]
    cosine = Estimate(value=float(ways[0] @ ways[1]), n=len(places))
    return Transfer(*told, compare(other, own, n), cosine)


def finds_normal(gallery: Gallery, direction: Direction, sampling: Sampling) -> Estimate:
    """AUROC of a direction alone for images that have none of the findings.

    Above chance, the direction points at what images without any finding look like,
    whatever a sentence denies.
    """
    judged = ~np.isnan(gallery.relevance).any(axis=1)
    none = np.where(judged, (gallery.relevance == 0).all(axis=1), np.nan)[None]
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    scores = (gallery.rows @ direction)[None]
    draws = auroc_draws(scores, none, gallery.patients, **how)
    return as_estimate(mean_over(draws), n=int(judged.sum()), chance=CHANCE)


def mean_and_count(gallery: Gallery, sampling: Sampling) -> Estimate:
    """Correlation of an image's mean cosine to the findings with how many it has.

    Near 1, the mean says how much there is to see, and centring takes that away; near 0
    or below, the mean says something else, and centring is well rid of it.
    """
    judged = ~np.isnan(gallery.relevance).any(axis=1)
    n = int(judged.sum())
    if n < 2:
        return Estimate(value=np.nan, n=n, note="not evaluable: too few images")
    means = background(gallery).mean(axis=0)[judged]
    both = np.stack([means, gallery.relevance[judged].sum(axis=1)])
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    draws = resampled(partial(_correlation, both), gallery.patients[judged], **how)
    return as_estimate(draws, n=n, chance=0.0)


def _correlation(
    both: Float[np.ndarray, "2 image"], weights: Float[np.ndarray, "resample image"]
) -> Float[np.ndarray, " resample"]:
    shares = weights / weights.sum(axis=1, keepdims=True)
    apart = both[:, None] - (shares @ both.T).T[:, :, None]
    first, second = np.sqrt(np.sum(shares * apart**2, axis=-1))
    product, nothing = first * second, np.full(len(weights), np.nan)
    covariance = np.sum(shares * apart[0] * apart[1], axis=-1)
    return np.divide(covariance, product, out=nothing, where=product > 0)


def rival_numbers(
    scorers: Mapping[str, Mapping[str, Draws]], n: int
) -> dict[str, Estimate]:
    """Every measure of every scorer, and what it is above the parsing rule, paired.

    Returns:
        ``<scorer>_<measure>`` and ``<scorer>_<measure>_gain``, in plain letters.
    """
    found = {}
    for name, measures in scorers.items():
        for measure, draws in measures.items():
            stem = f"{name}_{measure}".replace(" ", "_").replace("-", "_")
            found[stem] = as_estimate(draws, n=n, chance=CHANCES.get(measure))
            if name != RULE:
                rule = scorers[RULE][measure][None]
                found[f"{stem}_gain"] = compare(draws[None], rule, n)
    return found
