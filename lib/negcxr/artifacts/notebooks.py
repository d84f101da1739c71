"""Executed notebooks of somebody else: complete, and nothing in them acts on a page.

What a book makes of a notebook depends on more than its outputs: a note in its metadata
can have it executed again, a raw cell is HTML as it stands, a Markdown cell can read
files. So the whole notebook is held against the form that ours have when they are packed.

Limits: the code in its cells is shown and not run; whoever downloads a notebook and runs
it runs what somebody wrote.
"""

import re
from collections.abc import Iterator
from typing import Any

from negcxr.artifacts import charts, markup, prose
from negcxr.artifacts.strict import read_json
from negcxr.errors import InputError

METADATA = {"kernelspec", "language_info", "papermill"}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
NOTED = {"parameters", "exception", "status"}  # what a packed notebook keeps of papermill
PYTHON = re.compile(r"\.?[\w/. -]{0,40}")  # any word that describes the language
TAGS = {
    *("parameters", "injected-parameters", "hide-input", "hide-output", "hide-cell"),
    *("remove-input", "remove-output", "remove-cell", "full-width", "margin"),
}
CELL = {"cell_type", "id", "metadata", "source", "execution_count", "outputs"}
CELL_NOTES = {"tags", "papermill", "opened_in_place_of"}
OUTPUT = {
    "stream": {"name", "text"},
    "execute_result": {"data", "metadata", "execution_count"},
    "display_data": {"data", "metadata"},
}
SHOWN = {"text/plain", "text/html"}


def require_inert(content: bytes, *, where: str) -> None:
    """Refuse an executed notebook that failed, or holds what ours do not.

    Args:
        content: The notebook's bytes.
        where: How it is called in a message.

    Raises:
        InputError: Names the notebook, the cell and what is wrong with it.
    """
    notebook = read_json(content, where=where)
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise InputError(f"{where}: no notebook of nbformat 4")
    for fault in _of_notebook(notebook):
        raise InputError(f"{where}: {fault}")
    for number, cell in enumerate(notebook["cells"], start=1):
        for fault in _of_cell(cell):
            raise InputError(f"{where}, cell {number}: {fault}")


def _of_notebook(notebook: dict[str, Any]) -> Iterator[str]:
    if {*notebook} - {"cells", "metadata", "nbformat", "nbformat_minor"}:
        yield "it has parts that no notebook has"
    notes = notebook.get("metadata")
    if not isinstance(notes, dict) or not _is_list_of_objects(notebook.get("cells")):
        yield "it has no cells, or no metadata"
        return
    if unknown := {*notes} - METADATA:
        yield f"its metadata say {min(unknown)[:40]!r}, which ours do not"
    if notes.get("kernelspec", KERNEL) != KERNEL:
        yield "it asks for a kernel that is not ours"
    if not _plain(notes.get("language_info", {}), PYTHON):
        yield "its metadata describe a language that is not ours"
    asked = notes.get("papermill", {})
    if not isinstance(asked, dict) or {*asked} - NOTED or asked.get("exception"):
        yield "papermill's notes on it are not those of a packed notebook"


def _of_cell(cell: dict[str, Any]) -> Iterator[str]:
    if {*cell} - CELL or cell.get("cell_type") not in ("markdown", "code"):
        yield f"it is no cell of ours, but {str(cell.get('cell_type'))[:20]!r}"
        return
    notes, source = cell.get("metadata"), _text(cell.get("source"))
    if source is None or not isinstance(notes, dict):
        yield "it has no source, or no metadata"
        return
    yield from _of_notes(notes)
    if cell["cell_type"] == "markdown":
        yield from prose.faults_of(source)
        yield from prose.faults_of(notes.get("opened_in_place_of", ""))
        return
    if source.strip() and not isinstance(cell.get("execution_count"), int):
        yield "it was never executed"
    if not _is_list_of_objects(cell.get("outputs")):
        yield "its outputs are none"
        return
    for output in cell["outputs"]:
        yield from _of_output(output)


def _of_notes(notes: dict[str, Any]) -> Iterator[str]:
    tags, run = notes.get("tags", []), notes.get("papermill", {})
    if unknown := {*notes} - CELL_NOTES:
        yield f"its metadata say {min(unknown)[:40]!r}, which ours do not"
    if not isinstance(notes.get("opened_in_place_of", ""), str):
        yield "its metadata say an opening that is no text"
    if not isinstance(tags, list) or not all(
        isinstance(t, str) and t in TAGS for t in tags
    ):
        yield f"it has a tag that ours have not, of {str(tags)[:60]}"
    if not isinstance(run, dict) or {*run} - NOTED or run.get("exception"):
        yield "papermill's notes on it are not those of a cell that ran"


def _of_output(output: dict[str, Any]) -> Iterator[str]:
    kind = output.get("output_type")
    if kind == "error":
        yield "it failed"
        return
    if kind not in OUTPUT or {*output} - {"output_type", *OUTPUT[kind]}:
        yield f"its output is {str(kind)[:40]!r}, or has parts that ours have not"
        return
    if output.get("metadata"):
        yield "its output has metadata"
    if kind != "stream":
        yield from _of_data(output.get("data"))
    elif _text(output.get("text")) is None:
        yield "its output is no text"


def _of_data(data: Any) -> Iterator[str]:
    if not isinstance(data, dict) or {*data} - SHOWN:
        kinds = ", ".join(sorted(data)) if isinstance(data, dict) else "nothing"
        yield f"its output is {kinds[:80]}; it may be {', '.join(sorted(SHOWN))}"
        return
    texts = {name: _text(value) for name, value in data.items()}
    if None in texts.values():
        yield "its output is no text"
    elif "text/html" in texts:
        rest, faults = charts.without_charts(texts["text/html"] or "")
        yield from (f"its output holds {fault}" for fault in faults)
        yield from (f"its output holds {fault}" for fault in markup.faults_of(rest))


def _text(value: Any) -> str | None:
    """A text as a notebook has it, whole or in lines; None where it is neither."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value if isinstance(value, str) else None


def _plain(value: Any, pattern: re.Pattern[str]) -> bool:
    """Whether a description consists of objects, numbers and words of a pattern."""
    if isinstance(value, dict):
        return all(_plain(inner, pattern) for pair in value.items() for inner in pair)
    return isinstance(value, int) or (
        isinstance(value, str) and bool(pattern.fullmatch(value))
    )


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)
