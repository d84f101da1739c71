"""Executed notebooks travel without saying where they ran."""

import json
from pathlib import Path

import pytest

from negcxr.book import Site
from negcxr.book.build import prepare
from negcxr.book.notebooks import last_part, portable


def notebook(tmp_path: Path, text: str, **metadata: object) -> Path:
    output = {"output_type": "stream", "name": "stderr", "text": text}
    cell = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [output]}
    path = tmp_path / "10_tiny.ipynb"
    path.write_text(json.dumps({"metadata": metadata, "cells": [cell]}))
    return path


def make_portable(site: Site, path: Path) -> None:
    path.write_text(portable(site, path.read_text()))


def said(path: Path) -> str:
    return json.loads(path.read_text())["cells"][0]["outputs"][0]["text"]


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("{root}/results/default", "results/default"),
        ("in {root}, nothing", "in ., nothing"),
        ("{root}-other/x", ".../x"),
        ("{home}/data", "~/data"),
        ("no file: '/data/me/films/a.png'", "no file: '.../a.png'"),
        ("{home}/x/data", ".../data"),
        ("see https://host.org/a/b, 1/2/3", "see https://host.org/a/b, 1/2/3"),
        ("/tmp/ipykernel_123/456.py:1: UserWarning", "cell:1: UserWarning"),
    ],
)
def test_a_path_of_this_machine_becomes_one_of_the_project(
    tmp_path: Path, monkeypatch, text: str, instead: str
):
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    places = {"root": str(tmp_path), "home": str(Path.home())}
    path = notebook(tmp_path, text.format(**places))
    make_portable(Site(tmp_path), path)
    assert said(path) == instead.format(**places)


def test_a_folder_that_a_parameter_names_is_shown_by_its_last_part_everywhere(
    tmp_path: Path,
):
    asked = {"root": "/my data/films/", "checkpoint": f"{tmp_path}/mine", "seed": 0}
    path = notebook(tmp_path, "of /my data/films/a.png", papermill={"parameters": asked})
    path.write_text(path.read_text().replace('""', r'"root = \"/my data/films/\""'))
    make_portable(Site(tmp_path), path)
    made = json.loads(path.read_text())
    shown = {"root": ".../films/", "checkpoint": "mine", "seed": 0}
    assert made["metadata"]["papermill"]["parameters"] == shown
    assert made["cells"][0]["source"] == 'root = ".../films/"'
    assert said(path) == "of .../films/a.png"


@pytest.mark.parametrize("path", ["/", "~/", "", "checkpoints/mine", 3])
def test_what_has_no_folder_to_hide_stays(path: object):
    assert last_part(path) == path


def test_a_result_keeps_its_paths(site: Site):
    path = site.result_path("default", "10_retrieval")
    path.write_text(path.read_text().replace("checkpoints/default", "/data/mine"))
    before = path.read_bytes()
    prepare(site, "default")
    assert path.read_bytes() == before


def test_papermill_keeps_its_parameters_and_loses_its_paths_and_times(tmp_path: Path):
    noted = {"parameters": {"seed": 0}, "input_path": "x.ipynb", "start_time": "now"}
    path = notebook(tmp_path, "", papermill=noted)
    make_portable(Site(tmp_path), path)
    assert json.loads(path.read_text())["metadata"]["papermill"] == {
        "parameters": {"seed": 0}
    }


def test_a_notebook_with_nothing_to_hide_keeps_every_byte(tmp_path: Path):
    before = notebook(tmp_path, "all is well", papermill={"parameters": {}}).read_text()
    assert portable(Site(tmp_path), before) == before


def test_a_notebook_that_is_fit_to_be_drawn_keeps_its_time(site: Site):
    path = site.executed("default")[0]
    prepare(site, "default")  # now it opens with what its model has seen
    before = path.stat().st_mtime_ns
    prepare(site, "default")
    assert path.stat().st_mtime_ns == before
