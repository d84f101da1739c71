"""Effects: a ratio of means, by hand, and none where the whole way may be nothing."""

import numpy as np
import pytest

from negcxr.measure.effects import (
    chosen_elsewhere,
    crossing_draws,
    effect_draws,
    mean_draws,
)

HOW = {"n_resamples": 50, "seed": 0}
FINDINGS = ["edema", "edema", "fracture", "fracture"]


def test_an_effect_is_the_mean_move_over_the_mean_way():
    moved, whole = np.array([[1.0, 0.0, 0.0, 0.0]]), np.array([1.0, 1.0, 1.0, 5.0])
    assert effect_draws(moved, whole, FINDINGS, **HOW)[0, 0] == pytest.approx(1 / 8)


def test_a_pair_with_a_short_way_does_not_lead():
    moved, whole = np.array([[0.1, 1.0, 1.0, 1.0]]), np.array([1e-3, 2.0, 2.0, 2.0])
    assert effect_draws(moved, whole, FINDINGS, **HOW)[0, 0] == pytest.approx(3.1 / 6.001)


def test_a_pair_without_the_place_counts_on_neither_side():
    moved = np.array([[1.0, np.nan, 1.0, np.nan], [np.nan] * 4])
    draws = effect_draws(moved, np.array([2.0, 100.0, 2.0, 100.0]), FINDINGS, **HOW)
    assert np.allclose(draws[0], 0.5)
    assert np.isnan(draws[1]).all()


def test_pairs_about_one_finding_are_drawn_together():
    values = np.array([[0.0, 2.0, 4.0, 6.0]])
    assert set(mean_draws(values, FINDINGS, **HOW)[0]) == {1.0, 3.0, 5.0}


@pytest.mark.parametrize(
    "whole", [[0.0] * 4, [1e-7] * 4, [1.0, 1.0, -1.0, -1.0], [-1e-7, 0, 1e-7, 0]]
)
def test_without_a_way_that_is_told_apart_from_zero_there_is_no_effect(whole):
    draws = effect_draws(np.ones((2, 4)), np.array(whole), FINDINGS, **HOW)
    assert np.isnan(draws).all()


def test_one_finding_gives_a_value_without_resamples():
    draws = effect_draws(np.ones((1, 2)), np.full(2, 4.0), ["edema"] * 2, **HOW)
    assert draws[0, 0] == 0.25
    assert np.isnan(draws[0, 1:]).all()


def test_a_row_with_pairs_of_one_finding_alone_has_no_resamples_beside_one_of_two():
    values = np.array([[0.3, 0.5, np.nan, np.nan], [0.3, 0.5, 0.7, np.nan]])
    one, two = mean_draws(values, ["a", "a", "b", "b"], **HOW)
    assert one[0] == 0.4
    assert np.isnan(one[1:]).all()
    assert np.isfinite(two).all()
    assert two[0] == pytest.approx(0.5)
    effects = effect_draws(values, np.full(4, 2.0), ["a", "a", "b", "b"], **HOW)
    assert effects[:, 0] == pytest.approx([0.2, 0.25])
    assert np.isnan(effects[0, 1:]).all()


def test_the_sign_of_the_way_does_not_matter():
    rng = np.random.default_rng(0)
    moved, whole = rng.normal(size=(3, 4)), 1 + rng.random(4)
    one, other = (effect_draws(s * moved, s * whole, FINDINGS, **HOW) for s in (1, -1))
    assert np.allclose(one, other)


def test_a_cell_that_is_largest_on_its_own_cluster_alone_has_no_effect_elsewhere():
    moved = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.2] * 4])
    assert chosen_elsewhere(moved, np.ones(4), FINDINGS).tolist() == [0, 0, 0, 0]
    one = np.concatenate([moved, [[0.9, 0.9, 1.1, 1.1]]])
    for sign in (1, -1):  # of the whole way; the effect is the same
        found = chosen_elsewhere(sign * one, sign * np.ones(4), FINDINGS)
        assert found == pytest.approx([sign * 0.9, sign * 0.9, 0.0, 0.0])


def test_noise_has_a_largest_cell_and_none_elsewhere():
    rng, own, elsewhere = np.random.default_rng(0), [], []
    clusters = [str(number) for number in range(8)]
    for _ in range(200):
        moved = rng.normal(size=(24, 8))
        own.append(moved.mean(axis=1).max())
        elsewhere.append(chosen_elsewhere(moved, np.ones(8), clusters).mean())
    assert np.mean(own) > 0.5
    assert abs(np.mean(elsewhere)) < 0.1


def test_one_cluster_alone_has_none_to_choose_by():
    assert np.isnan(chosen_elsewhere(np.ones((2, 3)), np.ones(3), ["edema"] * 3)).all()


def test_an_effect_crosses_where_the_straight_lines_meet():
    leaving = np.array([[1.0, 1.0, 1.0], [0.75, 0.0, 1.0], [0.0, 0.0, 1.0]])
    reaching = np.array([[0.0, 0.0, 0.0], [0.25, 1.0, 0.5], [1.0, 1.0, 0.5]])
    found = crossing_draws(leaving, reaching)
    assert found[:2] == pytest.approx([4 / 3, 0.5])
    assert np.isnan(found[2])


def test_an_effect_that_is_not_known_crosses_nowhere():
    assert np.isnan(crossing_draws(np.full((3, 2), np.nan), np.ones((3, 2)))).all()
