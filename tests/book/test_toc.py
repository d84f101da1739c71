"""The contents follow the run that is shown, and lose no other."""

import pytest
import yaml
from tests.book.standin import write_notebook, write_record

from negcxr.book import Site
from negcxr.book.toc import chapters, write_toc
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


def test_chapters_that_the_study_did_not_ask_for_are_left_out(site: Site):
    pages = write_toc(site, "default")
    assert not [page for page in pages if "/20_" in page or "29_comparison" in page]
    toc = yaml.safe_load((site.generated / "_toc.yml").read_text())
    assert "Teaching it to hear" not in [part["caption"] for part in toc["parts"]]


def test_chapters_that_the_study_asked_for_have_a_part_of_their_own(site: Site):
    add(site, "20_con1", "25_training_free")
    assert taught(site) == ["20_con1", "25_training_free"]


def test_methods_that_the_contents_do_not_name_stand_after_those_they_do(site: Site):
    add(site, "20_soft", "20_con1", "20_bi-mcq", "25_training_free")
    assert taught(site) == ["20_con1", "20_soft", "20_bi-mcq", "25_training_free"]


def test_a_chapter_that_was_asked_for_and_not_executed_is_named(site: Site):
    write_record(site.root, "default", [*CHAPTERS, "20_con1"])
    with pytest.raises(InputError, match="names executed/default/20_con1, which does not"):
        write_toc(site, "default")


def test_the_contents_name_each_chapter_once(site: Site):
    assert len({*chapters(site)}) == len(chapters(site)) > len(CHAPTERS)


def add(site: Site, *notebooks: str) -> None:
    for notebook in notebooks:
        write_notebook(site.root, "default", notebook)
    write_record(site.root, "default", [*CHAPTERS, *notebooks])


def taught(site: Site) -> list[str]:
    write_toc(site, "default")
    entries = part(site, "Teaching it to hear")
    return [entry["file"].removeprefix("executed/default/") for entry in entries]


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
