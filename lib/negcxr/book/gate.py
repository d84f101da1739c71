"""What the book refuses to build from, and what it refuses to have built.

A build of Jupyter Book is green on a notebook that failed, on an output that runs a
foreign script and on a page of any size. So every executed notebook is read before, and
every page after.

Limits: a notebook's own code is trusted, since it ran here; only what it left for the
reader's browser is judged.
"""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat

from negcxr.book.notebooks import private_paths
from negcxr.book.site import Site
from negcxr.errors import InputError
from negcxr.figures.drawn import without_own_charts

MOST_BYTES = 4_000_000  # of one page
WIDGET = "application/vnd.jupyter.widget-view+json"
FAILED = "papermill-error-cell-tag"
ACTIVE_TAGS = {"script", "iframe", "object", "embed", "link", "base", "meta", "form"}
LOADING = {"src", "href", "xlink:href", "data", "action", "poster", "srcset"}
INERT = ("#", "data:image/")  # what an output may point to: itself, or a picture within


def check_notebooks(paths: Sequence[Path]) -> None:
    """Refuse a notebook that failed, did not finish, or carries active HTML.

    Raises:
        InputError: Names the notebook, the cell and what is wrong with it.
    """
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        for number, cell in enumerate(notebook.cells, start=1):
            for fault in _faults(cell):
                raise InputError(f"{path.parent.name}/{path.name}, cell {number}: {fault}")


def _faults(cell: Any) -> Iterator[str]:
    if FAILED in cell.metadata.get("tags", []) or FAILED in cell.source:
        yield "it marks a cell that failed"
    if cell.cell_type == "markdown":
        yield from _active(cell.source)
    if cell.cell_type != "code":
        return
    if cell.metadata.get("papermill", {}).get("exception"):
        yield "it failed"
    if cell.source.strip() and cell.execution_count is None:
        yield "it was never executed; a kernel that dies leaves such cells"
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"it failed: {output.ename}: {output.evalue}"
        yield from _active_output(output.get("data", {}))


def _active_output(data: dict[str, Any]) -> Iterator[str]:
    for kind in data:
        if kind in ("application/javascript", WIDGET):
            yield f"its output is {kind}, which pages load from another host"
    for kind in ("text/html", "text/markdown", "image/svg+xml"):
        text = data.get(kind, "")
        text = "".join(text) if isinstance(text, list) else text
        yield from _active(without_own_charts(text))


class _Reader(HTMLParser):
    """Collects what in a piece of HTML acts, or loads something."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE_TAGS:
            self.faults.append(f"its output holds a <{tag}> that is not a chart's")
        for name, value in attrs:
            if name.startswith("on"):
                self.faults.append(f"its output holds <{tag} {name}=...>, which acts")
            text = (value or "").strip()
            if tag != "a" and name in LOADING and not text.startswith(INERT):
                self.faults.append(f"its output loads {text[:60]!r}")
            if text.lower().startswith("javascript:"):
                self.faults.append(f"its output holds <{tag} {name}> with a script")

    handle_startendtag = handle_starttag


def _active(text: str) -> list[str]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.faults


def check_pages(site: Site) -> None:
    """Refuse a page that is too large or tells where on this machine it was made.

    Raises:
        InputError: Names the page and what is wrong with it.
    """
    private = re.compile("|".join(private_paths(site)))
    sources = [p for p in (site.html / "_sources").rglob("*") if p.is_file()]
    for page in [*sorted(site.html.rglob("*.html")), *sources]:
        name, size = page.relative_to(site.html), page.stat().st_size
        if page.suffix == ".html" and size > MOST_BYTES:
            raise InputError(f"{name}: {size:,} bytes, allowed are {MOST_BYTES:,}")
        text = page.read_text("utf-8", errors="replace")
        if found := private.search(text):
            raise InputError(f"{name}: names a folder of this machine, {found[0]}")
