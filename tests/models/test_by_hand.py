"""The text tower written out, beside the model's own run and an independent one."""

import numpy as np
import pytest
import torch
from tests.checkpoints import BUILDERS, change
from tests.models import reference

from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.by_hand import BENDS, design_of, text_row

pytestmark = pytest.mark.model
TEXT = "no pleural effusion"


def distance(encoder, text=TEXT):
    own = encoder.encode_texts([text])[0]
    return np.abs(own - text_row(encoder, text).numpy()).max()


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("text", [TEXT, "a", "no evidence of effusion, edema. " * 40])
def test_the_model_and_the_tower_written_out_give_one_row(encoders, name, text):
    assert distance(encoders[name], text) < 1e-5


@pytest.mark.parametrize("name", ["clip", "legacy_clip", "siglip", "siglip2"])
def test_an_independent_one_gives_the_same_row(encoders, name):
    encoder = encoders[name]
    (ids,) = encoder.token_rows([TEXT])
    weights, at = encoder.model.state_dict(), encoder.pooled(ids)
    other = reference.text_row(weights, ids, encoder.checkpoint.family, at)
    assert torch.allclose(text_row(encoder, TEXT), other, atol=1e-12)


@pytest.mark.parametrize("name", BUILDERS)
def test_the_config_of_another_number_of_heads_gives_another_row(build, name):
    folder = build(name)
    text = load_encoder(str(folder)).model.config.text_config.to_dict()
    change(folder / "config.json", text_config=text | {"num_attention_heads": 2})
    encoder = load_encoder(str(folder))
    assert design_of(encoder).heads == 2
    assert distance(encoder) < 1e-5


@pytest.mark.parametrize("bend", BENDS)
@pytest.mark.parametrize("name", ["clip", "bert_dual"])
def test_the_curve_is_the_one_that_the_config_names(build, name, bend):
    folder = build(name)
    text = load_encoder(str(folder)).model.config.text_config.to_dict()
    change(folder / "config.json", text_config=text | {"hidden_act": bend})
    assert distance(load_encoder(str(folder))) < 1e-5


def test_a_curve_that_is_not_written_out_is_named(build):
    folder = build("clip")
    text = load_encoder(str(folder)).model.config.text_config.to_dict()
    change(folder / "config.json", text_config=text | {"hidden_act": "silu"})
    with pytest.raises(InputError, match="hidden_act 'silu'; written out are quick_gelu, "):
        text_row(load_encoder(str(folder)), TEXT)


@pytest.mark.parametrize("name", BUILDERS)
def test_one_changed_weight_is_seen(build, name):
    encoder = load_encoder(str(build(name)))
    before = text_row(encoder, TEXT)
    layer = encoder.text_layers()[-1]
    with torch.no_grad():
        layer.out_proj.weight[0, 0] += 0.5
    assert (text_row(encoder, TEXT) - before).abs().max() > 1e-4


@pytest.mark.parametrize("name", BUILDERS)
def test_half_precision_is_further_from_it_and_still_near(build, name):
    assert 1e-5 < distance(load_encoder(str(build(name)), dtype="bfloat16")) < 0.1
