"""Finished runs that are kept: what is copied, and what is refused."""

import json
import shutil
from datetime import UTC, datetime

import pandas as pd
import pytest
import yaml

from negcxr import paths
from negcxr.book.notebooks import as_text
from negcxr.errors import InputError
from negcxr.keep import keep
from negcxr.results import Estimate, read_result, write_result

JOBS = ["10_tiny", "20_con1"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with the finished run web of two jobs, and both executed notebooks."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(paths, "EXECUTED", tmp_path / "book" / "executed")
    record = {"checkpoint": "weights", "notebooks": JOBS}
    (tmp_path / "results" / "web").mkdir(parents=True)
    (tmp_path / "results" / "web" / "run.yml").write_text(yaml.safe_dump(record))
    for job in JOBS:
        finish(tmp_path, job)
    (tmp_path / "results" / "web" / "checkpoints" / "con1").mkdir(parents=True)
    (tmp_path / "results" / "web" / "checkpoints" / "con1" / "config.json").write_text("{}")
    return tmp_path


def finish(project, job, value=1.0, **parameters):
    write_result(
        project / "results" / "web",
        job,
        parameters={"checkpoint": "weights", **parameters},
        scalars={"auroc": Estimate(value=value, n=3)},
        tables={"draws": pd.DataFrame({"draw": [0]})},
        started=datetime(2026, 1, 2, tzinfo=UTC),
    )
    said = {"output_type": "stream", "name": "stdout", "text": f"in {project}/results"}
    cell = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [said]}
    path = project / "book" / "executed" / "web" / f"{job}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_text({"metadata": {}, "cells": [cell]}))


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_results_and_tables_are_kept_and_nothing_else(project):
    kept = keep("web", project / "artifacts" / "seeds")
    assert kept == project / "artifacts" / "seeds" / "web"
    tables = [f"{job}.draws.parquet" for job in JOBS]
    assert names(kept.parent) == sorted(
        ["web", *(f"web/{name}" for name in [*tables, *(f"{job}.json" for job in JOBS)])]
    )


def test_a_table_that_no_result_names_stays_behind(project):
    rows = pd.DataFrame({"patient": ["p1"]})
    rows.to_parquet(project / "results" / "web" / "10_tiny.rows.parquet")
    kept = keep("web", project / "artifacts")
    assert [path.name for path in kept.glob("10_tiny.*.parquet")] == [
        "10_tiny.draws.parquet"
    ]


def test_notebooks_are_kept_by_name_without_the_folder_of_this_machine(project):
    kept = keep("web", project / "artifacts" / "seeds", ["20_con1"])
    assert [path.stem for path in kept.glob("*.ipynb")] == ["20_con1"]
    assert str(project) not in (kept / "20_con1.ipynb").read_text()


def test_the_same_run_anew_takes_the_place_of_its_older_copy(project):
    keep("web", project / "artifacts", ["20_con1"])
    finish(project, "10_tiny", value=2.0)
    kept = keep("web", project / "artifacts")
    assert read_result(kept / "10_tiny.json").scalars["auroc"].value == 2
    assert not [*kept.glob("*.ipynb")]  # it was of the older copy
    assert names(project / "artifacts")[0] == "web"


def test_a_run_that_is_not_finished_is_refused(project):
    (project / "results" / "web" / "20_con1.json").unlink()
    with pytest.raises(InputError, match="not finished; there is no result of 20_con1"):
        keep("web", project / "artifacts")
    assert not (project / "artifacts").exists()


def test_a_run_that_is_none_is_refused(project):
    with pytest.raises(InputError, match="results/none: no run of a study lies there"):
        keep("none", project / "artifacts")


def test_a_notebook_that_was_not_executed_is_refused_with_those_that_were(project):
    with pytest.raises(InputError, match="'30_own' was not executed; there are: 10_tiny, "):
        keep("web", project / "artifacts", ["30_own"])


def test_a_folder_of_another_run_is_left_alone(project):
    kept = keep("web", project / "artifacts")
    other = json.loads((kept / "10_tiny.json").read_text())
    other["parameters"]["checkpoint"] = "other"
    (kept / "10_tiny.json").write_text(json.dumps(other))
    with pytest.raises(InputError, match="10_tiny.json is of checkpoint 'other', and the"):
        keep("web", project / "artifacts")
    assert json.loads((kept / "10_tiny.json").read_text()) == other


def test_a_copy_that_fails_leaves_what_was_there(project, monkeypatch):
    kept = keep("web", project / "artifacts")
    before = {path.name: path.read_bytes() for path in kept.iterdir()}

    def full(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(shutil, "copy", full)
    with pytest.raises(OSError, match="no space"):
        keep("web", project / "artifacts")
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before
    assert names(project / "artifacts")[0] == "web"


def test_folders_of_the_machine_go_by_their_last_part(project):
    finish(project, "10_tiny", root="/home/somebody/films", text_root="/data/text")
    for _ in range(2):  # and the same run may be kept once more
        kept = keep("web", project / "artifacts" / "seeds")
    asked = read_result(kept / "10_tiny.json").parameters
    assert (asked["root"], asked["text_root"]) == (".../films", ".../text")


def test_a_result_that_names_no_folder_is_kept_as_it_is(project):
    kept = keep("web", project / "artifacts" / "seeds")
    own = project / "results" / "web" / "20_con1.json"
    assert (kept / "20_con1.json").read_bytes() == own.read_bytes()
