"""Probes on features by hand: a direction, wordings known again, and findings turned."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from negcxr.errors import InputError
from negcxr.measure.crossed import Drawn, ordering_draws
from negcxr.probe.linear import Probing, credit, held_out_scores, probe
from negcxr.probe.splits import asked_in, control_labels, folds, parts

N_FINDINGS, N_WORDINGS = 6, 8
FINDING = np.repeat(np.arange(N_FINDINGS), N_WORDINGS)
WORDING = np.tile(np.arange(N_WORDINGS), N_FINDINGS)
AFFIRMED = WORDING < N_WORDINGS // 2
SIGN = np.where(AFFIRMED, 1.0, -1.0)[:, None]
ONE_HOT, IS_FINDING = np.eye(N_WORDINGS)[WORDING], np.eye(N_FINDINGS)[FINDING]
BY_FINDING = folds(FINDING, np.zeros(len(FINDING), int), 3)
BY_CUE = folds(WORDING, AFFIRMED, 4)
EVERY = np.ones(len(FINDING), dtype=bool)
FINDING_OUT, CUE_OUT = (parts(dealt, fit=EVERY) for dealt in (BY_FINDING, BY_CUE))
BOTH_OUT = parts(BY_FINDING, BY_CUE, fit=EVERY)
LOTS = control_labels(AFFIRMED, WORDING, BY_CUE, n=24, seed=0)


def auroc(features, labels, held_out, penalty=1.0):
    """Within findings and parts, as the chapter has it."""
    scores = held_out_scores(features, labels, held_out, penalty)
    within = FINDING * len(FINDING) + asked_in(held_out, len(FINDING))
    once = np.ones((1, len(FINDING)))
    return ordering_draws(Drawn(once, once), scores, labels, within)[0]


def control(features, held_out):
    return np.mean([auroc(features, lot, held_out) for lot in LOTS])


@pytest.mark.parametrize("held_out", [FINDING_OUT, CUE_OUT, BOTH_OUT])
def test_a_planted_direction_is_read_whatever_is_held_out(held_out):
    assert auroc(SIGN * [0.0, 2.0, 0.0] + [1.0, 0.0, 3.0], AFFIRMED, held_out) == 1


def test_wordings_known_again_are_read_and_so_is_any_lot():
    assert auroc(ONE_HOT, AFFIRMED, FINDING_OUT) == 1
    assert control(ONE_HOT, FINDING_OUT) == 1


def test_with_cues_held_out_knowing_wordings_again_is_no_use():
    assert auroc(ONE_HOT, AFFIRMED, CUE_OUT) == pytest.approx(0.5, abs=0.01)
    assert control(ONE_HOT, CUE_OUT) == pytest.approx(0.5, abs=0.01)


def test_a_direction_and_wordings_are_told_apart_by_the_control_alone_or_by_new_cues():
    both = np.hstack([ONE_HOT, SIGN])
    assert auroc(both, AFFIRMED, FINDING_OUT) == 1
    assert auroc(both, AFFIRMED, CUE_OUT) == 1
    assert control(both, CUE_OUT) == pytest.approx(0.5, abs=0.12)


def test_findings_that_each_turn_their_own_way_are_read_only_where_they_are_known():
    turned = IS_FINDING * SIGN
    assert auroc(turned, AFFIRMED, CUE_OUT) == 1
    assert auroc(turned, AFFIRMED, FINDING_OUT) == pytest.approx(0.5, abs=0.01)


def test_shuffled_polarity_is_at_chance():
    features = np.hstack([SIGN, ONE_HOT, IS_FINDING])
    rng = np.random.default_rng(0)
    found = [auroc(features, rng.permutation(AFFIRMED), FINDING_OUT) for _ in range(30)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.05)


def test_swapped_labels_are_read_as_well():
    features = np.random.default_rng(0).normal(size=(len(FINDING), 5)) + SIGN / 2
    scores = [held_out_scores(features, y, CUE_OUT, 1.0) for y in (AFFIRMED, ~AFFIRMED)]
    assert scores[0] == pytest.approx(-scores[1], abs=1e-3)
    assert auroc(features, AFFIRMED, CUE_OUT) == auroc(features, ~AFFIRMED, CUE_OUT)


@pytest.mark.parametrize("noise", [0, 1e-7])
def test_what_varies_by_rounding_alone_leaves_everything_undecided(noise):
    features = np.hstack([1 + noise * SIGN, IS_FINDING])
    assert auroc(features, AFFIRMED, CUE_OUT) == 0.5


def test_scores_are_those_of_a_plain_loop():
    features = np.random.default_rng(1).normal(size=(len(FINDING), 4)) * [1, 2, 3, 4]
    few, expected = WORDING < 2, np.empty(len(FINDING))
    for held in range(3):
        fit = BY_FINDING != held
        mean, spread = features[fit].mean(axis=0), features[fit].std(axis=0)
        line = LogisticRegression(C=0.1, class_weight="balanced")
        line.fit((features[fit] - mean) / spread, few[fit])
        asked = (features[~fit] - mean) / spread
        expected[~fit] = asked @ line.coef_[0] + line.intercept_[0]
    found = held_out_scores(features, few, FINDING_OUT, 10.0)
    assert found == pytest.approx(expected, abs=1e-3)
    assert found.tolist() == held_out_scores(features, few, FINDING_OUT, 10.0).tolist()


def test_texts_that_no_part_asks_or_that_lack_a_label_have_no_score():
    assert np.isnan(held_out_scores(ONE_HOT, AFFIRMED, [], 1.0)).all()
    one_label = np.ones(len(FINDING), dtype=bool)
    assert np.isnan(held_out_scores(ONE_HOT, one_label, CUE_OUT, 1.0)).all()


def test_credit_is_one_half_for_undecided():
    scores = np.array([2.0, -1.0, 0.0, np.nan])
    labels = np.array([True, True, True, True])
    assert credit(scores, labels)[:3].tolist() == [1, 0, 0.5]
    assert credit(scores, ~labels)[:3].tolist() == [0, 1, 0.5]
    assert np.isnan(credit(scores, labels)[3])


def test_a_penalty_of_nothing_is_refused():
    with pytest.raises(InputError, match="penalty is 0.0, allowed"):
        probe(0.0)
    assert Probing().penalty > 0
