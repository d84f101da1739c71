"""Multiple choice: credit, chance and confusions, on items small enough to count."""

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.measure.choice import (
    accuracy,
    accuracy_draws,
    choice_accuracy,
    choice_chance,
    choice_credit,
    choice_shares,
    confusions,
)
from negcxr.measure.resampling import resample_weights

NAN = float("nan")
SCORES = np.array(
    [
        [0.9, 0.1, 0.2, 0.3],  # answered rightly
        [0.9, 0.1, 0.2, 0.3],  # answered wrongly
        [0.9, 0.9, 0.2, 0.3],  # the true option shares the first place
        [0.1, 0.9, 0.9, 0.9],  # three share it, the true one does not
    ]
)
ANSWERS = np.array([0, 3, 1, 0])
TYPES = np.array(
    [
        ["affirmed", "denied", "denied", "hybrid"],
        ["affirmed", "denied", "denied", "hybrid"],
        ["affirmed", "denied", "denied", "hybrid"],
        ["affirmed", "denied", "denied", "hybrid"],
    ]
)


def test_credit_is_one_for_the_best_option_and_shared_in_a_tie():
    assert choice_credit(SCORES, ANSWERS) == pytest.approx([1, 0, 1 / 2, 0])


def test_options_the_encoder_does_not_tell_apart_earn_what_guessing_earns():
    deaf = np.ones((5, 4))
    assert choice_credit(deaf, np.array([0, 1, 2, 3, 0])) == pytest.approx(1 / 4)


@pytest.mark.parametrize("scale", [1, 100], ids=["cosines", "cosines times 100"])
def test_the_last_bits_of_float32_do_not_break_a_tie(scale):
    noise = np.float32(scale) * np.array([[1, 1 - 2e-7, 0.5]], dtype=np.float32)
    assert choice_shares(noise) == pytest.approx(np.array([[1 / 2, 1 / 2, 0]]))


def test_options_apart_by_more_than_rounding_are_not_tied():
    assert choice_shares(np.array([[0.3, 0.30001]])) == pytest.approx(
        np.array([[0.0, 1.0]])
    )


def test_shuffling_the_options_changes_no_credit():
    order = np.array([2, 0, 3, 1])
    places = np.argsort(order)[ANSWERS]
    assert choice_credit(SCORES[:, order], places) == pytest.approx(
        choice_credit(SCORES, ANSWERS)
    )


def test_chance_is_the_mean_of_one_over_the_number_of_options():
    scores = np.array([[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, NAN, NAN]])
    assert choice_chance(scores) == (1 / 4 + 1 / 2) / 2


def test_an_option_that_is_missing_is_not_chosen():
    assert choice_shares(np.array([[-5.0, -5.0, NAN]])) == pytest.approx(
        np.array([[1 / 2, 1 / 2, 0]])
    )


@pytest.mark.parametrize("answer", [-1, 2, 3])
def test_an_answer_that_is_no_option_is_refused_by_item(answer):
    scores = np.array([[0.1, 0.2, NAN], [0.1, 0.2, NAN]])
    with pytest.raises(InputError, match=f"answers item 1 is {answer}, which is no opt"):
        choice_credit(scores, np.array([0, answer]))


def test_an_item_without_options_is_refused_by_place():
    with pytest.raises(InputError, match="scores item 1 has no option"):
        choice_shares(np.array([[0.1, 0.2], [NAN, NAN]]))


@pytest.mark.parametrize("seed", range(10))
def test_fast_and_plain_agree(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(3, size=(30, 4)) * 1.0
    answers = rng.integers(4, size=30)
    weights = rng.integers(3, size=(6, 30)) * 1.0
    credit = choice_credit(scores, answers)
    expected = [_plain_accuracy(scores, answers, row) for row in weights]
    assert accuracy(credit, weights) == pytest.approx(expected)


def _plain_accuracy(scores, answers, weights):
    earned, items = 0, 0
    for options, answer, weight in zip(scores, answers, weights, strict=True):
        best = [place for place, score in enumerate(options) if score == max(options)]
        earned += weight / len(best) if answer in best else 0
        items += weight
    return earned / items


def test_an_item_left_out_does_not_count():
    assert accuracy(np.array([1.0, 0.0, NAN]), np.array([[3.0, 1.0, 9.0]])) == [3 / 4]


def test_a_resample_without_items_is_nan():
    assert np.isnan(accuracy(np.array([1.0, NAN]), np.array([[0.0, 1.0]])))


def test_groups_of_items_see_the_same_patients():
    credit = np.array([[1.0, 0.0, 1.0, 0.0], [1.0, 0.0, NAN, NAN]])
    patients = np.array(["ann", "ann", "bob", "cid"])
    draws = accuracy_draws(credit, patients, n_resamples=40, seed=0)
    ann, _, bob, cid = np.concatenate(list(resample_weights(patients, 40, 0))).T
    assert draws[:, 0] == pytest.approx([1 / 2, 1 / 2])
    assert draws[0, 1:] == pytest.approx((ann + bob) / (2 * ann + bob + cid))
    assert draws[1, 1:] == pytest.approx(np.where(ann > 0, 1 / 2, NAN), nan_ok=True)


def _many(n=40):
    """``n`` items: three affirmed and right, then one denied and wrong, and so on."""
    scores = np.tile([0.9, 0.1], (n, 1))
    answers = (np.arange(n) % 4 == 3) * 1
    types = np.tile(["affirmed", "denied"], (n, 1))
    return scores, answers, types, np.arange(n)


def test_accuracy_is_reported_by_the_type_of_the_true_option():
    table = choice_accuracy(*_many(), n_resamples=50, seed=0).set_index("type")
    assert list(table.index) == ["all", "affirmed", "denied"]
    assert list(table["value"]) == pytest.approx([3 / 4, 1, 0])
    assert list(table["n"]) == [40, 30, 10]
    assert list(table["chance"]) == [1 / 2] * 3
    low, high = table.loc["all", ["low", "high"]]
    assert low < 3 / 4 < high


def test_a_type_with_too_few_items_is_reported_without_a_value():
    table = choice_accuracy(*_many(36), n_resamples=5, seed=0).set_index("type")
    assert table.loc["denied", "note"] == "not evaluable: 9 items, fewer than 10"
    assert np.isnan(table.loc["denied", "value"])
    assert table.loc["affirmed", "note"] == ""


def test_confusions_say_which_type_was_chosen_where_which_was_true():
    table = confusions(SCORES, ANSWERS, TYPES).set_index(["answer", "chosen"])
    assert dict(table["share"]) == pytest.approx(
        {
            ("affirmed", "affirmed"): 1 / 2,  # items 0 and 3
            ("affirmed", "denied"): (2 / 3) / 2,
            ("affirmed", "hybrid"): (1 / 3) / 2,
            ("denied", "affirmed"): 1 / 2,  # item 2
            ("denied", "denied"): 1 / 2,
            ("denied", "hybrid"): 0,
            ("hybrid", "affirmed"): 1,  # item 1
            ("hybrid", "denied"): 0,
            ("hybrid", "hybrid"): 0,
        }
    )
    assert list(table["n"]) == [2] * 3 + [1] * 3 + [1] * 3


def test_a_wrong_option_of_the_right_type_is_no_credit_but_no_confusion_of_type():
    scores, types = np.array([[0.1, 0.9]]), np.array([["denied", "denied"]])
    (row,) = confusions(scores, np.array([0]), types).to_dict("records")
    assert row == {"answer": "denied", "chosen": "denied", "share": 1, "n": 1}
    assert choice_credit(scores, np.array([0])) == [0]
