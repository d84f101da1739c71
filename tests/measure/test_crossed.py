"""Findings and wordings drawn again, each by itself, on a grid that can be counted."""

import numpy as np
import pytest

from negcxr.measure.crossed import balanced_draws, crossed_weights, factor, share_draws

FINDING = np.repeat(["edema", "fracture", "pneumonia"], 4)
WORDING = np.tile(["a", "b", "c", "d"], 3)
KIND = np.where(np.isin(WORDING, ["a", "b"]), "affirmed", "denied")


def drawn(*factors, n=40, seed=0):
    return crossed_weights(*factors, n_resamples=n, seed=seed)


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


def test_balanced_accuracy_counts_both_labels_alike():
    labels = np.array([True, False, False, False])
    once = np.ones((1, 4))
    assert balanced_draws(once, np.array([1.0, 0, 0, 0]), labels) == 1 / 2
    assert balanced_draws(once, np.array([1.0, 1, 1, 0]), labels) == pytest.approx(5 / 6)
    assert np.isnan(balanced_draws(once, np.ones(4), np.ones(4, dtype=bool)))
