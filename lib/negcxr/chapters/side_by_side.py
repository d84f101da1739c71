"""Every run that is found, live or kept: what each result was made by, and of what.

Idea: a live run lies in a folder of ``results/``, a kept one in ``artifacts/<artifact>/``.
Each result says what made it, so nothing is known of a run but what its files tell. A
file that cannot be read is a row as well, with the reason; it stops nothing.

Limits: what a file says is believed. Whether an artifact is as it was packed is for
``negcxr artifact verify``.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from negcxr.changes import stale
from negcxr.errors import InputError
from negcxr.exposures import word_of
from negcxr.live import LIVE, SCRATCH
from negcxr.paths import at_root
from negcxr.results import Result, read_result
from negcxr.schema import SCHEMA_VERSION

KEPT, FIT = "artifact", "fit"
OWN = "50_runs"  # the list of runs measures nothing, and is in no list itself
SHORT = 12  # characters of a hash that are shown
LONGEST = 200  # characters of a reason: a broken file may quote all of itself
UNKNOWN = "not told"


class About(NamedTuple):
    """What a result says of itself, each as text; empty where it does not apply.

    ``weights`` and ``sample`` are the beginnings of the hashes of checkpoint and images.
    """

    checkpoint: str = ""
    weights: str = ""
    data: str = ""
    sample: str = ""
    n: str = ""
    policy: str = ""
    seen: str = ""
    device: str = UNKNOWN
    dtype: str = UNKNOWN
    date: str = UNKNOWN
    code: str = UNKNOWN
    package: str = UNKNOWN


class Found(NamedTuple):
    """One result that was found.

    Attributes:
        run: As the book calls it: a live run's name, or ``<artifact>-<run>``.
        job: The file's name without suffix.
        where: ``LIVE`` or ``KEPT``.
        path: The file.
        result: None where it cannot be read.
        about: What it says of itself; of a broken file, as much as can be read.
        stale: Why it is not to be laid beside what is made now; empty where it may be.
        fault: Why it cannot be read; empty where it can.
    """

    run: str
    job: str
    where: str
    path: Path
    result: Result | None
    about: About
    stale: str = ""
    fault: str = ""


def find_runs(live_runs: str, artifacts: str, own: str | Path) -> list[Found]:
    """Every result of every run, live runs first, in the order of names.

    Args:
        live_runs: The folder of live runs; empty for none. What lies in its folder for
            trying out, ``SCRATCH``, is no run, unless that is the one that asks.
        artifacts: The folder of artifacts; empty for none.
        own: The folder of the run that asks, which may lie elsewhere.
    """
    folders = {at_root(own).name: (LIVE, at_root(own))}
    for folder in _folders(live_runs, "[!.]*/"):
        if folder.name != SCRATCH:
            folders.setdefault(folder.name, (LIVE, folder))
    folders = dict(sorted(folders.items()))
    for folder in _folders(artifacts, "[!.]*/[!.]*/"):
        folders.setdefault(f"{folder.parent.name}-{folder.name}", (KEPT, folder))
    return [
        _found(run, where, path)
        for run, (where, folder) in folders.items()
        for path in sorted(folder.glob("*.json"))
        if path.stem != OWN
    ]


def _folders(below: str, pattern: str) -> list[Path]:
    """Folders of runs; those whose names begin with a dot are still being written."""
    return sorted(at_root(below).glob(pattern)) if below else []


def _found(run: str, where: str, path: Path) -> Found:
    try:
        result = read_result(path)
    except (InputError, OSError, RecursionError) as error:
        raw = _raw(path)
        why = _stale(path.stem, raw)
        said = str(error).removeprefix(f"{path}: ")[:LONGEST]
        fault = "" if why.startswith("schema") else said
        return Found(run, path.stem, where, path, None, _told(raw), why, fault)
    if result.notebook != path.stem:
        fault = f"is of {result.notebook}, by what it says"[:LONGEST]
        return Found(run, path.stem, where, path, None, about(result), fault=fault)
    old = stale(path.stem, result.provenance.package, result.schema_version)
    return Found(run, path.stem, where, path, result, about(result), old)


def _raw(path: Path) -> dict[str, Any]:
    """What a file holds, of whatever form; nothing where it is no JSON."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _stale(job: str, raw: dict[str, Any]) -> str:
    """Of a file that is no result of today's form: whether it is one of another."""
    schema = raw.get("schema_version", SCHEMA_VERSION)
    return stale(job, "0.0.0", schema) if isinstance(schema, int) else ""


def about(result: Result) -> About:
    """What a result says of itself."""
    made = result.provenance
    weights, data = made.checkpoint, made.dataset
    code = made.commit[:SHORT] if made.commit else UNKNOWN
    return About(
        checkpoint=weights.name if weights else "",
        weights=weights.fingerprint[:SHORT] if weights else "",
        data=data.name if data else "",
        sample=data.fingerprint[:SHORT] if data else "",
        n=str(data.n_images) if data else "",
        policy=made.policy,
        seen=word_of(result),
        device=made.device,
        dtype=made.dtype,
        date=f"{made.started:%Y-%m-%d}",
        code=code + (", changed since" if made.dirty else ""),
        package=made.package,
    )


def _told(raw: dict[str, Any]) -> About:
    """As much of a result of another form as can be read."""
    made = _part(raw, "provenance")
    weights, data = _part(made, "checkpoint"), _part(made, "dataset")
    return About(
        checkpoint=_text(weights, "name", ""),
        weights=_text(weights, "fingerprint", "")[:SHORT],
        data=_text(data, "name", ""),
        sample=_text(data, "fingerprint", "")[:SHORT],
        policy=_text(made, "policy", ""),
        device=_text(made, "device"),
        dtype=_text(made, "dtype"),
        date=_text(made, "started")[: len("2026-01-01")],
        code=_text(made, "commit")[:SHORT],
        package=_text(made, "package"),
    )


def _part(fields: dict[str, Any], name: str) -> dict[str, Any]:
    part = fields.get(name)
    return part if isinstance(part, dict) else {}


def _text(fields: dict[str, Any], name: str, missing: str = UNKNOWN) -> str:
    text = fields.get(name)
    return text[:LONGEST] if isinstance(text, str) else missing


def state_of(*found: Found) -> str:
    """``FIT``, or which of these results are stale, and why."""
    return "; ".join(f"{one.run}: {one.stale}" for one in found if one.stale) or FIT


def readable(found: Sequence[Found]) -> Iterator[Found]:
    """Those that can be read."""
    return (one for one in found if one.result is not None)
