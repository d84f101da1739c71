"""SigLIP's own rules: full padding, no mask, the last place, lower case."""

import numpy as np
import pytest
import torch
from tests.checkpoints import change

from negcxr.models import load_encoder
from negcxr.models.rows import unit_rows

pytestmark = pytest.mark.model
both = pytest.mark.parametrize("name", ["siglip", "siglip2"])


@both
def test_rows_are_padded_on_the_right_to_the_full_length(encoders, name):
    table = encoders[name].token_table("no effusion")
    first_pad = int(np.flatnonzero(table.special)[0])
    assert (len(table.ids), table.pooled) == (64, 63)
    assert not table.special[:first_pad].any()
    assert table.special[first_pad:].all()


def test_siglip_pads_by_its_end_of_text_and_siglip2_by_its_own_token(encoders):
    assert encoders["siglip"].token_table("no edema").strings[-2:] == ("</s>", "</s>")
    pieces = encoders["siglip2"].token_table("no edema").strings
    assert pieces[pieces.index("<eos>") + 1] == pieces[-1] == "<pad>"


@both
def test_the_tower_gets_full_rows_and_no_mask(encoders, name, monkeypatch):
    own, calls = encoders[name], []
    tower = own.model.get_text_features

    def look(**inputs):
        calls.append({key: tuple(value.shape) for key, value in inputs.items()})
        return tower(**inputs)

    monkeypatch.setattr(own.model, "get_text_features", look)
    own.encode_texts(["edema", "no edema"])
    assert calls == [{"input_ids": (2, 64)}]


@both
def test_trimming_the_padding_would_move_the_row(encoders, name):
    own = encoders[name]
    ids = own.token_table("no effusion").ids
    short = torch.tensor(ids[None, :20])
    with torch.inference_mode():
        trimmed = unit_rows(own.model.get_text_features(input_ids=short))
    assert np.abs(trimmed - own.encode_texts(["no effusion"])).max() > 1e-2


@both
def test_case_does_not_matter(encoders, name):
    upper = encoders[name].token_table("No Pleural EFFUSION").strings
    assert upper == encoders[name].token_table("no pleural effusion").strings


def test_a_cased_checkpoint_keeps_its_case(build):
    folder = build("siglip2")
    change(folder / "tokenizer_config.json", do_lower_case=None)
    assert load_encoder(str(folder)).token_table("No").strings[:2] == ("N", "o")


def test_padding_is_on_the_right_where_the_checkpoint_does_not_say(build):
    folder = build("siglip2")
    change(folder / "tokenizer_config.json", padding_side=None)
    assert load_encoder(str(folder)).token_table("no").strings[:2] == ("no", "<eos>")


@both
def test_a_text_that_is_too_long_is_counted_and_cut(encoders, name):
    own, long = encoders[name], "no pleural effusion " * 40
    assert own.truncated([long, "edema"]).tolist() == [True, False]
    assert len(own.token_table(long).ids) == 64


def test_the_first_siglip_cannot_see_a_comma_and_siglip2_can(encoders):
    with_comma, without = "no effusion, edema", "no effusion edema"
    alike = {
        name: np.array_equal(
            encoders[name].token_table(with_comma).ids,
            encoders[name].token_table(without).ids,
        )
        for name in ("siglip", "siglip2")
    }
    assert alike == {"siglip": True, "siglip2": False}
