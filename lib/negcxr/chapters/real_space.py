"""Real sentences in the spaces of several sides, and what fine-tuning changed of them.

Idea: the same sentences and the same resampled reports on every side, so that a change is
paired and better known than either of the two values.

Limits: the sides share a tokenizer and an image tower; what those cannot do, no method
changes.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.denial_counts import NO_REPORTS
from negcxr.chapters.galleries import Sampling
from negcxr.chapters.groups import BASE
from negcxr.chapters.queries import as_estimate
from negcxr.chapters.real_sentences import Draws, Placed, measures, place
from negcxr.chapters.sides import Side
from negcxr.measure.intervals import holm, paired_difference, summarise
from negcxr.probe.maps import allowed_perplexities, drawn_points, map_trust, tsne_maps
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt

NAMES = (
    *("contrast AUROC", "prompt direction AUROC", "real direction AUROC"),
    *("polarity purity", "finding purity", "angle"),
)
CHANGED = ("change", "change_low", "change_high", "p")
NEAREST = 10  # by which a map is held against the space
Measured = dict[str, dict[str, tuple[Draws, float]]]


def place_all(
    sides: Sequence[Side], drawn: pd.DataFrame, prompts: Sequence[Prompt]
) -> dict[str, Placed]:
    """The drawn sentences in every side's space; none where none was drawn."""
    return {side.name: place(side, drawn, prompts) for side in sides if len(drawn)}


def measure_all(placed: dict[str, Placed], sampling: Sampling) -> Measured:
    """Each measure of each side: its draws and its chance."""
    return {name: measures(each, sampling) for name, each in placed.items()}


def space_table(measured: Measured, n: int) -> pd.DataFrame:
    """Each measure of each side: measure, side, value, low, high, chance, n."""
    rows = [
        {"measure": name, "side": side, **summarise(found[name][0])._asdict()}
        | {"chance": found[name][1], "n": n}
        for name in NAMES
        for side, found in measured.items()
    ]
    columns = ["measure", "side", "value", "low", "high", "chance", "n"]
    return pd.DataFrame(rows, columns=columns)


def space_changes(measured: Measured) -> pd.DataFrame:
    """What became of each measure against the base, on the same resamples.

    Returns:
        measure, side, value with its ends, change with its ends, p, p_holm over all
        changes; the base's own rows have no change.
    """
    rows = []
    for name in NAMES:
        for side, found in measured.items():
            draws, changed = found[name][0], [np.nan] * 4
            if side != BASE:
                changed = paired_difference(draws, measured[BASE][name][0])[:4]
            rows.append([name, side, *summarise(draws), *changed])
    columns = ["measure", "side", "value", "low", "high", *CHANGED]
    table = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[2:], float))
    return table.assign(p_holm=holm(table["p"].to_numpy()))


def space_numbers(measured: Measured, n: int) -> dict[str, Estimate]:
    """Each measure of each side and its change against the base, as numbers of a result.

    Returns:
        ``<measure>_<side>`` and ``<measure>_change_<side>``, spaces and dashes as
        underscores; the base's, without a value, also where no sentence was drawn.
    """
    found = {}
    for name in NAMES:
        stem = name.lower().replace(" ", "_")
        found[f"{stem}_base"] = Estimate(value=None, n=n, note=NO_REPORTS)
        for side, by_name in measured.items():
            draws, chance = by_name[name]
            key, known = side.replace("-", "_"), None if np.isnan(chance) else chance
            found[f"{stem}_{key}"] = as_estimate(draws, n=n, chance=known)
            if side != BASE:
                change = draws - measured[BASE][name][0]
                found[f"{stem}_change_{key}"] = as_estimate(change, n=n)
    return found


def map_points(
    placed: dict[str, Placed], *, perplexity: float, starts: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Maps of the sentences, from several starts, and how far each may be believed.

    Returns:
        Points: side, start, perplexity, x, y, polarity, finding, and no sentence. Maps:
        side, start, perplexity, n, trustworthiness, continuity.
    """
    points, maps = [], []
    for side, each in placed.items():
        chosen = drawn_points(len(each.rows), seed)
        rows = each.rows[chosen]
        about = {
            "polarity": np.where(each.affirmed[chosen], "affirmed", "denied"),
            "finding": each.findings[chosen],
        }
        sizes = allowed_perplexities([perplexity], len(rows))
        for start, size, places in tsne_maps(rows, starts=starts, perplexities=sizes):
            known = {"side": side, "start": start, "perplexity": size}
            x, y = places.T
            points.append(pd.DataFrame(known | {"x": x, "y": y} | about))
            trust = map_trust(rows, places, min(NEAREST, (len(rows) - 1) // 2))
            maps.append([*known.values(), len(rows), *trust])
    columns = ["side", "start", "perplexity"]
    drawn = [*columns, "x", "y", "polarity", "finding"]
    judged = [*columns, "n", "trustworthiness", "continuity"]
    tables = pd.concat(points) if points else pd.DataFrame(columns=drawn)
    return tables[drawn], pd.DataFrame(maps, columns=judged)
