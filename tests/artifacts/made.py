"""Small runs and artifacts that tests pack, change and bring in."""

import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import yaml

from negcxr.artifacts.form import CRATE, RESULTS
from negcxr.artifacts.graph import PACKED, Seal
from negcxr.artifacts.sealing import write_crate
from negcxr.artifacts.zipped import write_zip
from negcxr.results import Estimate, write_result

JOBS = ["10_tiny", "20_con1"]
STARTED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def finish(project: Path, job: str, value: float = 1.0, *, run: str = "web", **parameters):
    """Let a job of a live run be asked for and done, with its executed notebook."""
    asked = {"checkpoint": "weights", **parameters}
    ask(project, job, run=run, **asked)
    write_result(
        project / "results" / run,
        job,
        parameters=asked,
        scalars={"auroc": Estimate(value=value, n=3)},
        tables={"draws": pd.DataFrame({"draw": [0], "cue": ["no"]})},
        started=STARTED,
    )
    path = project / "book" / "executed" / run / f"{job}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebook_text(code(stream(f"in {project}/results"))))


def ask(project: Path, job: str, *, run: str = "web", **parameters) -> None:
    """Let a study ask for a job on some parameters."""
    path = project / "results" / run / "parameters" / f"{job}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(parameters))


def record(project: Path, run: str = "web", jobs: list[str] = JOBS) -> None:
    """Let a folder of results be a run that asked for some jobs."""
    folder = project / "results" / run
    folder.mkdir(parents=True, exist_ok=True)
    asked = {"checkpoint": "weights", "notebooks": jobs}
    (folder / "run.yml").write_text(yaml.safe_dump(asked))


def stream(text: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": text}


def shown(html: str, kind: str = "text/html") -> dict:
    return {"output_type": "display_data", "data": {kind: html}, "metadata": {}}


def code(*outputs: dict, source: str = "1", **more) -> dict:
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [*outputs]}
    return cell | {"execution_count": 1, "id": "a"} | more


def prose(text: str, **more) -> dict:
    return {"cell_type": "markdown", "id": "b", "metadata": {}, "source": text, **more}


def notebook_text(*cells: dict, **metadata) -> str:
    parts = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [*cells]}
    return json.dumps(parts, indent=1) + "\n"


def result_fields(run: str, job: str, value: float = 1.0, **parameters) -> dict:
    """A result as its file has it, of no machine in particular."""
    made = {
        **{"package": "0.1.0", "commit": "a" * 40, "dirty": False, "seconds": 5.0},
        **{"started": "2026-01-02T03:04:05Z", "python": "3.11.7", "platform": "Linux"},
        **{"device": "a processor", "dtype": "float32", "threads": 1, "seed": 0},
        **{"versions": {"numpy": "2.4"}, "policy": "explicit", "driver": ""},
        "checkpoint": {"name": "weights", "family": "clip", "fingerprint": "c" * 64},
        "dataset": None,
        "exposure": None,
    }
    asked = {"checkpoint": "weights", **parameters}
    scalar = {"value": value, "low": None, "high": None, "n": 3}
    return {
        **{"schema_version": 1, "notebook": job, "run": run, "parameters": asked},
        **{"provenance": made, "scalars": {"auroc": scalar}, "tables": {}},
    }


def write_run(folder: Path, run: str, *jobs: str, value: float = 1.0, **parameters) -> Path:
    """The files of a run as an artifact has them."""
    (folder / run).mkdir(parents=True, exist_ok=True)
    for job in jobs:
        fields = result_fields(run, job, value, **parameters)
        fields["tables"] = {"draws": f"{job}.draws.parquet"}
        table = pd.DataFrame({"draw": [1, 2], "cue": ["no", "without"]})
        table.to_parquet(folder / run / f"{job}.draws.parquet", index=False)
        (folder / run / f"{job}.json").write_text(json.dumps(fields, indent=1))
        text = notebook_text(prose("# A chapter"), code(stream("done")))
        (folder / run / f"{job}.ipynb").write_text(text)
    return folder


def sealed(folder: Path, status: str = PACKED, date: str = "2026-01-02") -> Path:
    """A folder of runs with a crate."""
    (folder / CRATE).unlink(missing_ok=True)
    write_crate(folder, Seal(folder.name, status, date), kind=RESULTS)
    return folder


def artifact(home: Path, name: str = "gpu-seeds", **runs: tuple[str, ...]) -> Path:
    """A sealed artifact of some runs with some jobs each."""
    folder = home / name
    for run, jobs in (runs or {"web": ("10_tiny", "20_con1")}).items():
        write_run(folder, run, *jobs)
    return sealed(folder)


def zipped(folder: Path, target: Path) -> Path:
    """The zip of an artifact."""
    names = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
    with target.open("w+b") as file:
        write_zip(folder, [name for name in names if name != CRATE], file)
    return target


def tree(folder: Path) -> dict[str, str]:
    """Every file and folder below one, with the hash of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in sorted(folder.rglob("*"))
    }


def copied(folder: Path, target: Path) -> Path:
    """A copy of an artifact."""
    shutil.copytree(folder, target, symlinks=True)
    return target
