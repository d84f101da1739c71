"""Phantoms labelled as films are: from a report, which leaves something unsaid.

Labels of films are read from reports, so they say what somebody wrote, and a policy has
to guess the rest. What a guess costs cannot be found on films, whose truth nobody knows.
Phantoms can be given a report and forget their truth for a while: a labeller reads the
report, policies read the labels, and afterwards the truth is still there to ask.

A habit says what the reporter saw and when a denial was thought worth a sentence. Three
of them err in three ways that a blank can: by lot, by size, and by who was asked about:
where a patient is sick, it is asked what else there might be, and the answer is written.

Limits: the labeller reads without a mistake, and no reporter affirms what is not there.
Real ones do both, so what is found here is the least that a policy can cost.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from negcxr.data.dataset import Dataset
from negcxr.data.reporting import CLINICAL
from negcxr.data.reports import labels, write_report
from negcxr.data.truth import FINDINGS, Sign, Truth
from negcxr.errors import InputError

SMALL = 1  # severity of what a reporter may miss
SICK = 2  # findings from which on a patient is sick enough to be asked about


class Habit(NamedTuple):
    """How reports are written beside the clinical bias, as chances in [0, 1].

    Attributes:
        about: The habit in words.
        missed: A small finding is not seen, and then left unsaid or denied as absent ones.
        asked: A report on fewer than `SICK` findings denies at all; others always may.
    """

    about: str
    missed: float
    asked: float


HABITS: Mapping[str, Habit] = {
    "by lot": Habit("what is said and what is left out is drawn by lot", 0.0, 1.0),
    "misses what is small": Habit("half of the small findings are not seen", 0.5, 1.0),
    "denies about the sick": Habit(
        "reports on two findings or more deny as before, one in ten of the others at all",
        0.0,
        0.1,
    ),
}


def knows_truth(dataset: Dataset) -> bool:
    """Whether the labels of a data set are the truth: of phantoms alone they are."""
    return dataset.kind == "phantoms"


def as_reported(dataset: Dataset, habit: str, seed: int) -> Dataset:
    """The same phantoms with the labels that a labeller reads from their reports.

    A report is decided by the seed, the habit and the phantom's name, so that a phantom
    has the same one whatever else is drawn with it.

    Args:
        habit: A key of `HABITS`.

    Raises:
        InputError: The habit is not known, or the data set does not know the truth.
    """
    if habit not in HABITS:
        raise InputError(f"habit {habit!r} is not known; choose of {', '.join(HABITS)}")
    if not knows_truth(dataset):
        raise InputError(f"{dataset.name}: labels are not the truth, only phantoms' are")
    rows = dataset.table.to_dict("records")
    read = np.stack([_read(row, habit, seed) for row in rows])
    columns = [FINDINGS.index(finding) for finding in dataset.findings]
    return replace(dataset, labels=read[:, columns], sides=None, reports=None)


def _read(row: Mapping[str, object], habit: str, seed: int) -> np.ndarray:
    """What a labeller reads of one phantom: 1, 0, -1 or NaN for each of `FINDINGS`."""
    name = hashlib.sha256(f"{habit}\0{row['image']}".encode()).digest()
    rng = np.random.default_rng([seed, *name[:8]])
    missed, asked = rng.random(len(FINDINGS)), rng.random()
    truth = _truth(row)
    seen = {
        finding: sign
        for finding, sign in truth.signs.items()
        if sign.severity != SMALL or missed[FINDINGS.index(finding)] >= HABITS[habit].missed
    }
    bias = CLINICAL
    if len(truth.signs) < SICK and asked >= HABITS[habit].asked:
        bias = replace(CLINICAL, deny=0.0, deny_rates={})
    return labels(write_report(replace(truth, signs=seen), bias, rng))


def _truth(row: Mapping[str, object]) -> Truth:
    """The truth of a phantom, from its row: a finding that is there has some detail."""
    signs = {f: Sign(*(row[f"{name}:{f}"] for name in Sign._fields)) for f in FINDINGS}
    return Truth(str(row["view"]), {f: s for f, s in signs.items() if s != Sign()})
