"""Readers of denials held against judged sentences, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from negcxr.chapters import Sampling, readings
from negcxr.chapters.readings import (
    errors_by_cue,
    judge,
    kit_difference,
    kit_numbers,
    kit_table,
    misread,
)
from negcxr.text.denials import OURS, by_cues

SAMPLING = Sampling(n_resamples=50, seed=0)
KIT = pd.DataFrame(
    [
        ("No fever.", "fever", True),
        ("no  fever.", "fever", True),
        ("Fever.", "fever", False),
        ("Pain is absent.", "pain", True),  # by our cues alone
        ("Rule out stroke.", "stroke", False),  # denied by negspacy alone
        ("Nausea resolved.", "vomiting", True),  # stands nowhere
    ],
    columns=["sentence", "concept", "denied"],
)


@pytest.fixture(scope="module")
def judged():
    return judge(KIT, SAMPLING)


def test_sentences_without_the_words_are_left_out_and_counted(judged):
    assert (len(judged.table), judged.left_out) == (5, 1)
    assert kit_numbers(judged)["kit_left_out"].value == 1


def test_each_reader_has_each_measure_with_its_chance(judged):
    table = kit_table(judged).set_index(["reader", "measure"])
    assert table.loc[("our cues", "f1"), "value"] == 1
    assert table.loc[("negspacy", "sensitivity"), "value"] == pytest.approx(2 / 3)
    assert table.loc[("negspacy", "precision"), "value"] == pytest.approx(2 / 3)
    assert table.loc[("negspacy", "accuracy"), "chance"] == pytest.approx(3 / 5)
    assert np.isnan(table.loc[("negspacy", "specificity"), "chance"])


def test_the_difference_is_ours_less_theirs(judged):
    table = kit_difference(judged).set_index("measure")
    assert table.loc["accuracy", "value"] == pytest.approx(2 / 5)
    assert (table["p_holm"] >= table["p"]).all()


def test_errors_stand_under_the_cues_that_misled(judged):
    table = errors_by_cue(judged)
    assert table[table["reader"] == OURS].empty
    rows = table.drop(columns="reader").to_numpy().tolist()
    assert rows == [["none of its cues", 2, 1, 0], ["rule out", 1, 0, 1]]


def test_the_shortest_misread_sentences_can_be_quoted(judged):
    rows = misread(judged, least=1).to_numpy().tolist()
    assert rows == [["negspacy", "Pain is absent.", "pain", "denied"]]
    assert len(misread(judged)) == 2


def test_copies_of_a_sentence_are_drawn_together():
    twice = pd.concat([KIT.iloc[[0, 3]]] * 20)
    draws = judge(twice, SAMPLING).draws["negspacy"][0]
    assert set(np.round(draws, 6)) <= {0, 0.5, 1}


@pytest.mark.parametrize("n", [0, 1])
def test_without_a_kit_or_negspacy_all_is_said_and_nothing_breaks(n, monkeypatch):
    monkeypatch.setattr(readings, "readers", lambda: {OURS: by_cues})
    found = judge(pd.concat([KIT] * n) if n else KIT[:0], SAMPLING)
    numbers = kit_numbers(found)
    assert all(one.value is not None or one.note for one in numbers.values())
    assert "negspacy" in numbers["kit_f1_negspacy"].note or not n
    assert "no judged sentences" in numbers["kit_f1_our_cues"].note or n
    assert kit_difference(found).empty and misread(found).empty
    assert kit_table(found).shape == (5 * n, 7)
    assert list(errors_by_cue(found)) == ["reader", "cue", "n", "missed", "invented"]
