"""A study: which notebooks run on which checkpoints, with which parameters.

A run has a job for each notebook, and for the notebook that fine-tunes one for each
method. How a job comes to its values is in ``negcxr.plan``.

Limits: a study says what is to be computed; whether it is up to date is for Snakemake.
"""

import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from negcxr import paths
from negcxr.errors import InputError
from negcxr.reading import first_fault, read_yaml
from negcxr.runs import FINE_TUNING, METHOD_JOB, method_of
from negcxr.schema import NAME, Parameter

Name = Annotated[str, Field(pattern=NAME)]
Parameters = dict[str, Parameter]


class Own(BaseModel):
    """What sets a run apart: parameters, its checkpoint above all, and maybe its lists.

    Attributes:
        notebooks: In place of the study's; empty takes those.
        methods: In place of the study's; empty takes those.
    """

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: Parameters = Field(init=False)

    notebooks: list[Name] = []
    methods: list[Name] = []

    @property
    def parameters(self) -> Parameters:
        """All that is no list."""
        return self.__pydantic_extra__


class Study(BaseModel):
    """A file of ``params/``.

    Attributes:
        runs: By name, what sets a run apart.
        notebooks: Names without suffix, in the order of the book.
        methods: By which ``20_method`` fine-tunes, a job each.
        parameters: For every notebook that declares them.
        overrides: By notebook, or by job, what it alone takes.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    runs: dict[Name, Own] = Field(min_length=1)
    notebooks: list[Name] = Field(min_length=1)
    methods: list[Name] = []
    parameters: Parameters = {}
    overrides: dict[Name, Parameters] = {}

    @model_validator(mode="after")
    def _methods_have_a_notebook(self) -> Self:
        fine_tunes = False
        for run in self.runs:
            for notebook in filter(method_of, set(self.notebooks_of(run)) - {FINE_TUNING}):
                wanted = f"{FINE_TUNING}, and {method_of(notebook)} under methods"
                raise ValueError(f"notebooks: {notebook!r}; write {wanted}")
            if FINE_TUNING in self.notebooks_of(run):
                fine_tunes = True
                if not self.methods_of(run):
                    said = f"{FINE_TUNING} runs by methods, and none is named"
                    raise ValueError(f"runs.{run}: {said}; write methods: [con1]")
        if self.methods and not fine_tunes:
            raise ValueError(f"methods: no run has the notebook {FINE_TUNING}")
        return self

    def notebooks_of(self, run: str) -> list[str]:
        """The notebooks of one run, in order."""
        return self.runs[run].notebooks or self.notebooks

    def methods_of(self, run: str) -> list[str]:
        """The methods that one run fine-tunes by; none where it does not fine-tune."""
        if FINE_TUNING not in self.notebooks_of(run):
            return []
        return self.runs[run].methods or self.methods

    def jobs_of(self, run: str) -> list[str]:
        """The jobs of one run: its notebooks, with a job a method in its place."""
        jobs: list[str] = []
        for notebook in self.notebooks_of(run):
            if notebook == FINE_TUNING:
                jobs += [f"{METHOD_JOB}{method}" for method in self.methods_of(run)]
            else:
                jobs.append(notebook)
        return jobs


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
