"""What is found before a job starts."""

import numpy as np
import pandas as pd
import pytest
from tests.data import trees_open

from negcxr import paths, preflight
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError
from negcxr.models.hub_lock import hold

JOB = {
    "checkpoint": "weights",
    "dataset": "folder",
    "root": "",
    "policy": "",
    "split": "test",
    "n_images": 5,
    "prompt_set": "plain",
    "seed": 0,
    "device": "cpu",
    "dtype": "float32",
}


@pytest.fixture
def images(tmp_path):
    """A folder of one image with one finding; returns its path."""
    from PIL import Image

    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "a.png")
    row = {"image": "a.png", "patient": "ann", "view": "AP", "split": "test", "Edema": 1}
    pd.DataFrame([row]).to_csv(tmp_path / "manifest.csv", index=False)
    return tmp_path


@pytest.fixture(autouse=True)
def resolved(monkeypatch):
    """Checkpoints that were resolved, instead of resolving them."""
    seen = []
    checks = [(n, seen.append if n == ("checkpoint",) else c) for n, c in preflight.CHECKS]
    monkeypatch.setattr(preflight, "CHECKS", tuple(checks))
    return seen


def check(images, **changes):
    preflight.preflight([JOB | {"root": str(images)} | changes])


def test_a_job_whose_parts_are_all_there_passes(images):
    check(images)


def test_each_checkpoint_is_resolved_once(images, resolved):
    jobs = [JOB | {"root": str(images), "checkpoint": name} for name in "abba"]
    preflight.preflight(jobs)
    assert resolved == ["a", "b"]


def test_a_job_that_takes_no_checkpoint_needs_none(resolved):
    preflight.preflight([{"seed": 0}])
    assert resolved == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dataset": "xrays"}, "data set 'xrays' is not known; choose one of: phantoms"),
        ({"split": "spring"}, "no split 'spring'"),
        ({"n_images": -1}, "n_images is -1"),
        ({"policy": "kind"}, "'kind'"),
        ({"prompt_set": "plane"}, "prompt set 'plane' is not known"),
        ({"device": "abacus"}, "device 'abacus' cannot be used here"),
        ({"method": "con3"}, "method 'con3' is not known; choose of con1, "),
        ({"methods": "con1,con3"}, "method 'con3' is not known"),
        ({"training_images": -1, "training_seed": 0}, "training_images is -1"),
        ({"training_images": 4, "training_seed": 0}, "no split 'train'"),
        ({"dtype": "int8"}, "dtype 'int8'; allowed: float32"),
    ],
)
def test_what_cannot_be_used_is_refused(images, changes, said):
    with pytest.raises(InputError, match=said):
        check(images, **changes)


def test_a_film_that_the_run_would_draw_and_that_is_missing_is_found(tmp_path):
    root = trees_open.openi(tmp_path)
    films = load_dataset("openi", root=str(root), split="all", n_images=3, seed=1)
    (root / films.table["image"].iloc[-1]).unlink()
    with pytest.raises(InputError, match="1 of 3 images are not there"):
        check(root, dataset="openi", split="all", n_images=3, seed=1)


def test_a_study_without_a_checkpoint_says_how_to_name_one():
    with pytest.raises(InputError, match="no checkpoint is named; give --checkpoint"):
        preflight._checkpoint("")


def test_a_name_on_the_hub_goes_into_a_run_with_the_revision_that_is_kept(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    hold("lab/model", "a" * 40, {"model.safetensors": "1" * 64})
    jobs = {"10_a": {"checkpoint": "lab/model", "seed": 1}, "11_b": {"seed": 1}}
    assert preflight.pinned(jobs) == {
        "10_a": {"checkpoint": f"lab/model@{'a' * 40}", "seed": 1},
        "11_b": {"seed": 1},
    }


@pytest.mark.parametrize("given", ["weights", "lab/other", f"lab/model@{'a' * 40}"])
def test_any_other_checkpoint_goes_into_a_run_as_it_is_named(tmp_path, monkeypatch, given):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    hold("lab/model", "a" * 40, {"model.safetensors": "1" * 64})
    jobs = {"10_a": {"checkpoint": given}}
    assert preflight.pinned(jobs) == jobs


@pytest.mark.model
def test_what_a_name_lets_expect_otherwise_is_told_in_a_line_each(tmp_path):
    from tests.checkpoints import BUILDERS

    name = str(BUILDERS["clip"](tmp_path / "clip-vit-base-patch32"))
    told = preflight.unexpected([{"checkpoint": name, "seed": seed} for seed in (1, 2)])
    for line in ("image size is 16; expected 224", "patch is 8; expected 32"):
        assert f"checkpoint {name}: {line}; its config is followed" in told
    assert len(told) == 9  # layers, heads, width of two towers; pixels, patch, vocabulary


@pytest.mark.model
def test_a_checkpoint_of_no_known_name_is_as_expected(tmp_path):
    from tests.checkpoints import BUILDERS

    name = str(BUILDERS["clip"](tmp_path / "mine"))
    assert preflight.unexpected([{"checkpoint": name}, {"seed": 1}]) == []


def test_what_is_unexpected_is_told_before_a_study_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(preflight, "read_study", lambda path: None)
    monkeypatch.setattr(preflight, "plan", lambda study, given, *, source: [])
    monkeypatch.setattr(preflight, "unexpected", lambda jobs: ["one line", "another"])
    told = []
    monkeypatch.setattr(preflight, "write_runs", lambda runs: told.append("written"))
    preflight.prepare(tmp_path / "study.yml", {}, tell=told.append)
    assert told == ["one line", "another", "written"]
