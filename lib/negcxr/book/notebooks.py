"""Executed notebooks made fit to travel: nothing in them says where they ran.

Warnings name files of the machine, papermill notes its folders, and a path may stand in
any output. Since the book lets its readers download each chapter, all of them go.
"""

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from negcxr.book.site import Site, write

# What papermill notes of a run that a reader needs: what was asked for, and whether it
# failed. The rest are folders of this machine, its environment, and times that would
# make two equal runs differ.
KEPT = ("parameters", "exception", "status")


def private_paths(site: Site) -> dict[str, str]:
    """Patterns of what tells where a book was made, and what may stand instead.

    Longer ones first, so that a project in the home folder is not taken for the home.
    """
    root, home = re.escape(str(site.root.resolve())), re.escape(str(Path.home()))
    temporary = re.escape(tempfile.gettempdir())
    patterns = {
        rf"{temporary}/ipykernel_\d+/\d+\.py": "cell",
        rf"{root}/": "",
        rf"{root}(?![\w.-])": ".",
    }
    if str(Path.home()) != "/":
        patterns[rf"{home}/"] = "~/"
    return patterns


def make_portable(site: Site, path: Path) -> None:
    """Take machine paths and times out of a notebook, in place.

    A notebook that has none is left as it is, to the byte.
    """
    before = path.read_text("utf-8")
    text = before
    for pattern, instead in private_paths(site).items():
        text = re.sub(pattern, instead, text)
    notebook = json.loads(text)
    cells = [cell["metadata"] for cell in notebook["cells"]]
    trimmed = [_trim(metadata) for metadata in (notebook["metadata"], *cells)]
    if any(trimmed):
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    if text != before:
        write(path, text)


def _trim(metadata: dict[str, Any]) -> bool:
    noted = metadata.get("papermill", {})
    unwanted = [key for key in noted if key not in KEPT]
    for key in unwanted:
        del noted[key]
    return bool(unwanted)
