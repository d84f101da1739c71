"""The reports of a data set's images, each written when somebody asks for it.

Most studies never read a report, and writing thousands takes a while. So a data set
holds a sequence that knows how to write each one, and a part of it knows which ones.

Limits: nothing is kept, so whoever reads twice has them written twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from negcxr.data.part import Part
from negcxr.data.reports import Bias, Statement, write_report
from negcxr.data.truth import Truth

Claims = tuple[Statement, ...]

# As the reports that phantom-clinic was trained on.
CLINICAL = Bias(
    mention=0.9,
    deny=0.14,
    deny_rates={
        "Pneumothorax": 0.6,
        "Pleural Effusion": 0.55,
        "Consolidation": 0.4,
        "Edema": 0.25,
    },
    hedge=0.08,
    doubt=0.01,
    equivalent=0.2,
    scope=0.25,
    detail=0.4,
    synonym=0.3,
)


@dataclass(frozen=True, eq=False)
class WrittenReports(Sequence[Claims]):
    """What the report of each truth claims.

    Attributes:
        truths: What is so.
        bias: How it is reported.
        stream: The random stream that alone decides the report of a row.
    """

    truths: Sequence[Truth]
    bias: Bias
    stream: Callable[[int], np.random.Generator]

    def __len__(self) -> int:
        """How many reports there are."""
        return len(self.truths)

    def __getitem__(self, row: int) -> Claims:
        """All claims of one report, in its order."""
        return write_report(self.truths[row], self.bias, self.stream(row)).statements


class ReportRows(Part[Sequence[Claims]], Sequence[Claims]):
    """Some of other reports, renumbered from 0."""

    def __len__(self) -> int:
        """How many reports there are."""
        return len(self.rows)

    def __getitem__(self, row: int) -> Claims:
        """All claims of one report, in its order."""
        return self.whole[self.at(row)]
