"""Nothing of a credentialed data set in an executed notebook, nor beside it.

What a cell shows is text, tables and charts: every text is read for names and for pieces
of reports, every table and the data of every chart as a result's tables are, and there is
no picture at all, since one made of pixels may be an image. So a notebook is looked into
when it has run, when a book is built with it, and when its run is kept.

Limits: see `negcxr.guard`. A run that was kept elsewhere was looked into there, where the
data were; here its pictures alone are refused.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from negcxr.book.shown import tables_in, texts_of
from negcxr.book.site import Site
from negcxr.errors import InputError
from negcxr.guard import (
    APART,
    Secrets,
    refuse_run_of_numbers,
    refuse_table,
    refuse_text,
    secrets_for,
    strings_in,
)
from negcxr.paths import RESULTS, at_root
from negcxr.results import Result, read_result, read_table, refuse_said

# A kind of output, which is a key by itself, or a picture within a text.
PICTURE = re.compile(r"^\s*(?:image/|application/pdf)|data:\s*image/", re.IGNORECASE)
CREDENTIALED = "its data set is credentialed, and no image of it may be shown"


def refuse_notebook(notebook: NotebookNode, secrets: Secrets, *, where: str) -> None:
    """Refuse an executed notebook that shows more than aggregates.

    Raises:
        InputError: Names the notebook, the cell and what kind of thing is in it.
    """
    refuse_pictures(notebook, where=where)
    said = APART.join(strings_in(notebook.metadata))
    refuse_text(said, secrets, where=f"{where}, metadata")
    refuse_run_of_numbers(said, secrets, where=f"{where}, metadata")
    for number, cell in enumerate(notebook.cells, start=1):
        place = f"{where}, cell {number}"
        texts = [*strings_in(cell), *_shown(cell)]
        said = APART.join(dict.fromkeys(texts))
        refuse_text(said, secrets, where=place)
        refuse_run_of_numbers(said, secrets, where=place)
        for text in _shown(cell):
            for table in tables_in(text):
                refuse_table(table, secrets, where=place)


def _shown(cell: NotebookNode) -> list[str]:
    return [text for output in cell.get("outputs", []) for text in texts_of(output)]


def refuse_pictures(notebook: NotebookNode, *, where: str) -> None:
    """Refuse an executed notebook that holds a picture made of pixels, shown or not.

    Raises:
        InputError: Names the notebook and the cell.
    """
    parts = {f"{where}, cell {n}": cell for n, cell in enumerate(notebook.cells, start=1)}
    for place, part in {f"{where}, metadata": notebook.metadata, **parts}.items():
        if part.get("attachments") or any(map(PICTURE.search, strings_in(part))):
            raise InputError(f"{place}: a picture; {CREDENTIALED}")


def refuse_result(path: Path, secrets: Secrets) -> None:
    """Refuse a result, or a table of it, that holds more than aggregates.

    Raises:
        InputError: Names the file and the column.
    """
    result = read_result(path)
    for name in result.tables:
        refuse_table(read_table(path, name), secrets, where=f"{path}, table {name}")
    refuse_said(result, secrets, where=str(path))


def refuse_job(notebook: NotebookNode, values: Mapping[str, object], *, name: str) -> None:
    """Look into a notebook that has just run, and what it wrote; refused, that goes.

    Args:
        values: The parameters that it ran on.
        name: What it is called as a job.

    Raises:
        InputError: Something is more than aggregates.
    """
    secrets = secrets_for(values)
    if secrets is None:
        return
    path = at_root(str(values.get("results", RESULTS))) / f"{name}.json"
    try:
        refuse_notebook(notebook, secrets, where=name)
        if path.is_file():
            refuse_result(path, secrets)
    except InputError:
        for file in [path, *path.parent.glob(f"{name}.*.parquet")]:
            file.unlink(missing_ok=True)
        raise


def refuse_run(
    results: Mapping[str, Path], executed: Iterable[Path], *, found: bool = True
) -> None:
    """Look into what a run wrote and what it executed, where its data are credentialed.

    Args:
        results: The file of each result by its job.
        executed: Notebooks, called as their jobs are.
        found: Whether the data lie here; else pictures alone are refused.

    Raises:
        InputError: Something is more than aggregates, or the data cannot be read, so that
            nothing can be checked.
    """
    known = {job: read_result(path) for job, path in results.items() if path.is_file()}
    guarded = {job: one for job, one in known.items() if _credentialed(one)}
    if not guarded:
        return
    first = next(iter(guarded.values())).parameters
    for path in executed:
        notebook = nbformat.read(path, as_version=4)
        refuse_pictures(notebook, where=_named(path))
        if found and (secrets := _secrets(first | _asked(guarded, path.stem))):
            refuse_notebook(notebook, secrets, where=_named(path))
    for job in known if found else ():
        if secrets := _secrets(first | _asked(guarded, job)):
            refuse_result(results[job], secrets)


def _secrets(asked: Mapping[str, object]) -> Secrets | None:
    try:
        return secrets_for(asked)
    except InputError as error:
        raise InputError(
            f"a run of the credentialed data set {asked.get('dataset')!r} cannot be looked "
            f"into without its data: {error}"
        ) from None


def refuse_site(site: Site, run: str) -> None:
    """Look into a run that a book is about to show.

    Raises:
        InputError: As ``refuse_run``.
    """
    executed = site.executed(run)
    results = {path.stem: site.result_path(run, path.stem) for path in executed}
    refuse_run(results, executed, found=run not in site.kept())


def _credentialed(result: Result) -> bool:
    data = result.provenance.dataset
    return data is not None and data.credentialed


def _asked(guarded: Mapping[str, Result], job: str) -> Mapping[str, object]:
    return guarded[job].parameters if job in guarded else {}


def _named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
