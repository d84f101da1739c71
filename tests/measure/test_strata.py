"""AUROC within strata, on scores that can be counted by eye."""

import numpy as np
import pytest

from negcxr.measure.ranking import auroc
from negcxr.measure.strata import stratified_auroc

ONCE = np.ones((1, 6))
SCORES = np.array([3.0, 2.0, 1.0, 30.0, 20.0, 10.0])
RELEVANT = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0])
STRATA = np.array(list("aaabbb"))


def test_pairs_of_all_strata_count_alike():
    # Of a: 3 above 2 and 1. Of b: 20 above 10, and not above 30. Three of four pairs.
    assert stratified_auroc(SCORES, RELEVANT, STRATA, ONCE) == pytest.approx(3 / 4)


def test_in_one_stratum_it_is_the_auroc():
    one, weights = np.array(["a"] * 6), np.random.default_rng(0).integers(0, 3, (9, 6))
    weights = weights.astype(float)
    found = stratified_auroc(SCORES, RELEVANT, one, weights)
    np.testing.assert_allclose(found, auroc(SCORES, RELEVANT, weights))


def test_what_a_stratum_adds_to_all_its_scores_does_not_matter():
    moved = SCORES + np.where(STRATA == "b", 100.0, -7.0)
    found = [stratified_auroc(s, RELEVANT, STRATA, ONCE) for s in (SCORES, moved)]
    assert found[0] == found[1]


def test_a_weighted_item_is_that_many_items():
    weights = np.array([[2.0, 1.0, 0.0, 1.0, 1.0, 3.0]])
    again = np.repeat(np.arange(6), weights[0].astype(int))
    parts = SCORES[again], RELEVANT[again], STRATA[again], np.ones((1, len(again)))
    found = stratified_auroc(SCORES, RELEVANT, STRATA, weights)
    np.testing.assert_allclose(found, stratified_auroc(*parts))


def test_without_a_pair_there_is_no_number():
    weights = np.array([[1.0, 0, 0, 1.0, 0, 1.0]])
    assert np.isnan(stratified_auroc(SCORES, RELEVANT, STRATA, weights)).all()
