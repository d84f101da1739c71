"""Faults that an owner can mend: a check lists them all, everybody else refuses the first.

A study must not begin on images that are not there, or with a patient in two splits. But
who is to mend that wants the whole list, and a reader that stops at the first fault
never shows it. So a reader raises such faults by `refuse`, and a check that reads within
`tolerated` gets the data set with its faults, to count them itself.

Limits: only faults that leave the table readable are of this kind. A label that is none
of the four values, a missing column or a path out of the folder is refused always.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from negcxr.errors import InputError

_is_tolerated: ContextVar[bool] = ContextVar("mendable faults tolerated", default=False)


@contextmanager
def tolerated() -> Iterator[None]:
    """Let data sets be read with what `refuse` would stop at; for a check alone."""
    token = _is_tolerated.set(True)
    try:
        yield
    finally:
        _is_tolerated.reset(token)


def refuse(message: str) -> None:
    """Refuse a fault that its owner can mend, unless a check is listing such faults.

    Raises:
        InputError: Always, but within `tolerated`.
    """
    if not _is_tolerated.get():
        raise InputError(message)
