"""Where a method helps and where it fails: by finding, cue, view, or what is excluded.

Idea: the mean over all queries of a polarity may rise while a finding or a wording gets
worse. So the same queries are taken apart, each part before and after on the same
resamples.

Limits: the worst of many parts is in part bad luck; p is corrected for their number.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.methods import BY, corrected, paired
from negcxr.chapters.queries import Queries, ask
from negcxr.chapters.shortcuts import within_views
from negcxr.measure.intervals import mean_over
from negcxr.text.prompts import Prompt

# Polarities, what tells their queries apart, and by which of these they are parted.
PARTS = (
    (("affirmed", "denied", "equivalent"), ("finding",), "finding"),
    (("denied",), ("cue", "finding"), "cue"),
    (("composite",), ("finding", "other"), "other"),
)

VIEWED = ("affirmed", "denied", "composite")


def parts(
    before: Gallery, after: Gallery, prompts: Sequence[Prompt], sampling: Sampling
) -> pd.DataFrame:
    """Mean AUROC of each part of the queries, before, after and changed.

    Returns:
        polarity, by (finding, cue, or other: the finding that a composite excludes),
        part, then before, after and change with their ends, p, p_holm over the rows of
        one ``by``: over all of them, few resamples could never reach a small p.
    """
    tables = []
    for polarities, apart, by in PARTS:
        asked = [prompt for prompt in prompts if prompt.polarity in polarities]
        pair = (
            ask(gallery, asked, ("polarity", *apart), sampling=sampling)
            for gallery in (before, after)
        )
        found = group_changes(*pair, ("polarity", by)).rename(columns={by: "part"})
        tables.append(corrected(found).assign(by=by))
    table = pd.concat(tables, ignore_index=True)
    first = ["polarity", "by", "part"]
    return table[[*first, *(name for name in table if name not in first)]]


def by_view(
    before: Gallery, after: Gallery, prompts: Sequence[Prompt], sampling: Sampling
) -> pd.DataFrame:
    """Mean AUROC of a few polarities among all images and within each view.

    What a score, or a change of it, owes to telling AP from PA is lost within one view.

    Returns:
        view, polarity, then before, after and change with their ends, p, p_holm over all
        rows.
    """
    asked = [prompt for prompt in prompts if prompt.polarity in VIEWED]
    first, second = (
        within_views(ask(gallery, asked, BY, sampling=sampling), gallery, sampling)
        for gallery in (before, after)
    )
    tables = [
        group_changes(first[view], second[view], ["polarity"]).assign(view=view)
        for view in first
    ]
    table = pd.concat(tables, ignore_index=True)
    return corrected(table[["view", *(name for name in table if name != "view")]])


def group_changes(before: Queries, after: Queries, by: Sequence[str]) -> pd.DataFrame:
    """Mean AUROC before and after of the queries that share ``by``, a row a group."""
    rows = [
        {
            **dict(zip(by, values, strict=True)),
            **paired(*(mean_over(q.draws[block.index]) for q in (before, after))),
        }
        for values, block in before.table.groupby(list(by), sort=False)
    ]
    columns = [*by, *paired(np.zeros(1), np.zeros(1))]
    return pd.DataFrame(rows, columns=columns)


def points(table: pd.DataFrame) -> pd.DataFrame:
    """Affirmed and denied AUROC of each finding, before and after, for a scatter.

    Returns:
        finding, scorer (before or after), affirmed, denied.
    """
    known = table[table["by"] == "finding"]
    both = []
    for scorer in ("before", "after"):
        values = known.pivot(index="part", columns="polarity", values=scorer)
        values = values.reindex(columns=["affirmed", "denied"]).dropna()
        both.append(values.reset_index(names="finding").assign(scorer=scorer))
    return pd.concat(both, ignore_index=True)


def failures(table: pd.DataFrame, least: int = 8) -> pd.DataFrame:
    """The parts that got worse beyond their interval, and at least the lowest few."""
    ordered = table.dropna(subset=["change"]).sort_values("change", kind="stable")
    return ordered[(ordered["change_high"] < 0) | (np.arange(len(ordered)) < least)]
