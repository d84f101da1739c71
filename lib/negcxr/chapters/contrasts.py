"""Differences that a sentence claims, and whether the numbers bear it out.

Idea: a claim is a difference between two scorers, or two measures, and a side on which it
should lie of a bound. An interval wholly on that side bears it out, one wholly on the
other does not, and one that holds the bound decides nothing.

Limits: each claim is judged by itself; among many, one in forty that is untrue would be
borne out by chance.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from negcxr.chapters.groups import BASE, Group
from negcxr.chapters.methods import Draws
from negcxr.measure.intervals import Difference, paired_difference
from negcxr.results import Estimate

Place = tuple[str, str]  # a scorer and a measure


class Contrast(NamedTuple):
    """First minus second, and where that should lie.

    Attributes:
        name: Of the number, in a result.
        says: The claim, as a sentence without its stop.
        first, second: Scorer and measure.
        bound: What the difference is held against.
        side: 1 where it should lie above the bound, -1 where below.
    """

    name: str
    says: str
    first: Place
    second: Place
    bound: float = 0.0
    side: int = 1


class Words(NamedTuple):
    """What a verdict is called."""

    borne_out: str
    not_borne_out: str
    open: str


DIRECTION = Words("direction agrees", "direction disagrees", "undecided")
GOAL = Words("met", "not met", "undecided")

PAPER = (
    Contrast(
        "base_gap",
        "Before fine-tuning, affirmed prompts are ranked better than denied ones",
        (BASE, "affirmed"),
        (BASE, "denied"),
    ),
    Contrast(
        "con1_denied_change",
        "CON1 helps on denied prompts",
        ("con1", "denied"),
        (BASE, "denied"),
    ),
    Contrast(
        "con1_composite_change",
        "CON1 helps on composite prompts",
        ("con1", "composite"),
        (BASE, "composite"),
    ),
    Contrast(
        "con2_minus_con1_denied",
        "CON2 helps more than CON1 on denied prompts",
        ("con2", "denied"),
        ("con1", "denied"),
    ),
    Contrast(
        "con2_minus_con1_composite",
        "CON2 helps more than CON1 on composite prompts",
        ("con2", "composite"),
        ("con1", "composite"),
    ),
    Contrast(
        "con1_affirmed_change",
        "CON1 costs a little on affirmed prompts",
        ("con1", "affirmed"),
        (BASE, "affirmed"),
        side=-1,
    ),
    Contrast(
        "con2_affirmed_change",
        "CON2 costs a little on affirmed prompts",
        ("con2", "affirmed"),
        (BASE, "affirmed"),
        side=-1,
    ),
)


def difference(
    contrast: Contrast, scorers: Mapping[str, Mapping[str, Draws]]
) -> Difference:
    """First minus second, on the same resamples; NaN where a scorer is missing."""
    if not {contrast.first[0], contrast.second[0]} <= scorers.keys():
        return Difference(*[float("nan")] * 5)
    first, second = (
        scorers[name][measure] for name, measure in (contrast.first, contrast.second)
    )
    return paired_difference(first, second)


def verdict(contrast: Contrast, found: Difference, words: Words) -> str:
    """On which side of the bound the whole interval lies."""
    if not np.isfinite(found.low):
        return "not evaluable"
    low, high = sorted(
        contrast.side * (end - contrast.bound) for end in (found.low, found.high)
    )
    if low > 0:
        return words.borne_out
    return words.not_borne_out if high < 0 else words.open


def contrast_table(
    contrasts: Sequence[Contrast], groups: Iterable[Group], words: Words
) -> pd.DataFrame:
    """A row a claim and group that can be asked of it.

    Returns:
        name, claim, group, value with its ends, bound, room (how far the value lies on
        the right side of the bound; below zero on the wrong one), verdict.
    """
    rows = []
    for contrast in contrasts:
        for group in groups:
            found = difference(contrast, group.scorers)
            if np.isfinite(found.value):
                rows.append(
                    {
                        "name": contrast.name,
                        "claim": contrast.says,
                        "group": group.name,
                        **found._asdict(),
                        "bound": contrast.bound,
                        "room": contrast.side * (found.value - contrast.bound),
                        "verdict": verdict(contrast, found, words),
                    }
                )
    columns = ["name", "claim", "group", "value", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "bound", "room", "verdict"])


def contrast_numbers(
    contrasts: Sequence[Contrast], groups: Sequence[Group]
) -> dict[str, Estimate]:
    """Each difference as a number of a result, for every base and for the run shown's own.

    Of several groups of one base, the one with most trainings that can tell is taken.

    Returns:
        ``<name>`` for the base of the first group, and ``<name>_<base>`` for each, without
        ``phantom-`` before it.
    """
    bases = list(dict.fromkeys(group.base for group in groups))
    found = {}
    for contrast in contrasts:
        for base in bases:
            of_base = [group for group in groups if group.base == base]
            found[f"{contrast.name}_{short(base)}"] = _number(contrast, of_base)
        own = f"{contrast.name}_{short(bases[0])}" if bases else ""
        found[contrast.name] = found[own] if own else _number(contrast, [])
    return found


def short(base: str) -> str:
    """The name of a base as numbers bear it: ``phantom-web`` is ``web``."""
    return base.removeprefix("phantom-").replace("-", "_")


def _number(contrast: Contrast, groups: Sequence[Group]) -> Estimate:
    for group in sorted(groups, key=lambda group: -len(group.seeds)):
        found = difference(contrast, group.scorers)
        if np.isfinite(found.value):
            low, high = found.low, found.high
            note = f"{group.name}; two-sided bootstrap p {found.p:.2g}"
            return Estimate(value=found.value, low=low, high=high, n=group.n, note=note)
    return Estimate(value=None, n=0, note="not evaluable: no run of this method")
