"""How the chapter of a method begins: with the prose of that method.

All methods share one notebook, so what is particular to one stands in
``book/methods/<method>.md`` and takes the place of the notebook's first words when the
book is prepared. What stood there is noted in the cell, so that a prose that changes, or
goes, can be followed without running the notebook again.
"""

import json
from pathlib import Path
from typing import Any

from negcxr.book.notebooks import as_text
from negcxr.book.site import Site
from negcxr.runs import method_of

NOTED = "opened_in_place_of"  # in the cell's metadata: what the notebook's source has there


def opened(site: Site, path: Path, text: str) -> str:
    """A chapter's text, begun by its method's prose; any other chapter as it is.

    A method without prose keeps the words of the notebook, under its own name.

    Args:
        site: Where the prose lies.
        path: The chapter's file, whose name has the method.
        text: What the file holds.
    """
    method = method_of(path.stem)
    notebook = json.loads(text) if method else {"cells": []}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            before = cell["metadata"].setdefault(NOTED, _words(cell))
            cell["source"] = _opening(site, method, before).splitlines(keepends=True)
            return as_text(notebook)
    return text


def _opening(site: Site, method: str, before: str) -> str:
    prose = site.book / "methods" / f"{method}.md"
    if prose.is_file():
        return prose.read_text("utf-8").rstrip("\n")
    lines = before.splitlines()
    rest = lines[1:] if before.startswith("# ") else lines
    return "\n".join([f"# {method}", *rest])


def _words(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])
