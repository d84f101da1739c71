"""Executed notebooks made fit to travel: nothing in them says where they ran.

Warnings name files of the machine, papermill notes its folders, and a path may stand in
any output. Since the book lets its readers download each chapter, all of them go: what
lies in the project is named from its root, anything else by its last part. Results keep
what was asked for as it was.

Limits: a path that no parameter names is seen in what a cell printed or warned of, not
within a table or a chart; one with a space in it is seen up to the space.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from negcxr.book.site import Site

# What papermill notes of a run that a reader needs: what was asked for, and whether it
# failed. The rest are folders of this machine, its environment, and times that would
# make two equal runs differ.
KEPT = ("parameters", "exception", "status")
# A path from the machine's root or the home with a folder above its last part, and no
# piece of an address or of another path.
ELSEWHERE = re.compile(r"(?<![\w.~:/-])~?/(?:[^\s/'\"<>:,;()]+/)+([^\s/'\"<>:,;()]+)")


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


def last_part(value: Any) -> Any:
    """A path from the machine's root or the home as ``.../`` and its last part.

    Anything else stays as it is.
    """
    if isinstance(value, str) and value.startswith(("/", "~/")) and value.strip("~/"):
        return f".../{Path(value).name}"
    return value


def portable(site: Site, text: str) -> str:
    """A notebook's text without machine paths and times; without any, the same text."""
    for pattern, instead in private_paths(site).items():
        text = re.sub(pattern, instead, text)
    text = _without_asked(text)
    notebook = json.loads(text)
    cells = [cell["metadata"] for cell in notebook["cells"]]
    trimmed = [_trim(metadata) for metadata in (notebook["metadata"], *cells)]
    trimmed += [_shorten(stream) for stream in _streams(notebook)]
    return as_text(notebook) if any(trimmed) else text


def as_text(notebook: dict[str, Any]) -> str:
    """A notebook as it stands in its file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _without_asked(text: str) -> str:
    """Name the folders that parameters point at by their last part, wherever they stand."""
    noted = json.loads(text)["metadata"].get("papermill", {}).get("parameters", {})
    asked = [value for value in noted.values() if last_part(value) != value]
    for value in sorted(asked, key=len, reverse=True):  # a folder after what lies in it
        written = re.escape(json.dumps(value.rstrip("/"), ensure_ascii=False)[1:-1])
        instead = json.dumps(last_part(value), ensure_ascii=False)[1:-1]
        whole = rf"(?<![\w.~/<-]){written}(?![\w-])"
        text = re.sub(whole, lambda _, instead=instead: instead, text)
    return text


def _streams(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if output["output_type"] == "stream":
                yield output


def _shorten(stream: dict[str, Any]) -> bool:
    said = stream["text"]
    lines = [said] if isinstance(said, str) else said
    short = [ELSEWHERE.sub(r".../\1", line) for line in lines]
    stream["text"] = short[0] if isinstance(said, str) else short
    return short != lines


def _trim(metadata: dict[str, Any]) -> bool:
    noted = metadata.get("papermill", {})
    unwanted = [key for key in noted if key not in KEPT]
    for key in unwanted:
        del noted[key]
    return bool(unwanted)
