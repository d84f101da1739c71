"""Multiple choice over a gallery: who hears chooses rightly, who is constant guesses."""

import numpy as np
import pytest

from negcxr.chapters import Sampling, asked_items, choice_table, confusion_table
from negcxr.chapters.choices import Asked, accuracies
from negcxr.errors import InputError
from negcxr.text.choices import binary_items, four_way_items
from negcxr.text.vocabulary import load_words

SAMPLING = Sampling(30, 0)


def items(gallery, make, n=120):
    findings = gallery.dataset.findings
    return make(gallery.relevance, findings, load_words(findings), n=n, seed=0)


@pytest.fixture(scope="module")
def four(hearing):
    return items(hearing, four_way_items)


@pytest.fixture(scope="module")
def two(hearing):
    return items(hearing, binary_items)


def by_type(table):
    return dict(zip(table["type"], table["value"], strict=True))


def test_options_are_scored_for_the_image_of_their_item(hearing, four):
    asked = asked_items(hearing, four)
    for item, scores, types in zip(four, asked.scores, asked.types, strict=True):
        texts = [option.text for option in item.options]
        np.testing.assert_allclose(scores, hearing.cosines(texts)[:, item.row])
        assert types.tolist() == [option.type for option in item.options]


def test_answers_and_patients_are_those_of_the_items(hearing, four):
    asked = asked_items(hearing, four)
    assert asked.answers.tolist() == [item.answer for item in four]
    assert asked.patients.tolist() == [f"image-{item.row}" for item in four]


@pytest.mark.parametrize("name", ["encoder", "parsing rule"])
def test_who_hears_chooses_the_true_statement(hearing, two, name):
    table = choice_table(asked_items(hearing, two, name), SAMPLING)
    made = table[table["n"] > 0]
    assert set(by_type(made).values()) == {1.0}
    assert set(made["chance"]) == {0.5}


def test_who_hears_never_takes_a_denial_for_its_finding(hearing, two):
    table = confusion_table(asked_items(hearing, two))
    assert (table["share"] == (table["answer"] == table["chosen"])).all()


def test_who_is_deaf_guesses_between_a_finding_and_its_denial(deaf, two):
    table = choice_table(asked_items(deaf, two), SAMPLING)
    assert set(by_type(table[table["n"] > 0]).values()) == {0.5}


def test_a_perfect_scorer_gets_all_and_a_constant_one_a_quarter(hearing, four):
    asked = asked_items(hearing, four)
    perfect = np.eye(4)[asked.answers]
    right = choice_table(asked._replace(scores=perfect), SAMPLING)
    even = choice_table(asked._replace(scores=0 * perfect), SAMPLING)
    assert by_type(right) == dict.fromkeys(("all", "affirmed", "denied", "hybrid"), 1.0)
    assert by_type(even) == dict.fromkeys(("all", "affirmed", "denied", "hybrid"), 0.25)
    assert set(even["chance"]) == {0.25}


def test_the_rule_hears_for_the_deaf(make_gallery, two):
    sighted_but_deaf = make_gallery(hears=False)
    table = choice_table(asked_items(sighted_but_deaf, two, "parsing rule"), SAMPLING)
    assert by_type(table)["all"] == 1


def test_accuracies_are_named_by_type(hearing, four):
    table = choice_table(asked_items(hearing, four), SAMPLING)
    found = accuracies(table, "rule_")
    assert set(found) == {
        f"rule_{type_}_accuracy" for type_ in ("all", "affirmed", "denied", "hybrid")
    }
    row = table.set_index("type").loc["hybrid"]
    estimate = found["rule_hybrid_accuracy"]
    assert (estimate.value, estimate.n, estimate.chance) == (row["value"], row["n"], 0.25)


def test_too_few_items_give_no_accuracy_but_a_reason(hearing, four):
    few = choice_table(asked_items(hearing, four[:5]), SAMPLING)
    found = accuracies(few)["all_accuracy"]
    assert (found.value, found.n) == (None, 5)
    assert found.note == "not evaluable: 5 items, fewer than 10"


@pytest.mark.parametrize("name", ["encoder", "parsing rule"])
def test_where_no_item_can_be_made_every_type_says_so(hearing, name):
    asked = asked_items(hearing, [], name)
    found = accuracies(choice_table(asked, SAMPLING))
    assert list(found) == [
        f"{kind}_accuracy" for kind in ("all", "affirmed", "denied", "hybrid")
    ]
    for estimate in found.values():
        assert (estimate.value, estimate.n) == (None, 0)
        assert estimate.note == "not evaluable: the labels make no such item"
    assert confusion_table(asked).empty


def test_a_scorer_that_reads_no_text_is_refused(hearing, four):
    with pytest.raises(InputError, match="'oracle' cannot read .* encoder, parsing rule"):
        asked_items(hearing, four, "oracle")


def test_confusions_share_out_what_was_chosen():
    types = np.array([["affirmed", "denied"]] * 4)
    scores = np.array([[1, 0], [1, 0], [0, 1], [1, 1]]) * 1.0
    asked = Asked(scores, np.array([0, 1, 1, 1]), types, np.array(list("abcd")))
    table = confusion_table(asked).set_index(["answer", "chosen"])["share"]
    assert table["affirmed", "affirmed"] == 1
    # Of three denials one was taken for an affirmation, one was not, and one was tied.
    assert table["denied", "affirmed"] == pytest.approx(1 / 2)
    assert table["denied", "denied"] == pytest.approx(1 / 2)
