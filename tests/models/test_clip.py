"""CLIP's own rules: the end of text is there, is last, and padding means nothing."""

import numpy as np
import pytest
import torch
from tests.checkpoints import change

from negcxr.errors import InputError
from negcxr.models import encoder, load_encoder
from negcxr.models.rows import unit_rows

pytestmark = pytest.mark.model
LONG = "no pleural effusion " * 40
both = pytest.mark.parametrize("name", ["clip", "legacy_clip"])


@both
def test_the_end_of_text_is_pooled(encoders, name):
    table = encoders[name].token_table("no pleural effusion")
    words = ("no</w>", "pleural</w>", "effusion</w>")
    assert table.strings == ("<|startoftext|>", *words, "<|endoftext|>")
    assert table.special.tolist() == [True, False, False, False, True]
    assert table.pooled == 4


def test_a_word_with_a_higher_id_than_the_end_of_text_is_not_pooled(encoders):
    table = encoders["clip"].token_table("no pleural effusion")
    assert table.ids.argmax() != table.pooled


@both
def test_trimming_padding_changes_nothing(encoders, name):
    own = encoders[name]
    texts = ["edema", "no evidence of pleural effusion"]
    full = own.tokenizer(texts, padding="max_length", max_length=77, return_tensors="pt")
    with torch.inference_mode():
        padded = unit_rows(own.model.get_text_features(**full))
    assert full["input_ids"].shape == (2, 77)
    np.testing.assert_allclose(own.encode_texts(texts), padded, atol=1e-6)


def test_texts_alike_in_length_share_a_batch_padded_to_its_longest(encoders, monkeypatch):
    own, shapes = encoders["clip"], []
    monkeypatch.setattr(encoder, "TEXTS_AT_ONCE", 2)
    tower = own.model.get_text_features

    def look(input_ids):
        shapes.append(tuple(input_ids.shape))
        return tower(input_ids=input_ids)

    monkeypatch.setattr(own.model, "get_text_features", look)
    own.encode_texts(["no pleural effusion", "edema", "no pleural edema", "effusion"])
    assert shapes == [(2, 3), (2, 5)]


@both
def test_a_text_that_is_too_long_is_counted_and_keeps_its_end(encoders, name):
    own = encoders[name]
    table = own.token_table(LONG)
    assert own.truncated([LONG, "edema"]).tolist() == [True, False]
    assert (len(table.ids), table.pooled) == (77, 76)
    assert table.strings[-1] == "<|endoftext|>"


def test_a_text_of_exactly_the_length_is_not_truncated(encoders):
    exact, over = "no " * 75, "no " * 76
    assert encoders["clip"].truncated([exact, over]).tolist() == [False, True]


def test_a_prompt_without_its_end_of_text_is_refused_by_name(build):
    folder = build("clip")
    config = folder / "config.json"
    text = load_encoder(str(folder)).model.config.text_config.to_dict()
    change(config, text_config=text | {"eos_token_id": 0})
    own = load_encoder(str(folder))
    with pytest.raises(InputError, match=r"prompt 'no edema': .* end of text \(id 0\)"):
        own.encode_texts(["no edema"])


def test_a_prompt_that_spells_the_end_of_text_is_refused(encoders):
    with pytest.raises(InputError, match=r"prompt 'no <\|endoftext\|> edema': its last"):
        encoders["clip"].encode_texts(["edema", "no <|endoftext|> edema"])


def test_under_the_legacy_id_a_word_above_the_end_of_text_is_refused(build):
    folder = build("clip")
    text = load_encoder(str(folder)).model.config.text_config.to_dict()
    change(folder / "config.json", text_config=text | {"eos_token_id": 2})
    own = load_encoder(str(folder))
    assert own.encode_texts(["x"]).shape == (1, 8)
    with pytest.raises(InputError, match="prompt 'effusion': its last token is not"):
        own.encode_texts(["effusion"])


def test_case_does_not_matter_and_negation_and_punctuation_reach_the_model(encoders):
    table = encoders["clip"].token_table("No effusion, without edema.")
    words = [piece.removesuffix("</w>") for piece in table.strings[1:-1]]
    assert words == ["no", "effusion", ",", "without", "edema", "."]
