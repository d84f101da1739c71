"""What is found before a job starts."""

import numpy as np
import pandas as pd
import pytest

from negcxr import preflight
from negcxr.errors import InputError

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
        ({"training_images": -1}, "training_images is -1"),
        ({"training_images": 4}, "no split 'train'"),
        ({"dtype": "int8"}, "dtype 'int8'; allowed: float32"),
    ],
)
def test_what_cannot_be_used_is_refused(images, changes, said):
    with pytest.raises(InputError, match=said):
        check(images, **changes)


def test_a_study_without_a_checkpoint_says_how_to_name_one():
    with pytest.raises(InputError, match="no checkpoint is named; give --checkpoint"):
        preflight._checkpoint("")
