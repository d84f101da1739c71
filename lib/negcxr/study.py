"""A study: which notebooks run on which checkpoints, with which parameters.

A value is looked up from the most particular to the most general: command line, run,
notebook (``overrides``), study (``parameters``), and last the notebook's own default.

Limits: a study says what is to be computed; whether it is up to date is for Snakemake.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from negcxr import paths
from negcxr.errors import InputError
from negcxr.parameters import Value, checked_parameters, declared
from negcxr.reading import first_fault, read_yaml
from negcxr.runs import IDENTITY, RECORD, refuse_other_run, write_whole
from negcxr.schema import NAME, Parameter

Name = Annotated[str, Field(pattern=NAME)]
Parameters = dict[str, Parameter]
FOLDER = "parameters"  # below a run's folder: what each of its notebooks runs on


class Study(BaseModel):
    """A file of ``params/``.

    Attributes:
        runs: By name, the parameters that set a run apart: its checkpoint, above all.
        notebooks: Names without suffix, in the order of the book.
        parameters: For every notebook that declares them.
        overrides: By notebook, what it alone takes.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    runs: dict[Name, Parameters] = Field(min_length=1)
    notebooks: list[Name] = Field(min_length=1)
    parameters: Parameters = {}
    overrides: dict[Name, Parameters] = {}


class Run(NamedTuple):
    """One run, worked out: its name and what each notebook runs on."""

    name: str
    notebooks: dict[str, dict[str, Value]]

    @property
    def folder(self) -> Path:
        """Where its results lie."""
        return paths.RESULTS / self.name


def read_study(path: Path) -> Study:
    """The study in a YAML file.

    Raises:
        InputError: The file is not a study; the message names the field and the value.
    """
    fields = read_yaml(path)
    try:
        return Study.model_validate(fields)
    except ValidationError as error:
        raise InputError(f"{path}: {first_fault(error)}") from None


def renamed(study: Study, name: str) -> Study:
    """The same study with another name for its one run.

    Raises:
        InputError: The study has several runs.
    """
    if len(study.runs) > 1:
        known = ", ".join(study.runs)
        raise InputError(f"--name {name}: the study has several runs: {known}")
    return Study(**{**study.model_dump(), "runs": {name: next(iter(study.runs.values()))}})


def from_here(value: str) -> str:
    """A path as typed, from the project's root where it lies within, else absolute.

    What is no path from the caller's folder stays: a hub's id, or the name of a set.
    """
    here = Path(value).expanduser()
    if not value or not here.exists():
        return value
    there = Path(os.path.abspath(here))
    return str(there.relative_to(paths.ROOT) if there.is_relative_to(paths.ROOT) else there)


def plan(study: Study, given: Mapping[str, Parameter], *, source: str) -> list[Run]:
    """The runs of a study, with every parameter of every notebook.

    Args:
        study: What a file says.
        given: What a command line says; goes before all else.
        source: How the study is called in a message.

    Raises:
        InputError: A notebook does not exist, a parameter is not declared by any notebook
            that it is meant for, or a value is not of its type.
    """
    known = {name: declared(notebook_path(name)) for name in study.notebooks}
    _refuse_undeclared(study, given, known, source=source)
    runs = []
    for run, own in study.runs.items():
        notebooks = {}
        for notebook, defaults in known.items():
            override = study.overrides.get(notebook, {})
            values = {**study.parameters, **override, **own, **given}
            values["results"] = f"results/{run}"
            wanted = {name: v for name, v in values.items() if name in defaults}
            notebooks[notebook] = checked_parameters(notebook_path(notebook), wanted)
        runs.append(Run(run, notebooks))
    return runs


def notebook_path(name: str) -> Path:
    """Where a notebook's source lies."""
    return paths.NOTEBOOKS / f"{name}.ipynb"


def _refuse_undeclared(
    study: Study,
    given: Mapping[str, Parameter],
    known: Mapping[str, Mapping[str, Value]],
    *,
    source: str,
) -> None:
    strangers = study.overrides.keys() - known.keys()
    if strangers:
        raise InputError(f"{source}: overrides of {min(strangers)!r}, no notebook of it")
    everywhere = {name for defaults in known.values() for name in defaults} - {"results"}
    places = [
        ("parameters", study.parameters, everywhere),
        ("command line", given, everywhere),
    ]
    places += [(f"runs.{run}", own, everywhere) for run, own in study.runs.items()]
    places += [(f"overrides.{n}", o, {*known[n]}) for n, o in study.overrides.items()]
    for place, values, allowed in places:
        for name in values:
            if name not in allowed:
                choice = ", ".join(sorted(allowed))
                said = f"{place}: no notebook takes {name!r}; they take: {choice}"
                raise InputError(f"{source}, {said}")


def write_runs(runs: list[Run]) -> None:
    """Write what each run is and what its notebooks run on, where that is new.

    Raises:
        InputError: A folder holds a run of another checkpoint, data set or root.
    """
    for run in runs:
        for values in run.notebooks.values():
            refuse_other_run(run.folder, values)
    for run in runs:
        record: dict[str, object] = {}
        for values in run.notebooks.values():
            record |= {name: values[name] for name in IDENTITY if name in values}
        record["notebooks"] = list(run.notebooks)
        text = yaml.safe_dump(record, sort_keys=False)
        write_whole(run.folder / RECORD, text.encode())
        for notebook, values in run.notebooks.items():
            text = json.dumps(values, indent=1) + "\n"
            write_whole(run.folder / FOLDER / f"{notebook}.json", text.encode())
