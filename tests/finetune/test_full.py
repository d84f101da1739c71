"""The full study's trainings in small: killed, each goes on to the same weights.

Their own recipes, shrunk to two layers of width 32 and 48 pictures of 64 pixels.
"""

import pytest
from safetensors.torch import load_file
from tests.finetune.worlds import SHRUNK, Killed, assert_equal_to_the_bit

from negcxr.finetune.pretrain import pretrain
from negcxr.finetune.recipe import read_recipe
from negcxr.finetune.training import Training
from negcxr.paths import PARAMS
from negcxr.study import read_study

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("pretraining_world")]
SMALL = {**SHRUNK, "validation_images": 40}


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


def weights(folder):
    return load_file(folder / "model.safetensors")


@pytest.mark.parametrize("name", ["full-web", "full-clinic", "full-bias"])
def test_a_training_of_the_full_study_goes_on_to_the_same_weights(tmp_path, name):
    start = {}
    if name == "full-clinic":
        start = {"start": str(pretrain(shrunk("full-web"), tmp_path / "full-web"))}
    recipe = shrunk(name, **start)
    killed_after_a_piece(recipe, tmp_path / "pieces")
    pieces, whole = (pretrain(recipe, tmp_path / name) for name in ("pieces", "whole"))
    assert_equal_to_the_bit(weights(pieces), weights(whole))


def test_the_full_study_measures_what_its_recipes_train():
    study = read_study(PARAMS / "full.yml")
    asked = {own.parameters["checkpoint"] for own in study.runs.values()}
    assert asked == {f"checkpoints/{shrunk(n).name}" for n in ("full-web", "full-clinic")}
    assert shrunk("full-clinic").start in asked
