"""A prompt and its denial, finding by finding: do they part at all, and rightly?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.queries import as_estimate
from negcxr.errors import InputError
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
CHANCE = {"row_cosine": None, "sign_correctness": 0.5, "flip_rate": 0.5}


def mean_rows(gallery: Gallery, prompts: Sequence[Prompt], polarity: str) -> Rows:
    """One unit row a finding: the mean of the unit rows of its prompts, made unit again.

    Raises:
        InputError: A finding has no prompt of this polarity.
    """
    rows = []
    for finding in gallery.dataset.findings:
        asked = [p.text for p in prompts if (p.finding, p.polarity) == (finding, polarity)]
        if not asked:
            raise InputError(
                f"prompt set: no {polarity} prompt for {finding}, one is needed"
            )
        mean = gallery.texts(asked).mean(axis=0)
        rows.append(mean / np.linalg.norm(mean))
    return np.stack(rows)


def polarity_draws(
    gallery: Gallery, prompts: Sequence[Prompt], sampling: Sampling
) -> dict[str, Draws]:
    """Cosine, share of right signs and flip rate of every finding, all resampled together.

    The cosine of two prompts depends on no image, so its draws are all the same.
    """
    affirmed, denied = (mean_rows(gallery, prompts, p) for p in ("affirmed", "denied"))
    margins = margin(gallery.rows, affirmed, denied).T
    scores = affirmed @ gallery.rows.T, denied @ gallery.rows.T
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}

    def signs(weights: np.ndarray) -> np.ndarray:
        each = zip(margins, gallery.relevance.T, strict=True)
        return np.stack([sign_correctness(row, known, weights) for row, known in each])

    def flips(weights: np.ndarray) -> np.ndarray:
        each = zip(*scores, gallery.relevance.T, strict=True)
        return np.stack(
            [flip_rate(said, not_, known, weights) for said, not_, known in each]
        )

    cosines = np.repeat(row_cosines(affirmed, denied)[:, None], sampling.n_resamples + 1, 1)
    return {
        "row_cosine": cosines,
        "sign_correctness": resampled(signs, gallery.patients, **how),
        "flip_rate": resampled(flips, gallery.patients, **how),
    }


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
    affirmed, denied = (mean_rows(gallery, prompts, p) for p in ("affirmed", "denied"))
    rows = []
    for cue in dict.fromkeys(p.cue for p in prompts if p.polarity == "hedged"):
        chosen = [p for p in prompts if p.polarity == "hedged" and p.cue == cue]
        places = place_between(mean_rows(gallery, chosen, "hedged"), affirmed, denied)
        known = places[np.isfinite(places)]  # no place where the two rows are equal
        mean, spread = (known.mean(), known.std()) if len(known) else (np.nan, np.nan)
        rows.append({"cue": cue, "place": float(mean), "spread": float(spread)})
    return pd.DataFrame(rows, columns=["cue", "place", "spread"])
