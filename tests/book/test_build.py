"""Preparing a book, and what of an earlier one must go."""

import re

from negcxr.book import Site
from negcxr.book.build import _faults, prepare, remove_stale
from negcxr.book.phantoms import describe
from negcxr.data.truth import FINDINGS, Sign
from negcxr.paths import BOOK


def built(site: Site, name: str):
    path = site.html / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a page")
    return path


def test_every_include_of_a_page_is_generated(site: Site):
    prepare(site, "default")
    named = {
        name
        for page in BOOK.glob("*.md")
        for name in re.findall(r"\{include\} (generated/[\w./-]+)", page.read_text("utf-8"))
    }
    assert named and all((site.book / name).is_file() for name in named)


def test_the_phantom_gallery_shows_each_finding_with_and_without(site: Site):
    prepare(site, "default")
    pictures = {path.stem for path in (site.generated / "phantoms").glob("*.png")}
    names = [finding.lower().replace(" ", "-") for finding in FINDINGS]
    assert {f"{n}-with" for n in names} | {f"{n}-without" for n in names} <= pictures


def test_preparing_twice_changes_no_file_but_the_status(site: Site):
    prepare(site, "default")
    times = {p: p.stat().st_mtime_ns for p in site.generated.rglob("*") if p.is_file()}
    prepare(site, "default")
    changed = [p.stem for p, before in times.items() if p.stat().st_mtime_ns != before]
    assert set(changed) <= {"status"}


def test_a_sign_is_told_by_side_zone_and_size():
    assert describe(Sign("left", "lower", 2)) == "left, lower zone, moderate"


def test_a_page_that_left_the_contents_leaves_the_built_book(site: Site):
    old, kept = built(site, "old.html"), built(site, "index.html")
    remove_stale(site, ["index"])
    assert (old.exists(), kept.exists()) == (False, True)


def test_the_source_of_a_page_goes_with_it(site: Site):
    old = built(site, "_sources/executed/gone/10_retrieval.ipynb")
    kept = built(site, "_sources/executed/default/10_retrieval.ipynb")
    remove_stale(site, ["executed/default/10_retrieval"])
    assert (old.exists(), kept.exists()) == (False, True)


def test_the_folder_of_a_run_that_is_gone_goes_too(site: Site):
    built(site, "executed/gone/10_retrieval.html")
    remove_stale(site, [])
    assert not (site.html / "executed" / "gone").exists()


def test_pages_that_sphinx_itself_makes_stay(site: Site):
    search = built(site, "search.html")
    remove_stale(site, [])
    assert search.exists()


def test_of_a_failed_build_the_lines_that_say_why_are_told():
    output = "reading\n\x1b[91mindex.md:3: WARNING: result: no such\x1b[39;49;00m\ndone"
    assert _faults(output) == ["index.md:3: WARNING: result: no such"]
