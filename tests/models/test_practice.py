"""The checkpoint to practise on: the same everywhere, and read like any other."""

import numpy as np
import pytest

from negcxr.models import load_encoder
from negcxr.models.check import check
from negcxr.models.practice import make_practice

SENTENCES = ["no pleural effusion", "without edema", "there is edema", "effusion is absent"]


@pytest.fixture(scope="module")
def practice(tmp_path_factory):
    return make_practice(tmp_path_factory.mktemp("made") / "practice", SENTENCES, seed=0)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_makes_the_same_files(practice, tmp_path):
    assert content(make_practice(tmp_path / "again", SENTENCES, seed=0)) == content(
        practice
    )


def test_another_seed_changes_the_weights_and_nothing_else(practice, tmp_path):
    one, other = content(practice), content(make_practice(tmp_path, SENTENCES, seed=1))
    assert {name for name in one if one[name] != other[name]} == {"model.safetensors"}


def test_what_is_there_already_keeps_its_time(tmp_path):
    folder = make_practice(tmp_path, SENTENCES, seed=0)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    make_practice(tmp_path, SENTENCES, seed=0)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.model
def test_it_is_a_siglip_that_computes_as_its_weights_say(practice):
    found = check(str(practice))
    assert found.checkpoint.family == "siglip"
    assert found.faults == []
    assert found.numbers.by_hand < 1e-5


@pytest.mark.model
def test_its_vocabulary_has_the_cues_that_its_sentences_have(practice):
    assert check(str(practice)).hearing.cues == {"no": ("▁no",), "without": ("▁without",)}


@pytest.mark.model
def test_it_tells_its_texts_apart(practice):
    rows = load_encoder(str(practice)).encode_texts(["no edema", "edema"])
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1])
    assert rows[0] @ rows[1] < 0.9999
