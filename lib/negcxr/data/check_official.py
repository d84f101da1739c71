"""What a copy of a data set holds beside what its makers say that it holds.

Most copies are a part: a subset for trial, or a download that broke off. A part is fine
to work with if one knows that it is one.

Limits: counts that agree do not prove that the content does.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from negcxr.data import layout_file
from negcxr.data.check_labels import label_counts
from negcxr.data.check_table import NOT_STATED, mix, split_counts
from negcxr.data.dataset import Dataset
from negcxr.data.labels import PRESENT
from negcxr.data.layout_file import Layout
from negcxr.data.layout_parts import UNVERIFIED

NOTHING_PRESENT = "images with nothing present"
VIEW, LABEL = "view: ", "label: "  # how the names of these counts begin
COLUMNS = ["what", "split", "here", "official", "verdict"]
WHOLE = "all"  # the split of what counts in every one


class Count(NamedTuple):
    """What is counted, such as "images" or "view: AP", and in which split."""

    what: str
    split: str = WHOLE


# Of data sets without a layout that says it: Wang et al. (2017), and its table of 2020.
OFFICIAL: Mapping[str, Mapping[Count, int]] = {
    "nih": {
        Count("images"): 112_120,
        Count("patients"): 30_805,
        Count(NOTHING_PRESENT): 60_361,
    },
}


def counts_of(dataset: Dataset) -> dict[Count, int]:
    """Images, patients and studies, of the whole and by split; then views and labels."""
    found = {}
    rows = split_counts(dataset).to_dict("records")
    for row in (rows[-1], *rows[:-1]):
        for what in ("images", "patients", "studies"):
            if not pd.isna(row[what]):
                found[Count(what, row["split"])] = int(row[what])
    found[Count(NOTHING_PRESENT)] = int((dataset.labels != PRESENT).all(axis=1).sum())
    for row in (rows[-1], *rows[:-1]):
        found |= _views_and_labels(dataset.in_split(row["split"]), row["split"])
    return found


def official_counts(name: str) -> dict[Count, int]:
    """What the makers of a data set published; nothing where nothing is known.

    Args:
        name: What the registry calls the data set.
    """
    if name in layout_file.names():
        return _published(layout_file.named(name))
    return dict(OFFICIAL.get(name, {}))


def against(here: Mapping[Count, int], name: str) -> pd.DataFrame:
    """Each count here beside the official one, and what follows.

    Views and labels are left out where nobody published them; the rest always stands.

    Args:
        name: What the registry calls the data set.

    Returns:
        what, split, here, official (<NA> where none is known) and verdict: "as
        published", "a part: 660 of 112,120", "more than published", "differs" where the
        split's images are all there and this is not as it was, or "" where nothing is
        published.
    """
    official = official_counts(name)
    rows = [
        [*count, here.get(count, 0), official.get(count), _verdict(count, here, official)]
        for count in dict.fromkeys((*here, *official))
        if count in official or not count.what.startswith((VIEW, LABEL))
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"official": "Int64"})


def _views_and_labels(dataset: Dataset, split: str) -> dict[Count, int]:
    views = mix(dataset, "view").itertuples(index=False)
    found = {Count(f"{VIEW}{view}", split): int(n) for view, n, _ in views}
    for finding, *counts in label_counts(dataset).itertuples(index=False):
        found |= _labels(finding, split, counts)
    return found


def _labels(finding: str, split: str, counts: list[int]) -> dict[Count, int]:
    values = ("present", "absent", "uncertain", "blank")
    names = [Count(f"{LABEL}{finding} {value}", split) for value in values]
    return dict(zip(names, map(int, counts), strict=True))


def _published(layout: Layout) -> dict[Count, int]:
    official = layout.official
    found = {Count(one.of, one.split): one.n for one in official.totals}
    if (views := official.views) and not views.source.startswith(UNVERIFIED):
        for view, n in views.counts.items():
            found[Count(f"{VIEW}{view or NOT_STATED}", views.split)] = n
    if (labels := official.labels) and not labels.source.startswith(UNVERIFIED):
        for finding, counts in labels.counts.items():
            found |= _labels(finding, labels.split, counts)
    return found


def _verdict(count: Count, here: Mapping[Count, int], official: Mapping[Count, int]) -> str:
    if count not in official:
        return ""
    n, published, images = here.get(count, 0), official[count], Count("images", count.split)
    if n == published:
        return "as published"
    word = "a part" if n < published else "more than published"
    if images in official and here.get(images) == official[images]:
        word = "differs"
    return f"{word}: {n:,} of {published:,}"
