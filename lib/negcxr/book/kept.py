"""Kept runs in the book: copies of their executed notebooks beside those of live runs.

What is kept lies in ``artifacts/`` and is not touched; the book prepares its copies as it
does all notebooks. A copy whose original is gone goes too. Before anything is copied, every
artifact is held against its crate, and no notebook gets in that holds what ours do not.

Limits: an artifact without a crate is shown, and its page says that nothing guards it.
"""

import shutil

from negcxr.artifacts.form import CRATE
from negcxr.artifacts.notebooks import require_inert
from negcxr.artifacts.verify import verify_kept
from negcxr.book.notebooks import portable
from negcxr.book.openings import opened
from negcxr.book.site import Site, write

MARK = ".kept"  # in a folder of copies: what it was copied from


def copy_kept(site: Site) -> None:
    """Bring the book's copies of kept notebooks up to date."""
    kept = site.kept()
    require_undamaged(site)
    for mark in (site.book / "executed").glob(f"*/{MARK}"):
        folder = kept.get(mark.parent.name)
        if folder is None or not any(folder.glob("*.ipynb")):
            shutil.rmtree(mark.parent)
    for name, folder in kept.items():
        copies = site.executed(name)
        for copy in copies:
            content = (folder / copy.name).read_bytes()
            require_inert(content, where=f"{name}/{copy.name}")
            text = content.decode("utf-8")
            write(copy, portable(site, opened(site, copy, text)))
        if copies:
            write(copies[0].with_name(MARK), f"{folder.relative_to(site.root)}\n")
            for stale in {*copies[0].parent.glob("*.ipynb")} - {*copies}:
                stale.unlink()


def require_undamaged(site: Site) -> None:
    """Refuse a kept artifact that is not as its crate says.

    Raises:
        InputError: Names the first file that changed, is missing, or is there beside.
    """
    for folder in sorted({run.parent for run in site.kept().values()}):
        if (folder / CRATE).exists():
            verify_kept(folder)
