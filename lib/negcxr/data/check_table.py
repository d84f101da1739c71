"""Who and what a data set's table holds: images, patients, splits, views, ages, sexes.

A data set that was fetched in part, or put together from two copies, reads as well as a
whole one. Its counts tell, if one knows what they should be.

Limits: a patient is known by the identifier alone, so two identifiers of one person are
two patients here too.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from negcxr.data.dataset import Dataset

NOT_STATED = "not stated"
COUNTED = ("image", "patient", "study")


class Ages(NamedTuple):
    """Ages in years; NaN where no age is known.

    Attributes:
        known: Images whose age is stated.
        youngest: The least age.
        median: Of the images, not of the patients.
        oldest: The highest age.
    """

    known: int
    youngest: float
    median: float
    oldest: float


def split_counts(dataset: Dataset) -> pd.DataFrame:
    """How many images, patients and studies each split has, and the whole last.

    Returns:
        split, images, patients, studies; studies are NaN where the table names none.
    """
    splits = sorted(dataset.table["split"].unique())
    return pd.DataFrame(
        [_counted(dataset.in_split(split).table, split) for split in (*splits, "all")]
    )


def shared_patients(dataset: Dataset) -> pd.DataFrame:
    """Patients whose images lie in more than one split, so that a test leaks.

    Returns:
        A row a patient: patient, splits (with commas between), images.
    """
    table = dataset.table[["patient", "split"]]
    pairs = table.drop_duplicates()
    shared = pairs["patient"][pairs["patient"].duplicated()].unique()
    theirs = table[table["patient"].isin(shared)].groupby("patient")["split"]
    rows = [
        [patient, ", ".join(sorted(splits.unique())), len(splits)]
        for patient, splits in theirs
    ]
    return pd.DataFrame(rows, columns=["patient", "splits", "images"])


def mix(dataset: Dataset, column: str) -> pd.DataFrame:
    """How often each value of a column stands in the table, the most frequent first.

    Args:
        column: Such as ``view`` or ``sex``; a column that is not there is stated nowhere.

    Returns:
        The column, images, and share of all images in [0, 1]. A blank is "not stated".
    """
    blank = pd.Series(NOT_STATED, index=dataset.table.index)
    cells = dataset.table.get(column, blank).fillna("").astype(str)
    counts = cells.replace("", NOT_STATED).value_counts(sort=False)
    counts = counts.sort_values(ascending=False, kind="stable")
    images = counts.to_numpy()
    columns = {"images": images, "share": images / len(dataset)}
    return pd.DataFrame({column: counts.index, **columns})


def ages(dataset: Dataset) -> Ages:
    """The range of ages, and of how many images an age is known."""
    nothing = pd.Series(np.nan, index=dataset.table.index)
    years = dataset.table.get("age", nothing).astype(float).dropna()
    return Ages(len(years), years.min(), years.median(), years.max())


def _counted(table: pd.DataFrame, split: str) -> dict[str, object]:
    images, patients, studies = (
        table[name].nunique() if name in table else np.nan for name in COUNTED
    )
    return {"split": split, "images": images, "patients": patients, "studies": studies}
