"""``negcxr checkpoint``, and a run on a name of the hub, with and without network."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.checkpoints import BUILDERS
from tests.hub import COMMIT, keep
from typer.testing import CliRunner

from negcxr import paths
from negcxr.cli import app

pytestmark = pytest.mark.model
NAME, TOKEN = "lab/model", "hf_planted"
STUDY = """
runs: {tiny: {}}
notebooks: [12_cues]
parameters: {dataset: phantoms, split: test, n_images: 40, n_resamples: 20, seed: 0}
"""


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Calls ``negcxr checkpoint`` within an empty project: exit code, and what it said."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments):
        done = CliRunner().invoke(app, ["checkpoint", *map(str, arguments)])
        return done.exit_code, done.output

    return invoke


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose library is a copy, so that it is its own root, with one chapter."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(
        paths.ROOT / "lib", root / "lib", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(paths.ROOT / "Snakefile", root)
    for folder, name in (("notebooks", "12_cues.ipynb"), ("params", "methods.yml")):
        (root / folder).mkdir()
        shutil.copy(paths.ROOT / folder / name, root / folder)
    (root / "params" / "tiny.yml").write_text(STUDY)
    return root


@pytest.fixture
def negcxr(project, tmp_path):
    """Calls ``negcxr`` as a user does, with an empty folder of the hub's client."""

    def run(*arguments, **more):
        environment = {key: value for key, value in os.environ.items() if key[:3] != "HF_"}
        environment |= {
            "PYTHONPATH": str(project / "lib"),
            "NEGCXR_CACHE": str(tmp_path / "cache"),
            "HF_HOME": str(tmp_path / "home"),
            "HF_TOKEN": TOKEN,
        }
        done = subprocess.run(
            [sys.executable, "-m", "negcxr", *arguments],
            cwd=project,
            env=environment | more,
            capture_output=True,
            text=True,
            timeout=300,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_a_look_says_in_sections_what_a_checkpoint_is(call, tmp_path):
    BUILDERS["siglip"](tmp_path / "mine")
    code, said = call("check", "mine")
    assert code == 0, said
    lines = said.splitlines()
    assert lines[0] == "mine (siglip)"
    assert "usable" in lines
    for heading in ("What is known of it", "What it reads of a denial", "What works"):
        assert heading in lines
    told = [" ".join(line.split()) for line in lines]
    assert "comma dropped" in told
    assert any(line.startswith("image tower 2 layers x 4 heads, width 16") for line in told)
    assert any(line.startswith("32_heads works with limits: 2 layers x 4") for line in told)


def test_a_look_at_what_is_not_usable_ends_with_2(call, tmp_path, monkeypatch):
    BUILDERS["clip"](tmp_path / "mine")
    fault = "the same sentence twice: rows differ by 0.5; allowed: 0.0001"
    monkeypatch.setattr("negcxr.models.check.faults", lambda found, dtype: [fault])
    code, said = call("check", "mine")
    assert code == 2
    assert said.endswith(f"\nnot usable: {fault}\n")


def broken_weights(folder):
    (folder / "model.safetensors").write_bytes(b"none")


def no_tokenizer(folder):
    (folder / "vocab.json").unlink()


def another_family(folder):
    (folder / "config.json").write_text('{"model_type": "blip"}')


@pytest.mark.parametrize("spoil", [broken_weights, no_tokenizer, another_family])
def test_a_checkpoint_that_cannot_be_loaded_is_told_in_one_line(call, tmp_path, spoil):
    spoil(BUILDERS["clip"](tmp_path / "mine"))
    code, said = call("check", "mine")
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith(f"negcxr: {tmp_path / 'mine'}")


def test_a_precision_that_does_not_exist_is_told_in_one_line(call, tmp_path):
    BUILDERS["clip"](tmp_path / "mine")
    code, said = call("check", "mine", "--dtype", "int8")
    assert (code, said.count("\n")) == (2, 1)
    assert "dtype 'int8'; allowed: float32, float16, bfloat16" in said


def test_the_list_says_what_is_here(call, tmp_path):
    BUILDERS["siglip"](tmp_path / "checkpoints" / "medsiglip-448")
    code, said = call("list")
    assert code == 0
    (line,) = [line for line in said.splitlines() if "google/medsiglip-448" in line]
    assert line.split()[:4] == ["google/medsiglip-448", "siglip", "448", "64"]
    assert line.split()[-1] == "checkpoints/"
    (other,) = [
        line
        for line in said.splitlines()
        if "siglip-512__webli" in line and "XrayC" in line
    ]
    assert other.split()[-2:] == ["open", "no"]


@pytest.mark.parametrize("offline", ["1", "0"])
def test_a_run_on_a_name_without_network_ends_in_one_line(negcxr, project, offline):
    more = {"HF_HUB_OFFLINE": offline, "HF_ENDPOINT": "http://127.0.0.1:9"}
    study = ("run", "--params", "params/tiny.yml", "--checkpoint")
    start = time.monotonic()
    assert negcxr(*study, "no/such/folder")[0] == 2
    alone = time.monotonic() - start  # nearly all is the start of Python
    code, said = negcxr(*study, NAME, **more)
    assert (code, said.count("\n")) == (2, 1), said
    assert said.startswith(f"negcxr: checkpoint {NAME}: not here, and the hub cannot be as")
    assert f"hf download {NAME} --local-dir checkpoints/model, then bring that" in said
    asking = time.monotonic() - start - 2 * alone
    assert asking < 20  # the client by itself tries for half a minute
    assert not (project / "results" / "tiny").exists()


@pytest.mark.slow
def test_a_run_on_a_name_that_is_kept_here_needs_no_network(negcxr, project, tmp_path):
    keep(tmp_path / "home", NAME, BUILDERS["siglip"](tmp_path / "source"))
    order = ("run", "--params", "params/tiny.yml", "--checkpoint", NAME, "--no-book")
    code, said = negcxr(*order, HF_HUB_OFFLINE="1")
    assert code == 0, said
    run = project / "results" / "tiny"
    made = json.loads((run / "12_cues.json").read_text())
    assert made["provenance"]["checkpoint"]["name"] == NAME
    assert made["provenance"]["checkpoint"]["revision"] == COMMIT
    assert made["parameters"]["checkpoint"] == f"{NAME}@{COMMIT}"
    assert list(json.loads((project / "checkpoints" / "hub.lock.json").read_text())) == [
        NAME
    ]
    for planted in (TOKEN, str(tmp_path)):
        assert not [path for path in files(run) if planted.encode() in path.read_bytes()]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
