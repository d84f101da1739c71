"""Which run a folder of results belongs to, and what the jobs of a run are called.

``run.yml`` in the folder says what was measured on what. A result of another checkpoint
or data set is refused there, so that a folder never mixes two runs.

A job is called as its notebook is, but for the notebook that fine-tunes: that one runs
once for each method, as ``20_<method>``.
"""

from collections.abc import Mapping
from pathlib import Path

from negcxr import paths
from negcxr.errors import InputError
from negcxr.reading import read_yaml
from negcxr.writing import write_whole as write_whole  # others take it from here

RECORD = "run.yml"
IDENTITY = ("checkpoint", "dataset", "root")  # what a run is named for
FINE_TUNING = "20_method"  # the notebook that runs once for each method
METHOD_JOB = FINE_TUNING.removesuffix("method")  # how the names of its jobs begin


def method_of(job: str) -> str:
    """The method that a job fine-tunes by; empty where it does not fine-tune."""
    return job.removeprefix(METHOD_JOB) if job.startswith(METHOD_JOB) else ""


def source_of(job: str) -> Path:
    """The notebook that a job runs."""
    return paths.NOTEBOOKS / f"{FINE_TUNING if method_of(job) else job}.ipynb"


def job_of(source: Path, values: Mapping[str, object]) -> str:
    """What a notebook on these values is called as a job."""
    if source.stem == FINE_TUNING and values.get("method"):
        return f"{METHOD_JOB}{values['method']}"
    return source.stem


def read_record(folder: Path) -> dict[str, object]:
    """What ``run.yml`` says; nothing where there is none.

    Raises:
        InputError: The file is not a mapping.
    """
    path = folder / RECORD
    if not path.is_file():
        return {}
    record = read_yaml(path)
    if not isinstance(record, dict):
        raise InputError(f"{path}: not a mapping of names to values; remove the file")
    return record


def refuse_other_run(folder: Path, parameters: Mapping[str, object]) -> None:
    """Refuse parameters of another run than the one whose folder this is.

    Raises:
        InputError: Names what differs, and both values.
    """
    record = read_record(folder)
    for name in IDENTITY:
        if name in record and name in parameters and record[name] != parameters[name]:
            raise InputError(
                f"{folder} holds a run of {name} {record[name]!r}, not "
                f"{parameters[name]!r}; choose another --name, or remove the folder"
            )
