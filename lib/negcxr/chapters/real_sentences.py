"""Where real affirmed and denied sentences lie in a tower's space.

Idea: prompts are ours, and a checkpoint may know them by heart. The same questions are
asked here of sentences that radiologists wrote, drawn in pairs about one finding: whether
the contrast of images with and without it tells them apart, whether the direction that
parts affirmed from denied *prompts* does, and whether one can be found at all on other
findings' real sentences. Only sentences about one finding are compared.

Limits: denied sentences are shorter and have other words, so a count of words is asked
the same; what that alone tells apart is no understanding. A tower that was trained on
phantom reports meets many words here that it has only pieces of.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Shaped

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.methods import Draws
from negcxr.chapters.queries import as_estimate
from negcxr.chapters.sides import Side, contrasts
from negcxr.measure.clusters import balanced, mean_draws
from negcxr.measure.clusters import drawn as drawn_again
from negcxr.measure.strata import stratified_auroc
from negcxr.probe.directions import polarity_direction
from negcxr.probe.geometry import DIGITS, cosines, mean_angles, purity
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt

K = 10  # neighbours
Values = Float[np.ndarray, " sentence"]


class Placed(NamedTuple):
    """Real sentences in one side's space.

    Attributes:
        rows: Unit rows, one a sentence.
        affirmed: Which of them affirm their finding.
        findings, reports: Of each sentence.
        side: The side itself.
        direction: From denied to affirmed prompts.
    """

    rows: Float[np.ndarray, "sentence dim"]
    affirmed: Bool[np.ndarray, " sentence"]
    findings: Shaped[np.ndarray, " sentence"]
    reports: Shaped[np.ndarray, " sentence"]
    side: Side
    direction: Float[np.ndarray, " dim"]


def place(side: Side, drawn: pd.DataFrame, prompts: Sequence[Prompt]) -> Placed:
    """Embed drawn sentences and find the polarity direction of the prompts.

    Args:
        drawn: report, sentence, finding, affirmed; at least one row.
        prompts: Those that affirm or deny a finding of the side make the direction.
    """
    asked = [p for p in prompts if p.polarity in ("affirmed", "denied")]
    asked = [p for p in asked if p.finding in side.findings]
    rows = side.tower.encode_texts([p.text for p in asked]).astype(np.float64)
    affirmed = np.array([p.polarity == "affirmed" for p in asked])
    return Placed(
        side.tower.encode_texts(drawn["sentence"].tolist()).astype(np.float64),
        drawn["affirmed"].to_numpy(dtype=bool),
        drawn["finding"].to_numpy(dtype=str),
        drawn["report"].to_numpy(dtype=str),
        side,
        polarity_direction(rows, affirmed),
    )


def by_contrast(placed: Placed) -> Values:
    """Dot product of each sentence with its own finding's contrast; NaN without one."""
    known = contrasts(placed.side)
    nothing = np.full(placed.rows.shape[1], np.nan)
    of = np.stack([known.get(finding, nothing) for finding in placed.findings])
    return np.einsum("sd,sd->s", placed.rows, of)


def by_prompts(placed: Placed) -> Values:
    """Dot product of each sentence with the polarity direction of the prompts."""
    return placed.rows @ placed.direction


def by_other_findings(placed: Placed) -> Values:
    """Dot product with the polarity direction of the real sentences of other findings."""
    scores = np.full(len(placed.rows), np.nan)
    for finding in np.unique(placed.findings):
        here = placed.findings == finding
        others = polarity_direction(placed.rows[~here], placed.affirmed[~here])
        scores[here] = placed.rows[here] @ others
    return scores


SCORES: dict[str, Callable[[Placed], Values]] = {
    "told by contrast": by_contrast,
    "told by prompts": by_prompts,
    "told by reports": by_other_findings,
}
MEASURES = (*SCORES, "polarity purity", "finding purity", "angle")


def measures(placed: Placed, sampling: Sampling) -> dict[str, tuple[Draws, float]]:
    """Each measure of one side: its draws, whole reports drawn again, and its chance.

    AUROCs ask whether affirmed sentences score above denied ones about the same finding.
    Purity is the share of the ``K`` nearest that have a sentence's own polarity (of other
    findings, so that the finding's words do not help) or its own finding. The angle is
    how much farther a sentence lies from those about its finding of the other polarity
    than from those of its own, in degrees.
    """
    found = {
        name: (auroc_of(score(placed), placed, sampling), 0.5)
        for name, score in SCORES.items()
    }
    near, polarity = cosines(placed.rows), placed.affirmed
    of_polarity = purity(near, polarity, k=K, apart=[placed.findings])
    of_finding = purity(near, placed.findings, k=K)
    for name, pure in (("polarity purity", of_polarity), ("finding purity", of_finding)):
        found[name] = (_mean(pure.values, placed, sampling), _nanmean(pure.chance))
    about = placed.findings[:, None] == placed.findings[None]
    other = about & (polarity[:, None] != polarity[None])
    own = about & ~other & ~np.eye(len(polarity), dtype=bool)
    opened = mean_angles(near, other) - mean_angles(near, own)
    return found | {"angle": (_mean(opened, placed, sampling), 0.0)}


def auroc_of(scores: Values, placed: Placed, sampling: Sampling) -> Draws:
    """Affirmed above denied among sentences about one finding, reports drawn again."""
    known = np.isfinite(scores)
    if not known.any():
        return np.full(1 + sampling.n_resamples, np.nan)
    asked = np.round(scores[known], DIGITS), placed.affirmed[known].astype(float)
    return drawn_again(
        lambda weights: stratified_auroc(*asked, placed.findings[known], weights),
        placed.reports[known],
        n_resamples=sampling.n_resamples,
        seed=sampling.seed,
    )


def by_length(drawn: pd.DataFrame, placed: Placed, sampling: Sampling) -> Estimate:
    """What the number of words alone tells: longer sentences taken for affirmed."""
    words = drawn["sentence"].str.split().str.len().to_numpy(dtype=float)
    return as_estimate(auroc_of(words, placed, sampling), n=len(drawn), chance=0.5)


def _mean(values: Values, placed: Placed, sampling: Sampling) -> Draws:
    counts = balanced(placed.affirmed)
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    return mean_draws(values, counts, placed.reports, **how)


def _nanmean(values: Values) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
