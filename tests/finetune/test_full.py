"""The full study's trainings in small: killed, each goes on to the same weights.

Their own recipes, shrunk to two layers of width 32 and 48 pictures of 64 pixels.
"""

import pytest
import torch
from safetensors.torch import load_file

from negcxr.finetune.pretrain import pretrain
from negcxr.finetune.recipe import read_recipe
from negcxr.finetune.training import Training
from negcxr.paths import PARAMS
from negcxr.study import read_study

pytestmark = pytest.mark.model
TOWER = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
TOWER |= {"num_attention_heads": 2}
SMALL = {
    **{"vision": {**TOWER, "image_size": 64, "patch_size": 32}, "text": TOWER},
    **{"images": 48, "batch": 12, "steps": 4, "warmup": 2, "keep_every": 2},
    **{"projection": 16, "vocab_size": 300, "validation_images": 40},
    "precision": "float32",
}


class Killed(BaseException):
    """Stands for a process that is ended; nothing may catch it."""


@pytest.fixture(autouse=True, scope="module")
def world(tmp_path_factory):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEGCXR_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
    torch.set_num_threads(threads)


def shrunk(name, **changes):
    return read_recipe(PARAMS / "pretrain" / f"{name}.yml", **SMALL, **changes)


def killed_after_a_piece(recipe, out):
    """What a job does whose time is over once the first state is kept."""
    keep = Training.keep

    def keep_and_die(self):
        keep(self)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Training, "keep", keep_and_die)
        with pytest.raises(Killed):
            pretrain(recipe, out)
    assert not out.exists()


def same(one, other):
    weights = [load_file(folder / "model.safetensors") for folder in (one, other)]
    return all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


@pytest.mark.parametrize("name", ["full-web", "full-clinic", "full-bias"])
def test_a_training_of_the_full_study_goes_on_to_the_same_weights(tmp_path, name):
    start = {}
    if name == "full-clinic":
        start = {"start": str(pretrain(shrunk("full-web"), tmp_path / "full-web"))}
    recipe = shrunk(name, **start)
    killed_after_a_piece(recipe, tmp_path / "pieces")
    gone_on = pretrain(recipe, tmp_path / "pieces")
    assert same(gone_on, pretrain(recipe, tmp_path / "whole"))


def test_the_full_study_measures_what_its_recipes_train():
    study = read_study(PARAMS / "full.yml")
    asked = {own.parameters["checkpoint"] for own in study.runs.values()}
    assert asked == {f"checkpoints/{shrunk(n).name}" for n in ("full-web", "full-clinic")}
    assert shrunk("full-clinic").start in asked
