"""What of a live run may travel: copied without this machine's names, and looked into.

Limits: what is looked for are the project's folder, the home folder and the kernel's
temporary files, in a result's parameters, its words and an executed notebook. In a table
they are not seen, and a name that stands by itself is seen nowhere.
"""

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from negcxr import paths
from negcxr.book import Site
from negcxr.book.guarding import refuse_run
from negcxr.book.notebooks import last_part, portable, private_paths
from negcxr.errors import InputError
from negcxr.plan import FOLDER
from negcxr.results import Result, read_result
from negcxr.runs import IDENTITY, read_record


def copy_run(run: str, target: Path, notebooks: Sequence[str]) -> None:
    """Copy the results of a run, their tables, and what notebooks it has of some names.

    Raises:
        InputError: Rows of a credentialed data set would leave with it, or a result names
            a folder of this machine.
    """
    source = paths.RESULTS / run
    every = [_executed(run, notebook) for notebook in notebooks]
    executed = [path for path in every if path.is_file()]
    refuse_run({path.stem: path for path in _results(source)}, executed)
    target.mkdir(parents=True)
    for path in _tables(source):
        shutil.copy(path, target)
    for path in _results(source):
        (target / path.name).write_text(_nameless(path), "utf-8")
    for path in executed:
        text = portable(Site(paths.ROOT), path.read_text("utf-8"))
        (target / path.name).write_text(text, "utf-8")


def _results(source: Path) -> list[Path]:
    return sorted(source.glob("*.json"))


def _tables(source: Path) -> list[Path]:
    """The tables that a result names; others were looked into by nobody."""
    results = [read_result(path) for path in _results(source)]
    named = {table for result in results for table in result.tables.values()}
    return [path for path in source.glob("*.parquet") if path.name in named]


def _nameless(path: Path) -> str:
    """A result's text, in which folders of this machine go by their last part alone."""
    result = json.loads(path.read_text("utf-8"))
    asked = result["parameters"]
    result["parameters"] = {name: last_part(value) for name, value in asked.items()}
    text = json.dumps(result, indent=1, allow_nan=False) + "\n"
    if found := re.search("|".join(private_paths(Site(paths.ROOT))), text):
        raise InputError(f"{path}: names a folder of this machine, {found[0]}")
    return text


def finished(run: str) -> list[Result]:
    """All results of a run, if it has one of each job, on the values that its study asks.

    Raises:
        InputError: It is no run, or a job has no result yet, or one of other parameters.
    """
    source = paths.RESULTS / run
    jobs = read_record(source).get("notebooks")
    if not jobs:
        raise InputError(f"{source}: no run of a study lies there")
    missing = [job for job in jobs if not (source / f"{job}.json").is_file()]
    if missing:
        raise InputError(f"{source}: not finished; there is no result of {missing[0]}")
    for job in jobs:
        _require_asked(source, job)
    return [read_result(path) for path in _results(source)]


def _require_asked(source: Path, job: str) -> None:
    """Refuse a result of other parameters than those that its study asks for now."""
    path = source / FOLDER / f"{job}.json"
    if not path.is_file():
        raise InputError(f"{path}: is missing; run the study again, which writes it")
    ran = read_result(source / f"{job}.json").parameters
    for name, value in json.loads(path.read_text("utf-8")).items():
        if ran.get(name) != value:
            raise InputError(
                f"{source}: not finished; the result of {job} is of {name} "
                f"{ran.get(name)!r}, and {value!r} is asked for"
            )


def _executed(run: str, notebook: str) -> Path:
    return paths.EXECUTED / run / f"{notebook}.ipynb"


def require_known(runs: Sequence[str], notebooks: Sequence[str]) -> None:
    """Refuse a notebook that none of the runs has executed.

    Raises:
        InputError: Names those that were executed.
    """
    for notebook in notebooks:
        if not any(_executed(run, notebook).is_file() for run in runs):
            folders = [paths.EXECUTED / run for run in runs]
            known = sorted({p.stem for folder in folders for p in folder.glob("*.ipynb")})
            names = ", ".join(known) or "none"
            raise InputError(f"{notebook!r} was not executed; there are: {names}")


def refuse_other(results: Iterable[Result], target: Path) -> None:
    """Refuse a folder that holds results of another checkpoint, data set or root.

    Raises:
        InputError: Names the file and both values.
    """
    known = _identity(results)
    for path in sorted(target.glob("*.json")):
        for name, value in _identity([read_result(path)]).items():
            if name in known and known[name] != value:
                raise InputError(
                    f"{path} is of {name} {value!r}, and the run of {known[name]!r}; "
                    "choose another --name, or remove that one"
                )


def _identity(results: Iterable[Result]) -> dict[str, object]:
    """What a run is named for, as its results say it."""
    found: dict[str, object] = {}
    for result in results:
        asked = result.parameters
        found |= {"run": result.run}
        found |= {name: last_part(asked[name]) for name in IDENTITY if name in asked}
    return found
