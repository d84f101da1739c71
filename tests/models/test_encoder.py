"""What every encoder does alike: unit rows, in order, whatever the batch."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from tests.checkpoints import BUILDERS
from tests.models.bert_reference import bert_row
from tests.models.reference import text_row
from torch import nn

from negcxr.errors import InputError
from negcxr.models import ENCODERS, encoder
from negcxr.models.checkpoint import FAMILIES
from negcxr.models.rows import unit_rows

pytestmark = pytest.mark.model
every = pytest.mark.parametrize("name", BUILDERS)
GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())
PROMPTS = ["pleural effusion", "no pleural effusion"]
SENTENCES = [*PROMPTS, "edema", "no evidence of pneumonia, left or right", "without edema"]
GRADIENT = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))


def test_every_family_that_may_be_resolved_has_an_encoder():
    assert set(FAMILIES) == set(ENCODERS)


@every
def test_golden_rows_of_texts(encoders, name):
    # If they move on purpose, raise FORM in embed.py too, or old rows stay in caches.
    rows = encoders[name].encode_texts(PROMPTS)
    np.testing.assert_allclose(rows, GOLDEN[name]["texts"], atol=1e-4)


@every
def test_golden_row_of_an_image(encoders, name):
    row = encoders[name].encode_images([GRADIENT])
    np.testing.assert_allclose(row, [GOLDEN[name]["image"]], atol=1e-4)


@every
def test_golden_scores(encoders, name):
    own = encoders[name]
    scores = own.score(own.encode_images([GRADIENT]), own.encode_texts(PROMPTS))
    np.testing.assert_allclose(scores, [GOLDEN[name]["scores"]], atol=1e-3)


@every
def test_the_text_tower_agrees_with_one_written_out_by_hand(encoders, name):
    own = encoders[name]
    weights = load_file(own.checkpoint.folder / "model.safetensors")
    tables = [own.token_table(text) for text in SENTENCES]
    family = own.checkpoint.family
    if family == "vision-text-dual-encoder":
        mean = name == "bert_mean"
        by_hand = [bert_row(weights, t.ids.tolist(), mean=mean) for t in tables]
    else:
        by_hand = [text_row(weights, t.ids.tolist(), family, t.pooled) for t in tables]
    expected = torch.stack(by_hand).numpy()
    np.testing.assert_allclose(own.encode_texts(SENTENCES), expected, atol=1e-5)


@every
def test_rows_are_of_unit_length_and_single_precision(encoders, name, images):
    for rows in (
        encoders[name].encode_texts(SENTENCES),
        encoders[name].encode_images(images),
    ):
        assert rows.shape == (5, encoders[name].dim)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


@every
def test_batches_of_any_size_give_the_same_rows(encoders, name, images, monkeypatch):
    own = encoders[name]
    together = own.encode_texts(SENTENCES), own.encode_images(images)
    monkeypatch.setattr(encoder, "TEXTS_AT_ONCE", 2)
    monkeypatch.setattr(encoder, "IMAGES_AT_ONCE", 4)
    monkeypatch.setattr(encoder, "ON_CPU_AT_ONCE", 3)
    np.testing.assert_allclose(own.encode_texts(SENTENCES), together[0], atol=1e-6)
    np.testing.assert_allclose(own.encode_images(images), together[1], atol=1e-6)


@every
def test_rows_follow_the_order_of_the_texts(encoders, name):
    rows = encoders[name].encode_texts(SENTENCES)
    back = encoders[name].encode_texts(SENTENCES[::-1])
    np.testing.assert_allclose(back[::-1], rows, atol=1e-6)
    assert np.abs(rows[0] - rows[1]).max() > 1e-3  # else any order would do


def test_equal_texts_are_encoded_once(encoders, monkeypatch):
    own, seen = encoders["clip"], []
    tower = own.model.get_text_features

    def count(input_ids):
        seen.append(len(input_ids))
        return tower(input_ids=input_ids)

    monkeypatch.setattr(own.model, "get_text_features", count)
    rows = own.encode_texts(["edema", "no edema", "edema", "edema"])
    assert seen == [2]
    assert np.array_equal(rows[0], rows[3])


def test_nothing_gives_no_rows(encoders):
    assert encoders["clip"].encode_texts([]).shape == (0, 8)
    assert encoders["siglip"].encode_images([]).shape == (0, 16)
    assert encoders["siglip"].truncated([]).shape == (0,)


def test_one_string_is_not_taken_for_a_list_of_letters(encoders):
    with pytest.raises(InputError, match="texts is the string 'edema'; allowed: a list"):
        encoders["clip"].encode_texts("edema")


def test_grey_becomes_three_equal_channels(encoders):
    pixels = encoders["siglip"].preprocess([GRADIENT])[0]
    grey = torch.arange(256.0).reshape(16, 16) / 255
    for channel in pixels:
        torch.testing.assert_close(channel, (grey - 0.5) / 0.5)


def test_the_score_is_scale_times_cosine_plus_bias(encoders):
    own = encoders["siglip"]
    east, tilted = np.eye(16)[:1], np.zeros((1, 16))
    tilted[0, :2] = 0.6, 0.8
    expected = own.scale * 0.6 + own.bias
    assert own.score(east, tilted) == pytest.approx(expected)
    assert own.bias < -1
    assert encoders["clip"].bias == 0


def test_a_scaled_row_is_refused(encoders):
    east = np.eye(8)
    with pytest.raises(InputError, match="texts row 0 has length 2, not 1"):
        encoders["clip"].score(east, 2 * east)
    with pytest.raises(InputError, match="images row 3 has length nan, not 1"):
        encoders["clip"].score(np.where(np.eye(8) * 3 == 3, [1, 1, 1, np.nan] * 2, 0), east)


def test_a_row_that_points_nowhere_is_refused():
    with pytest.raises(InputError, match="row 1 of a batch has length 0.0"):
        unit_rows(torch.tensor([[1.0, 0.0], [0.0, 0.0]]))
    with pytest.raises(InputError, match="row 0 of a batch has length inf"):
        unit_rows(torch.tensor([[torch.inf, 0.0]]))


def test_the_processors_key_follows_its_settings(encoders, build):
    from tests.checkpoints import change

    from negcxr.models import load_encoder

    folder = build("siglip")
    assert load_encoder(str(folder)).processor_key == encoders["siglip"].processor_key
    change(folder / "preprocessor_config.json", image_mean=[0.4] * 3)
    assert load_encoder(str(folder)).processor_key != encoders["siglip"].processor_key


@every
def test_text_layers_come_from_the_config(encoders, name):
    layers = encoders[name].text_layers()
    assert [(layer.n_heads, layer.head_dim) for layer in layers] == [(4, 4), (4, 4)]
    assert all(isinstance(layer.out_proj, nn.Linear) for layer in layers)


@every
def test_silencing_a_head_before_out_proj_moves_the_row(encoders, name):
    layer = encoders[name].text_layers()[1]

    def silence(_, inputs):
        states = inputs[0].clone()
        states[..., : layer.head_dim] = 0
        return (states,)

    before = encoders[name].encode_texts(PROMPTS)
    handle = layer.out_proj.register_forward_pre_hook(silence)
    try:
        after = encoders[name].encode_texts(PROMPTS)
    finally:
        handle.remove()
    assert np.abs(after - before).max() > 1e-3
