"""Jupyter Book itself, on the stand-in: what stops it, and what a second build leaves."""

from pathlib import Path

import pytest
from tests.book.standin import make_project

from negcxr.book import Site, build_book
from negcxr.errors import InputError

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A project of its own, since these tests change pages."""
    return Site(make_project(tmp_path_factory.mktemp("changing") / "project"))


def added(site: Site, text: str) -> Path:
    path = site.book / "clinical.md"
    path.write_text(path.read_text("utf-8") + f"\n{text}\n")
    return path


@pytest.fixture
def unchanged(site: Site):
    """Puts the page back that a test adds to."""
    path = site.book / "clinical.md"
    before = path.read_text("utf-8")
    yield
    path.write_text(before)


MISSING = {  # what a page may name in vain -> what is said of it
    "{result}`10_retrieval::nothing`": "10_retrieval has no scalar 'nothing'",
    "{result}`99_none::gap`": "99_none.json",
    "{result}`10_retrieval`": "is not of the shape",
    "{parameter}`10_retrieval::nothing`": "no such parameter",
    "{chapter}`99_none`": "unknown document",
    "{cite:p}`nobody1900`": "nobody1900",
}


@pytest.mark.usefixtures("unchanged")
def test_what_a_page_names_and_does_not_exist_stops_the_build_and_is_told(site: Site):
    added(site, "\n\n".join(MISSING))
    with pytest.raises(InputError) as stopped:
        build_book("default", site=site)
    assert [said for said in MISSING.values() if said not in str(stopped.value)] == []


@pytest.mark.usefixtures("unchanged")
def test_a_page_is_drawn_again_when_its_number_changes(site: Site):
    added(site, "Now {result}`clinic/10_retrieval::denied_auroc`.")
    build_book("default", site=site)
    path = site.result_path("clinic", "10_retrieval")
    path.write_text(path.read_text().replace('"value": 0.12', '"value": 0.77'))
    build_book("default", site=site)
    assert "0.77 [" in (site.html / "clinical.html").read_text("utf-8")


def test_a_run_that_is_gone_leaves_the_book(site: Site):
    build_book("default", site=site)
    assert (site.html / "executed" / "clinic" / "12_cues.html").is_file()
    for path in site.executed("clinic"):
        path.unlink()
    build_book("default", site=site)
    assert not (site.html / "executed" / "clinic").exists()
    assert not (site.html / "generated" / "runs" / "clinic.html").exists()
