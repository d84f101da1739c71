"""Two readers of denials, called alike, on invented sentences and on judged ones."""

import sys

import numpy as np
import pandas as pd
import pytest
from tests.text.test_cues import NEGEX

from negcxr.errors import InputError
from negcxr.text import denials
from negcxr.text.denials import (
    READERS,
    by_cues,
    by_negspacy,
    denies_finding,
    negspacy_cues,
    readers,
)

BOTH = pytest.mark.parametrize("reader", READERS.values(), ids=list(READERS))


@BOTH
@pytest.mark.parametrize(
    ("sentence", "concept", "denied"),
    [
        pytest.param("No pleural effusion.", "pleural effusion", True, id="no"),
        pytest.param("Pleural effusion.", "pleural effusion", False, id="affirmed"),
        pytest.param("No edema or effusion.", "effusion", True, id="end of a list"),
        pytest.param("No edema, but a mass.", "mass", False, id="after a turn"),
        pytest.param("A mass without effusion", "mass", False, id="before a cue"),
        pytest.param("Lungs free of edema", "edema", True, id="free of"),
        pytest.param("NO  LUNG   MASS", "lung mass", True, id="any case and space"),
        pytest.param("No amassed fluid but mass", "mass", False, id="whole words"),
    ],
)
def test_what_both_readers_read_alike(reader, sentence, concept, denied):
    assert reader(sentence, concept) is denied


@BOTH
def test_what_is_denied_once_and_affirmed_once_is_not_denied(reader):
    sentence = "No left effusion, although a right effusion is there"
    assert not reader(sentence, "effusion")
    assert reader("No left effusion, no right effusion", "effusion")


@BOTH
def test_words_that_do_not_stand_there_are_refused(reader):
    with pytest.raises(InputError, match="'mass' does not stand in the sentence 'edema'"):
        reader("edema", "mass")


def test_where_the_two_differ():
    assert by_cues("Effusion is absent", "effusion")
    assert not by_negspacy("Effusion is absent", "effusion")
    assert by_negspacy("Rule out effusion", "effusion")
    assert not by_cues("Rule out effusion", "effusion")


@BOTH
def test_a_finding_is_denied_under_every_name_or_not_at_all(reader):
    assert denies_finding("No mass, no lung mass.", "Mass", reader)
    assert not denies_finding("No mass, but a lung mass.", "Mass", reader)
    with pytest.raises(InputError, match="no name of 'Mass'"):
        denies_finding("No edema.", "Mass", reader)


def test_negspacy_names_the_longest_of_its_terms():
    sentence = "No evidence of edema, and effusion was ruled out"
    assert negspacy_cues(sentence) == ("no evidence of", "was ruled out")
    assert negspacy_cues("No interval change of the mass") == ()


def test_without_negspacy_our_reader_stands_alone(monkeypatch):
    monkeypatch.setattr(denials, "has_negspacy", lambda: False)
    assert list(readers()) == ["our cues"]


def test_without_negspacy_it_is_said_how_to_get_it(monkeypatch):
    denials._pipeline.cache_clear()
    monkeypatch.setitem(sys.modules, "negspacy.termsets", None)
    with pytest.raises(InputError, match="pip install 'negspacy"):
        by_negspacy("No edema", "edema")


@pytest.mark.text
@pytest.mark.skipif(not NEGEX.exists(), reason=f"no {NEGEX.name} beside the real films")
@pytest.mark.parametrize(("reader", "least"), [("our cues", 0.95), ("negspacy", 0.92)])
def test_on_the_negex_test_kit_most_denials_are_read(reader, least):
    kit = pd.read_csv(NEGEX, keep_default_na=False)
    asked = [
        (sentence, concept, judged == "Negated")
        for sentence, concept, judged in zip(
            kit["sentence"], kit["concept"], kit["negation"], strict=True
        )
        if denials.places(sentence, concept)
    ]
    said = np.array([READERS[reader](sentence, concept) for sentence, concept, _ in asked])
    truth = np.array([judged for *_, judged in asked])
    assert len(asked) == 1180  # of 1188; the rest do not stand whole in their sentence
    both = (said & truth).sum()
    assert 2 * both / (said.sum() + truth.sum()) > least  # F1
