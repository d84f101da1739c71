"""A study worked out: for each run, every job with every value that it runs on.

A value is looked up from the most particular to the most general: command line, run,
job and notebook (``overrides``), study (``parameters``), and last the notebook's own
default. A notebook that declares ``methods`` takes those of its run, if nothing else
is said; where results go, and by which method a job fine-tunes, is not to be said.

Limits: values are of the type that a notebook declares; whether they can be used is for
``negcxr.preflight``.
"""

import json
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import NamedTuple

import yaml

from negcxr import paths
from negcxr.errors import InputError
from negcxr.parameters import Value, checked_parameters, declared
from negcxr.runs import (
    IDENTITY,
    RECORD,
    method_of,
    refuse_other_run,
    source_of,
    write_whole,
)
from negcxr.schema import Parameter
from negcxr.study import Study

FOLDER = "parameters"  # below a run's folder: what each of its jobs runs on

Parameters = Mapping[str, Parameter]
Takes = Mapping[str, Set[str]]


class Run(NamedTuple):
    """One run, worked out: its name and what each job runs on."""

    name: str
    jobs: dict[str, dict[str, Value]]

    @property
    def folder(self) -> Path:
        """Where its results lie."""
        return paths.RESULTS / self.name


def plan(study: Study, given: Mapping[str, Parameter], *, source: str) -> list[Run]:
    """The runs of a study, with every parameter of every job.

    Args:
        study: What a file says.
        given: What a command line says; goes before all else.
        source: How the study is called in a message.

    Raises:
        InputError: A notebook does not exist, a parameter is not declared by any notebook
            that it is meant for, or a value is not of its type.
    """
    takes = {run: {j: _takes(j) for j in study.jobs_of(run)} for run in study.runs}
    for place, values, allowed in _places(study, given, takes, source=source):
        for name in values:
            if name not in allowed:
                choice = ", ".join(sorted(allowed))
                said = f"{place}: no notebook takes {name!r}; they take: {choice}"
                raise InputError(f"{source}, {said}")
    return [
        Run(run, {job: _values(study, given, run, job) for job in jobs})
        for run, jobs in takes.items()
    ]


def _takes(job: str) -> frozenset[str]:
    """The parameters of a job that a study may set."""
    set_here = {"results", "method"} if method_of(job) else {"results"}
    return frozenset(declared(source_of(job)).keys() - set_here)


def _places(
    study: Study, given: Parameters, takes: Mapping[str, Takes], *, source: str
) -> Iterator[tuple[str, Parameters, Set[str]]]:
    """Where values stand, the values, and the parameters of those they are meant for."""
    by_name = {job: names for jobs in takes.values() for job, names in jobs.items()}
    by_name |= {source_of(job).stem: names for job, names in by_name.items()}
    everywhere = frozenset().union(*by_name.values())
    yield "parameters", study.parameters, everywhere
    yield "command line", given, everywhere
    for run, own in study.runs.items():
        yield f"runs.{run}", own.parameters, frozenset().union(*takes[run].values())
    for name, override in study.overrides.items():
        if name not in by_name:
            raise InputError(f"{source}: overrides of {name!r}, no notebook of it")
        yield f"overrides.{name}", override, by_name[name]


def _values(study: Study, given: Parameters, run: str, job: str) -> dict[str, Value]:
    notebook, methods = source_of(job), study.methods_of(run)
    values: dict[str, Parameter] = {"methods": ",".join(methods)} if methods else {}
    values |= study.parameters
    values |= study.overrides.get(notebook.stem, {}) | study.overrides.get(job, {})
    values |= {**study.runs[run].parameters, **given, "results": f"results/{run}"}
    if method_of(job):
        values["method"] = method_of(job)
    wanted = {name: v for name, v in values.items() if name in declared(notebook)}
    return checked_parameters(notebook, wanted)


def write_runs(runs: list[Run]) -> None:
    """Write what each run is and what its jobs run on, where that is new.

    Raises:
        InputError: A folder holds a run of another checkpoint, data set or root.
    """
    for run in runs:
        for values in run.jobs.values():
            refuse_other_run(run.folder, values)
    for run in runs:
        record: dict[str, object] = {}
        for values in run.jobs.values():
            record |= {name: values[name] for name in IDENTITY if name in values}
        record["notebooks"] = list(run.jobs)
        text = yaml.safe_dump(record, sort_keys=False)
        write_whole(run.folder / RECORD, text.encode())
        for job, values in run.jobs.items():
            text = json.dumps(values, indent=1) + "\n"
            write_whole(run.folder / FOLDER / f"{job}.json", text.encode())
