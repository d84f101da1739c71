"""All that `negcxr data check` finds out about a data set, before any model is asked.

Every part is a count that a module of its own makes: `check_table`, `check_files`,
`check_labels`, `check_policies`, `check_reports`. Here they are made once, on the same
rows, and what an owner should mend is drawn up as one table.

Limits: a clean check says that the files are as the tables say. Whether labels are right
is not asked, and cannot be found out without a reader.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int

from negcxr.data.check_files import look_at, same_pictures
from negcxr.data.check_official import against, counts_of
from negcxr.data.check_policies import verdicts
from negcxr.data.check_reports import ReportCounts, report_counts
from negcxr.data.check_table import shared_patients
from negcxr.data.dataset import Dataset
from negcxr.data.tree import missing_rows

MEND = ["what", "image", "patient", "split", "said"]
MEASURED = "test"  # the split that studies measure on by default


class Looking(NamedTuple):
    """How closely to look.

    Attributes:
        n: Images to decode and reports to read; 0 for all.
        seed: Draws them.
        least: Images a finding needs on each side to be askable.
        denies: Whether a sentence of a report denies something.
        watched: Goes through rows, and may show how far it is.
    """

    n: int
    seed: int
    least: int
    denies: Callable[[str], bool]
    watched: Callable[[Iterable[int]], Iterable[int]]


@dataclass(frozen=True, eq=False)
class Check:
    """What was found out about a data set.

    Attributes:
        dataset: What was looked at, with all its faults.
        official: What is here beside what its makers published; see `check_official`.
        missing: The rows whose file is not there.
        looked: What each decoded image is like; see `check_files.look_at`.
        twins: Pictures that go by two names; see `check_files.same_pictures`.
        shared: Patients in more than one split.
        split: The split on which `verdicts` are counted.
        verdicts: What each policy lets be asked; see `check_policies.verdicts`.
        reports: What the reports of the sample hold; none where there are no reports.
    """

    dataset: Dataset
    official: pd.DataFrame
    missing: Int[np.ndarray, " missing"]
    looked: pd.DataFrame
    twins: pd.DataFrame
    shared: pd.DataFrame
    split: str
    verdicts: pd.DataFrame
    reports: ReportCounts | None

    @property
    def unreadable(self) -> pd.DataFrame:
        """Of the decoded images those that do not open."""
        return self.looked[self.looked["fault"] != ""]

    @property
    def leaks(self) -> pd.DataFrame:
        """Pictures that stand in two splits under two names."""
        return self.twins[self.twins["split"] != self.twins["twin_split"]]

    def to_mend(self) -> pd.DataFrame:
        """What its owner should mend, a row a fault: what, image, patient, split, said.

        Nothing to mend leaves no row. It names files and patients, so that they can be
        found; of a credentialed data set it must not leave its owner's machine.
        """
        return pd.concat([*_faults(self)], ignore_index=True)[MEND]


def check_dataset(
    name: str, dataset: Dataset, looking: Looking, *, whole: Dataset | None = None
) -> Check:
    """Find out all that can be counted of a data set, decoding only what is asked for.

    Args:
        name: What the registry calls the data set, for its official counts.
        dataset: Read within `mendable.tolerated`, so that its faults can be listed.
        whole: The data set with the views that the study does not read, where it has
            such: its makers counted those too.
    """
    missing = missing_rows(dataset)
    rows = _sample(np.setdiff1d(np.arange(len(dataset)), missing), looking)
    looked = look_at(dataset, looking.watched(rows))
    has_split = (dataset.table["split"] == MEASURED).any()
    split = MEASURED if has_split else "all"
    reports = report_counts(dataset, rows, looking.denies) if dataset.sections else None
    return Check(
        dataset=dataset,
        official=against(counts_of(whole or dataset), name),
        missing=missing,
        looked=looked,
        twins=same_pictures(looked),
        shared=shared_patients(dataset),
        split=split,
        verdicts=verdicts(dataset.in_split(split), looking.least),
        reports=reports,
    )


def _sample(rows: Int[np.ndarray, " row"], looking: Looking) -> Int[np.ndarray, " row"]:
    if not looking.n or looking.n >= len(rows):
        return rows
    drawn = np.random.default_rng(looking.seed).choice(rows, looking.n, replace=False)
    return np.sort(drawn)


def _faults(check: Check) -> Iterable[pd.DataFrame]:
    lost = check.dataset.table.iloc[check.missing]
    yield lost.assign(what="missing", said="no such file").reindex(columns=MEND)
    broken = check.unreadable
    yield broken.assign(what="unreadable", said=broken["fault"]).reindex(columns=MEND)
    shared = check.shared.rename(columns={"splits": "split"})
    said = [f"one patient, {n} images in these splits" for n in shared["images"]]
    shared = shared.assign(what="patient in two splits", image="", said=said)
    yield shared.reindex(columns=MEND)
    faults = check.reports.faults if check.reports else ()
    lost = check.dataset.table.iloc[[row for row, _ in faults]]
    said = [fault for _, fault in faults]
    yield lost.assign(what="report unreadable", said=said).reindex(columns=MEND)
    leaks = check.leaks
    said = leaks["twin_split"] + " has the same picture as " + leaks["twin"]
    same = leaks.assign(what="picture in two splits", patient="", said=said)
    yield same.reindex(columns=MEND)
