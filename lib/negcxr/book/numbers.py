"""Numbers of results, as they stand in sentences.

A sentence names a number instead of containing it: ``10_retrieval::denied_auroc`` is
the scalar of that name in the shown run, ``clinic/10_retrieval::denied_auroc`` that of
another run, and ``::denied_auroc`` that of the chapter it stands in. After a bar stands
the form, one of `FORMS`; without one, the value is given with its interval.
"""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

from negcxr.errors import InputError
from negcxr.results import Estimate, Result

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
_NAME = re.compile(
    r"(?:(?:(?P<run>[\w.-]+)/)?(?P<notebook>[\w-]+))?"
    r"::(?P<scalar>[\w.-]+)(?:\|(?P<form>\w+))?"
)


class Reference(NamedTuple):
    """Which number a sentence asks for, and in which form."""

    run: str  # "" for the run that is meant where it stands
    notebook: str  # "" for the chapter that it stands in
    scalar: str
    form: str


def parse_reference(text: str) -> Reference:
    """Read ``[[run/]notebook]::scalar[|form]``.

    Raises:
        InputError: The text has another shape, or the form is not known.
    """
    match = _NAME.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{text!r} is not of the shape [[run/]notebook]::scalar[|form]")
    form = match["form"] or "full"
    if form not in FORMS:
        raise InputError(f"{text!r}: form {form!r}; allowed: {', '.join(FORMS)}")
    return Reference(match["run"] or "", match["notebook"] or "", match["scalar"], form)


def scalar(result: Result, name: str) -> Estimate:
    """One scalar of a result.

    Raises:
        InputError: The result has no scalar of this name; the message lists them.
    """
    if name not in result.scalars:
        known = ", ".join(sorted(result.scalars))
        raise InputError(f"{result.notebook} has no scalar {name!r}; scalars: {known}")
    return result.scalars[name]


def number(value: float | None, digits: int = 2) -> str:
    """A number with a proper minus sign; a dash where there is none."""
    if value is None or math.isnan(value):
        return "\N{EN DASH}"
    return f"{value:z.{digits}f}".replace("-", MINUS)  # z: no minus sign on a zero


def full(estimate: Estimate) -> str:
    """Value with interval, or in words why there is none; a count has no decimals."""
    if _lacks(estimate.value):
        return estimate.note or "not evaluable"
    if ends := interval(estimate):
        return f"{number(estimate.value)} {ends}"
    return number(estimate.value, 0 if estimate.value.is_integer() else 2)


def interval(estimate: Estimate) -> str:
    """The ends of the 95 % interval in brackets; empty where there is none."""
    if _lacks(estimate.low) or _lacks(estimate.high):
        return ""
    return f"[{number(estimate.low)},{NO_BREAK}{number(estimate.high)}]"


def _percent(estimate: Estimate) -> str:
    if _lacks(estimate.value):
        return estimate.note or "not evaluable"
    return f"{number(100 * estimate.value, 0)}{NO_BREAK}%"


def _count(estimate: Estimate) -> str:
    return number(estimate.n, 0)


FORMS: dict[str, Callable[[Estimate], str]] = {
    "full": full,
    "value": lambda estimate: number(estimate.value),
    "interval": interval,
    "percent": _percent,
    "n": _count,
    "chance": lambda estimate: number(estimate.chance),
    "prevalence": lambda estimate: number(estimate.prevalence),
}


def explained(estimate: Estimate) -> str:
    """What stands beside a number: n, prevalence, chance and note, where known."""
    parts = [] if _lacks(estimate.n) else [f"n = {number(estimate.n, 0)}"]
    for name in ("prevalence", "chance"):
        value = getattr(estimate, name)
        if not _lacks(value):
            parts.append(f"{name} {number(value)}")
    return "; ".join([*parts, *([estimate.note] if estimate.note else [])])


def _lacks(value: float | None) -> bool:
    return value is None or math.isnan(value)
