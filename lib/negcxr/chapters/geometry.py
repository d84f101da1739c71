"""How each side lays out affirmed and denied texts, in numbers of the space itself.

Idea: if an encoder hears "no", a denial lies apart from what it denies: among denials, at
a wide angle to the affirmed text, and along a direction that other findings share. Each of
these can be so without the others, so each is measured.

Intervals draw findings again, each with all its texts; wordings are taken as they are.
Texts of one cue, or of one wording where there is no cue, count as one *wording* and are
not each other's neighbours: whoever merely reads the cue finds nothing of its own near.

Limits: with eight findings an interval is rough, and somewhat too narrow.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from negcxr.chapters.denial_space import gaps, ranks, transfers
from negcxr.chapters.galleries import Sampling
from negcxr.chapters.methods import Draws
from negcxr.chapters.placed_texts import POLES, Texts, how
from negcxr.chapters.side_changes import side_changes
from negcxr.chapters.sides import Side
from negcxr.measure.clusters import balanced, mean_draws
from negcxr.measure.intervals import holm
from negcxr.probe.geometry import (
    Purity,
    cosines,
    deal_p,
    dealt,
    mean_angles,
    purity,
    silhouettes,
)

# Numbers that are asked whether they changed; the rest help to read them.
CHANGED = (
    *("polarity purity", "finding purity", "polarity silhouette", "finding silhouette"),
    *("angle", "transfer", "effective rank", "modality gap"),
)
DEALS = 499  # of polarities to wordings; the least p that these can give is 1 in 500


class Layout(NamedTuple):
    """Numbers of one side by measure, each as draws, and what chance would give."""

    draws: dict[str, Draws]
    chances: dict[str, float]


def layout(side: Side, texts: Texts, sampling: Sampling) -> Layout:
    """Every number of the geometry of affirmed and denied texts.

    Args:
        texts: Of the two poles alone are used.
        sampling: Its ``k`` is how many neighbours are asked.
    """
    poles = texts.of(POLES)
    draws, chances = _purities(poles, sampling)
    draws |= _silhouettes(poles, sampling) | _angles(poles, sampling)
    draws |= transfers(poles, sampling) | ranks(poles, sampling)
    draws |= gaps(side, poles, sampling)
    chances |= dict.fromkeys(["transfer", "transfer to other wordings", "told apart"], 0.5)
    return Layout(draws, chances)


def change_table(
    layouts: Mapping[str, Layout], measures: Sequence[str] = ()
) -> pd.DataFrame:
    """`side_changes` of some numbers, or of all, with chance beside each; p over them."""
    found = {
        side: {name: one.draws[name] for name in measures or one.draws}
        for side, one in layouts.items()
    }
    chances = next(iter(layouts.values())).chances
    table = side_changes(found)
    return table.assign(chance=[chances.get(name, np.nan) for name in table["measure"]])


def _purities(
    texts: Texts, sampling: Sampling
) -> tuple[dict[str, Draws], dict[str, float]]:
    polarity, finding, wording = map(texts.column, ("polarity", "finding", "wording"))
    near, draws, chances = cosines(texts.rows), {}, {}
    asked = {
        "polarity purity": (polarity, [wording]),
        "any-wording purity": (polarity, []),
        "cross-finding purity": (polarity, [wording, finding]),
        "finding purity": (finding, [wording]),
    }
    for name, (labels, apart) in asked.items():
        found = purity(near, labels, k=sampling.k, apart=apart)
        draws[name], chances[name] = purity_draws(found, labels, finding, sampling)
    return draws, chances


def purity_draws(
    found: Purity, labels: np.ndarray, units: np.ndarray, sampling: Sampling
) -> tuple[Draws, float]:
    """The mean purity over texts, every label counting the same, and its chance."""
    counts = balanced(labels)
    chance = mean_draws(found.chance, counts, units, n_resamples=0, seed=0)[0]
    return mean_draws(found.values, counts, units, **how(sampling)), float(chance)


def _silhouettes(texts: Texts, sampling: Sampling) -> dict[str, Draws]:
    near, units = cosines(texts.rows), texts.column("finding")
    found = {}
    for name in ("polarity", "finding"):
        labels = texts.column(name)
        values = silhouettes(near, labels)
        found[f"{name} silhouette"] = mean_draws(
            values, balanced(labels), units, **how(sampling)
        )
    return found


def _angles(texts: Texts, sampling: Sampling) -> dict[str, Draws]:
    near, polarity = cosines(texts.rows), texts.column("polarity")
    finding, polar, wording = (
        names[:, None] == names[None]
        for names in map(texts.column, ("finding", "polarity", "wording"))
    )
    pairs = {
        "angle": finding & ~polar,
        "wording angle": finding & polar & ~wording,
        "finding angle": ~finding & polar & ~wording,
    }
    counts, units = balanced(polarity), texts.column("finding")
    return {
        name: mean_draws(mean_angles(near, chosen), counts, units, **how(sampling))
        for name, chosen in pairs.items()
    }


def dealt_table(sides: Mapping[str, Texts], sampling: Sampling) -> pd.DataFrame:
    """Whether polarity parts the wordings better than any other parting of them would.

    Polarities are dealt to whole wordings: to part wordings of any kind is then no merit.

    Returns:
        side, measure, value, dealt (its mean over deals), deals, p (one-sided) and p_holm
        over all rows; purity as its excess over chance.
    """
    rows = []
    for side, texts in sides.items():
        poles = texts.of(POLES)
        polarity, wording = poles.column("polarity"), poles.column("wording")
        near, n = cosines(poles.rows), min(DEALS, sampling.n_resamples)
        deals = [polarity, *dealt(polarity, wording, n_deals=n, seed=sampling.seed)]
        found = np.array([_parting(near, labels, wording, sampling.k) for labels in deals])
        for name, values in zip(("purity", "silhouette"), found.T, strict=True):
            row = {"side": side, "measure": f"polarity {name}", "value": values[0]}
            known = values[1:][np.isfinite(values[1:])]
            row["dealt"] = known.mean() if known.size else np.nan
            rows.append(row | {"deals": n, "p": deal_p(float(values[0]), values[1:])})
    table = pd.DataFrame(rows)
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))


def _parting(
    near: np.ndarray, labels: np.ndarray, wording: np.ndarray, k: int
) -> tuple[float, float]:
    found, counts = purity(near, labels, k=k, apart=[wording]), balanced(labels)
    excess = counts @ (found.values - found.chance)
    return float(excess), float(counts @ silhouettes(near, labels))
