"""A project with a finished run, and an artifact that verifies."""

import pytest
from tests.artifacts import made

from negcxr import paths


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with the finished run web of two jobs, and both executed notebooks."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(paths, "EXECUTED", tmp_path / "book" / "executed")
    made.record(tmp_path)
    for job in made.JOBS:
        made.finish(tmp_path, job)
    weights = tmp_path / "results" / "web" / "checkpoints" / "con1"
    weights.mkdir(parents=True)
    (weights / "config.json").write_text("{}")
    return tmp_path


@pytest.fixture
def home(tmp_path):
    """A folder of artifacts in which there is another one."""
    made.artifact(tmp_path / "artifacts", "cpu-other", other=("11_own",))
    return tmp_path / "artifacts"


@pytest.fixture
def folder(tmp_path):
    """An artifact that came from elsewhere: gpu-seeds, with the run web of two jobs."""
    return made.artifact(tmp_path / "elsewhere")
