"""Bins of a ranking: what is lost in them is as little as is promised."""

import numpy as np
import pytest

from negcxr.measure.asked import spread
from negcxr.measure.binned import Content, binned_measures, bins_of, largest_error
from negcxr.measure.ranking import METRICS

ALLOWED = 1e-4


def world(n, prevalence, *, seed=0):
    rng = np.random.default_rng(seed)
    judged = (rng.random(n) < prevalence).astype(np.int8)
    scores = (judged + rng.normal(size=n)).astype(np.float32)
    judged[rng.random(n) < 0.1] = -1
    return scores, judged


def content(bins, judged, weights):
    """What lies in each bin, counted image by image."""
    sides = np.zeros((2, len(weights), len(bins.single)))
    for image in np.flatnonzero(bins.of >= 0):
        sides[int(judged[image] == 0), :, bins.of[image]] += weights[:, image]
    return Content(*sides, bins.single)


def exact(scores, judged, weights):
    usual = scores.astype(float), spread(judged), weights
    return {name: METRICS[name](*usual) for name in ("auroc", "average_precision")}


def drawn(n, rows, *, seed=1):
    return np.random.default_rng(seed).poisson(1, size=(rows, n)).astype(float)


def test_a_bin_is_never_above_a_better_one():
    scores, judged = world(2_000, 0.5)
    of = bins_of(scores, judged, shares=20, ranks=20).of
    order = np.argsort(-scores[of >= 0])
    assert np.all(np.diff(of[of >= 0][order]) >= 0)


def test_images_of_one_score_are_never_parted():
    scores, judged = np.repeat(np.float32([3, 2, 1]), 40), np.tile(np.int8([1, 0]), 60)
    bins = bins_of(scores, judged, shares=1, ranks=1000)
    assert [np.unique(bins.of[scores == score]).size for score in (3, 2, 1)] == [1, 1, 1]


def test_images_that_are_not_judged_are_in_no_bin():
    scores, judged = world(100, 0.5)
    np.testing.assert_array_equal(bins_of(scores, judged).of == -1, judged == -1)


def test_nobody_judged_is_no_bin():
    bins = bins_of(np.zeros(3, np.float32), np.full(3, -1, np.int8))
    assert (bins.of.tolist(), bins.single.size) == ([-1, -1, -1], 0)


def test_few_relevant_images_lose_nothing():
    scores, judged = world(3_000, 0.02)
    weights = drawn(3_000, 5)
    bins = bins_of(scores, judged)
    assert len(bins.single) < 150  # of 2,700 steps
    found = content(bins, judged, weights)
    for name, values in binned_measures(found).items():
        expected = exact(scores, judged, weights)[name]
        np.testing.assert_allclose(values, expected, atol=1e-13)
        assert largest_error(found)[name].max() == 0


@pytest.mark.parametrize("prevalence", [0.02, 0.3, 0.5, 0.97])
@pytest.mark.parametrize("parts", [7, 60])
def test_no_error_is_above_the_bound(prevalence, parts):
    scores, judged = world(1_500, prevalence)
    weights = drawn(1_500, 20)
    bins = bins_of(scores, judged, shares=parts, ranks=parts)
    found = content(bins, judged, weights)
    bound, values = largest_error(found), binned_measures(found)
    for name, expected in exact(scores, judged, weights).items():
        assert np.all(np.abs(values[name] - expected) <= bound[name] + 1e-12)


def test_the_bound_is_reached_by_the_worst_order():
    # One bin of two relevant images above two others: 4 pairs won, of which 2 are taken.
    scores, judged = np.float32([4, 3, 2, 1]), np.int8([1, 1, 0, 0])
    bins = bins_of(scores, judged, shares=1, ranks=1)
    found = content(bins, judged, np.ones((1, 4)))
    off = np.abs(binned_measures(found)["auroc"] - 1)
    assert len(bins.single) < 4
    np.testing.assert_allclose(largest_error(found)["auroc"], off)


def test_a_bin_begins_where_a_step_more_would_be_more_than_its_part():
    # Relevant images by step, of 20 in two parts of 10; the first step is a bin anyway.
    hits = [2, 3, 8, 4, 3]
    scores = np.float32([*np.repeat([5, 4, 3, 2, 1], hits), *np.zeros(31)])
    judged = np.repeat(np.int8([1, 0]), [20, 31])
    bins = bins_of(scores, judged, shares=2, ranks=1)
    firsts = np.cumsum([0, *hits])
    # 3 and 8 are more than a part, 8 and 4 are, 4 and 3 are not.
    assert bins.of[firsts].tolist() == [0, 1, 2, 3, 3, 3]


@pytest.mark.parametrize("prevalence", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("parts", [7, 60])
def test_a_bin_of_several_steps_has_at_most_its_part_of_a_side(prevalence, parts):
    scores, judged = world(1_500, prevalence)
    bins = bins_of(np.round(scores, 2), judged, shares=parts, ranks=parts)
    sides = content(bins, judged, np.ones((1, 1_500)))
    both = np.vstack([sides.hits, sides.others])
    down, rarer = np.cumsum(both.sum(axis=0)), both[np.argmin(both.sum(axis=1))]
    several = ~bins.single
    assert several.any()
    assert np.all(rarer[several] * parts <= rarer.sum())
    assert np.all(both[:, several] * parts <= down[several] + 1e-9)


@pytest.mark.parametrize("best_first", [1, 0], ids=["relevant first", "others first"])
@pytest.mark.parametrize("n_hits", [6_000, 6_100, 9_000])
def test_in_the_oddest_order_no_error_is_above_what_is_allowed(best_first, n_hits):
    judged = np.repeat(
        np.int8([best_first, 1 - best_first]), [n_hits, 6_050][:: 2 * best_first - 1]
    )
    scores = -np.arange(len(judged), dtype=np.float32)
    found = content(bins_of(scores, judged), judged, np.ones((1, len(judged))))
    for bound in largest_error(found).values():
        assert bound.max() <= ALLOWED


@pytest.mark.parametrize("prevalence", [0.2, 0.5, 0.8])
def test_bins_of_the_usual_size_are_within_what_is_allowed(prevalence):
    scores, judged = world(60_000, prevalence)
    weights = drawn(60_000, 4)
    found = content(bins_of(scores, judged), judged, weights)
    bound, values = largest_error(found), binned_measures(found)
    for name, expected in exact(scores, judged, weights).items():
        assert np.abs(values[name] - expected).max() <= bound[name].max() < ALLOWED
