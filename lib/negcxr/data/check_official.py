"""What a copy of a data set holds beside what its makers say that it holds.

Most copies are a part: a subset for trial, or a download that broke off. A part is fine
to work with if one knows that it is one.

Limits: counts that agree do not prove that the content does.
"""

from collections.abc import Mapping

import pandas as pd

from negcxr.data.check_table import split_counts
from negcxr.data.dataset import Dataset

NOTHING_PRESENT = "images with nothing present"
# Wang et al. (2017) and the table of the data set's own download, version 2020.
NIH = {"images": 112_120, "patients": 30_805, NOTHING_PRESENT: 60_361}
OFFICIAL: Mapping[str, Mapping[str, int]] = {"nih": NIH}


def counts_of(dataset: Dataset) -> dict[str, int]:
    """Counts of a data set by name: images, patients, studies, by split and as a whole."""
    found = {}
    rows = split_counts(dataset).to_dict("records")
    for row in (rows[-1], *rows[:-1]):
        within = "" if row["split"] == "all" else f" in {row['split']}"
        for what in ("images", "patients", "studies"):
            if not pd.isna(row[what]):
                found[f"{what}{within}"] = int(row[what])
    found[NOTHING_PRESENT] = int((dataset.labels != 1).all(axis=1).sum())
    return found


def against(here: Mapping[str, int], name: str) -> pd.DataFrame:
    """Each count here beside the official one, and what follows.

    Args:
        name: What the registry calls the data set.

    Returns:
        what, here, official (<NA> where none is known) and verdict: "as published", "a
        part: 660 of 112,120", "more than published", "differs" where all images are there
        and something else is fewer, or "" where nothing is published.
    """
    official = OFFICIAL.get(name, {})
    is_whole = here["images"] == official.get("images")
    fewer = "differs" if is_whole else "a part"
    rows = [
        [what, n, official.get(what), _verdict(n, official.get(what), fewer)]
        for what, n in here.items()
    ]
    table = pd.DataFrame(rows, columns=["what", "here", "official", "verdict"])
    return table.astype({"official": "Int64"})


def _verdict(here: int, official: int | None, fewer: str) -> str:
    if official is None:
        return ""
    if here == official:
        return "as published"
    word = fewer if here < official else "more than published"
    return f"{word}: {here:,} of {official:,}"
