"""A prompt and its denial, finding by finding: do they part at all, and rightly?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.queries import as_estimate
from negcxr.measure.intervals import mean_over, summarise
from negcxr.measure.polarity import (
    flip_rate,
    margin,
    place_between,
    row_cosines,
    sign_correctness,
)
from negcxr.measure.resampling import resampled
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt

Rows = Float[np.ndarray, "finding dim"]
Draws = Float[np.ndarray, "finding draw"]
BOTH = ("affirmed", "denied")
CHANCE = {"row_cosine": None, "sign_correctness": 0.5, "flip_rate": 0.5}


def asked_in(
    gallery: Gallery, prompts: Sequence[Prompt], polarities: Sequence[str]
) -> list[int]:
    """Places of the findings that have a prompt of every one of these polarities."""
    known = {(prompt.finding, prompt.polarity) for prompt in prompts}
    return [
        place
        for place, finding in enumerate(gallery.dataset.findings)
        if all((finding, polarity) in known for polarity in polarities)
    ]


def mean_rows(
    gallery: Gallery, prompts: Sequence[Prompt], polarity: str, places: Sequence[int]
) -> Rows:
    """One unit row a finding: the mean of the unit rows of its prompts, made unit again."""
    rows = []
    for place in places:
        wanted = gallery.dataset.findings[place], polarity
        asked = [p.text for p in prompts if (p.finding, p.polarity) == wanted]
        mean = gallery.texts(asked).mean(axis=0)
        rows.append(mean / np.linalg.norm(mean))
    return np.stack(rows)


def polarity_draws(
    gallery: Gallery, prompts: Sequence[Prompt], sampling: Sampling
) -> dict[str, Draws]:
    """Cosine, share of right signs and flip rate of every finding, all resampled together.

    The cosine of two prompts depends on no image, so its draws are all the same. A
    finding without an affirmed or a denied prompt is NaN.
    """
    places = asked_in(gallery, prompts, ("affirmed", "denied"))
    shape = (len(gallery.dataset.findings), sampling.n_resamples + 1)
    draws = {name: np.full(shape, np.nan) for name in CHANCE}
    if not places:
        return draws
    affirmed, denied = (mean_rows(gallery, prompts, p, places) for p in BOTH)
    margins = margin(gallery.rows, affirmed, denied).T
    scores = affirmed @ gallery.rows.T, denied @ gallery.rows.T
    truths = gallery.relevance.T[places]

    def signs(weights: np.ndarray) -> np.ndarray:
        each = zip(margins, truths, strict=True)
        return np.stack([sign_correctness(row, known, weights) for row, known in each])

    def flips(weights: np.ndarray) -> np.ndarray:
        each = zip(*scores, truths, strict=True)
        return np.stack([flip_rate(yes, no, known, weights) for yes, no, known in each])

    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    draws["row_cosine"][places] = row_cosines(affirmed, denied)[:, None]
    draws["sign_correctness"][places] = resampled(signs, gallery.patients, **how)
    draws["flip_rate"][places] = resampled(flips, gallery.patients, **how)
    return draws


def polarity_table(gallery: Gallery, draws: dict[str, Draws]) -> pd.DataFrame:
    """A row a finding and measure, with its interval and chance."""
    rows = [
        {
            "measure": name,
            "finding": finding,
            **summarise(row)._asdict(),
            "chance": CHANCE[name],
        }
        for name, of_name in draws.items()
        for finding, row in zip(gallery.dataset.findings, of_name, strict=True)
    ]
    return pd.DataFrame(rows).astype({"chance": float})


def polarity_mean(draws: dict[str, Draws], name: str, n: int) -> Estimate:
    """Mean of one of them over the findings that are judged, with its interval."""
    return as_estimate(mean_over(draws[name]), n=n, chance=CHANCE[name])


def hedge_places(gallery: Gallery, prompts: Sequence[Prompt]) -> pd.DataFrame:
    """Where each hedge lies between denial (0) and affirmation (1), over findings."""
    rows = []
    for cue in dict.fromkeys(p.cue for p in prompts if p.polarity == "hedged"):
        chosen = [p for p in prompts if p.polarity in BOTH or p.cue == cue]
        places = asked_in(gallery, chosen, (*BOTH, "hedged"))
        found = np.array([])
        if places:
            means = (mean_rows(gallery, chosen, p, places) for p in ("hedged", *BOTH))
            found = place_between(*means)
        known = found[np.isfinite(found)]  # no place where the two rows are equal
        mean, spread = (known.mean(), known.std()) if len(known) else (np.nan, np.nan)
        rows.append({"cue": cue, "place": float(mean), "spread": float(spread)})
    return pd.DataFrame(rows, columns=["cue", "place", "spread"])
