"""Which weights are trained, how fast, and that low-rank changes leave no trace."""

import json
import re

import numpy as np
import pytest
import torch
from tests.checkpoints import BUILDERS
from tests.finetune.worlds import tiny_method

from negcxr.errors import InputError
from negcxr.finetune.adapt import (
    SCALE_LR,
    close_weights,
    groups,
    layer_share,
    layer_weights,
    open_weights,
    own_bias,
)
from negcxr.models import load_encoder

pytestmark = pytest.mark.model

TEXTS = ["no pleural effusion", "pleural effusion", "edema without pneumonia"]
every_family = pytest.mark.parametrize("family", ["clip", "siglip"])


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("checkpoints")
    return {name: BUILDERS[name](root / name) for name in ("clip", "siglip")}


@pytest.fixture
def encoder(folders, family):
    """A new encoder of a family, for a test to change."""
    return load_encoder(str(folders[family]))


@pytest.fixture
def weights_file(tmp_path):
    """Writes a file of layer weights."""

    def write(weights, **more):
        path = tmp_path / "layers.json"
        path.write_text(json.dumps({"layers": weights, "about": "Of a test.", **more}))
        return str(path)

    return write


def trainable(encoder):
    return {name for name, p in encoder.model.named_parameters() if p.requires_grad}


def state(encoder):
    return {name: value.clone() for name, value in encoder.model.state_dict().items()}


@every_family
def test_text_opens_the_text_tower_whole_and_nothing_else(encoder, family):
    opened = open_weights(encoder, tiny_method(), 0)
    assert opened.keys() == trainable(encoder)
    assert {name.split("_")[0] for name in opened} == {"text"}
    own = [n for n, _ in encoder.model.named_parameters() if n.startswith("text_")]
    assert opened.keys() == {*own}


@every_family
def test_both_opens_all_but_scale_and_bias(encoder, family):
    opened = open_weights(encoder, tiny_method(tune="both"), 0)
    names = {name for name, _ in encoder.model.named_parameters()}
    assert names - opened.keys() <= {"logit_scale", "logit_bias"}
    assert opened.keys() == trainable(encoder)


@every_family
def test_low_rank_changes_are_in_the_text_towers_attention_alone(encoder, family):
    opened = open_weights(encoder, tiny_method(tune="lora", rank=3), 0)
    assert opened.keys() == trainable(encoder)
    pattern = r"text_model\.encoder\.layers\.([01])\.self_attn\.[qv]_proj\.lora_[AB]\..*"
    assert all(re.fullmatch(pattern, name) for name in opened)
    assert len(opened) == 2 * 2 * 2  # layers, projections, factors
    assert {min(p.shape) for p in opened.values()} == {3}


@every_family
def test_low_rank_changes_start_at_nothing_and_by_the_seed(folders, family):
    base, drawn = load_encoder(str(folders[family])), []
    for seed in (0, 0, 1):
        encoder = load_encoder(str(folders[family]))
        before = torch.random.get_rng_state()
        opened = open_weights(encoder, tiny_method(tune="lora"), seed)
        assert torch.equal(before, torch.random.get_rng_state())
        np.testing.assert_array_equal(encoder.encode_texts(TEXTS), base.encode_texts(TEXTS))
        drawn.append(next(p for name, p in opened.items() if "lora_A" in name))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


@every_family
def test_folded_low_rank_changes_give_the_same_rows_and_a_plain_model(encoder, family):
    base = state(encoder)
    method = tiny_method(tune="lora")
    opened = open_weights(encoder, method, 0)
    rng = torch.Generator().manual_seed(0)
    for parameter in opened.values():
        parameter.data += 0.3 * torch.randn(parameter.shape, generator=rng)
    changed = encoder.encode_texts(TEXTS)
    inside = state(encoder)
    for name, value in base.items():  # until it is folded, what is changed is kept apart
        kept = inside.get(name, inside.get(name.replace("_proj.", "_proj.base_layer.")))
        assert torch.equal(kept, value), name
    close_weights(encoder, method)
    after = state(encoder)
    assert after.keys() == base.keys()
    moved = {name for name in base if not torch.equal(base[name], after[name])}
    assert len(moved) == 2 * 2
    assert all(re.search(r"text_model.*\.[qv]_proj\.weight", name) for name in moved)
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), changed, atol=1e-5)
    assert trainable(encoder) == set()
    assert not [m for m in encoder.model.modules() if "lora" in type(m).__module__]


@every_family
def test_a_layer_of_weight_0_and_what_is_in_no_layer_are_not_opened(
    encoder, family, weights_file
):
    opened = open_weights(encoder, tiny_method(layers=weights_file([0, 0.5])), 0)
    assert opened
    assert all(name.startswith("text_model.encoder.layers.1.") for name in opened)
    assert opened.keys() == trainable(encoder)


@every_family
def test_a_layer_of_half_the_weight_moves_half_as_far_in_the_first_step(
    encoder, family, weights_file
):
    method = tiny_method(layers=weights_file([1, 0.5]), weight_decay=0.0, lr=0.01)
    opened = open_weights(encoder, method, 0)
    before = {name: parameter.detach().clone() for name, parameter in opened.items()}
    optimiser = torch.optim.AdamW(list(groups(opened, [], method, 2)))
    for group in optimiser.param_groups:
        group["lr"] = group["peak"]
    for parameter in opened.values():
        parameter.grad = torch.full_like(parameter, 3.0)
    optimiser.step()
    for name, parameter in opened.items():
        far = 0.01 if ".layers.0." in name else 0.005
        step = (before[name] - parameter.detach()).numpy()
        np.testing.assert_allclose(step, far, rtol=1e-3, atol=1e-6)


@every_family
def test_every_weight_is_in_one_group_and_only_matrices_decay(
    encoder, family, weights_file
):
    for layers in ("", weights_file([1, 0.5])):
        method = tiny_method(layers=layers, weight_decay=0.1, lr=0.01)
        opened = open_weights(encoder, method, 0)
        scale, bias = encoder.model.logit_scale, own_bias(encoder)
        made = list(groups(opened, [scale, bias], method, 2))
        members = [id(p) for group in made for p in group["params"]]
        assert sorted(members) == sorted(map(id, [*opened.values(), scale, bias]))
        for group in made[:-1]:
            wide = {p.ndim > 1 for p in group["params"]}
            assert wide == {group["weight_decay"] == 0.1}
        assert {group["peak"] for group in made[:-1]} == (
            {0.01, 0.005} if layers else {0.01}
        )
        assert made[-1]["peak"] == pytest.approx(SCALE_LR * method.lr)
        assert made[-1]["weight_decay"] == 0.0


def test_siglips_own_bias_is_trained_and_clip_gets_one_that_it_does_not_keep(folders):
    siglip, clip = (load_encoder(str(folders[name])) for name in ("siglip", "clip"))
    assert own_bias(siglip) is siglip.model.logit_bias
    assert own_bias(siglip).requires_grad
    assert own_bias(clip).item() == 0
    assert own_bias(clip).ndim == 0
    assert not {"bias", "logit_bias"} & clip.model.state_dict().keys()


def test_without_a_file_all_layers_are_alike_and_what_is_in_none_is_trained():
    assert layer_weights("", 12) == []
    assert layer_share("text_projection.weight", []) == 1


def test_each_weight_of_a_file_is_of_an_equal_part_of_the_tower(weights_file):
    file = weights_file([1, 0.5])
    assert layer_weights(file, 2) == [1, 0.5]
    assert layer_weights(file, 6) == [1, 1, 1, 0.5, 0.5, 0.5]
    with pytest.raises(InputError, match="2 weights; the text tower has 5 layers, which"):
        layer_weights(file, 5)


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("text_model.encoder.layers.0.mlp.fc1.weight", 0.25),
        ("text_model.encoder.layers.10.self_attn.q_proj.lora_A.default.weight", 0.75),
        ("text_model.embeddings.token_embedding.weight", 0),
        ("text_projection.weight", 0),
        ("vision_model.encoder.layers.0.mlp.fc1.weight", 0),
    ],
)
def test_the_weight_of_a_parameter_is_its_layers(name, share):
    assert layer_share(name, [0.25, *[0.5] * 9, 0.75]) == share


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"layers": [1, 2, 3]}', "3 weights; the text tower has 2 layers"),
        ('{"layers": []}', r"\[\]; allowed: 0 or more, not all 0"),
        ('{"layers": [0, 0]}', "allowed: 0 or more, not all 0"),
        ('{"layers": [1, -1]}', r"\[1.0, -1.0\]; allowed: 0 or more, not all 0"),
        ('{"layers": [1, NaN]}', "allowed: 0 or more, not all 0"),
        ('{"layers": [1, Infinity]}', "allowed: 0 or more, not all 0"),
        ('{"layers": [1, "x"]}', r'not {"layers": \[a number for each layer\]}'),
        ('{"layers": [1, null]}', "a number for each layer"),
        ('{"layers": 2}', "a number for each layer"),
        ('{"weights": [1, 1]}', "a number for each layer"),
        ("[1, 1]", "a number for each layer"),
        ("layers: [1, 1]", "a number for each layer"),
    ],
)
def test_a_file_of_layer_weights_that_is_not_as_it_must_be_is_refused(
    tmp_path, text, message
):
    path = tmp_path / "layers.json"
    path.write_text(text)
    with pytest.raises(InputError, match=f"layers.json: .*{message}") as refused:
        layer_weights(str(path), 2)
    assert "\n" not in str(refused.value)


def test_a_file_of_layer_weights_that_is_missing_is_refused_by_its_path(tmp_path):
    with pytest.raises(InputError, match=r"none.json: no such file of layer weights"):
        layer_weights(str(tmp_path / "none.json"), 2)
