"""Pretraining on a tiny recipe: the same to the bit however often it is killed.

Two layers of width 32, 48 pictures of 64 pixels, four steps in single precision; a state
is kept after the second.
"""

import json
import re
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from tests.finetune.worlds import TOWER, Killed, assert_equal_to_the_bit, tiny_recipe
from transformers import CLIPModel, CLIPTokenizer

from negcxr.data.phantoms import render
from negcxr.data.truth import FINDINGS
from negcxr.errors import InputError
from negcxr.finetune import card, course, training
from negcxr.finetune.course import Pace
from negcxr.finetune.pretrain import pretrain
from negcxr.finetune.recipe import Recipe
from negcxr.finetune.training import Training
from negcxr.models import load_encoder

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("pretraining_world")]

TINY = tiny_recipe()
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def trained(pretraining_world, tmp_path_factory):
    """A finished checkpoint, made in one go."""
    return pretrain(TINY, tmp_path_factory.mktemp("checkpoints") / "tiny")


@pytest.fixture
def copy(trained, tmp_path):
    """The finished checkpoint, for a test that may change it."""
    return shutil.copytree(trained, tmp_path / "tiny")


@pytest.fixture
def encoder(trained):
    return load_encoder(str(trained))


def weights(folder):
    return load_file(folder / WEIGHTS)


def kill_after_step(step, patch):
    """End the training as soon as the state of this step is kept."""
    keep = Training.keep

    def keep_and_die(self):
        keep(self)
        if self.step == step:
            raise Killed

    patch.setattr(Training, "keep", keep_and_die)


def test_the_same_recipe_gives_the_same_checkpoint_to_the_bit(trained, tmp_path):
    again = pretrain(TINY, tmp_path / "tiny")
    assert_equal_to_the_bit(weights(again), weights(trained))
    for name in ("tokenizer.json", "config.json", "README.md", "recipe.json"):
        assert (again / name).read_text() == (trained / name).read_text(), name


def test_half_precision_says_how_far_its_first_loss_lies_from_float32(tmp_path):
    half = TINY.model_copy(update={"precision": "bfloat16"})
    first = {}
    with pytest.MonkeyPatch.context() as patch:
        take = Training.take_step

        def spied(self, batch):
            first.setdefault(self.recipe.precision, take(self, batch))
            return first[self.recipe.precision]

        patch.setattr(Training, "take_step", spied)
        for recipe in (TINY, half):
            pretrain(recipe, tmp_path / recipe.precision)
    told = json.loads((tmp_path / "bfloat16" / "precision.json").read_text())
    relative = (first["bfloat16"] - first["float32"]) / first["float32"]
    assert told == {"precision": "bfloat16", "first_loss_relative_to_float32": relative}
    assert not (tmp_path / "float32" / "precision.json").exists()


def test_another_seed_gives_other_weights(trained, tmp_path):
    other = pretrain(TINY.model_copy(update={"seed": 1}), tmp_path / "other")
    name = "visual_projection.weight"
    assert not torch.equal(weights(other)[name], weights(trained)[name])


def test_killed_and_gone_on_with_it_is_the_same_to_the_bit(trained, tmp_path):
    out = tmp_path / "tiny"
    with pytest.MonkeyPatch.context() as patch:
        kill_after_step(2, patch)
        with pytest.raises(Killed):
            pretrain(TINY, out)
    assert not out.exists()
    assert (tmp_path / "tiny.partial" / "state.safetensors").is_file()

    steps = []
    with pytest.MonkeyPatch.context() as patch:
        take = Training.take_step

        def spied(self, batch):
            steps.append(self.step)
            return take(self, batch)

        patch.setattr(Training, "take_step", spied)
        pretrain(TINY, out)
    assert steps == [2, 3]
    assert_equal_to_the_bit(weights(out), weights(trained))
    assert (out / "tokenizer.json").read_text() == (trained / "tokenizer.json").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_killed_while_it_is_finished_it_is_finished_again(trained, tmp_path, monkeypatch):
    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(card, "text", die)
        with pytest.raises(Killed):
            pretrain(TINY, tmp_path / "tiny")
    assert not (tmp_path / "tiny").exists()
    monkeypatch.setattr(Training, "take_step", die)
    out = pretrain(TINY, tmp_path / "tiny")
    assert_equal_to_the_bit(weights(out), weights(trained))


def test_killed_while_a_state_is_written_the_state_before_is_left(tmp_path, monkeypatch):
    save, saved = course.save_file, []

    def half(tensors, path, **how):
        save(tensors, path, **how)
        saved.append(path.name)
        if len(saved) == 2:
            path.write_bytes(path.read_bytes()[:1000])
            raise Killed

    monkeypatch.setattr(course, "save_file", half)
    with pytest.raises(Killed):
        pretrain(TINY, tmp_path / "tiny")
    kept = load_file(tmp_path / "tiny.partial" / "state.safetensors")
    assert "model.logit_scale" in kept
    assert saved == ["state.tmp"] * 2


def test_a_finished_checkpoint_is_left_as_it_is(copy, monkeypatch, capsys):
    monkeypatch.delattr(course.Course, "train")
    before = {path.name: path.stat().st_mtime_ns for path in copy.iterdir()}
    assert pretrain(TINY, copy) == copy
    assert {path.name: path.stat().st_mtime_ns for path in copy.iterdir()} == before
    assert "nothing to do" in capsys.readouterr().out
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_a_finished_checkpoint_of_another_recipe_is_refused(copy):
    with pytest.raises(InputError, match="recipe.json is of another recipe"):
        pretrain(TINY.model_copy(update={"steps": 5}), copy)


def test_an_unfinished_checkpoint_of_another_recipe_is_refused(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        kill_after_step(2, patch)
        with pytest.raises(Killed):
            pretrain(TINY, tmp_path / "tiny")
    with pytest.raises(InputError, match="tiny.partial/recipe.json is of another recipe"):
        pretrain(TINY.model_copy(update={"lr": 0.02}), tmp_path / "tiny")


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds no recipe.json of ours"):
        pretrain(TINY, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_loss_that_is_no_number_ends_it_and_the_last_good_state_is_kept(
    trained, tmp_path, monkeypatch
):
    sigmoid, calls = training.sigmoid, []

    def broken(*given, **how):
        calls.append(1)
        loss = sigmoid(*given, **how)
        return loss * float("nan") if len(calls) == 4 else loss

    with monkeypatch.context() as patch:
        patch.setattr(training, "sigmoid", broken)
        with pytest.raises(
            FloatingPointError, match="loss is nan at step 3.*last good state.*partial"
        ):
            pretrain(TINY, tmp_path / "tiny")
    kept = load_file(tmp_path / "tiny.partial" / "state.safetensors")
    assert all(torch.isfinite(tensor).all() for tensor in kept.values())
    out = pretrain(TINY, tmp_path / "tiny")
    assert_equal_to_the_bit(weights(out), weights(trained))


def test_plain_transformers_loads_it(trained):
    model = CLIPModel.from_pretrained(trained, use_safetensors=True).eval()
    tokenizer = CLIPTokenizer.from_pretrained(trained)
    ids = tokenizer(["edema", "no edema"], padding=True, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        rows = model.get_text_features(input_ids=ids).pooler_output
    assert rows.shape == (2, 16)
    assert model.config.text_config.eos_token_id == tokenizer.eos_token_id


def test_our_encoder_gives_the_rows_that_training_saw(trained, encoder, tmp_path):
    model = CLIPModel.from_pretrained(trained, attn_implementation="eager")
    run = Training(TINY, model, CLIPTokenizer.from_pretrained(trained), tmp_path)
    truth = {"split": "test", "seed": 0, "size": 64}
    known = card.phantoms.Recipe(n=3, **truth).truths()
    pixels = np.stack([render(t, 0, "test", i, size=64) for i, t in enumerate(known)])
    texts = ["edema", "no evidence of pleural effusion", "chest without edema."]
    with torch.no_grad():
        images_seen, texts_seen = run.images(pixels).numpy(), run.texts(texts).numpy()
    images = encoder.encode_images([Image.fromarray(image) for image in pixels])
    np.testing.assert_allclose(images, images_seen, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_texts(texts), texts_seen, atol=1e-5)


def test_its_sizes_are_those_of_the_recipe(trained):
    config = CLIPModel.from_pretrained(trained).config
    for tower, sizes in (("vision", TINY.vision), ("text", TINY.text)):
        own = getattr(config, f"{tower}_config")
        assert {name: getattr(own, name) for name in sizes} == sizes
    assert config.projection_dim == 16
    assert (
        config.text_config.vocab_size == len(CLIPTokenizer.from_pretrained(trained)) == 300
    )


def test_no_file_of_it_can_hold_code(trained):
    kinds = {path.suffix for path in trained.iterdir()}
    assert kinds <= {".json", ".safetensors", ".md", ".txt"}


def test_the_course_of_the_training_is_written_down(trained):
    log = json.loads((trained / "training.json").read_text())
    assert [row["step"] for row in log] == [2, 4]
    for row in log:
        assert np.isfinite(row["loss"])
        assert 0 <= row["affirmed"] <= 1
        assert 0 <= row["denied"] <= 1


def test_the_recipe_lies_beside_the_weights(trained):
    assert Recipe.model_validate_json((trained / "recipe.json").read_text()) == TINY


def test_the_card_tells_what_it_is_and_what_it_saw(trained):
    told = (trained / "README.md").read_text()
    assert told.startswith("---\nlicense: apache-2.0\n")
    for part in (
        "# tiny",
        "Trained by a test.",
        "starts from | random weights",
        "48 rendered phantoms (split train, seed 0)",
        "mention 0.9, deny 0.1, detail 0.2",
        "statements |",
        "4 x 12",
        "AUROC on 90 phantoms",
        "never a film",
    ):
        assert part in told
    assert re.search(r"\d+\.\d\d% per statement, .* per sentence, .* per caption", told)
    assert not re.search(r"\{\w*\}|nan|None", told)


def test_the_card_has_an_interval_for_each_finding_and_their_mean(trained):
    told = (trained / "README.md").read_text()
    cell = r"(0\.\d{3}|1\.000) \[(0\.\d{3}), (0\.\d{3}|1\.000)\]"
    means = []
    for name in (*FINDINGS, "mean"):
        row = re.search(rf"^\| {name} \| {cell} \| {cell} \|$", told, re.MULTILINE)
        numbers = [float(number) for number in row.groups()]
        for value, low, high in (numbers[:3], numbers[3:]):
            assert low <= value <= high
        means.append(numbers[0])
    assert means[-1] == pytest.approx(np.mean(means[:-1]), abs=0.001)


def test_the_means_of_the_card_are_those_of_the_last_step(trained):
    log = json.loads((trained / "training.json").read_text())
    told = (trained / "README.md").read_text()
    assert f"| mean | {log[-1]['affirmed']:.3f} [" in told


def test_captions_go_on_from_a_checkpoint(trained, tmp_path):
    on = {"name": "on", "start": str(trained), "objective": "captions", "sentences": 2}
    out = pretrain(TINY.model_copy(update=on), tmp_path / "on")
    assert (out / "tokenizer.json").read_text() == (trained / "tokenizer.json").read_text()
    before, after = weights(trained), weights(out)
    assert before.keys() == after.keys()
    moved = [name for name in before if not torch.equal(before[name], after[name])]
    assert len(moved) > len(before) / 2
    step = "visual_projection.weight"
    assert torch.dist(before[step], after[step]) < 0.5 * torch.linalg.norm(before[step])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": "/nowhere"}, "start: /nowhere is no checkpoint; train it first"),
        ({"text": {**TOWER, "hidden_size": 64}}, "text.hidden_size of .* is 32, not 64"),
        (
            {"vision": {**TINY.vision, "image_size": 96}},
            "vision.image_size of .* is 64, not 96",
        ),
    ],
)
def test_a_start_that_is_missing_or_does_not_fit_is_refused(
    trained, tmp_path, changes, message
):
    recipe = TINY.model_copy(update={"start": str(trained), **changes})
    with pytest.raises(InputError, match=message):
        pretrain(recipe, tmp_path / "on")


@pytest.mark.parametrize(
    ("step", "share"),
    [
        pytest.param(0, 1 / 2, id="warming up"),
        pytest.param(1, (1 + np.cos(np.pi / 4)) / 2, id="warm"),
        pytest.param(2, 1 / 2, id="half way"),
        pytest.param(4, 0, id="at the end"),
    ],
)
def test_the_rate_rises_then_falls_to_nothing(step, share):
    assert Pace(TINY.steps, TINY.warmup, 1).share(step) == pytest.approx(share)


def test_every_weight_is_stepped_by_one_optimiser(trained, tmp_path):
    model = CLIPModel.from_pretrained(trained)
    run = Training(TINY, model, CLIPTokenizer.from_pretrained(trained), tmp_path)
    stepped = [
        id(parameter)
        for optimiser in run.optimisers
        for group in optimiser.param_groups
        for parameter in group["params"]
    ]
    wanted = [*model.parameters(), run.bias]
    assert sorted(stepped) == sorted(id(parameter) for parameter in wanted)
    (matrices,) = run.optimisers[1].param_groups
    assert len(matrices["params"]) == 2 * 2 * 6  # two towers, two layers, six matrices
