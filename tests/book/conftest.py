"""The stand-in project that tests of the book read."""

from pathlib import Path

import pytest
from tests.book.standin import make_project

from negcxr.book import Site, build
from negcxr.results import Result, read_result


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A fresh project with the runs default and clinic."""
    return Site(make_project(tmp_path / "project"))


@pytest.fixture
def project_result(site: Site) -> Result:
    """The retrieval result of the run default."""
    return read_result(site.result_path("default", "10_retrieval"))


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Preparing draws no phantoms and bundles no scripts, which takes its time."""
    monkeypatch.setattr(build, "write_phantoms", lambda site: None)
    monkeypatch.setattr(build, "write_bundle", lambda site: None)
