"""Which tokens belong to which word, told from a text that grows."""

import pytest
import torch
from tests.checkpoints import clip

from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.dual_tower import DualTower
from negcxr.models.tower import Tokens
from negcxr.probe.places import (
    OUTSIDE,
    token_labels,
    token_parts,
    token_words,
    word_places,
)

pytestmark = pytest.mark.model
TEXTS = ["no effusion", "chest x-ray without pleural effusion", "evidence, of edema."]


def test_each_token_between_the_ends_has_a_word_and_words_come_in_order(deaf):
    for text in TEXTS:
        words = token_words(deaf, text)
        inside = [word for word in words if word != OUTSIDE]
        special = deaf.token_table(text).special.tolist()
        assert [word == OUTSIDE for word in words] == special
        assert inside == sorted(inside)
        assert set(inside) == set(range(len(text.split())))


def test_a_word_of_one_token_has_one_and_a_word_in_pieces_has_them_all(deaf):
    words = [w for w in token_words(deaf, "no zebra effusion") if w != OUTSIDE]
    assert words.count(0) == words.count(2) == 1
    assert words.count(1) == len(words) - 2 > 1


def test_parts_of_tokens_are_those_of_their_words(deaf):
    parts = token_parts(deaf, "chest effusion is absent", ["effusion"])
    shown = [part for part in parts if part != "special"]
    assert list(dict.fromkeys(shown)) == ["rest", "finding", "cue"]
    assert shown.count("finding") == 1


def test_a_text_without_words_is_special_throughout(deaf):
    assert set(token_parts(deaf, "", ["effusion"])) == {"special"}


def test_a_cut_text_has_no_token_for_the_words_that_are_lost(deaf):
    text = " ".join(["no effusion"] * 100)
    words = token_words(deaf, text)
    assert len(words) == int(deaf.tokens([text]).lengths[0])
    assert 10 < max(words) < 199


def test_labels_name_the_ends_and_show_the_letters_of_words(deaf, family):
    labels = token_labels(deaf, "no effusion")
    start = ["⟨start⟩"] if family == "clip" else []
    assert labels[: len(start) + 3] == [*start, "no", "effusion", "⟨end⟩"]
    assert set(labels[len(start) + 3 :]) <= {"padding"}


def test_word_places_of_a_batch_leave_out_its_padding(deaf):
    tokens = deaf.tokens(["no effusion", "no evidence of effusion"])
    assert word_places(deaf, tokens).sum(dim=1).tolist() == [2, 4]


class Joining(DualTower):
    """A tower whose tokenizer reads the first token of the text by its length."""

    def tokens(self, texts):
        tokens = super().tokens(texts)
        ids = torch.where(tokens.ids == 5, tokens.lengths[:, None], tokens.ids)
        return Tokens(ids, tokens.lengths, tokens.read)


def test_a_tokenizer_that_joins_words_is_refused_by_text_and_word(tmp_path):
    tower = Joining(load_encoder(str(clip(tmp_path / "clip"))))
    letter = tower.encoder.tokenizer.convert_ids_to_tokens(5)
    text = f"{letter}{letter} edema"
    with pytest.raises(InputError, match=f"'{text}': the tokens of word 1, '{letter}"):
        token_words(tower, text)
