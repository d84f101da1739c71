"""The same asked twice: how far two machines, or two days, differ in every number.

Idea: the same weights, images and parameters give the same numbers but for rounding. Of
two results that were asked the same, each number is held against its like, and the
largest difference is told. What a chapter reads of fine-tunings counts as asked too.

Limits: a difference says that something was otherwise, not what; the columns beside it say
what is known to be.
"""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from negcxr.chapters.kept_numbers import OF_THE_MACHINE, compared
from negcxr.chapters.side_by_side import FIT, Found, state_of
from negcxr.reading import listed
from negcxr.results import Estimate, Result
from negcxr.runs import METHOD_JOB

TIMES = ("seconds",)  # numbers of the machine, not of what was measured
OTHERWISE = (*OF_THE_MACHINE, "dtype", "live_runs")  # what may be otherwise
SHARES = ("10_retrieval", "11_choice", "13_shortcuts", "25_training_free", METHOD_JOB)
COLUMNS = ("chapter", "run", "found in", "device", "dtype", "date", "numbers", "as kept")
COLUMNS = (*COLUMNS, "largest", "of", "state")


def same_asked(found: Sequence[Found], against: str) -> pd.DataFrame:
    """Every result of other runs that was asked what one of this run was.

    Args:
        against: The run whose numbers they are held against.

    Returns:
        chapter, run, found in, device, dtype and date of the other; numbers (how many were
        held against each other), as kept (how many differ by less than rounding may),
        largest (absolute difference of a share or an AUROC; of any number where a chapter
        has neither), of (its name), state (``fit``, or why one of the two is stale).
    """
    here = {one.job: one for one in found if one.run == against and one.result}
    rows = []
    for one in found:
        ours = here.get(one.job)
        if ours and one.result and one.run != against:
            asked = [_asked(each, found) for each in (ours, one)]
            if asked[0] == asked[1]:
                row = _row(one, _held(ours.result, one.result))
                rows.append(row | {"state": state_of(one, ours)})
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["chapter", "run"], kind="stable", ignore_index=True)


def _asked(one: Found, found: Sequence[Found]) -> Mapping[str, object]:
    """Weights, images and parameters, and those of the fine-tunings that are read."""
    made, asked = one.result.provenance, one.result.parameters
    known: dict[str, object] = {n: v for n, v in asked.items() if n not in OTHERWISE}
    for name, part in (("weights", made.checkpoint), ("images", made.dataset)):
        known[name] = part.fingerprint if part else ""
    tuned = {f"{METHOD_JOB}{name}" for name in listed(str(asked.get("methods", "")))}
    for other in found:
        if other.run == one.run and other.job in tuned - {one.job} and other.result:
            known[other.job] = _asked(other, ())
    return known


def _held(ours: Result, theirs: Result) -> dict[str, Mapping[str, object]]:
    """Every number that both have, held against its like."""
    names = [name for name in ours.scalars if name in theirs.scalars and name not in TIMES]
    return {name: compared(ours.scalars[name], theirs.scalars[name]) for name in names}


def _row(one: Found, held: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    apart = {name: known.get("difference", 0.0) for name, known in held.items()}
    sure = {name for name in apart if _has_interval(one.result.scalars[name])}
    largest = max(sure or apart, key=lambda name: (apart[name], name), default="")
    return {
        **{"chapter": one.job, "run": one.run, "found in": one.where},
        **{name: getattr(one.about, name) for name in ("device", "dtype", "date")},
        "numbers": len(held),
        "as kept": sum(known["verdict"] == "as kept" for known in held.values()),
        "largest": float(apart.get(largest, float("nan"))),
        "of": largest,
    }


def _has_interval(known: Estimate) -> bool:
    return known.low is not None


def same_numbers(table: pd.DataFrame) -> dict[str, Estimate]:
    """What `same_asked` comes to where no result is stale.

    Returns:
        ``held``: numbers held against each other, ``as_kept``: those that differ by less
        than rounding may, ``largest``: of an AUROC, an accuracy or their change.
    """
    table = table[table["state"] == FIT]
    held, note = int(table["numbers"].sum()), "no other run was asked the same"
    shares = table[table["chapter"].map(_of_shares).astype(bool)]
    largest = shares["largest"].max() if len(shares) else None
    n = int(shares["numbers"].sum())
    return {
        "held": Estimate(value=held, n=len(table)),
        "as_kept": _told(int(table["as kept"].sum()) if held else None, held, note),
        "largest": _told(largest, n, note),
    }


def _told(value: float | None, n: int, missing: str) -> Estimate:
    if value is None or pd.isna(value):
        return Estimate(value=None, n=n, note=missing)
    return Estimate(value=value, n=n, note=f"of {n} numbers held against each other")


def _of_shares(chapter: str) -> bool:
    return chapter.startswith(SHARES)


def differing(table: pd.DataFrame) -> Iterator[str]:
    """Chapters and runs of which a number differs by more than rounding may, if fit."""
    moved = (table["numbers"] > table["as kept"]) & (table["state"] == FIT)
    for row in table[moved].to_dict("records"):
        yield f"{row['chapter']} in {row['run']}"
