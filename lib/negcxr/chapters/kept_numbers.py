"""Numbers of this run beside those of a kept run of the same: is the installation right?

Idea: the same weights, images and seeds give the same numbers on any machine, but for
rounding, which moves an image or two past another. A kept run fits where the checkpoint's
fingerprint and all that was asked are the same; the difference is then held against a
tenth of the interval's width.

Limits: it tells a wrong installation from a right one, not a right study from a wrong one.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from negcxr.paths import at_root
from negcxr.reading import listed
from negcxr.results import Estimate, Result, read_result

SHARE = 0.1  # of a kept interval's width that a number may be off
LEAST = 0.002  # and this much at any rate
# What may differ between two machines that measure the same.
OF_THE_MACHINE = ("results", "checkpoint", "root", "device", "artifacts", "chapters")
TOLD = {  # of each chapter, what is compared
    "10_retrieval": ("affirmed_auroc", "denied_auroc", "auroc_gap", "composite_auroc"),
    "11_choice": ("affirmed_accuracy", "denied_accuracy", "hybrid_accuracy"),
    "13_shortcuts": ("rule_denied_auroc", "rule_composite_auroc"),
}
PRACTICE = "40_your_checkpoint"
COLUMNS = ("chapter", "number", "here", "kept", "difference", "allowed", "verdict")


class Kept(NamedTuple):
    """A kept result, and the run that it is of."""

    run: str
    result: Result


def kept_beside(
    results: str | Path, artifacts: str, chapters: Sequence[str]
) -> pd.DataFrame:
    """Numbers of chapters of this run beside those of a kept run that fits.

    Args:
        results: This run's folder.
        artifacts: Folders of kept runs, commas between them.
        chapters: Of `TOLD`; one that was not run here has no row.

    Returns:
        chapter, number, here, kept, difference, allowed, verdict ("as kept", "differs", or
        that no kept run fits).
    """
    rows = []
    for chapter in [name for name in chapters if name in TOLD]:
        path = at_root(results) / f"{chapter}.json"
        if path.is_file():
            here = read_result(path)
            rows += _rows(here, fitting(here, artifacts), TOLD[chapter])
    return pd.DataFrame(rows, columns=list(COLUMNS))


def practice_beside(
    here: Mapping[str, Estimate], artifacts: str, asked: Mapping[str, object]
) -> pd.DataFrame:
    """Numbers of the checkpoint to practise on beside kept ones of the same seed.

    Args:
        here: By name, as they are about to be written.
        asked: Parameters that a kept result must have too.

    Returns:
        As `kept_beside`.
    """
    kept = _kept_practice(artifacts, asked)
    rows = [
        {"chapter": PRACTICE, "number": name} | dict(compared(number, kept.get(name)))
        for name, number in here.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _kept_practice(artifacts: str, asked: Mapping[str, object]) -> Mapping[str, Estimate]:
    """Numbers of the first kept practice that was asked the same; none where none was."""
    for known in _kept(PRACTICE, artifacts):
        if asked.items() <= known.result.parameters.items():
            return known.result.scalars
    return {}


def fitting(here: Result, artifacts: str) -> Kept | None:
    """The first kept run of the same weights, images and seeds; None where none is."""
    for known in _kept(here.notebook, artifacts):
        if _same_weights(here, known.result) and _asked(here) == _asked(known.result):
            return known
    return None


def _kept(notebook: str, artifacts: str) -> Iterator[Kept]:
    """Kept results of a notebook, each read when it is come to."""
    for folder in listed(artifacts):
        for path in sorted(at_root(folder).glob(f"*/{notebook}.json")):
            yield Kept(path.parent.name, read_result(path))


def _same_weights(one: Result, other: Result) -> bool:
    made = [result.provenance.checkpoint for result in (one, other)]
    return None not in made and made[0].fingerprint == made[1].fingerprint


def _asked(result: Result) -> dict[str, object]:
    asked = result.parameters.items()
    return {name: value for name, value in asked if name not in OF_THE_MACHINE}


def _rows(here: Result, kept: Kept | None, names: Sequence[str]) -> Iterator[dict]:
    for name in names:
        if name in here.scalars:
            known = kept.result.scalars.get(name) if kept else None
            about = {"chapter": here.notebook, "number": name}
            yield about | dict(compared(here.scalars[name], known))


def compared(here: Estimate, kept: Estimate | None) -> Mapping[str, object]:
    """A number beside a kept one: here, kept, difference, allowed, verdict."""
    if kept is None:
        return {"here": here.value, "verdict": "no kept run fits"}
    if here.value is None or kept.value is None:
        same = here.value is kept.value
        return {"here": here.value, "kept": kept.value, "verdict": _verdict(same)}
    width = 0.0 if None in (kept.low, kept.high) else kept.high - kept.low
    difference, allowed = abs(here.value - kept.value), max(LEAST, SHARE * width)
    numbers = {"here": here.value, "kept": kept.value, "difference": difference}
    return numbers | {"allowed": allowed, "verdict": _verdict(difference <= allowed)}


def _verdict(is_same: bool) -> str:
    return "as kept" if is_same else "differs"


def verdict_numbers(*tables: pd.DataFrame) -> dict[str, Estimate]:
    """How many numbers were held against kept ones, and how many are as kept."""
    verdicts = [verdict for table in tables for verdict in table["verdict"]]
    held = [verdict for verdict in verdicts if verdict != "no kept run fits"]
    note = "" if held else "none: no kept run fits"
    value = held.count("as kept") if held else None
    return {"as_kept": Estimate(value=value, n=len(held), note=note)}
