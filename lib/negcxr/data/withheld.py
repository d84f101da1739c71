"""What a message may say of a row: names and paths, or neither.

A message goes further than data do: into logs, failed notebooks, mails. Where the terms
of a data set let no row of it leave the machine, an identifier or a path, which holds
one, must not go along. There a message names file and row, and its owner looks them up.

Limits: cells that are neither identifier nor path, such as an age or a label, are told.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from jaxtyping import Int

WITHHELD = "(withheld)"
FIRST_ROW = 2  # the first row below a table's header
_is_withheld: ContextVar[bool] = ContextVar("names in messages withheld", default=False)


class HasTerms(Protocol):
    """Whatever says whether its terms forbid that a row of it leaves the machine."""

    @property
    def credentialed(self) -> bool:
        """Whether they do."""
        ...


def as_terms_allow(data: HasTerms) -> AbstractContextManager[None]:
    """Within it `told` withholds what the terms of ``data`` forbid to pass on."""
    return _withholding() if data.credentialed else nullcontext()


def told(name: object) -> str:
    """An identifier or a path, as a message may say it."""
    return WITHHELD if _is_withheld.get() else str(name)


@contextmanager
def _withholding() -> Iterator[None]:
    token = _is_withheld.set(True)
    try:
        yield
    finally:
        _is_withheld.reset(token)


# Where a row stands on disk, as messages name it: a file and a row of it.
Place = Callable[[int], str]


@dataclass(frozen=True, eq=False)
class RowsOf:
    """The rows of one file, whose header is row 1.

    Attributes:
        path: The file.
        rows: The row of the file, counted from 0, that each of these stands for; none:
            each for itself.
    """

    path: Path
    rows: Int[np.ndarray, " row"] | None = None

    def __call__(self, row: int) -> str:
        """Where one row stands."""
        number = row if self.rows is None else self.rows[row]
        return f"{self.path}, row {FIRST_ROW + number}"


@dataclass(frozen=True, eq=False)
class FileEach:
    """Rows that each come from a file of its own, or share one with a few others."""

    paths: Sequence[Path]

    def __call__(self, row: int) -> str:
        """The file of one row."""
        return str(self.paths[row])


@dataclass(frozen=True, eq=False)
class Stacked:
    """Some rows of several tables that were put below one another.

    Attributes:
        parts: Where the rows of each table stand.
        sizes: How many rows each has.
        rows: Those that were kept, counted through all tables.
    """

    parts: Sequence[Place]
    sizes: Sequence[int]
    rows: Int[np.ndarray, " row"]

    def __call__(self, row: int) -> str:
        """Where one of the kept rows stands."""
        ends = np.cumsum(self.sizes)
        part = int(np.searchsorted(ends, self.rows[row], side="right"))
        start = ends[part] - self.sizes[part]
        return self.parts[part](int(self.rows[row] - start))
