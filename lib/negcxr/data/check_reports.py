"""How many reports have findings and an impression, and how often they deny.

Counts alone: no word of a report leaves this module.

Limits: a sentence denies where a cue stands in it, whether or not it denies a finding.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from negcxr.data.dataset import Dataset
from negcxr.data.openi import DESCRIBES, split
from negcxr.errors import InputError


class ReportCounts(NamedTuple):
    """What the reports of some images hold.

    Attributes:
        images: Images whose reports were asked for.
        findings: Those whose report has a section of findings.
        impression: Those whose report has an impression.
        neither: Those whose report has neither, or is empty.
        sentences: Sentences in both sections.
        denying: Sentences with a cue of denial.
        faults: The rows whose report cannot be read, and why.
    """

    images: int
    findings: int
    impression: int
    neither: int
    sentences: int
    denying: int
    faults: tuple[tuple[int, str], ...]


def report_counts(
    dataset: Dataset, rows: Iterable[int], denies: Callable[[str], bool]
) -> ReportCounts:
    """Count sections and denying sentences in the reports of these rows.

    A report of a study with two films is counted with each of them.

    Args:
        denies: Whether a sentence denies something.
    """
    rows = list(rows)
    totals, faults = [0] * 5, []
    for row in rows:
        try:
            counted = _counted(_sections(dataset, int(row)), denies)
        except InputError as error:
            faults.append((int(row), str(error)))
            continue
        totals = [total + one for total, one in zip(totals, counted, strict=True)]
    return ReportCounts(len(rows), *totals, tuple(faults))


def _sections(dataset: Dataset, row: int) -> list[str]:
    report = dataset.sections.read(row) if dataset.sections else {}
    return [report.get(name, "").strip() for name in DESCRIBES]


def _counted(texts: list[str], denies: Callable[[str], bool]) -> list[int]:
    sentences = [sentence for text in texts for sentence in split(text)]
    has = [int(bool(text)) for text in texts]
    return [*has, int(not any(has)), len(sentences), sum(map(denies, sentences))]
