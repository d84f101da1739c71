"""``negcxr artifact``: a run goes round from packing to the list, by commands alone."""

import json

import pytest
from tests.artifacts import made
from typer.testing import CliRunner

from negcxr.cli import app


@pytest.fixture
def call(monkeypatch):
    """Call a command: its exit code, and all that it says."""
    monkeypatch.setenv("COLUMNS", "400")

    def call(*words):
        done = CliRunner().invoke(app, ["artifact", *map(str, words)])
        return done.exit_code, done.output

    return call


def test_a_run_goes_from_one_project_to_another(call, project):
    here, there, file = project / "artifacts", project / "there", project / "seeds.zip"
    pack = ("pack", "web", "--name", "gpu-seeds", "--notebooks", "20_con1")
    code, said = call(*pack, "--zip", file, "--into", here)
    digest = said.split()[-1]
    assert (code, digest[:7]) == (0, "sha256:")
    code, said = call("verify", file)
    assert code == 0
    assert "gpu-seeds: every byte is as its crate says (packed" in said
    assert digest in said
    assert "Hashes tell accident, not intent" in said
    assert call("verify", here / "gpu-seeds")[0] == 0
    code, said = call("add", file, "--into", there)
    assert (code, digest in said) == (0, True)
    assert made.tree(there) == made.tree(here)
    code, said = call("list", "--into", there)
    row = next(line for line in said.splitlines() if "gpu-seeds" in line)
    assert code == 0
    assert row.split()[:2] == ["gpu-seeds", "web"]
    assert row.split()[-2:] == ["packed", "yes"]
    assert row.split()[-4] == "2"  # results


def test_with_weights_that_are_not_there_nothing_is_packed(call, project):
    here, file = project / "artifacts", project / "seeds.zip"
    code, said = call(
        "pack", "web", "--name", "seeds", "--weights", "--zip", file, "--into", here
    )
    assert code == 2
    assert "'web': has tuned no checkpoint" in said
    assert not here.exists()
    assert not file.exists()


def test_what_is_damaged_ends_with_2_and_one_line(call, folder):
    path = folder / "web" / "10_tiny.json"
    path.write_text(path.read_text() + " ")
    code, said = call("verify", folder)
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("negcxr: gpu-seeds/web/10_tiny.json: ")


def test_the_list_says_what_is_wrong_with_which(call, folder, home):
    made.copied(folder, home / "gpu-seeds")
    (home / "gpu-seeds" / "web" / "10_tiny.ipynb").unlink()
    made.write_run(home / "cpu-old", "web", "10_tiny")
    code, said = call("list", "--into", home)
    rows = {line.split()[0]: line for line in said.splitlines()}
    assert code == 1
    assert rows["gpu-seeds"].endswith("10_tiny.ipynb: is missing; its crate lists it")
    assert rows["cpu-old"].split()[-3:] == ["no", "crate", "no"]
    assert rows["cpu-other"].endswith("yes")


def test_runs_that_were_kept_without_a_crate_are_sealed_and_say_so(call, tmp_path):
    made.write_run(tmp_path / "cpu-old", "web", "10_tiny")
    assert call("seal", "cpu-old", "--into", tmp_path)[0] == 0
    assert "sealed later" in call("list", "--into", tmp_path)[1]


def test_every_device_of_a_run_is_listed(call, tmp_path):
    run = made.write_run(tmp_path / "cpu-old", "web", "10_tiny", "20_con1") / "web"
    path = run / "20_con1.json"
    said = json.loads(path.read_text())
    said["provenance"]["device"] = "another processor"
    path.write_text(json.dumps(said))
    row = call("list", "--into", tmp_path)[1].splitlines()[-1]
    first = json.loads((run / "10_tiny.json").read_text())["provenance"]["device"]
    assert ", ".join(sorted([first, "another processor"])) in row


def test_an_empty_folder_has_an_empty_list(call, tmp_path):
    assert call("list", "--into", tmp_path) == (0, f"no artifact in {tmp_path}\n")
