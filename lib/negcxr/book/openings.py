"""How a chapter begins: with the prose of its method, and what its model has seen.

All methods share one notebook, so what is particular to one stands in
``book/methods/<method>.md`` and takes the place of the notebook's first words when the
book is prepared. Below the title of every chapter stands what its result says of the pair
of checkpoint and data set. What stood there is noted in the cell, so that a prose that
changes, or goes, can be followed without running the notebook again.
"""

import json
import re
from pathlib import Path
from typing import Any

from negcxr.book.notebooks import as_text
from negcxr.book.site import Site
from negcxr.exposures import sentence
from negcxr.results import read_result
from negcxr.runs import method_of

NOTED = "opened_in_place_of"  # in the cell's metadata: what the notebook's source has there
ADDRESS = re.compile(r"https?://[^\s<>;,)]+")


def opened(site: Site, path: Path, text: str) -> str:
    """A chapter's text, begun by its method's prose and by what its model has seen.

    A method without prose keeps the words of the notebook, under its own name; a chapter
    without a result of a checkpoint on a data set begins as it is.

    Args:
        site: Where the prose and the results lie.
        path: The chapter's file, whose name has the method, in the folder of its run.
        text: What the file holds.
    """
    method, seen = method_of(path.stem), exposed(site, path.parent.name, path.stem)
    notebook = json.loads(text) if method or seen or NOTED in text else {"cells": []}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            before = cell["metadata"].setdefault(NOTED, _words(cell))
            words = _opening(site, method, before) if method else before
            cell["source"] = _with(seen, words).splitlines(keepends=True)
            return as_text(notebook)
    return text


def exposed(site: Site, run: str, notebook: str) -> str:
    """What the checkpoint of a run has seen of its data, as a paragraph; or nothing."""
    path = site.result_path(run, notebook)
    said = sentence(read_result(path)) if path.is_file() else ""
    linked = ADDRESS.sub(r"<\g<0>>", said)
    return f"*Has the model seen the data?* {linked} See {{chapter}}`42_ledger`." * bool(
        said
    )


def _with(seen: str, words: str) -> str:
    """Words with a paragraph below their title, or above them where they have none."""
    if not seen:
        return words
    title, _, rest = words.partition("\n") if words.startswith("# ") else ("", "", words)
    return "\n\n".join(part for part in (title, seen, rest.strip("\n")) if part)


def _opening(site: Site, method: str, before: str) -> str:
    prose = site.book / "methods" / f"{method}.md"
    if prose.is_file():
        return prose.read_text("utf-8").rstrip("\n")
    lines = before.splitlines()
    rest = lines[1:] if before.startswith("# ") else lines
    return "\n".join([f"# {method}", *rest])


def _words(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])
