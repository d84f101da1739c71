"""What each fine-tuning reshaped inside, beside what it won outside.

Idea: every chapter that looks inside writes a table ``changes``: what it measured on each
side, and the paired change against the base. Here they are brought together with the
gains that were measured on images, and asked whether the methods that moved a number
inside more are those that won more outside.

Limits: a rank correlation over a few methods is weak evidence and never a cause; it is
given with how many methods stand behind it, and not at all below ``FEWEST``.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import permutation_test, spearmanr

from negcxr.chapters.groups import BASE
from negcxr.measure.intervals import holm
from negcxr.paths import at_root
from negcxr.results import Estimate, read_table
from negcxr.runs import METHOD_JOB

FEWEST = 5  # methods: with four, no order of them is rarer than 1 in 24
GAINS = ("denied", "composite", "affirmed")
INNER = ("chapter", "measure", "side", "value", "low", "high")
CHANGE = ("change", "change_low", "change_high", "p")
CERTAIN, OPEN = "certain", "open"


def inner_changes(results: str | Path, chapters: Sequence[str]) -> pd.DataFrame:
    """What every chapter of a run measured inside, by side.

    Args:
        results: The run's folder.
        chapters: Notebooks whose table ``changes`` is read; one that was not run is left
            out, and a run without any gives no row.

    Returns:
        chapter, measure, side, value with its ends, change against the base with its
        ends, p, p_holm (over all changes of this table), sure: ``certain`` where p_holm
        is below 5 %.
    """
    tables = [
        read_table(path, "changes").assign(chapter=name)
        for name in chapters
        if (path := at_root(results) / f"{name}.json").is_file()
    ]
    columns = [*INNER, *CHANGE]
    found = pd.concat(tables)[columns] if tables else pd.DataFrame(columns=columns)
    found = found.reset_index(drop=True)
    tested = found["p"].notna()
    corrected = np.full(len(found), np.nan)
    corrected[tested] = holm(found.loc[tested, "p"].to_numpy(dtype=float))
    sure = np.where(corrected < 0.05, CERTAIN, OPEN)
    return found.assign(p_holm=corrected, sure=np.where(tested, sure, ""))


def outer_changes(results: str | Path, methods: Sequence[str]) -> pd.DataFrame:
    """What each method won or lost on images: side, measure, change with its ends, p_holm.

    Raises:
        InputError: A method was not run.
    """
    columns = ["side", "measure", "before", "after", "change", "change_low", "change_high"]
    parts = [
        read_table(at_root(results) / f"{METHOD_JOB}{name}.json", "changes").assign(
            side=name
        )
        for name in methods
    ]
    empty = pd.DataFrame(columns=[*columns, "p_holm"])
    return pd.concat(parts)[[*columns, "p_holm"]] if parts else empty


def agreements(inner: pd.DataFrame, outer: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Whether methods that changed a number inside more won more outside.

    Returns:
        A row an inner measure and gain: chapter, measure, gain, methods (how many),
        correlation (Spearman, over methods), p (permutation, two-sided), p_holm over all
        rows; none where there are fewer than ``FEWEST`` methods.
    """
    rows = []
    won = outer[outer["measure"].isin(GAINS)].pivot(
        index="side", columns="measure", values="change"
    )
    moved = inner[(inner["side"] != BASE) & inner["change"].notna()]
    for (chapter, measure), block in moved.groupby(["chapter", "measure"], sort=False):
        for gain in [name for name in GAINS if name in won]:
            both = block.set_index("side")[["change"]].join(won[gain]).dropna()
            if len(both) >= FEWEST and (both.nunique() > 1).all():
                found = _correlation(both, seed)
                about = {"chapter": chapter, "measure": measure, "gain": gain}
                rows.append(about | {"methods": len(both)} | found)
    columns = ["chapter", "measure", "gain", "methods", "correlation", "p"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))


def overview(inner: pd.DataFrame) -> pd.DataFrame:
    """A row a measure, with what the base has and how each method changed it, in words."""
    rows = []
    for (chapter, measure), block in inner.groupby(["chapter", "measure"], sort=False):
        row: dict[str, object] = {"chapter": chapter, "measure": measure}
        for known in block.itertuples():
            row[known.side] = _told(known)
        rows.append(row)
    return pd.DataFrame(rows).fillna("")


def change_counts(inner: pd.DataFrame) -> dict[str, Estimate]:
    """How many changes the chapters report, and how many of them are certain."""
    tested = int(inner["p"].notna().sum())
    certain = int((inner["sure"] == CERTAIN).sum())
    return {
        "changes": Estimate(value=tested, n=tested),
        "certain": Estimate(value=certain, n=tested),
    }


def _told(known: pd.Series) -> str:
    if known.side == BASE:
        return f"{known.value:.2f}" if np.isfinite(known.value) else "none"
    if not np.isfinite(known.change):
        return "not evaluable"
    mark = "" if known.sure == CERTAIN else " (open)"
    return f"{known.change:+.2f}{mark}"


def _correlation(both: pd.DataFrame, seed: int) -> dict[str, float]:
    first, second = both.to_numpy(dtype=float).T
    found = permutation_test(
        (first,),
        lambda values: spearmanr(values, second).statistic,
        permutation_type="pairings",
        n_resamples=4999,
        rng=np.random.default_rng(seed),
    )
    return {"correlation": float(found.statistic), "p": float(found.pvalue)}
