"""The contents follow the run that is shown, and lose no other."""

import pytest
import yaml
from tests.book.standin import write_notebook

from negcxr.book import Site
from negcxr.book.toc import write_toc
from negcxr.errors import InputError
from negcxr.paths import BOOK

CHAPTERS = ["10_retrieval", "11_choice", "12_cues", "13_shortcuts"]


def part(site: Site, caption: str) -> list:
    toc = yaml.safe_load((site.generated / "_toc.yml").read_text())
    return next(part["chapters"] for part in toc["parts"] if part["caption"] == caption)


def test_chapters_are_those_of_the_run_shown(site: Site):
    write_toc(site, "clinic")
    files = [entry["file"] for entry in part(site, "What the encoder hears")]
    assert files == [f"executed/clinic/{name}" for name in CHAPTERS]


def test_every_other_run_has_a_page_with_its_chapters_under_it(site: Site):
    write_toc(site, "clinic")
    assert part(site, "More runs") == [
        {
            "file": "generated/runs/default",
            "sections": [{"file": f"executed/default/{name}"} for name in CHAPTERS],
        }
    ]


def test_a_lone_run_makes_no_part_for_others(site: Site):
    for path in site.executed("clinic"):
        path.unlink()
    pages = write_toc(site, "default")
    assert not [page for page in pages if "runs/" in page]


def test_a_run_with_a_notebook_of_its_own_shows_it(site: Site):
    write_notebook(site.root, "clinic", "13_shortcuts").rename(
        site.book / "executed" / "clinic" / "30_own.ipynb"
    )
    write_toc(site, "default")
    assert part(site, "More runs")[0]["sections"][-1] == {"file": "executed/clinic/30_own"}


def test_a_chapter_that_was_not_executed_is_named(site: Site):
    site.executed("default")[1].unlink()
    with pytest.raises(
        InputError, match="names executed/default/11_choice, which does not"
    ):
        write_toc(site, "default")


def test_a_run_that_does_not_exist_is_refused_with_those_that_do(site: Site):
    with pytest.raises(
        InputError, match="run 'mine' has no executed notebook; runs: clinic"
    ):
        site.require_run("mine")


def test_every_page_of_the_book_is_in_the_contents_and_the_other_way_round(site: Site):
    named = {page for page in write_toc(site, "default") if "/" not in page}
    assert named == {path.stem for path in BOOK.glob("*.md")}
