"""A sentence encoder taken apart: transformers' own rows, and folders that are refused."""

import re

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from tests.checkpoints import change
from tests.sentence_folder import PIECES, POSITIONS, SPECIAL, bert
from torch.nn.functional import normalize
from transformers import BertModel

from negcxr.data.fetch import fetched, is_there
from negcxr.errors import InputError
from negcxr.models.sentence import load_sentence_tower
from negcxr.models.tower import SPECIAL as SPECIAL_ROLE
from negcxr.models.tower import WORD
from negcxr.probe.hooks import head_outputs, head_slice, heads_changed

pytestmark = pytest.mark.model
TEXTS = ["no evidence of pneumonia, left or right", "Edema", "no pleural effusion."]
CLS, SEP = SPECIAL.index("[CLS]"), SPECIAL.index("[SEP]")


@pytest.fixture(scope="module")
def tower(tmp_path_factory):
    return load_sentence_tower(bert(tmp_path_factory.mktemp("sentence") / "tiny"))


@pytest.fixture
def folder(tmp_path):
    return bert(tmp_path / "tiny")


def plain_rows(model, ids):
    """transformers' own forward, one text at a time, and the mean of its last states."""
    states = [model(input_ids=torch.tensor([row])).last_hidden_state[0] for row in ids]
    return normalize(torch.stack([state.mean(dim=0) for state in states]), dim=-1)


def ids_of(pieces):
    return [CLS, *(len(SPECIAL) + PIECES.index(p) for p in pieces.split()), SEP]


def test_rows_are_those_of_transformers_with_the_mean_over_tokens(tower, folder):
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    ids = ["edema", "no pleural effusion .", "pneumo ##thorax , no heart"]
    texts = ["edema", "no pleural effusion.", "pneumothorax, no heart"]
    with torch.no_grad():
        expected = plain_rows(model, [ids_of(pieces) for pieces in ids]).numpy()
    np.testing.assert_allclose(tower.encode_texts(texts), expected, atol=1e-6)
    assert abs(expected @ expected.T)[0, 1] < 0.99  # else any row would do


def test_rows_of_half_precision_are_of_unit_length_and_nearly_the_same(tower, folder):
    half = load_sentence_tower(folder, dtype="bfloat16")
    assert half.model.dtype == torch.bfloat16
    rows = half.encode_texts(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert (rows * tower.encode_texts(TEXTS)).sum(axis=1).min() > 0.99


def test_states_before_a_layer_can_be_run_on_from_there(tower):
    tokens = tower.tokens(TEXTS)
    with torch.no_grad():
        for first, state in enumerate(tower.states(tokens)):
            rows = tower.end(tower.run(state, tokens, first), tokens)
            torch.testing.assert_close(rows, tower.rows(tokens), atol=1e-6, rtol=0)


def test_padding_moves_no_row(tower):
    alone = torch.cat([tower.rows(tower.tokens([text])) for text in TEXTS])
    tokens = tower.tokens(TEXTS)
    torch.testing.assert_close(tower.rows(tokens), alone, atol=1e-6, rtol=0)
    wide = torch.nn.functional.pad(tokens.ids, (0, 5), value=3)  # even if it is no padding
    torch.testing.assert_close(
        tower.rows(tokens._replace(ids=wide)), alone, atol=1e-6, rtol=0
    )


def test_a_text_is_lower_case_pieces_between_start_and_end(tower):
    table = tower.token_table("No Pneumothorax, XXXX.")
    strings = ("[CLS]", "no", "pneumo", "##thorax", ",", "[UNK]", ".", "[SEP]")
    assert table.strings == strings
    assert table.special.tolist() == [True, *[False] * 6, True]
    assert table.pooled == -1


def test_no_token_is_read_and_every_piece_is_a_word(tower):
    tokens = tower.tokens(TEXTS)
    assert tokens.read.tolist() == [-1, -1, -1]
    roles = tower.roles(tokens)
    assert set(roles.unique().tolist()) == {SPECIAL_ROLE, WORD}
    assert (roles == WORD).sum(dim=1).tolist() == [8, 1, 4]


def test_a_word_that_is_blanked_stays_a_word(tower):
    tokens = tower.tokens(["no edema"])
    tokens.ids[0, 1] = tower.blank
    assert tower.roles(tokens)[0].tolist() == [SPECIAL_ROLE, WORD, WORD, SPECIAL_ROLE]
    assert tower.tokenizer.convert_ids_to_tokens(tower.blank) == "[MASK]"


def test_a_long_text_is_cut_before_its_end(tower):
    (ids,) = tower.tokens(["edema " * 100]).ids.tolist()
    assert len(ids) == tower.text_length == POSITIONS
    assert (ids[0], ids[-1]) == (CLS, SEP)


def test_a_folder_may_say_that_less_is_read(folder):
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 5}')
    tokens = load_sentence_tower(folder).tokens(["no " * 9, "edema"])
    assert tokens.lengths.tolist() == [5, 3]


def test_heads_and_sizes_are_the_configs(tower):
    assert [(layer.n_heads, layer.head_dim) for layer in tower.layers] == [(4, 4)] * 2
    assert (tower.width, tower.embedding.num_embeddings) == (16, len(SPECIAL + PIECES))


def test_every_weight_is_of_a_layer_or_beside_the_layers(tower):
    reached = [layer.module for layer in tower.layers] + tower.outer
    assert {w for one in reached for w in one.parameters()} == {*tower.model.parameters()}


def test_heads_put_aside_in_variants_are_as_put_aside_one_by_one(tower):
    tokens, layer = tower.tokens(TEXTS), tower.layers[0]
    with torch.no_grad():
        before = tower.begin(tokens)
        outputs = head_outputs(tower, 0, before, tokens)
        variants = outputs.expand(layer.n_heads, *outputs.shape).clone()
        for head in range(layer.n_heads):
            variants[head, ..., head_slice(layer, head)] = 0
        with heads_changed(layer, lambda _: variants):
            states = tower.step(0, before, tokens)
        rows = tower.end(
            tower.run(states.flatten(0, 1), tokens.repeated(layer.n_heads), 1),
            tokens.repeated(layer.n_heads),
        )
        for head, found in enumerate(rows.unflatten(0, (layer.n_heads, -1))):
            with heads_changed(layer, lambda _, own=head: variants[own]):
                alone = tower.rows(tokens)
            torch.testing.assert_close(found, alone, atol=1e-6, rtol=0)
            assert (found - tower.rows(tokens)).abs().max() > 0.01


def test_rows_of_variants_in_front_are_rows_of_each(tower):
    tokens = tower.tokens(TEXTS)
    with torch.no_grad():
        states = tower.run(tower.begin(tokens), tokens)
        both = tower.end(torch.stack([states, -states]), tokens)
        torch.testing.assert_close(both[0], tower.end(states, tokens))
        torch.testing.assert_close(both[1], tower.end(-states, tokens))


def test_a_layer_that_would_work_in_chunks_takes_variants_as_well(tower, folder):
    change(folder / "config.json", chunk_size_feed_forward=2)
    chunked = load_sentence_tower(folder)
    tokens = chunked.tokens(TEXTS)  # three texts, which are no whole number of chunks
    with torch.no_grad():
        before = chunked.begin(tokens)
        with heads_changed(
            chunked.layers[0], lambda outputs: outputs.expand(1, -1, -1, -1)
        ):
            (states,) = chunked.step(0, before, tokens)
        torch.testing.assert_close(states, tower.step(0, before, tokens))


def test_a_head_put_to_zero_is_its_columns_of_the_output_put_to_zero(tower, folder):
    head = head_slice(tower.layers[1], 2)
    with (
        torch.no_grad(),
        heads_changed(tower.layers[1], lambda o: o.index_fill(-1, torch.arange(8, 12), 0)),
    ):
        rows = tower.rows(tower.tokens(TEXTS)).numpy()
    weights = load_file(folder / "model.safetensors")
    weights["encoder.layer.1.attention.output.dense.weight"][:, head] = 0
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    expected = load_sentence_tower(folder).encode_texts(TEXTS)
    np.testing.assert_allclose(rows, expected, atol=1e-6)
    assert abs(rows - tower.encode_texts(TEXTS)).max() > 0.01


@pytest.mark.parametrize("value", ["BertTokenizer", "BertTokenizerFast", None])
def test_a_tokenizers_class_may_be_named_or_not(folder, value):
    (folder / "tokenizer_config.json").write_text("{}")
    change(folder / "tokenizer_config.json", tokenizer_class=value, do_lower_case=False)
    assert load_sentence_tower(folder).token_table("No edema").strings[1] == "no"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"model_type": "mpnet"}, "model_type 'mpnet'; allowed: bert"),
        ({"position_embedding_type": "relative_key"}, "allowed: 'absolute' and False"),
        ({"is_decoder": True}, "is_decoder True; allowed"),
        ({"quantization_config": {"bits": 4}}, "weights are quantised"),
    ],
)
def test_what_a_config_says_and_we_do_not_compute_is_refused(folder, values, line):
    change(folder / "config.json", **values)
    with pytest.raises(InputError, match=f"config.json: .*{line}"):
        load_sentence_tower(folder)


@pytest.mark.parametrize("mode", ["pooling_mode_cls_token", "pooling_mode_max_tokens"])
def test_another_pooling_is_refused(folder, mode):
    (folder / "1_Pooling").mkdir()
    path = folder / "1_Pooling" / "config.json"
    path.write_text(f'{{"{mode}": true, "pooling_mode_mean_tokens": false}}')
    with pytest.raises(InputError, match=f"{mode}; allowed: pooling_mode_mean_tokens"):
        load_sentence_tower(folder)
    change(path, **{mode: False}, pooling_mode_mean_tokens=True)
    load_sentence_tower(folder)


def test_a_layer_behind_the_mean_is_refused(folder):
    (folder / "2_Dense").mkdir()
    with pytest.raises(InputError, match="2_Dense behind the mean"):
        load_sentence_tower(folder)


def test_weights_that_are_missing_or_pickled_are_refused(folder):
    weights = load_file(folder / "model.safetensors")
    weights.pop("encoder.layer.1.output.dense.weight")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match="1 weights are missing"):
        load_sentence_tower(folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"pytorch_model\.bin, a pickle"):
        load_sentence_tower(folder)


def test_a_tokenizer_is_needed_and_must_put_its_marks_around_a_text(folder):
    path = folder / "tokenizer.json"
    change(path, post_processor=None)
    with pytest.raises(InputError, match=re.escape("empty text as []")):
        load_sentence_tower(folder)
    path.unlink()
    with pytest.raises(InputError, match="no tokenizer; allowed: tokenizer.json"):
        load_sentence_tower(folder)


def test_a_class_of_tokenizer_that_is_not_allowed_is_named(folder):
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "CLIPTokenizer"}')
    with pytest.raises(InputError, match="'CLIPTokenizer'; allowed: BertTokenizer"):
        load_sentence_tower(folder)


def test_loading_prints_nothing(folder, capfd):
    load_sentence_tower(folder)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not is_there("minilm"), reason="negcxr data fetch minilm was not run")
def test_minilm_hears_the_finding_and_hardly_the_denial():
    tower = load_sentence_tower(fetched("minilm"))
    findings = ("pneumonia", "pleural effusion", "edema", "pneumothorax", "nodule", "mass")
    affirmed = tower.encode_texts([f"there is {finding}" for finding in findings])
    denied = tower.encode_texts([f"there is no {finding}" for finding in findings])
    cosines = affirmed @ denied.T
    assert ((np.diag(cosines) > 0.7) & (np.diag(cosines) < 0.95)).all()
    assert cosines[~np.eye(len(findings), dtype=bool)].mean() < 0.5
