"""Some rows of what holds one thing a row and has it made or opened when it is asked for.

Limits: rows are counted from 0, as arrays count them.
"""

from dataclasses import dataclass
from typing import Generic, Self, TypeVar

import numpy as np
from jaxtyping import Int

Whole = TypeVar("Whole")


@dataclass(frozen=True, eq=False)
class Part(Generic[Whole]):
    """Some rows of a whole, renumbered from 0.

    Attributes:
        whole: What the rows are taken from; never a part itself.
        rows: Their numbers there.
    """

    whole: Whole
    rows: Int[np.ndarray, " row"]

    @classmethod
    def of(cls, whole: "Whole | Self", rows: Int[np.ndarray, " row"]) -> Self:
        """These rows; a part of a part looks straight at the whole."""
        if isinstance(whole, cls):
            return cls(whole.whole, whole.rows[rows])
        return cls(whole, rows)

    def at(self, row: int) -> int:
        """The number of a row in the whole."""
        return int(self.rows[row])
