"""Agreement of answers with the truth, on tables that can be counted by eye."""

import numpy as np
import pytest
from sklearn import metrics

from negcxr.measure.agreement import (
    MEASURES,
    agreement,
    agreement_draws,
    chance_of_agreement,
)

ONCE = np.ones((1, 10))
TRUTH = np.array([[1, 1, 1, 1, 0, 0, 0, 0, 0, 0]], dtype=bool)
SAID = np.array([[1, 1, 1, 0, 1, 0, 0, 0, 0, 0]], dtype=bool)


def values(said, truth, weights=ONCE):
    found = agreement(said, truth, weights)[0, :, 0]
    return dict(zip(MEASURES, found, strict=True))


def test_each_measure_is_the_share_that_it_says():
    assert values(SAID, TRUTH) == pytest.approx(
        {
            "accuracy": 8 / 10,
            "sensitivity": 3 / 4,
            "specificity": 5 / 6,
            "precision": 3 / 4,
            "f1": 3 / 4,
        }
    )


def test_it_agrees_with_scikit_learn_on_weighted_items():
    rng = np.random.default_rng(0)
    said, truth = rng.random((2, 1, 50)) < 0.4
    weights = rng.integers(0, 4, (1, 50)).astype(float)
    by = {"sample_weight": weights[0]}
    assert values(said, truth, weights) == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(truth[0], said[0], **by),
            "sensitivity": metrics.recall_score(truth[0], said[0], **by),
            "specificity": metrics.recall_score(~truth[0], ~said[0], **by),
            "precision": metrics.precision_score(truth[0], said[0], **by),
            "f1": metrics.f1_score(truth[0], said[0], **by),
        }
    )


def test_turning_answers_and_truth_around_swaps_sensitivity_and_specificity():
    found, turned = values(SAID, TRUTH), values(~SAID, ~TRUTH)
    assert turned["accuracy"] == found["accuracy"]
    assert turned["sensitivity"] == found["specificity"]


def test_a_share_of_nothing_is_no_number():
    nobody = np.zeros_like(TRUTH)
    found = values(nobody, TRUTH)
    assert np.isnan(found["precision"]) and found["f1"] == 0
    assert np.isnan(values(nobody, nobody)["f1"])


def test_draws_begin_with_the_sample_and_copies_move_together():
    clusters = np.repeat(np.arange(5), 2)
    asked = [np.concatenate([a, a]) for a in (SAID, TRUTH)]
    draws = agreement_draws(*asked, clusters, n_resamples=40, seed=0)
    assert draws.shape == (2, len(MEASURES), 41)
    assert (draws[:, :, 0] == agreement(*asked, ONCE)[:, :, 0]).all()
    np.testing.assert_array_equal(draws[0], draws[1])


@pytest.mark.parametrize("says", [True, False])
def test_no_answer_that_does_not_look_is_better_than_chance(says):
    chance, found = chance_of_agreement(0.4), values(np.full_like(TRUTH, says), TRUTH)
    for name, most in chance.items():
        assert np.isnan(found[name]) or found[name] <= most + 1e-12
    best = values(np.ones_like(TRUTH), TRUTH)
    assert best["f1"] == pytest.approx(chance["f1"])
