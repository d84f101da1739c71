"""Levels trained in small: equal captions give equal weights, and nothing is done twice.

Two layers of width 32, 60 pictures of 64 pixels, four steps.
"""

import pytest
import torch
import yaml
from safetensors.torch import load_file

from negcxr.chapters import Sampling, reporting_bias
from negcxr.chapters.reporting_bias import Level, Setting, recipe_of, recipes, trained
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
