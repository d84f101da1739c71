"""The tokenizer: words of reports whole, all others spelled, and no cue lost."""

import numpy as np
import pytest
import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from negcxr.data.phantoms import truths
from negcxr.data.reports import Bias, words
from negcxr.data.truth import FINDINGS, World
from negcxr.finetune.corpus import write_reports
from negcxr.finetune.tokenizer import train_tokenizer

pytestmark = pytest.mark.model

END = "<|endoftext|>"
SPOKEN = Bias(deny=0.6, hedge=0.1, equivalent=0.2, scope=0.3)


@pytest.fixture(scope="module")
def reports():
    known = truths(0, "train", range(300), World())
    return [report.text for report in write_reports(known, SPOKEN)]


@pytest.fixture(scope="module")
def tokenizer(reports):
    return train_tokenizer(reports, vocab_size=700, text_length=77)


def pieces(tokenizer, text):
    ids = tokenizer(text)["input_ids"]
    return tokenizer.convert_ids_to_tokens(ids)[1:-1]


def test_reports_come_back_from_their_ids(tokenizer, reports):
    for text in reports:
        ids = tokenizer(text)["input_ids"]
        back = tokenizer.decode(ids, skip_special_tokens=True)
        assert back.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("finding", FINDINGS)
def test_each_word_of_a_finding_is_one_token(tokenizer, finding):
    phrase = words()["findings"][finding]["phrase"]
    assert pieces(tokenizer, phrase) == [f"{word}</w>" for word in phrase.split()]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("no edema", ["no</w>", "edema</w>"]),
        ("without edema", ["without</w>", "edema</w>"]),
        (
            "no edema, or effusion",
            ["no</w>", "edema</w>", ",</w>", "or</w>", "effusion</w>"],
        ),
        ("NO Edema", ["no</w>", "edema</w>"]),
        ("not seen.", ["not</w>", "seen</w>", ".</w>"]),
    ],
)
def test_cues_and_commas_reach_the_ids(tokenizer, text, tokens):
    assert pieces(tokenizer, text) == tokens


def test_a_denial_has_other_ids_than_its_affirmation(tokenizer):
    ids = [tokenizer(t)["input_ids"] for t in ("edema", "no edema", "without edema")]
    assert len({tuple(one) for one in ids}) == 3


@pytest.mark.parametrize("word", ["zyxwvut", "q", "x-ray", "t2", "(50%)", "a_b~c"])
def test_a_word_that_it_never_saw_is_spelled(tokenizer, word):
    spelled = pieces(tokenizer, word)
    assert END not in spelled
    assert "".join(spelled).replace("</w>", "") == word


def test_every_printable_sign_has_an_id_of_its_own(tokenizer):
    signs = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    ids = [tokenizer(sign)["input_ids"] for sign in signs]
    assert all(len(one) == 3 for one in ids)
    assert len({one[1] for one in ids}) == len(signs)
    assert tokenizer.eos_token_id not in {one[1] for one in ids}


def test_a_text_stands_between_its_marks(tokenizer):
    ids = tokenizer("no edema")["input_ids"]
    assert (ids[0], ids[-1]) == (tokenizer.bos_token_id, tokenizer.eos_token_id)
    assert ids.count(tokenizer.eos_token_id) == 1


def test_a_long_text_is_cut_before_its_end_mark(tokenizer):
    ids = tokenizer("no edema " * 60, truncation=True)["input_ids"]
    assert (len(ids), ids[-1]) == (77, tokenizer.eos_token_id)


def test_it_has_no_more_tokens_than_asked_for(reports):
    small = train_tokenizer(reports, vocab_size=200, text_length=77)
    assert len(small) == 200
    assert pieces(small, "pneumothorax") != ["pneumothorax</w>"]


def test_the_same_reports_give_the_same_tokens(tokenizer, reports):
    again = train_tokenizer(reports, vocab_size=700, text_length=77)
    assert again.get_vocab() == tokenizer.get_vocab()
    assert [again(t)["input_ids"] for t in reports] == [
        tokenizer(t)["input_ids"] for t in reports
    ]


def test_saved_and_loaded_it_gives_the_same_ids(tokenizer, reports, tmp_path):
    tokenizer.save_pretrained(tmp_path)
    loaded = CLIPTokenizer.from_pretrained(tmp_path)
    for text in [*reports[:50], "zyxwvut", "NO Edema"]:
        assert loaded(text)["input_ids"] == tokenizer(text)["input_ids"]
    assert loaded.model_max_length == 77


def test_clip_reads_a_text_at_its_end_mark(tokenizer):
    tower = {"hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 1}
    ends = {f"{name}_token_id": tokenizer.eos_token_id for name in ("eos", "pad")}
    config = CLIPTextConfig(**tower, **ends, num_hidden_layers=1, vocab_size=len(tokenizer))
    model = CLIPTextModel(config).eval()
    ids = tokenizer(["no edema", "no"], padding=True, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        read = model(input_ids=ids)
    for row, length in enumerate((4, 3)):
        np.testing.assert_array_equal(
            read.pooler_output[row], read.last_hidden_state[row, length - 1]
        )
