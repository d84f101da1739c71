"""How many reports have findings and an impression, and how often they deny.

Counts alone: no word of a report leaves this module.

Limits: a sentence denies where a cue stands in it, whether or not it denies a finding.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from negcxr.data.dataset import Dataset
from negcxr.data.openi import DESCRIBES, split


class ReportCounts(NamedTuple):
    """What the reports of some images hold.

    Attributes:
        images: Images whose reports were read.
        findings: Those whose report has a section of findings.
        impression: Those whose report has an impression.
        neither: Those that have neither, or no report.
        sentences: Sentences in both sections.
        denying: Sentences with a cue of denial.
    """

    images: int
    findings: int
    impression: int
    neither: int
    sentences: int
    denying: int


def report_counts(
    dataset: Dataset, rows: Iterable[int], denies: Callable[[str], bool]
) -> ReportCounts:
    """Count sections and denying sentences in the reports of these rows.

    A report of a study with two films is counted with each of them.

    Args:
        denies: Whether a sentence denies something.
    """
    totals = [0] * len(ReportCounts._fields)
    for row in rows:
        texts = _sections(dataset, int(row))
        sentences = [sentence for text in texts for sentence in split(text)]
        has = [bool(text) for text in texts]
        counted = (1, *has, not any(has), len(sentences), sum(map(denies, sentences)))
        totals = [total + int(one) for total, one in zip(totals, counted, strict=True)]
    return ReportCounts(*totals)


def _sections(dataset: Dataset, row: int) -> list[str]:
    report = dataset.sections.read(row) if dataset.sections else {}
    return [report.get(name, "").strip() for name in DESCRIBES]
