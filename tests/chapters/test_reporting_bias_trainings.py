"""Levels trained in small: equal captions give equal weights, and nothing is done twice.

Two layers of width 32, 60 pictures of 64 pixels, four steps.
"""

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from safetensors.torch import load_file

from negcxr.chapters import Sampling, reporting_bias, reporting_bias_trainings
from negcxr.chapters.reporting_bias import Level, Setting, recipe_of, recipes, trained
from negcxr.chapters.reporting_bias_measures import measured
from negcxr.chapters.reporting_bias_trainings import Asking, train_and_measure
from negcxr.data.registry import load_dataset
from negcxr.finetune.training import Training
from negcxr.paths import PARAMS

pytestmark = pytest.mark.model
TOWER = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
TOWER |= {"num_attention_heads": 2}
TINY = {"images": 60, "steps": 4, "batch": 16, "warmup": 2, "keep_every": 2}
TINY |= {"projection": 16, "vocab_size": 300, "validation_images": 40}


class Killed(BaseException):
    """Stands for a process that is ended; nothing may catch it."""


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def setting(tmp_path_factory):
    fields = yaml.safe_load((PARAMS / "pretrain" / "reporting-bias.yml").read_text())
    vision = {**TOWER, "image_size": 64, "patch_size": 32}
    fields |= {**TINY, "vision": vision, "text": TOWER}
    path = tmp_path_factory.mktemp("recipes") / "tiny.yml"
    path.write_text(yaml.safe_dump(fields))
    return Setting(str(path))


def weights(level, setting, seed=0):
    return load_file(
        trained(recipe_of(level, setting, seed), device="cpu") / "model.safetensors"
    )


def equal(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.fixture
def measurings(monkeypatch):
    """What was measured, a number for each time."""
    found = []

    def spied(*asked):
        found.append(measured(*asked))
        return found[-1]

    monkeypatch.setattr(reporting_bias_trainings, "measured", spied)
    return found


@pytest.fixture
def asking(monkeypatch, tmp_path):
    """What one level is asked, in a cache of its own."""
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path))
    images = load_dataset("phantoms", split="test", n_images=60)
    return Asking(images, "chest", 24, Sampling(3, 0))


def assert_equal_to_the_last_digit(one, other):
    for name in ("outer", "cues", "inner"):
        parts = getattr(one, name), getattr(other, name)
        assert [*parts[0]] == [*parts[1]]
        for key in parts[0]:
            np.testing.assert_array_equal(parts[0][key], parts[1][key])


def test_what_is_measured_is_not_measured_again(setting, asking, measurings):
    each = recipes([Level("statements", 80.0)], setting, [0])
    found = [train_and_measure(each, asking) for _ in range(2)]
    assert len(measurings) == 1
    for one in found:
        assert_equal_to_the_last_digit(*one.found.values(), measurings[0])
    pd.testing.assert_frame_equal(found[0].table, found[1].table)


def test_what_is_asked_otherwise_is_measured_anew(setting, asking, measurings):
    each = recipes([Level("statements", 80.0)], setting, [0])
    for one in (
        asking,
        asking._replace(images=asking.images.take(range(50))),
        asking._replace(prompt_set="plain"),
        asking._replace(n_items=12),
        asking._replace(sampling=Sampling(4, 0)),
        asking._replace(sampling=Sampling(3, 1)),
        asking._replace(dtype="bfloat16"),
    ):
        train_and_measure(each, one)
    assert len(measurings) == 7


@pytest.mark.parametrize("damage", [b"", b"\xff{", b"half"])
def test_a_damaged_measurement_is_measured_again(
    setting, asking, measurings, tmp_path, damage
):
    each = recipes([Level("statements", 80.0)], setting, [0])
    train_and_measure(each, asking)
    (path,) = tmp_path.rglob("*.measured")
    whole = path.read_bytes()
    path.write_bytes(damage if damage != b"half" else whole[: len(whole) // 2])
    with pytest.warns(UserWarning, match="damaged, measured again"):
        train_and_measure(each, asking)
    assert len(measurings) == 2
    assert path.read_bytes() == whole


def test_training_in_half_precision_says_how_far_its_first_loss_lies(setting, asking):
    levels = [Level("statements", 80.0), Level("captions", 80.0)]
    half = setting._replace(precision="bfloat16")
    told = train_and_measure(recipes(levels, half, [0]), asking).precision
    # bfloat16 has 8 binary digits, so a rounding is 1/256 at most; a loss adds up many.
    assert 0 < told.value < 0.05
    assert told.n == 2
    plain = train_and_measure(recipes(levels, setting, [0]), asking).precision
    assert (plain.value, plain.note) == (None, "does not apply: float32")


@pytest.mark.parametrize("objective", ["statements", "captions"])
def test_equal_captions_give_equal_weights(setting, objective):
    # At a rate of zero no report denies, whatever the cues would have been.
    levels = [Level(objective, 0.0, cues) for cues in ("no", "without")]
    assert equal(*(weights(level, setting) for level in levels))


def test_other_captions_and_other_seeds_give_other_weights(setting):
    plain = weights(Level("statements", 0.0), setting)
    assert not equal(plain, weights(Level("statements", 80.0), setting))
    assert not equal(plain, weights(Level("statements", 0.0), setting, seed=1))


def test_what_is_trained_is_not_trained_again(setting, monkeypatch):
    recipe = recipe_of(Level("statements", 80.0), setting, 0)
    first = trained(recipe, device="cpu")
    monkeypatch.delattr(reporting_bias, "pretrain")
    assert trained(recipe, device="cpu") == first


def test_a_training_that_was_killed_goes_on_to_the_same_weights(setting, monkeypatch):
    level = Level("statements", 40.0)
    monkeypatch.setenv("NEGCXR_CACHE", str(setting.recipe) + ".cache")
    keep = Training.keep

    def keep_and_die(self):
        keep(self)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Training, "keep", keep_and_die)
        with pytest.raises(Killed):
            weights(level, setting)
    again = weights(level, setting)
    monkeypatch.setenv("NEGCXR_CACHE", str(setting.recipe) + ".other")
    assert equal(again, weights(level, setting))


def test_every_training_is_measured_and_listed(setting):
    levels = [Level("statements", 0.0), Level("statements", 80.0)]
    images = load_dataset("phantoms", split="test", n_images=60)
    asking = Asking(images, "chest", 24, Sampling(3, 0))
    found = train_and_measure(recipes(levels, setting, [0, 1]), asking)
    assert [key[1] for key in found.found] == [0, 0, 1, 1]
    assert found.table["weights"].nunique() == 4
    assert set(found.table["steps"]) == {4}
    assert all(len(one.outer["gap"]) == 4 for one in found.found.values())
