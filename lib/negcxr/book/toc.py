"""The contents of the book for the run shown, and the other runs in parts of their own."""

from collections.abc import Iterator
from typing import Any

import yaml

from negcxr.book.site import Site, write
from negcxr.errors import InputError
from negcxr.runs import method_of

TEMPLATE_RUN = "executed/default/"  # as book/_toc.yml names the chapters
MORE, KEPT = "More runs", "Kept runs"

Contents = dict[str, Any]


def write_toc(site: Site, run: str) -> list[str]:
    """Write ``book/generated/_toc.yml`` and tell which pages it names.

    Chapters are taken from ``run``, less those that its study did not ask for, and with
    every method that it did; each other run gets a page of its own with its chapters
    under it.

    Raises:
        InputError: A chapter that the study of ``run`` asked for was not executed.
    """
    toc = _template(site)
    for part in toc["parts"]:
        part["chapters"] = list(_of_run(site, part["chapters"], run))
    others = [name for name in site.runs() if name != run]
    live = [_run_page(site, name) for name in others if name not in site.kept()]
    kept = [_run_page(site, name) for name in others if name in site.kept()]
    toc["parts"] += [
        {"caption": MORE, "chapters": live},
        {"caption": KEPT, "chapters": kept},
    ]
    toc["parts"] = [part for part in toc["parts"] if part["chapters"]]
    write(site.generated / "_toc.yml", yaml.safe_dump(toc, sort_keys=False))
    return [toc["root"], *(entry["file"] for entry in _entries(toc))]


def chapters(site: Site) -> list[str]:
    """The notebooks that the contents name, whatever the run."""
    pages = (entry["file"] for entry in _entries(_template(site)))
    return [p.removeprefix(TEMPLATE_RUN) for p in pages if p.startswith(TEMPLATE_RUN)]


def run_page(run: str) -> str:
    """The page of a run that is not the one shown, without suffix."""
    return f"generated/runs/{run}"


def _template(site: Site) -> Contents:
    return yaml.safe_load((site.book / "_toc.yml").read_text("utf-8"))


def _entries(toc: Contents) -> list[Contents]:
    """Every entry that names a file, however deep."""
    found = []
    for key in ("parts", "chapters", "sections"):
        for entry in toc.get(key, []):
            found += ([entry] if "file" in entry else []) + _entries(entry)
    return found


def _of_run(site: Site, entries: list[Contents], run: str) -> Iterator[Contents]:
    """The entries of a part for a run: its own methods stand after the template's."""
    named = {*chapters(site)}
    methods = [job for job in _executed(site, run) if method_of(job) and job not in named]
    places = [place for place, entry in enumerate(entries) if method_of(_notebook(entry))]
    for place, entry in enumerate(entries):
        notebook = _notebook(entry)
        if not notebook:
            yield entry
        elif _is_shown(site, run, notebook):
            yield entry | {"file": f"executed/{run}/{notebook}"}
        if places and place == places[-1]:
            yield from ({"file": f"executed/{run}/{job}"} for job in methods)


def _notebook(entry: Contents) -> str:
    """The notebook of a chapter; empty for a page that is none."""
    page = entry["file"]
    return page.removeprefix(TEMPLATE_RUN) if page.startswith(TEMPLATE_RUN) else ""


def _is_shown(site: Site, run: str, notebook: str) -> bool:
    if notebook in _executed(site, run):
        return True
    asked = site.asked(run)
    if asked is None or notebook in asked:
        raise InputError(
            f"book/_toc.yml names executed/{run}/{notebook}, which does not exist; execute "
            "it first: negcxr run --params params/default.yml"
        )
    return False


def _executed(site: Site, run: str) -> list[str]:
    """The notebooks of a run, in the order that its study asked for them."""
    found = [path.stem for path in site.executed(run)]
    asked = site.asked(run) or []
    return sorted(found, key=lambda job: asked.index(job) if job in asked else len(asked))


def _run_page(site: Site, run: str) -> Contents:
    files = [{"file": f"executed/{run}/{job}"} for job in _executed(site, run)]
    return {"file": run_page(run), "sections": files}
