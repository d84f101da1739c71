"""Which artifacts there are: a row for each run, and whether it is as it was.

Limits: a row tells what the run's first result says; each result says its own.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from negcxr.artifacts.form import CRATE, MARK
from negcxr.artifacts.staging import is_artifact
from negcxr.artifacts.verify import verify_kept
from negcxr.errors import InputError
from negcxr.exposures import word_of
from negcxr.results import Result, read_result

NONE = "no crate"
MIB = 1024 * 1024


def list_artifacts(home: Path) -> pd.DataFrame:
    """Every kept run, by artifact and name.

    Returns:
        A row a run: artifact, run, device, date, checkpoint, data, policy, seen by the
        model, results, MiB, form, and verified: yes, or what is wrong.
    """
    rows = [
        row
        for folder in sorted(home.glob("*/"))
        if is_artifact(folder)
        for row in _of_artifact(folder)
    ]
    return pd.DataFrame(rows)


def _of_artifact(folder: Path) -> Iterator[dict[str, object]]:
    form, verified = standing(folder)
    runs = [run for run in sorted(folder.glob("*/")) if is_artifact(run)]
    for run in runs:
        size = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
        yield {
            "artifact": folder.name,
            "run": run.name,
            **(_of_weights() if folder.name.endswith(MARK) else _of_run(run)),
            "MiB": round(size / MIB, 1),
            "form": form,
            "verified": verified,
        }


def standing(folder: Path) -> tuple[str, str]:
    """Whether an artifact has a crate, and of what kind; and whether it is as it was.

    Returns:
        The form, such as ``packed``, ``sealed later`` or ``no crate``; and ``yes``, ``no``
        or what is wrong.
    """
    if not (folder / CRATE).exists():
        return NONE, "no"
    try:
        return verify_kept(folder).seal.status, "yes"
    except InputError as error:
        return "damaged", str(error)


def _of_weights() -> dict[str, object]:
    names = ("device", "date", "checkpoint", "data", "policy", "seen by the model")
    return {**dict.fromkeys(names, "weights"), "results": 0}


def _of_run(run: Path) -> dict[str, object]:
    try:
        results = [read_result(path) for path in sorted(run.glob("*.json"))]
    except InputError as error:
        return {**_of_weights(), "device": str(error)}
    if not results:
        return {**_of_weights(), "device": "no result"}
    first = next((r for r in results if _has_both(r)), results[0])
    made = first.provenance
    return {
        "device": ", ".join(sorted({result.provenance.device for result in results})),
        "date": f"{max(r.provenance.started for r in results):%Y-%m-%d}",
        "checkpoint": made.checkpoint.name if made.checkpoint else "none",
        "data": made.dataset.name if made.dataset else "none",
        "policy": made.policy or "none",
        "seen by the model": word_of(first),
        "results": len(results),
    }


def _has_both(result: Result) -> bool:
    return bool(result.provenance.checkpoint and result.provenance.dataset)
