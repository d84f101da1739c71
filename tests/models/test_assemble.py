"""A checkpoint put together from a trained part and a fetched encoder: all of both."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file, save_file
from tests.checkpoints import DIM, IMAGE_SIZE, TOWER, VISION
from tests.fetched_encoder import lay_encoder
from transformers import (
    BertConfig,
    CLIPVisionConfig,
    CLIPVisionModel,
    VisionTextDualEncoderConfig,
    VisionTextDualEncoderModel,
)
from typer.testing import CliRunner

from negcxr.cli import app
from negcxr.errors import InputError
from negcxr.models import assemble as module
from negcxr.models import load_encoder
from negcxr.models.assemble import assemble, part_record
from negcxr.models.checkpoint import resolve
from negcxr.models.sentence import MARKS, load_sentence_tower

pytestmark = pytest.mark.model

WIDTH = TOWER["hidden_size"]
TEXTS = ["no edema", "edema", "no evidence of heart failure, pneumothorax."]


@pytest.fixture
def encoder(tmp_path, monkeypatch):
    """The folder of the fetched encoder."""
    return lay_encoder(tmp_path / "cache", monkeypatch)


@pytest.fixture
def part(tmp_path, encoder, monkeypatch):
    """A part called ``mine``, of random weights in half precision."""
    folder = tmp_path / "checkpoints" / "mine"
    (folder / "1_Pooling").mkdir(parents=True)
    rng = np.random.default_rng(0)
    with torch.device("meta"):
        vision = CLIPVisionModel(CLIPVisionConfig(**VISION)).state_dict()
    shapes = {f"vision_model.{name}": tuple(value.shape) for name, value in vision.items()}
    shapes |= {f"{way}_projection.weight": (DIM, WIDTH) for way in ("visual", "text")}
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    weights["logit_scale"] = np.array(2.0)
    halves = {name: value.astype(np.float16) for name, value in weights.items()}
    save_file(halves, folder / "image.safetensors")
    text = BertConfig.from_pretrained(encoder)
    config = VisionTextDualEncoderConfig.from_vision_text_configs(
        CLIPVisionConfig(**VISION), text, projection_dim=DIM
    )
    config.save_pretrained(folder)
    side = {"height": IMAGE_SIZE, "width": IMAGE_SIZE}
    images = {"image_processor_type": "CLIPImageProcessor", "crop_size": side}
    images["size"] = {"shortest_edge": IMAGE_SIZE}
    words = {"tokenizer_class": "BertTokenizer", "model_max_length": 32, **MARKS}
    write(folder / "preprocessor_config.json", images)
    write(folder / "tokenizer_config.json", words)
    write(folder / "1_Pooling" / "config.json", {"pooling_mode_mean_tokens": True})
    write(folder / "parts.json", part_record(folder, "minilm"))
    (folder / "README.md").write_text("A card.")
    monkeypatch.setattr(module, "CHECKPOINTS", folder.parent)
    return folder


def write(path, values):
    path.write_text(json.dumps(values))


def test_it_is_a_checkpoint_in_the_users_cache(part, tmp_path):
    out = assemble("mine")
    assert out == tmp_path / "cache" / "checkpoints" / "mine"
    assert resolve(str(out)).family == "vision-text-dual-encoder"


def test_its_weights_are_those_of_both_parts_and_no_others(part, encoder):
    whole = load_file(assemble("mine") / "model.safetensors")
    image, text = (
        load_file(part / "image.safetensors"),
        load_file(encoder / "model.safetensors"),
    )
    del text["embeddings.position_ids"]  # counted by the model itself
    named = {f"text_model.{name}": value for name, value in text.items()}
    assert whole.keys() == image.keys() | named.keys()
    for name, value in (image | named).items():
        np.testing.assert_array_equal(whole[name], value, err_msg=name)
        assert whole[name].dtype == np.float32, name


def test_a_text_is_the_encoders_own_row_projected(part, encoder):
    mean = load_sentence_tower(encoder).encode_texts(TEXTS)
    weight = load_file(part / "image.safetensors")["text_projection.weight"]
    wanted = mean @ weight.astype(np.float32).T
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    found = load_encoder(str(assemble("mine"))).encode_texts(TEXTS)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_plain_transformers_finds_every_weight_and_gives_the_same_image_rows(part):
    out = assemble("mine")
    model, told = VisionTextDualEncoderModel.from_pretrained(out, output_loading_info=True)
    assert not told["missing_keys"] | told["unexpected_keys"]
    encoder = load_encoder(str(out))
    grey = np.random.default_rng(0).integers(0, 256, (16, 16), dtype=np.uint8)
    pixels = encoder.preprocess([Image.fromarray(grey)])
    with torch.no_grad():
        wanted = model.eval().get_image_features(pixel_values=pixels).pooler_output
    wanted = torch.nn.functional.normalize(wanted).numpy()
    np.testing.assert_allclose(encoder.encode_pixels(pixels), wanted, atol=1e-5)


def test_what_is_there_and_right_stays(part):
    out = assemble("mine")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert assemble("mine") == out
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
@pytest.mark.parametrize(
    "damage", [lambda _: b"", lambda all: all[:-1] + b"?"], ids=["gone", "damaged"]
)
def test_what_is_gone_or_damaged_is_made_anew(part, name, damage):
    path = assemble("mine") / name
    before = path.read_bytes()
    path.unlink()
    if left := damage(before):
        path.write_bytes(left)
    assemble("mine")
    assert path.read_bytes() == before


def test_a_part_that_was_trained_again_is_put_together_again(part):
    before = resolve(str(assemble("mine"))).fingerprint
    image = load_file(part / "image.safetensors")
    save_file(image | {"logit_scale": np.array(1, np.float16)}, part / "image.safetensors")
    write(part / "parts.json", part_record(part, "minilm"))
    assert resolve(str(assemble("mine"))).fingerprint != before


def test_a_file_of_the_part_that_is_another_one_is_refused(part):
    (part / "config.json").write_text("{}")
    with pytest.raises(InputError, match=r"mine/config\.json: sha256 44136f.*, expected "):
        assemble("mine")


def test_a_record_that_names_other_files_is_refused(part):
    record = part_record(part, "minilm")
    record["sha256"]["../../outside"] = record["sha256"].pop("config.json")
    write(part / "parts.json", record)
    with pytest.raises(InputError, match=r"parts\.json: hashes of .*outside"):
        assemble("mine")


def test_without_the_encoder_it_says_how_to_fetch_it(part, encoder, tmp_path):
    shutil.rmtree(encoder)
    with pytest.raises(InputError, match="fetch it: negcxr data fetch minilm"):
        assemble("mine")
    assert not (tmp_path / "cache" / "checkpoints").exists()


def test_an_encoder_of_another_hash_is_refused(part, encoder):
    (encoder / "config.json").write_text("{}")
    with pytest.raises(InputError, match=r"config\.json: sha256 .*, expected"):
        assemble("mine")


@pytest.mark.parametrize("name", ["none", "../checkpoints/mine", ""])
def test_a_name_of_no_part_is_refused(part, name):
    with pytest.raises(InputError, match="to put together; there is: mine"):
        assemble(name)


def test_killed_in_between_it_leaves_nothing(part, tmp_path, monkeypatch):
    def die(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "save_file", die)
    with pytest.raises(KeyboardInterrupt):
        assemble("mine")
    assert list((tmp_path / "cache" / "checkpoints").iterdir()) == []


def test_a_folder_that_another_process_put_there_meanwhile_is_taken(part, monkeypatch):
    def overtaken(*args):
        lay(*args)
        monkeypatch.setattr(module, "_lay", lay)
        assemble("mine")
        monkeypatch.setattr(module.Path, "exists", lambda path: False)

    lay = module._lay
    monkeypatch.setattr(module, "_lay", overtaken)
    out = assemble("mine")
    assert resolve(str(out)).family == "vision-text-dual-encoder"
    assert [path.name for path in out.parent.iterdir()] == ["mine"]


def test_what_another_process_put_there_that_is_not_whole_is_refused(part, monkeypatch):
    def overtaken(*args):
        lay(*args)
        monkeypatch.setattr(module.Path, "exists", lambda path: False)
        (out / "model.safetensors").write_bytes(b"other")

    out, lay = assemble("mine"), module._lay
    (out / "config.json").unlink()
    monkeypatch.setattr(module, "_lay", overtaken)
    with pytest.raises(InputError, match="mine: another process changes it; try again"):
        assemble("mine")


def test_a_part_alone_is_no_checkpoint_and_the_error_says_what_to_do(part):
    with pytest.raises(InputError, match="negcxr checkpoint assemble mine$"):
        resolve(str(part))


def test_the_command_prints_the_folder_alone(part, tmp_path):
    done = CliRunner().invoke(app, ["checkpoint", "assemble", "mine"])
    assert done.exit_code == 0
    assert done.stdout == f"{tmp_path / 'cache' / 'checkpoints' / 'mine'}\n"
