"""Folders that were saved in another way compute the same; what cannot be used is told."""

import re

import numpy as np
import pytest
import torch
from PIL import Image
from tests.checkpoints import BUILDERS
from tests.conformance.folders import (
    ODD,
    SAVED_OTHERWISE,
    plain_form,
    takes_mean,
    without_bias,
)

from negcxr.errors import InputError
from negcxr.models import load_encoder

pytestmark = pytest.mark.model
TEXTS = ["no pleural effusion", "Edema, left or right", "not without evidence of edema"]
ROUNDED = {"float16": 0.01, "bfloat16": 0.05}  # of what half precision keeps of weights


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    sizes = [(16, 40), (40, 24), (64, 64)]
    return [Image.fromarray(rng.integers(0, 256, size, dtype=np.uint8)) for size in sizes]


@pytest.mark.parametrize("form", ODD)
def test_an_odd_folder_gives_unit_rows_in_single_precision(encoder, pictures, form):
    own = encoder(form)
    for rows in (own.encode_texts(TEXTS), own.encode_images(pictures)):
        assert (rows.shape, rows.dtype) == ((3, own.dim), np.float32)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert {weight.dtype for weight in own.model.parameters()} == {torch.float32}


@pytest.mark.parametrize("form", SAVED_OTHERWISE)
def test_what_was_saved_in_another_way_computes_the_same(encoder, pictures, form):
    own, plain = encoder(form), encoder(plain_form(form))
    allowed = ROUNDED.get(form.partition("-")[2], 0)
    texts = own.encode_texts(TEXTS) - plain.encode_texts(TEXTS)
    images = own.encode_images(pictures) - plain.encode_images(pictures)
    assert np.abs(texts).max() <= allowed
    assert np.abs(images).max() <= allowed
    assert (own.scale, own.bias) == pytest.approx((plain.scale, plain.bias), rel=0.01)


@pytest.mark.parametrize("form", sorted({*ODD} - {*SAVED_OTHERWISE}))
def test_what_is_another_model_computes_something_else(encoder, pictures, form):
    own, plain = encoder(form), encoder(plain_form(form))
    texts = np.abs(own.encode_texts(TEXTS) - plain.encode_texts(TEXTS)).max()
    images = np.abs(own.encode_images(pictures) - plain.encode_images(pictures)).max()
    assert max(texts, images) > 0.01


@pytest.mark.parametrize(
    ("form", "bias"), [("clip", 0), ("clip-bias", 0), ("siglip", -3), ("bert_dual", 0)]
)
def test_a_bias_is_that_of_the_form_and_none_where_it_was_lost(encoder, form, bias):
    assert encoder(form).bias == pytest.approx(bias, abs=1 if bias else 0)


def test_a_siglip_without_its_bias_is_refused_by_its_name(tmp_path):
    made = without_bias(BUILDERS["siglip"](tmp_path / "siglip"))
    line = f"{made}: 1 weights are missing or of another shape than config.json says: "
    with pytest.raises(InputError, match=re.escape(line) + "logit_bias$"):
        load_encoder(str(made))


@pytest.mark.parametrize(
    ("form", "tokens", "pixels"),
    [
        ("clip", 77, 16),
        ("clip-places", 32, 40),
        ("siglip-places", 128, 24),
        ("siglip-512", 64, 512),
    ],
)
def test_sizes_come_from_the_folder(encoder, pictures, form, tokens, pixels):
    own = encoder(form)
    assert own.text_length == tokens
    assert own.preprocess(pictures).shape == (3, 3, pixels, pixels)
    assert own.truncated(["edema " * tokens, "edema"]).tolist() == [True, False]


@pytest.mark.parametrize("form", [*BUILDERS, *ODD])
def test_a_row_of_means_is_read_from_no_token(encoder, form):
    read = encoder(form).token_table("no edema").pooled
    assert (read == -1) == takes_mean(form)


def test_an_image_that_is_pressed_keeps_its_edges_and_one_that_is_cut_does_not(encoder):
    wide = np.zeros((16, 48), dtype=np.uint8)
    wide[:, :8] = 255  # outside the middle square
    pressed, cut = (
        encoder(form).preprocess([Image.fromarray(wide)])[0, 0, :, 0].mean()
        for form in ("clip-square", "clip")
    )
    assert pressed > 1 > 0 > cut


HALF = ["clip", "siglip", "siglip2-bfloat16", "bert_dual", "bert_mean-float16"]


@pytest.mark.parametrize("form", HALF)
def test_half_precision_gives_nearly_the_rows_of_single_precision(
    folder, encoder, pictures, form
):
    half = load_encoder(str(folder(form)), dtype="bfloat16")
    for rows, whole in (
        (half.encode_texts(TEXTS), encoder(form).encode_texts(TEXTS)),
        (half.encode_images(pictures), encoder(form).encode_images(pictures)),
    ):
        assert ((rows * whole).sum(axis=1) > 0.98).all()
        assert np.abs(rows - whole).max() > 0  # else it was not computed in half
