"""A BERT beside an image tower: which token is read, what padding does, what is refused."""

import json
import shutil

import numpy as np
import pytest
import torch
from tests.checkpoints import bert_dual, bert_mean, change

from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.rows import unit_rows

pytestmark = pytest.mark.model
TEXTS = ["edema", "no evidence of pleural effusion", "No Pneumonia."]
both = pytest.mark.parametrize("name", ["bert_dual", "bert_mean"])


def test_the_first_token_is_read(encoders):
    table = encoders["bert_dual"].token_table("no pleural effusion")
    assert table.strings == ("[CLS]", "no", "pleural", "effusion", "[SEP]")
    assert table.special.tolist() == [True, False, False, False, True]
    assert table.pooled == 0


def test_no_single_token_is_read_under_the_mean(encoders):
    assert encoders["bert_mean"].token_table("no pleural effusion").pooled == -1


def test_rows_are_those_of_transformers_own_call_with_the_folders_own_tokenizer(encoders):
    own = encoders["bert_dual"]
    batch = own.tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        expected = unit_rows(own.model.get_text_features(**batch))
    np.testing.assert_allclose(own.encode_texts(TEXTS), expected, atol=1e-6)


def test_the_mean_counts_no_padding(encoders):
    own = encoders["bert_mean"]
    alone = np.concatenate([own.encode_texts([text]) for text in TEXTS])
    np.testing.assert_allclose(own.encode_texts(TEXTS), alone, atol=1e-6)


@both
def test_a_long_text_keeps_its_end_token_and_is_said_to_be_cut(encoders, name):
    long = "no pleural effusion " * 40
    (ids,) = encoders[name].token_rows([long])
    assert len(ids) == 64
    assert ids[-1] == encoders[name].tokenizer.sep_token_id
    assert encoders[name].truncated([long, "edema"]).tolist() == [True, False]


@both
def test_a_text_that_spells_out_padding_is_refused(encoders, name):
    with pytest.raises(InputError, match=r"'no \[PAD\] edema': holds \[PAD\]"):
        encoders[name].token_rows(["no [PAD] edema"])


def test_what_a_folder_says_of_pooling_moves_its_fingerprint(tmp_path):
    plain = bert_mean(tmp_path / "plain")
    other = shutil.copytree(plain, tmp_path / "other")
    shutil.rmtree(other / "1_Pooling")
    mean, pooler = load_encoder(str(plain)), load_encoder(str(other))
    assert mean.checkpoint.fingerprint != pooler.checkpoint.fingerprint
    assert np.abs(mean.encode_texts(TEXTS) - pooler.encode_texts(TEXTS)).max() > 0.1


def test_pooling_by_another_way_is_refused(tmp_path):
    folder = bert_mean(tmp_path / "any")
    change(folder / "1_Pooling" / "config.json", pooling_mode_cls_token=True)
    with pytest.raises(InputError, match="allowed: pooling_mode_mean_tokens alone"):
        load_encoder(str(folder))


@pytest.mark.parametrize(
    ("tower", "kind", "allowed"),
    [
        ("text_config", "roberta", "bert"),
        ("vision_config", "swin", "clip_vision_model, vit"),
    ],
)
def test_a_tower_of_another_kind_is_refused_before_it_is_built(
    tmp_path, tower, kind, allowed
):
    folder = bert_dual(tmp_path / "any")
    config = json.loads((folder / "config.json").read_text())
    change(folder / "config.json", **{tower: config[tower] | {"model_type": kind}})
    message = f"{tower} has model_type '{kind}'; allowed: {allowed}"
    with pytest.raises(InputError, match=message):
        load_encoder(str(folder))


def test_a_bert_that_is_a_decoder_is_refused(tmp_path):
    folder = bert_dual(tmp_path / "any")
    text = json.loads((folder / "config.json").read_text())["text_config"]
    change(folder / "config.json", text_config=text | {"is_decoder": True})
    with pytest.raises(InputError, match="is_decoder True"):
        load_encoder(str(folder))
