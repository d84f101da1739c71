"""The report of each image by section, read from disk only when somebody asks.

A report is what somebody wrote, word for word. Most studies read none of it, and hundreds
of thousands of small files take a while, so a data set holds what knows where they lie.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Shaped


@runtime_checkable
class Sections(Protocol):
    """What is asked of reports: the sections of one, by the row of its image."""

    def read(self, row: int) -> dict[str, str]:
        """Text by the section's name; "" where the report has not the section."""
        ...


@dataclass(frozen=True, eq=False)
class SectionRows:
    """The reports of some rows of others, renumbered from 0."""

    sections: Sections
    rows: Shaped[np.ndarray, " image"]

    @classmethod
    def of(cls, sections: Sections, rows: Shaped[np.ndarray, " image"]) -> "SectionRows":
        """These rows; a part of a part looks straight at the whole."""
        if isinstance(sections, cls):
            return cls(sections.sections, sections.rows[rows])
        return cls(sections, rows)

    def read(self, row: int) -> dict[str, str]:
        """The report of this row's image by section."""
        return self.sections.read(int(self.rows[row]))
