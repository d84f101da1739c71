"""Findings and wordings drawn again, each by itself, on a grid that can be counted."""

import numpy as np
import pytest

from negcxr.measure.crossed import (
    Drawn,
    crossed_weights,
    factor,
    ordering_draws,
    share_draws,
)
from negcxr.measure.ranking import auroc

FINDING = np.repeat(["edema", "fracture", "pneumonia"], 4)
WORDING = np.tile(["a", "b", "c", "d"], 3)
KIND = np.where(np.isin(WORDING, ["a", "b"]), "affirmed", "denied")


def drawn(*factors, n=40, seed=0):
    return crossed_weights(*factors, n_resamples=n, seed=seed).weights


def test_a_text_counts_as_its_finding_times_as_its_wording():
    found = drawn(factor(FINDING), factor(WORDING)).reshape(41, 3, 4)
    assert (found[0] == 1).all()
    assert found.sum(axis=(1, 2)).tolist() == [12] * 41
    for table in found:
        findings, wordings = table.sum(axis=1) / 4, table.sum(axis=0) / 3
        assert table.tolist() == np.outer(findings, wordings).tolist()
    assert found.std(axis=0).min() > 0


def test_within_strata_each_is_drawn_to_its_own_number():
    found = drawn(factor(FINDING), factor(WORDING, KIND))
    for kind in ("affirmed", "denied"):
        assert found[:, KIND == kind].sum(axis=1).tolist() == [6] * 41


def test_the_same_factors_give_the_same_draws_and_another_seed_others():
    first, again, other = (drawn(factor(FINDING), seed=seed) for seed in (0, 0, 1))
    assert first.tolist() == again.tolist() != other.tolist()


def test_what_is_single_stays_and_without_anything_to_draw_there_is_no_interval():
    one = np.repeat("edema", 12)
    found = drawn(factor(one), factor(WORDING))
    assert found.sum(axis=1).tolist() == [12] * 41
    assert np.isnan(drawn(factor(one))[1:]).all()
    assert (drawn(factor(one))[0] == 1).all()


def test_a_share_leaves_out_texts_without_a_value():
    weights = np.array([[1.0, 1, 1], [2, 0, 1], [0, 0, 3]])
    found = share_draws(weights, np.array([1, 0, np.nan]))
    assert found[:2].tolist() == [1 / 2, 1]
    assert np.isnan(found[2])


def ordered(drawn_, scores, labels, within=None):
    within = np.zeros(len(scores), int) if within is None else within
    return ordering_draws(drawn_, np.array(scores), np.array(labels), within)


def once(n):
    return Drawn(np.ones((1, n)), np.ones((1, n)))


def test_pairs_of_a_group_are_compared_and_no_others():
    labels, within = [True, False, True, False], np.array([0, 0, 1, 1])
    assert ordered(once(4), [2.0, 1, 9, 8], labels, within) == 1
    assert ordered(once(4), [2.0, 1, 9, 8], labels) == 3 / 4
    assert ordered(once(4), [2.0, 1, 8, 8], labels, within) == 3 / 4  # a tie counts half
    assert ordered(once(4), [2.0, 1, np.nan, 8], labels, within) == 1
    assert np.isnan(ordered(once(2), [1.0, 2], [True, True]))


def test_a_group_may_have_a_zero_of_its_own():
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=12), KIND == "affirmed"
    within = np.repeat([0, 1, 2], 4)
    moved = scores + np.repeat([0.0, 100.0, -7.0], 4)
    assert ordered(once(12), scores, labels, within) == ordered(
        once(12), moved, labels, within
    )
    assert ordered(once(12), -scores, labels, within) == pytest.approx(
        1 - ordered(once(12), scores, labels, within)
    )


def test_each_resample_is_the_mean_of_its_findings_by_a_plain_loop():
    scores = np.round(np.random.default_rng(1).normal(size=12), 1)
    labels, within = KIND == "affirmed", np.repeat([0, 1, 2], 4)
    found = crossed_weights(factor(FINDING), factor(WORDING, KIND), n_resamples=30, seed=0)
    expected = []
    for weights, first in zip(found.weights, found.first, strict=True):
        won = total = 0.0
        for finding in range(3):
            here = within == finding
            times = first[here][0]
            if times:
                wording = weights[here] / times
                pairs = wording[labels[here]].sum() * wording[~labels[here]].sum()
                each = auroc(scores[here], labels[here].astype(float), wording[None])[0]
                won, total = won + times * pairs * each, total + times * pairs
        expected.append(won / total)
    assert ordered(found, scores, labels, within) == pytest.approx(expected)
