"""A prompt and its denial, finding by finding: do they part at all, and rightly?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.errors import InputError
from negcxr.measure.intervals import summarise
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


def polarity_table(
    gallery: Gallery, prompts: Sequence[Prompt], sampling: Sampling
) -> pd.DataFrame:
    """Cosine, share of right signs and flip rate, a row a finding."""
    affirmed, denied = (mean_rows(gallery, prompts, p) for p in ("affirmed", "denied"))
    margins = margin(gallery.rows, affirmed, denied)
    scores = gallery.rows @ affirmed.T, gallery.rows @ denied.T
    cosines = row_cosines(affirmed, denied)
    rows = []
    for i, finding in enumerate(gallery.dataset.findings):
        relevant = gallery.relevance[:, i]

        def on(
            weights: np.ndarray, i: int = i, relevant: np.ndarray = relevant
        ) -> np.ndarray:
            signs = sign_correctness(margins[:, i], relevant, weights)
            flips = flip_rate(scores[0][:, i], scores[1][:, i], relevant, weights)
            return np.stack([signs, flips])

        how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
        signs, flips = resampled(on, gallery.patients, **how)
        rows.append(
            {
                "finding": finding,
                "row_cosine": cosines[i],
                **_named("sign_correctness", signs),
                **_named("flip_rate", flips),
            }
        )
    return pd.DataFrame(rows)


def _named(name: str, draws: np.ndarray) -> dict[str, float]:
    value, low, high = summarise(draws)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def polarity_mean(table: pd.DataFrame, name: str, n: int) -> Estimate:
    """Mean of one column over findings; its interval is over findings, not patients."""
    values = table[name].dropna().to_numpy()
    if not len(values):
        return Estimate(value=float("nan"), n=n, note="not evaluable: no finding is judged")
    note = "mean over findings; intervals by finding are in the table"
    return Estimate(value=float(values.mean()), n=n, chance=CHANCE[name], note=note)


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
