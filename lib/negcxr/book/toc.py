"""The contents of the book for the run shown, and the other runs in a part of their own."""

from typing import Any

import yaml

from negcxr.book.site import Site, write
from negcxr.errors import InputError

TEMPLATE_RUN = "executed/default/"  # as book/_toc.yml names the chapters
MORE = "More runs"


def write_toc(site: Site, run: str) -> list[str]:
    """Write ``book/generated/_toc.yml`` and tell which pages it names.

    Chapters are taken from ``run``; each other run gets a page of its own with its
    chapters under it.

    Raises:
        InputError: A chapter of the contents was not executed in ``run``.
    """
    toc = yaml.safe_load((site.book / "_toc.yml").read_text("utf-8"))
    for entry in _entries(toc):
        entry["file"] = _of_run(site, entry["file"], run)
    others = [_run_page(site, other) for other in site.runs() if other != run]
    if others:
        toc["parts"].append({"caption": MORE, "chapters": others})
    write(site.generated / "_toc.yml", yaml.safe_dump(toc, sort_keys=False))
    return [toc["root"], *(entry["file"] for entry in _entries(toc))]


def run_page(run: str) -> str:
    """The page of a run that is not the one shown, without suffix."""
    return f"generated/runs/{run}"


def _entries(toc: dict[str, Any]) -> list[dict[str, Any]]:
    """Every entry that names a file, however deep."""
    found = []
    for key in ("parts", "chapters", "sections"):
        for entry in toc.get(key, []):
            found += ([entry] if "file" in entry else []) + _entries(entry)
    return found


def _of_run(site: Site, page: str, run: str) -> str:
    if not page.startswith(TEMPLATE_RUN):
        return page
    page = page.replace(TEMPLATE_RUN, f"executed/{run}/", 1)
    if not (site.book / f"{page}.ipynb").is_file():
        raise InputError(
            f"book/_toc.yml names {page}, which does not exist; execute it first: "
            "negcxr run --params params/default.yml"
        )
    return page


def _run_page(site: Site, run: str) -> dict[str, Any]:
    chapters = [{"file": f"executed/{run}/{path.stem}"} for path in site.executed(run)]
    return {"file": run_page(run), "sections": chapters}
