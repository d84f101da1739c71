"""Draws over texts that go together: whole units are drawn, and pairs of one are none."""

import numpy as np
import pytest

from negcxr.measure.clusters import (
    balanced,
    influence_draws,
    mean_draws,
    mean_row_draws,
    pair_draws,
)
from negcxr.measure.resampling import resample_weights

HOW = {"n_resamples": 50, "seed": 0}
UNITS = np.array(["a", "a", "b", "c"])


def weights() -> np.ndarray:
    return np.concatenate(list(resample_weights(UNITS, **HOW)))


def test_every_label_counts_the_same():
    found = balanced(np.array(["denied", "affirmed", "denied", "denied"]))
    assert found == pytest.approx([1 / 6, 1 / 2, 1 / 6, 1 / 6])


def test_a_mean_is_that_of_texts_repeated_as_often_as_their_unit_was_drawn():
    values = np.array([1.0, 2.0, 4.0, np.nan])
    counts = np.array([1.0, 3.0, 1.0, 9.0])
    draws = mean_draws(values, counts, UNITS, **HOW)
    assert draws[0] == pytest.approx((1 + 6 + 4) / 5)
    for draw, drawn in zip(draws[1:], weights(), strict=True):
        rows = np.repeat(np.arange(3), drawn[:3].astype(int))
        if rows.size:
            assert draw == pytest.approx(np.average(values[rows], weights=counts[rows]))
        else:
            assert np.isnan(draw)


def test_a_mean_of_nothing_is_not_a_number():
    assert np.isnan(mean_draws(np.full(4, np.nan), np.ones(4), UNITS, **HOW)).all()


def test_one_unit_has_a_value_and_no_interval():
    draws = mean_draws(np.arange(3.0), np.ones(3), np.array(["a"] * 3), **HOW)
    assert draws[0] == 1
    assert np.isnan(draws[1:]).all()
    assert len(draws) == 51


def test_units_without_a_value_that_counts_are_no_witnesses():
    units = np.array(["a", "a", "b", "b"])
    for values, counts in (
        ([0.3, 0.5, np.nan, np.nan], np.ones(4)),
        ([0.3, 0.5, 0.7, 0.9], np.array([1.0, 1.0, 0.0, 0.0])),
    ):
        draws = mean_draws(np.array(values), counts, units, **HOW)
        assert draws[0] == 0.4
        assert np.isnan(draws[1:]).all()
        assert len(draws) == 51


def test_pairs_are_of_different_units_even_where_one_was_drawn_twice():
    values = np.array([[9.0, 1, 2], [3, 9, np.nan], [5, 6, 9]])
    names = np.array(["a", "b", "c"])
    draws = pair_draws(values, names, **HOW)
    assert draws[0] == pytest.approx((1 + 2 + 3 + 5 + 6) / 5)
    drawn = np.concatenate(list(resample_weights(names, **HOW)))
    for draw, often in zip(draws[1:], drawn, strict=True):
        picked = np.repeat(np.arange(3), often.astype(int))
        pairs = [values[i, j] for i in picked for j in picked if i != j]
        expected = np.nanmean(pairs) if np.isfinite(pairs).any() else np.nan
        assert draw == pytest.approx(expected, nan_ok=True)


def test_influences_of_a_mean_are_its_own_draws():
    values, units = np.array([1.0, 5.0, 3.0, 11.0]), np.array(["a", "b", "c", "d"])
    by_influence = influence_draws(lambda kept: float(values[kept].mean()), units, **HOW)
    assert by_influence == pytest.approx(mean_draws(values, np.ones(4), units, **HOW))


def test_influences_lie_around_a_rank_that_repeats_would_lower():
    units = np.arange(8)
    counted = influence_draws(lambda kept: float(kept.sum()), units, **HOW)
    assert counted == pytest.approx(np.full(51, 8.0))


def test_a_mean_row_is_drawn_as_the_mean_of_each_of_its_places():
    rows = np.random.default_rng(0).normal(size=(4, 2))
    found = mean_row_draws(rows, UNITS, **HOW)
    for place in range(2):
        alone = mean_draws(rows[:, place].copy(), np.ones(4), UNITS, **HOW)
        assert found[place] == pytest.approx(alone)


def test_a_mean_row_of_one_unit_has_no_draws():
    found = mean_row_draws(np.eye(2), np.array(["a", "a"]), **HOW)
    assert found[:, 0] == pytest.approx([0.5, 0.5])
    assert np.isnan(found[:, 1:]).all()
