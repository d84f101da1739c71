"""Kept runs in the book: copies of their executed notebooks beside those of live runs.

What is kept lies in ``artifacts/`` and is not touched; the book prepares its copies as it
does all notebooks. A copy whose original is gone goes too.
"""

import shutil

from negcxr.book.notebooks import portable
from negcxr.book.openings import opened
from negcxr.book.site import Site, write

MARK = ".kept"  # in a folder of copies: what it was copied from


def copy_kept(site: Site) -> None:
    """Bring the book's copies of kept notebooks up to date."""
    kept = site.kept()
    for mark in (site.book / "executed").glob(f"*/{MARK}"):
        folder = kept.get(mark.parent.name)
        if folder is None or not any(folder.glob("*.ipynb")):
            shutil.rmtree(mark.parent)
    for name, folder in kept.items():
        copies = site.executed(name)
        for copy in copies:
            text = (folder / copy.name).read_text("utf-8")
            write(copy, portable(site, opened(site, copy, text)))
        if copies:
            write(copies[0].with_name(MARK), f"{folder.relative_to(site.root)}\n")
            for stale in {*copies[0].parent.glob("*.ipynb")} - {*copies}:
                stale.unlink()
