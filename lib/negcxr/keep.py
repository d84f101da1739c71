"""Keep a finished run: its results, and what executed notebooks are wanted, in one folder.

A kept run is what travels: it lies in ``artifacts/<artifact>/<run>/``, says in every
result what it was made by, and the book shows its notebooks beside those of live runs.

Limits: checkpoints that a run trained are not kept. Results are looked into where their
data are credentialed, and then those must lie here.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from negcxr import paths
from negcxr.book import Site
from negcxr.book.guarding import refuse_run
from negcxr.book.notebooks import last_part, portable
from negcxr.errors import InputError
from negcxr.results import Result, read_result
from negcxr.runs import IDENTITY, read_record


def keep(run: str, artifact: Path, notebooks: Sequence[str] = ()) -> Path:
    """Copy a finished run into an artifact's folder, whole, in place of an older copy.

    Args:
        run: The name of a run below ``results/``.
        artifact: The folder that the run's own will lie in.
        notebooks: Jobs whose executed notebooks are kept too.

    Returns:
        The run's folder in the artifact.

    Raises:
        InputError: The run is not finished, a notebook was not executed, the folder
            holds another run, or rows of a credentialed data set would leave with it;
            nothing was written.
    """
    source, target = paths.RESULTS / run, artifact / run
    _require_finished(source)
    _refuse_other(source, target)
    executed = [_executed(run, notebook) for notebook in notebooks]
    refuse_run({path.stem: path for path in source.glob("*.json")}, executed)
    artifact.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=artifact, prefix=f".{run}.") as made:
        new = Path(made, "new")
        new.mkdir()
        for path in _tables(source):
            shutil.copy(path, new)
        for path in source.glob("*.json"):
            (new / path.name).write_text(_nameless(path), "utf-8")
        for path in executed:
            text = portable(Site(paths.ROOT), path.read_text("utf-8"))
            (new / path.name).write_text(text, "utf-8")
        if target.exists():
            os.replace(target, Path(made, "old"))
        os.replace(new, target)
    return target


def _tables(source: Path) -> list[Path]:
    """The tables that a result names; others were looked into by nobody."""
    results = [read_result(path) for path in source.glob("*.json")]
    named = {table for result in results for table in result.tables.values()}
    return [path for path in source.glob("*.parquet") if path.name in named]


def _nameless(path: Path) -> str:
    """A result's text, in which folders of this machine go by their last part alone."""
    result = json.loads(path.read_text("utf-8"))
    asked = result["parameters"]
    result["parameters"] = {name: last_part(value) for name, value in asked.items()}
    return json.dumps(result, indent=1, allow_nan=False) + "\n"


def _require_finished(source: Path) -> None:
    jobs = read_record(source).get("notebooks")
    if not jobs:
        raise InputError(f"{source}: no run of a study lies there")
    missing = [job for job in jobs if not (source / f"{job}.json").is_file()]
    if missing:
        raise InputError(f"{source}: not finished; there is no result of {missing[0]}")


def _executed(run: str, notebook: str) -> Path:
    path = paths.EXECUTED / run / f"{notebook}.ipynb"
    if not path.is_file():
        known = ", ".join(p.stem for p in sorted(path.parent.glob("*.ipynb"))) or "none"
        raise InputError(f"run {run!r}: {notebook!r} was not executed; there are: {known}")
    return path


def _refuse_other(source: Path, target: Path) -> None:
    """Refuse a folder that holds results of another checkpoint, data set or root."""
    known = _identity(read_result(path) for path in sorted(source.glob("*.json")))
    for path in sorted(target.glob("*.json")):
        for name, value in _identity([read_result(path)]).items():
            if name in known and known[name] != value:
                raise InputError(
                    f"{path} is of {name} {value!r}, and the run of {known[name]!r}; "
                    "choose another folder, or remove that one"
                )


def _identity(results: Iterable[Result]) -> dict[str, object]:
    """What a run is named for, as its results say it."""
    found: dict[str, object] = {}
    for result in results:
        asked = result.parameters
        found |= {"run": result.run}
        found |= {name: last_part(asked[name]) for name in IDENTITY if name in asked}
    return found
