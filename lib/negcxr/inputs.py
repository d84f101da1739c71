"""Which files a job or the book stands on; it is out of date when one changed.

Of this package it is what they import; see ``imported``.

Limits: images of a data set do not count, nor reports in text, only its tables; a hub's
checkpoint neither: a run's parameters name it with its revision.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from negcxr import paths
from negcxr.artifacts.form import CRATE
from negcxr.imported import PACKAGE, library_inputs
from negcxr.live import live_results
from negcxr.reading import listed, read_yaml
from negcxr.runs import METHOD_JOB, method_of, read_record, source_of

FINISHED = ("artifacts", "search")  # parameters that name folders of finished runs
KEPT = ("*.json", "*.parquet")  # of such a folder
KEPT_FILES = (  # what the book holds against its crate; a dot begins what is being made
    "[!.]*/*.json",
    *(f"[!.]*/[!.]*/*.{kind}" for kind in ("json", "ipynb", "parquet")),
)
FOLDERS = ("root", "text_root")  # parameters that name folders of tables
TABLES = ("*.csv", "*.csv.gz", "*.txt", "*.yml")  # of such a folder
MADE = {"executed", "generated", "vega-bundle.js"}  # by the build, into the book


def job_inputs(run: str, job: str, beside: Sequence[str] = ()) -> list[str]:
    """The files that one job of one run stands on, as Snakemake names files.

    Args:
        beside: Runs that are made in the same call.

    Raises:
        InputError: The notebook is not Python.
    """
    folder, source = paths.RESULTS / run, source_of(job)
    file = folder / "parameters" / f"{job}.json"
    values = json.loads(file.read_text())
    library = library_inputs(source)
    found = {source, file, PACKAGE / "run.py", PACKAGE / "tidy.py", *library}
    found |= {*_named(values), *_earlier(folder, job, values)}
    found |= {*live_results(run, job, values, beside)}
    if method_of(job) or PACKAGE / "finetune" / "methods.py" in library:
        found |= {*_methods(method_of(job))}
    if PACKAGE / "data" / "fetch.py" in library:
        found |= {path for path in _fetched().rglob("*") if path.is_file()}
    return _from_root(found)


def book_inputs() -> list[str]:
    """The files that the book stands on beside the results of runs."""
    pages = [path for path in paths.BOOK.rglob("*") if path.is_file()]
    sources = [path for path in pages if not MADE & {*path.parts}]
    # Tables too, which no page needs: the build stops where any file of a kept run changed.
    kept = [p for found in KEPT_FILES for p in paths.ARTIFACTS.glob(found)]
    code = library_inputs(PACKAGE / "book" / "__init__.py")
    timed = [*(paths.ROOT / "benchmarks").glob("*.csv")]
    return _from_root({*sources, *kept, *code, *timed, paths.ROOT / "_config.yml"})


def _named(values: Mapping[str, object]) -> Iterator[Path]:
    """Files that a job's parameters point at."""
    checkpoint = paths.at_root(str(values.get("checkpoint") or "checkpoints/none"))
    if checkpoint.is_dir():
        yield from (path for path in checkpoint.iterdir() if path.is_file())
    for value in values.values():
        # A prompt set, weights of layers. Path.is_file refuses a text too long for a name.
        if isinstance(value, str) and os.path.isfile(paths.at_root(value)):
            yield paths.at_root(value)
    for name in (name for name in FOLDERS if values.get(name)):
        for pattern in TABLES:
            yield from paths.at_root(str(values[name])).glob(pattern)
    from negcxr.data.layout_tables import tables_of  # takes a second, which most need not

    yield from tables_of(str(values.get("dataset")), str(values.get("root") or ""))
    for folder in (part for name in FINISHED for part in listed(str(values.get(name, "")))):
        for pattern in KEPT:
            found = paths.at_root(folder).rglob(pattern)
            yield from (path for path in found if path.name != CRATE)


def _earlier(folder: Path, job: str, values: Mapping[str, object]) -> Iterator[Path]:
    """Results of this run that a job reads: of methods that it compares, and of chapters.

    Such a result is written last, so with it there is all that its job leaves.
    """
    jobs = {f"{METHOD_JOB}{method}" for method in listed(str(values.get("methods", "")))}
    jobs |= {*listed(str(values.get("chapters", "")))}
    for name in jobs & {*read_record(folder).get("notebooks", [])} - {job}:
        yield folder / f"{name}.json"


def _fetched() -> Path:
    """Where ``negcxr data fetch`` puts what a job may find there, or not."""
    return paths.cache() / "fetched"


def _methods(method: str) -> Iterator[Path]:
    """The methods' file, and the weights of layers that one of them takes."""
    path = paths.PARAMS / "methods.yml"
    yield path
    if method and (layers := read_yaml(path)[method].get("layers")):
        yield paths.at_root(layers)


def _from_root(found: Iterable[Path]) -> list[str]:
    plain = [path for path in found if "__pycache__" not in path.parts]
    return sorted(os.path.relpath(path, paths.ROOT) for path in plain)
