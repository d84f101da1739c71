"""What a job that lays runs side by side stands on: every live run but its own list."""

import pytest
import yaml

from negcxr import paths
from negcxr.live import live_results

VALUES = {"live_runs": "results"}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Two runs of one call, one of another call, and one that was left unfinished."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")
    for run, jobs, done in (
        ("web", ["10_tiny", "20_con1", "50_runs"], []),
        ("clinic", ["10_tiny", "50_runs"], ["50_runs"]),
        ("mine", ["10_tiny", "11_tiny"], ["10_tiny"]),
    ):
        folder = tmp_path / "results" / run
        (folder / "parameters").mkdir(parents=True)
        (folder / "parameters" / "10_tiny.json").write_text("{}")
        (folder / "run.yml").write_text(yaml.safe_dump({"notebooks": jobs}))
        for job in done:
            (folder / f"{job}.json").write_text("{}")
    return tmp_path


def stands_on(project, job="50_runs", values=VALUES, beside=("web", "clinic")):
    found = live_results("web", job, values, beside)
    return {str(path.relative_to(project / "results")) for path in found}


def test_it_waits_for_the_runs_of_its_call_and_reads_what_others_have_left(project):
    assert stands_on(project) == {
        *("web/10_tiny.json", "web/20_con1.json", "clinic/10_tiny.json"),
        "mine/10_tiny.json",
    }


def test_once_all_is_made_it_stands_on_the_same_files(project):
    before = stands_on(project)
    for name in before:
        (project / "results" / name).write_text("{}")
    assert stands_on(project) == before


def test_alone_it_waits_for_its_own_run(project):
    assert stands_on(project, beside=()) == {
        *("web/10_tiny.json", "web/20_con1.json", "mine/10_tiny.json")
    }


def test_the_folder_for_trying_out_is_not_waited_for(project):
    before = stands_on(project)
    (project / "results" / "scratch").mkdir()
    (project / "results" / "scratch" / "10_tiny.json").write_text("{}")
    assert stands_on(project) == before


@pytest.mark.parametrize("values", [{}, {"live_runs": ""}], ids=["declared not", "none"])
def test_a_job_that_reads_no_live_runs_stands_on_none(project, values):
    assert not stands_on(project, values=values)
