"""What each fine-tuning reshaped inside, beside what it won outside.

Idea: every chapter that looks inside writes a table ``changes``: what it measured on each
side, and the paired change against the base. One or two numbers of each were named
beforehand (``NAMED``); these are brought together with the gains that were measured on
images, and asked whether the methods that moved a number inside more are those that won
more outside. All others stand in their own chapters.

Limits: a rank correlation over a few methods is weak evidence and never a cause; it is
given with how many methods stand behind it, and not at all below ``FEWEST``.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import permutation_test, spearmanr

from negcxr.chapters.groups import BASE
from negcxr.chapters.side_changes import name_of
from negcxr.measure.intervals import holm, resamples_needed
from negcxr.paths import at_root
from negcxr.results import Estimate, read_table
from negcxr.runs import METHOD_JOB

ALPHA = 0.05
FEWEST = 5  # methods: with four, no order of them is rarer than 1 in 24
GAINS = ("denied", "composite", "affirmed")
INNER = ("chapter", "measure", "side", "value", "low", "high")
CHANGE = ("change", "change_low", "change_high", "p")
CERTAIN, OPEN, UNTESTED = "certain", "open", "untested"
NAMED = (  # by chapter, before any of them was run on more than one training
    ("30_attribution", "cue share"),
    ("30_attribution", "cue effect"),
    ("31_geometry", "polarity purity"),
    ("31_geometry", "finding purity"),
    ("31_geometry", "angle"),
    ("32_heads", "largest head effect on denied"),
    ("33_tracing", "denial effect"),
    ("33_tracing", "crossing layer"),
    ("34_probes", "polarity, cue held out"),
    ("34_probes", "equivalents told from signs"),
    ("35_real_sentences", "told by contrast"),
)


def inner_changes(results: str | Path, chapters: Sequence[str]) -> pd.DataFrame:
    """What the chapters of a run measured inside, by side: the named numbers alone.

    Args:
        results: The run's folder.
        chapters: Notebooks whose table ``changes`` is read; one that was not run is left
            out, and a run without any gives no row.

    Returns:
        chapter, measure, side, value with its ends, change against the base with its
        ends, p, p_holm (over the changes of one method), sure: ``certain`` where p_holm
        is below 5 %, else ``open``; ``untested`` where there is no p, as for a count.
    """
    tables = [
        read_table(path, "changes").assign(chapter=name)
        for name in chapters
        if (path := at_root(results) / f"{name}.json").is_file()
    ]
    columns = [*INNER, *CHANGE]
    found = pd.concat(tables)[columns] if tables else pd.DataFrame(columns=columns)
    named = pd.MultiIndex.from_frame(found[["chapter", "measure"]]).isin(NAMED)
    found = found[named].reset_index(drop=True)
    by_side = found.groupby("side", sort=False)["p"]
    found["p_holm"] = by_side.transform(_corrected) if len(found) else np.nan
    tested = found["p"].notna()
    sure = np.where(found["p_holm"] < ALPHA, CERTAIN, np.where(tested, OPEN, UNTESTED))
    return found.assign(sure=np.where(found["side"] == BASE, "", sure))


def _corrected(p: pd.Series) -> pd.Series:
    """By Holm over those there are; a row without a test counts for nothing."""
    known = p.dropna()
    return pd.Series(holm(known.to_numpy(dtype=float)), index=known.index).reindex(p.index)


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


def agreement_numbers(table: pd.DataFrame) -> dict[str, Estimate]:
    """The rows of `agreements` as numbers of a result.

    Returns:
        ``agreement_<measure>_<gain>``, n the methods; the note has the corrected p.
    """
    return {
        f"agreement_{name_of(row['measure'])}_{row['gain']}": Estimate(
            value=row["correlation"],
            n=row["methods"],
            chance=0.0,
            note=f"p {row['p_holm']:.3f} after Holm",
        )
        for row in table.to_dict("records")
    }


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
    """How many changes were tested, how many are certain, and what it takes to be it.

    Returns:
        ``changes``, ``certain``, and ``resamples_needed`` behind each p for the most
        certain change of a method to pass the correction.
    """
    tested = int(inner["p"].notna().sum())
    certain = int((inner["sure"] == CERTAIN).sum())
    note = "" if tested else "no chapter of this run has a change"
    most = int(inner.groupby("side")["p"].count().max()) if tested else None
    needed = resamples_needed(most) if most else None
    return {
        "changes": Estimate(value=tested if tested else None, n=tested, note=note),
        "certain": Estimate(value=certain if tested else None, n=tested, note=note),
        "resamples_needed": Estimate(value=needed, n=most or 0, note=note),
    }


def _told(known: pd.Series) -> str:
    shown = known.value if known.side == BASE else known.change
    if not np.isfinite(shown):
        return "not evaluable"
    if known.side == BASE:
        return f"{shown:z.2f}"
    mark = "" if known.sure == CERTAIN else f" ({known.sure})"
    return f"{shown:+z.2f}{mark}"


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
