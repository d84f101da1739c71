"""What invented reports name, deny and are labelled by, counted by hand."""

import numpy as np
import pytest
from tests.chapters import real

from negcxr.chapters import Sampling
from negcxr.chapters.denial_counts import (
    agreeing,
    count_numbers,
    cue_sets,
    cue_table,
    denied_table,
    disagreements,
)
from negcxr.chapters.gold_reports import (
    by_finding,
    gain_table,
    gold_numbers,
    gold_table,
    grade,
)
from negcxr.chapters.mentioned import MENTION, label_matrix, mention_table
from negcxr.text.denials import NEGSPACY, OURS

SAMPLING = Sampling(n_resamples=50, seed=0)
FINDINGS = ("Pleural Effusion", "Cardiomegaly", "Edema", "Pneumothorax")


@pytest.fixture(scope="module")
def mentions():
    return mention_table(real.sentences(), FINDINGS)


@pytest.fixture(scope="module")
def graded(mentions):
    return grade(mentions, real.reports(), real.gold(), SAMPLING)


def test_a_mention_is_a_finding_in_a_sentence_with_every_reading(mentions):
    known = mentions.set_index(["report", "finding"])[[OURS, NEGSPACY]].astype(int)
    assert len(known) == 8
    assert known.loc[("r1", "Pleural Effusion")].tolist() == [1, 1]
    assert known.loc[("r2", "Pleural Effusion")].tolist() == [0, 0]
    assert known.loc[("r3", "Edema")].tolist() == [1, 0]  # "clear of" is ours alone


@pytest.mark.parametrize(
    ("reading", "labels"),
    [(MENTION, [1, 1, 0, 1]), (OURS, [0, 1, 0, 0]), (NEGSPACY, [0, 1, 0, 0])],
)
def test_a_report_has_what_it_names_and_does_not_deny(mentions, reading, labels):
    found = label_matrix(mentions, list("r1 r2 r3 r4".split()), FINDINGS, reading)
    assert found[:, 0].astype(int).tolist() == labels


def test_gold_labels_go_by_our_names_and_none_is_without_a_report():
    labels = by_finding(real.gold())
    assert list(labels) == ["Pleural Effusion", "Cardiomegaly", "Edema", "Hernia"]
    assert list(by_finding(real.gold().iloc[:4])) == ["Pleural Effusion", "Cardiomegaly"]


def test_reports_are_held_against_labels_where_they_have_both(graded):
    assert graded.findings == ("Pleural Effusion", "Cardiomegaly")
    assert graded.truth.shape == (4, 2)
    table = gold_table(graded).set_index(["finding", "reading"])
    assert table.loc[("Pleural Effusion", MENTION), "precision"] == pytest.approx(1 / 3)
    assert table.loc[("Pleural Effusion", OURS), "precision"] == 1
    assert table.loc[("Cardiomegaly", OURS), "sensitivity"] == 1 / 2
    assert table.loc[("Cardiomegaly", OURS), "not_named"] == 1 / 2
    assert table.loc[("Cardiomegaly", OURS), "prevalence"] == 1 / 2


def test_what_reading_denials_adds_is_a_difference_of_mean_f1(graded):
    numbers = gold_numbers(graded)
    assert numbers["gold_f1_mention_alone"].value == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert numbers["gold_f1_our_cues"].value == pytest.approx((1 + 2 / 3) / 2)
    assert numbers["gold_gain_our_cues"].value == pytest.approx(1 / 4)
    assert numbers["gold_not_named"].value == 1 / 3
    gains = gain_table(graded)
    assert gains["value"].tolist() == pytest.approx([1 / 4, 1 / 4, 0])


def test_sentences_and_reports_that_deny_are_counted():
    sentences = real.sentences()
    cues = cue_sets(sentences)
    numbers = count_numbers(real.reports(), sentences, cues, SAMPLING)
    assert numbers["sentences_deny_our_cues"].value == 5 / 8
    assert numbers["reports_deny_our_cues"].value == 1
    assert numbers["sentences_deny_negspacy"].value == 4 / 8
    assert numbers["reports_deny_negspacy"].value == 3 / 4
    assert (numbers["reports"].value, numbers["words"].value) == (5, 7.5)


def test_cues_are_counted_once_a_sentence():
    table = cue_table(cue_sets(real.sentences()))
    ours = table[table["reader"] == OURS].set_index("cue")
    assert ours["n"].to_dict() == {"no": 3, "clear of": 1, "ruled out": 1}
    assert ours.loc["no", "share"] == 3 / 5


def test_a_cue_that_a_sentence_repeats_counts_once():
    twice = real.sentences()[:1].assign(sentence="No effusion, no mass.")
    assert cue_table(cue_sets(twice))["n"].tolist() == [1, 1]


def test_what_is_denied_is_counted_by_finding(mentions):
    table = denied_table(mentions, SAMPLING, OURS).set_index("finding")
    assert table["denied"].to_dict() == {
        "Pneumothorax": 2,
        "Edema": 2,
        "Pleural Effusion": 2,
        "Cardiomegaly": 0,
    }
    assert table.loc["Pleural Effusion", "value"] == pytest.approx(2 / 3)
    assert table.loc["Pleural Effusion", "high"] == 1


def test_where_readers_disagree_the_cue_is_named(mentions):
    assert disagreements(mentions).to_numpy().tolist() == [[OURS, "clear of", 1]]
    assert agreeing(mentions).value == pytest.approx(7 / 8)


def test_without_reports_or_labels_all_is_said_and_nothing_breaks(mentions):
    none, sentences = real.reports()[:0], real.sentences()[:0]
    numbers = count_numbers(none, sentences, cue_sets(sentences), SAMPLING)
    for gold in (real.gold(), real.gold()[:0]):
        graded = grade(mentions[:0], none, gold, SAMPLING)
        numbers |= gold_numbers(graded)
        assert gold_table(graded).empty and gain_table(graded).empty
    assert all(one.value is not None or one.note for one in numbers.values())
    assert "no reports" in numbers["words"].note
    assert "no reports" in agreeing(mentions[:0]).note
    assert mention_table(sentences, FINDINGS).empty
    assert denied_table(mentions[:0], SAMPLING, OURS).empty
    assert disagreements(mentions[:0]).empty


def test_without_negspacy_our_reader_goes_on(monkeypatch):
    from negcxr.text import denials

    monkeypatch.setattr(denials, "has_negspacy", lambda: False)
    mentions, sentences = mention_table(real.sentences(), FINDINGS), real.sentences()
    assert list(mentions) == ["report", "sentence", "finding", OURS]
    numbers = count_numbers(real.reports(), sentences, cue_sets(sentences), SAMPLING)
    graded = grade(mentions, real.reports(), real.gold(), SAMPLING)
    numbers |= gold_numbers(graded) | {"agreeing": agreeing(mentions)}
    silent = [name for name, one in numbers.items() if one.value is None]
    assert all("negspacy is not installed" in numbers[name].note for name in silent)
    assert len(silent) == 5
    assert np.isfinite(gold_table(graded)["f1"]).all()
    assert disagreements(mentions).empty
