"""The landing page and the README say which run their numbers are from."""

import shutil

import pytest
from tests.book.standin import write_notebook, write_result_of

from negcxr import paths
from negcxr.artifacts.form import CRATE
from negcxr.book import Site
from negcxr.book.kept import copy_kept
from negcxr.book.origins import origin
from negcxr.book.pages import answer, whose
from negcxr.live import LIVE
from negcxr.readme import answer_block


def test_the_landing_page_begins_with_whose_numbers_it_has(site: Site):
    assert answer(site, "default").splitlines()[0] == (
        "The numbers on this page are of the run `default`: live, computed on 2026-01-02 "
        "on a processor in float32; checkpoint `phantom-default`; data `phantoms`, 200 "
        "phantoms; policy `explicit`."
    )


@pytest.fixture
def kept(site: Site) -> str:
    """A kept run with the answers of the stand-in, as the book calls it."""
    folder = site.root / "artifacts" / "gpu" / "web"
    folder.mkdir(parents=True)
    for notebook in ("10_retrieval", "11_choice"):
        shutil.move(write_result_of(site.root, "web", notebook), folder)
        shutil.move(write_notebook(site.root, "web", notebook), folder)
    for name in ("results", "book/executed"):
        (site.root / name / "web").rmdir()
    copy_kept(site)
    return "gpu-web"


def test_every_other_row_of_the_table_is_told_of(site: Site, kept: str):
    said = answer(site, "default")
    assert "\n- `clinic`: live, computed on 2026-01-02 on a processor in float32;" in said
    assert f"\n- `{kept}`: artifact `artifacts/gpu/web`, computed on 2026-01-02" in said
    assert "\n- `default`" not in said


def test_the_line_follows_the_results(site: Site):
    path = site.result_path("default", "10_retrieval")
    text = path.read_text().replace("a processor", "another one")
    path.write_text(text.replace("2026-01-02", "2026-01-05"))
    assert "on 2026-01-02 to 2026-01-05 on a processor in float32, another one in" in (
        whose(site, "default")
    )


def test_a_chapter_that_the_page_does_not_read_is_not_told(site: Site):
    path = site.result_path("default", "12_cues")
    path.write_text(path.read_text().replace("a processor", "another one"))
    assert "another one" not in whose(site, "default")


def test_a_run_without_any_result_of_the_table_says_so():
    assert origin("none", {}, LIVE) == "`none`: no result"


def test_a_run_that_is_shown_though_it_is_kept_is_an_artifact(site: Site, kept: str):
    assert f"the run `{kept}`: artifact `artifacts/gpu/web`, computed" in whose(site, kept)


def test_the_readme_says_from_which_artifact_its_rows_are():
    said = answer_block(paths.ARTIFACTS / "cpu-default")
    assert "- `clinic`: artifact `artifacts/cpu-default/clinic`, computed on " in said
    assert "- `default`: artifact `artifacts/cpu-default/default`, computed on " in said


def test_what_an_artifact_says_of_itself_is_no_run(tmp_path):
    shutil.copytree(paths.ARTIFACTS / "cpu-default", tmp_path / "cpu")
    before = answer_block(tmp_path / "cpu")
    (tmp_path / "cpu" / CRATE).write_text("{}")
    assert answer_block(tmp_path / "cpu") == before
