"""The runs that are found as tables: runs, results, and what is wrong with some.

Limits: a run is one row though its results may be of several days and machines; then all
of them are named.
"""

from collections.abc import Iterable, Sequence

import pandas as pd

from negcxr.chapters.side_by_side import UNKNOWN, About, Found
from negcxr.chapters.side_by_side_pairs import PAIRED
from negcxr.chapters.side_by_side_scores import ENCODER, Scored
from negcxr.exposures import footnote, mark_of
from negcxr.live import LIVE
from negcxr.models.ledger import MARK
from negcxr.results import Estimate

SHOWN = ("checkpoint", "data", "n", "policy", "seen", "device", "dtype", "date", "package")
NAMES = {"seen": "seen by the model", "package": "library", "date": "made"}


def runs_table(found: Sequence[Found]) -> pd.DataFrame:
    """A row a run: what it was made by and of what, and how many results are fit."""
    rows = []
    for run in dict.fromkeys(one.run for one in found):
        own = [one for one in found if one.run == run]
        rows.append(
            {
                **{"run": f"{run}{marked(own)}", "found in": own[0].where},
                **{NAMES.get(name, name): _several(own, name) for name in SHOWN},
                **{"results": len(own), "stale": sum(bool(one.stale) for one in own)},
                "unreadable": sum(bool(one.fault) for one in own),
            }
        )
    return pd.DataFrame(rows, columns=_columns())


def _columns() -> list[str]:
    told = [NAMES.get(name, name) for name in SHOWN]
    return ["run", "found in", *told, "results", "stale", "unreadable"]


def _several(own: Sequence[Found], name: str) -> str:
    """Every value that the results of a run give, in order; days by the first and last."""
    values = sorted({getattr(one.about, name) for one in own} - {"", UNKNOWN})
    if name == "date":
        values = list(dict.fromkeys([*values[:1], *values[-1:]]))
        return " to ".join(values) or UNKNOWN
    if name == "seen" and len(values) > 1:
        values = [value for value in values if value != "does not apply"]
    return ", ".join(values) or "none"


def marked(own: Iterable[Found]) -> str:
    """The mark of results whose images may have been trained on; else nothing."""
    return MARK * any(mark_of(one.result) for one in own if one.result)


def footnotes(found: Iterable[Found]) -> list[str]:
    """What the mark beside a run means, a line a source."""
    notes = [footnote(one.result) for one in found if one.result]
    return [f"{MARK} {note}" for note in dict.fromkeys(notes) if note]


def results_table(found: Sequence[Found]) -> pd.DataFrame:
    """A row a result: all that it says of itself, and whether it is stale or unreadable."""
    rows = [
        {
            **{"run": one.run, "result": one.job, "found in": one.where},
            **one.about._asdict(),
            **{"stale": one.stale, "unreadable": one.fault},
        }
        for one in found
    ]
    columns = ["run", "result", "found in", *About._fields, "stale", "unreadable"]
    return pd.DataFrame(rows, columns=columns)


def faults_table(found: Sequence[Found]) -> pd.DataFrame:
    """Results that are not to be laid beside others, and why."""
    rows = [
        {
            **{"run": one.run, "result": one.job, "found in": one.where},
            "state": "unreadable" if one.fault else "stale",
            "why": one.fault or one.stale,
        }
        for one in found
        if one.fault or one.stale
    ]
    return pd.DataFrame(rows, columns=["run", "result", "found in", "state", "why"])


def run_numbers(
    found: Sequence[Found], rows: Sequence[Scored], pairs: pd.DataFrame
) -> dict[str, Estimate]:
    """How many runs and results there are, and how many of them are fit."""
    denied = pairs[pairs["measure"] == "denied"]
    paired = (denied["how"] == PAIRED) & denied["low"].notna()  # draws may all be NaN
    counts = {
        "runs": len({one.run for one in found}),
        "live_runs": len({one.run for one in found if one.where == LIVE}),
        "kept_runs": len({one.run for one in found if one.where != LIVE}),
        "results": len(found),
        "stale": sum(bool(one.stale) for one in found),
        "unreadable": sum(bool(one.fault) for one in found),
        "devices": len({one.about.device for one in found} - {UNKNOWN}),
        "encoders": sum(one.scorer == ENCODER for one in rows),
        "scorers": len(rows),
        "paired": int(paired.sum()),
        "other_images": int(denied["how"].str.contains("images").sum()),
    }
    return {name: Estimate(value=n, n=len(found)) for name, n in counts.items()}
