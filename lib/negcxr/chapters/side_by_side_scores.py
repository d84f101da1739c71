"""The few numbers that every run has, whatever else it measured: a row a run and scorer.

Idea: chapters that train or try a remedy keep their draws, the value on the sample and on
each resample of the patients. From draws come values, gaps and intervals alike for all
scorers, and differences between runs can be paired. A run without draws has what its
chapters on retrieval and choice say.

Limits: a number without draws has the interval that its chapter gave it, and a gap or a
mean that no chapter gave has none.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from negcxr.chapters.methods import CHOSEN, Draws
from negcxr.chapters.side_by_side import Found
from negcxr.errors import InputError
from negcxr.measure.intervals import Interval, summarise
from negcxr.results import read_table
from negcxr.runs import method_of

ENCODER, RULE = "encoder", "parsing rule"
RIVALS = "25_training_free"
MEASURES = ("affirmed", "denied", "composite", "gap", "choice")
CHANCE = {"affirmed": 0.5, "denied": 0.5, "composite": 0.5, "gap": 0.0, "choice": 0.25}
NEEDED = ("affirmed", "denied", "composite", *CHOSEN)
NOTHING = Interval(np.nan, np.nan, np.nan)
SCALARS = {  # where a run without draws has each number: notebook and scalar
    ENCODER: {
        "affirmed": ("10_retrieval", "affirmed_auroc"),
        "denied": ("10_retrieval", "denied_auroc"),
        "composite": ("10_retrieval", "composite_auroc"),
        "gap": ("10_retrieval", "auroc_gap"),
        "choice": ("11_choice", "all_accuracy"),
    },
    RULE: {
        "affirmed": ("10_retrieval", "affirmed_auroc"),
        "denied": ("13_shortcuts", "rule_denied_auroc"),
        "composite": ("13_shortcuts", "rule_composite_auroc"),
        "gap": ("13_shortcuts", "rule_auroc_gap"),
        "choice": ("11_choice", "rule_all_accuracy"),
    },
}


class Scored(NamedTuple):
    """One scorer in one run.

    Attributes:
        scorer: The encoder, the parsing rule, a method, or a remedy without training.
        found: The result that its numbers are from.
        draws: Of each of ``MEASURES``; empty where none were kept.
        numbers: Each of ``MEASURES`` with its interval.
    """

    scorer: str
    found: Found
    draws: Mapping[str, Draws]
    numbers: Mapping[str, Interval]

    @property
    def run(self) -> str:
        """The run's name in the book."""
        return self.found.run


def scored(found: Sequence[Found]) -> list[Scored]:
    """Every scorer of every run, each once, from the first result that kept its draws.

    Encoder and parsing rule come first, then remedies without training, then methods.
    Stale results count as well: whoever shows them says so.
    """
    rows: list[Scored] = []
    for run in dict.fromkeys(one.run for one in found):
        of_run = {one.job: one for one in found if one.run == run and one.result}
        first: dict[str, Scored] = {}
        for one in _all_of(of_run):
            first.setdefault(one.scorer, one)
        ahead = [name for name in (ENCODER, RULE) if name in first]
        names = dict.fromkeys([*ahead, *first])
        rows += [first[name] for name in names]
    return rows


def _all_of(run: Mapping[str, Found]) -> Iterator[Scored]:
    """Scorers of one run, those with draws before those without."""
    methods = [job for job in run if method_of(job)]
    for job in [*([RIVALS] if RIVALS in run else []), *methods]:
        blocks = _draws(run[job])
        for column in next(iter(blocks.values()), ()):
            if scorer := _scorer(job, column):
                own = _measures(blocks, column)
                numbers = {name: summarise(draws) for name, draws in own.items()}
                yield Scored(scorer, run[job], own, numbers)
    for job in methods:
        yield Scored(method_of(job), run[job], {}, _after(run[job]))
    for scorer, places in SCALARS.items():
        numbers = {name: _told(run, *place) for name, place in places.items()}
        if known := [job for job, _ in places.values() if job in run]:
            yield Scored(scorer, run[known[0]], {}, numbers)


def _scorer(job: str, column: str) -> str:
    """What a column of draws is called among scorers; empty where it is left out."""
    if job == RIVALS:
        return column
    return {"before": ENCODER, "rule": RULE, "after": method_of(job)}.get(column, "")


def _draws(found: Found) -> dict[str, dict[str, Draws]]:
    """The draws that a result kept, by measure and column; none where none can be read."""
    try:
        table = read_table(found.path, "draws")
    except (InputError, OSError, ValueError, pa.ArrowException):
        return {}
    columns = [name for name in table.columns if name not in ("measure", "draw")]
    numbers = table.select_dtypes("number").columns
    if not {"draw", *columns} <= {*numbers} or "measure" not in table.columns:
        return {}
    table = table.sort_values("draw", kind="stable")
    return {
        str(name): {c: block[c].to_numpy(dtype=np.float64) for c in columns}
        for name, block in table.groupby("measure", sort=False)
    }


def _measures(blocks: Mapping[str, Mapping[str, Draws]], column: str) -> dict[str, Draws]:
    """Draws of each of ``MEASURES``; NaN throughout where something is missing."""
    length = max(len(block[column]) for block in blocks.values())
    nothing = np.full(length, np.nan)
    known = {name: block[column] for name, block in blocks.items()}
    kept = {name: known.get(name, nothing) for name in NEEDED}
    kept = {name: own if len(own) == length else nothing for name, own in kept.items()}
    return {
        **{name: kept[name] for name in ("affirmed", "denied", "composite")},
        "gap": kept["affirmed"] - kept["denied"],
        "choice": np.mean([kept[name] for name in CHOSEN], axis=0),
    }


def _after(found: Found) -> dict[str, Interval]:
    """What a fine-tuning tells of its method in numbers alone."""
    run = {found.job: found}
    names = {name: f"{name.replace('-', '_')}_after" for name in NEEDED}
    known = {name: _told(run, found.job, scalar) for name, scalar in names.items()}
    gap = known["affirmed"].value - known["denied"].value
    choice = np.mean([known[name].value for name in CHOSEN])
    return {
        **{name: known[name] for name in ("affirmed", "denied", "composite")},
        "gap": NOTHING._replace(value=gap),
        "choice": NOTHING._replace(value=float(choice)),
    }


def _told(run: Mapping[str, Found], job: str, scalar: str) -> Interval:
    """A number of a run with its interval; NaN where it has none."""
    result = run[job].result if job in run else None
    known = result.scalars.get(scalar) if result else None
    ends = (known.value, known.low, known.high) if known else (None, None, None)
    return Interval(*(np.nan if end is None else end for end in ends))
