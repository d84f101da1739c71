"""One call from results and executed notebooks to the finished book."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from negcxr.book.gate import check_notebooks, check_pages
from negcxr.book.guarding import refuse_site
from negcxr.book.kept import copy_kept
from negcxr.book.notebooks import portable
from negcxr.book.openings import opened
from negcxr.book.pages import write_pages
from negcxr.book.phantoms import write_phantoms
from negcxr.book.site import Site, write
from negcxr.book.toc import write_toc
from negcxr.book.vega import write_bundle
from negcxr.errors import InputError

SPHINX_PAGES = {"search", "genindex"}  # made by Sphinx itself, in no contents
CALL = "from jupyter_book.cli.main import main; main()"
OPTIONS = "--config _config.yml --path-output . -W -n --keep-going".split()
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def build_book(run: str = "default", *, site: Site | None = None) -> Path:
    """Prepare, draw and inspect the book around one run.

    Every other executed run stands in a part of its own. Nothing is executed here.

    Args:
        run: The run whose chapters and numbers the book shows.
        site: Another project's folders; this one's if not given.

    Returns:
        The landing page.

    Raises:
        InputError: A notebook or page is refused, a number is missing, or Jupyter Book
            found fault; the message or the output above it says where.
    """
    site = site or Site()
    prepare(site, run)
    _draw(site)
    check_pages(site)
    index = site.html / "index.html"
    # Sphinx leaves a page alone that says the same as before; the engine, which goes by
    # time, must see that the book is newer than what it was made of.
    index.touch()
    return index


def prepare(site: Site, run: str) -> None:
    """Make the notebooks of all runs ready, check them, and write what is generated."""
    copy_kept(site)
    site.require_run(run)
    for name in site.runs():
        refuse_site(site, name)
    notebooks = [path for name in site.runs() for path in site.executed(name)]
    for path in notebooks:
        write(path, portable(site, opened(site, path, path.read_text("utf-8"))))
    check_notebooks(notebooks)
    write(site.generated / "book.json", json.dumps({"run": run}) + "\n")
    write_bundle(site)
    write_phantoms(site)
    write_pages(site, run)
    remove_stale(site, write_toc(site, run))


def remove_stale(site: Site, pages: Iterable[str]) -> None:
    """Remove built pages, and their sources, that the contents no longer name."""
    kept = {*pages, *SPHINX_PAGES}
    for page in site.html.rglob("*.html"):
        name = page.relative_to(site.html).with_suffix("").as_posix()
        if name not in kept and not name.startswith(("_static/", "_sources/")):
            page.unlink()
    sources = site.html / "_sources"
    for source in [path for path in sources.rglob("*") if path.is_file()]:
        if source.relative_to(sources).with_suffix("").as_posix() not in kept:
            source.unlink()
    for run in _folders(site.html / "executed") - set(site.runs()):
        shutil.rmtree(site.html / "executed" / run)


def _folders(parent: Path) -> set[str]:
    return {path.name for path in parent.glob("*/")}


def _draw(site: Site) -> None:
    """Call Jupyter Book in a process of its own: it changes much of what it imports."""
    # The contents as a whole path: Jupyter Book takes it from here, Sphinx from book/.
    contents = ["--toc", str(site.generated / "_toc.yml")]
    command = [sys.executable, "-c", CALL, "build", "book", *OPTIONS, *contents]
    done = subprocess.run(command, cwd=site.root, capture_output=True, text=True)
    if done.returncode or not (site.html / "index.html").is_file():
        said = "\n".join(_faults(done.stdout + done.stderr))
        raise InputError(f"Jupyter Book exited with {done.returncode}:\n{said}")


def _faults(output: str) -> list[str]:
    """The lines that say what is wrong, or the last ones where none does."""
    lines = COLOURS.sub("", output).splitlines()
    marked = [line for line in lines if re.search("WARNING|ERROR|Error:|error:", line)]
    return marked or lines[-20:]
