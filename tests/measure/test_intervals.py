"""Intervals, differences and tests, on draws small enough to count."""

import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn.metrics import roc_auc_score

from negcxr.measure.intervals import (
    Difference,
    Interval,
    bootstrap_p,
    holm,
    interval,
    mean_difference,
    mean_over,
    paired_difference,
    resamples_needed,
    smallest_detectable_difference,
    standard_error,
    summarise,
)
from negcxr.measure.ranking import auroc
from negcxr.measure.resampling import resampled

NAN = float("nan")


def test_the_interval_leaves_out_two_and_a_half_percent_at_each_end():
    assert interval(np.arange(1001.0)) == pytest.approx((25, 975))


def test_a_resample_without_a_value_is_left_out_of_the_interval():
    with_gaps = np.append(np.arange(1001.0), [NAN, NAN])
    assert interval(with_gaps) == pytest.approx((25, 975))


@pytest.mark.parametrize("values", [[], [1.0], [NAN, NAN, 1.0]])
def test_fewer_than_two_values_have_no_interval(values):
    assert np.isnan(interval(np.array(values, dtype=float))).all()


def test_the_value_is_the_samples_own_and_not_the_resamples_mean():
    draws = np.append(500.0, np.arange(1001.0))
    draws[0] = 300.0
    assert summarise(draws) == pytest.approx(Interval(300, 25, 975))


def test_the_interval_of_a_mean_is_that_of_scipy():
    rng = np.random.default_rng(0)
    heights = rng.gamma(2, size=80)
    ours = summarise(
        resampled(
            lambda weights: weights @ heights / weights.sum(axis=1),
            np.arange(80),
            n_resamples=20_000,
            seed=1,
        )
    )
    theirs = bootstrap(
        (heights,), np.mean, n_resamples=20_000, method="percentile", rng=rng
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.02)


def test_the_mean_over_queries_is_taken_draw_by_draw():
    draws = np.array([[0.2, 0.4, 0.6], [0.4, 0.8, 0.0]])
    assert mean_over(draws) == pytest.approx([0.3, 0.6, 0.3])


def test_a_query_without_a_value_leaves_the_mean():
    draws = np.array([[0.2, 0.4], [NAN, NAN]])
    assert mean_over(draws) == pytest.approx([0.2, 0.4])


def test_a_resample_that_lacks_one_query_is_left_out():
    draws = np.array([[0.2, 0.4, 0.6], [0.4, NAN, 0.0]])
    assert mean_over(draws) == pytest.approx([0.3, NAN, 0.3], nan_ok=True)


def test_the_mean_of_no_evaluable_query_is_nan():
    assert np.isnan(mean_over(np.full((2, 3), NAN))).all()


def test_a_difference_is_the_first_minus_the_second():
    first, second = np.array([0.9, 0.8, 0.9, 1.0]), np.array([0.5, 0.6, 0.5, 0.4])
    got = paired_difference(first, second)
    low, high = np.quantile([0.2, 0.4, 0.6], [0.025, 0.975])
    expected = Difference(0.4, low, high, p=2 * 1 / 4, standard_error=0.2)
    assert got == pytest.approx(expected)


def test_swapping_the_sides_of_a_difference_flips_its_sign():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.1, 1, size=(2, 200))
    there, back = paired_difference(first, second), paired_difference(second, first)
    assert back == pytest.approx(
        Difference(-there.value, -there.high, -there.low, there.p, there.standard_error)
    )


def test_what_both_sides_share_leaves_their_difference():
    shared, own = np.random.default_rng(0).normal(size=(2, 100))
    alone = paired_difference(own, np.zeros(100))
    assert paired_difference(shared + own, shared) == pytest.approx(alone)


def test_a_mean_difference_is_the_gap_of_the_two_means():
    affirmed = np.array([[0.9, 0.8, 0.9], [0.7, 0.8, 0.7]])
    denied = np.array([[0.1, 0.2, 0.3]])
    gap = mean_difference(affirmed, denied)
    assert gap == pytest.approx(
        paired_difference(np.array([0.8, 0.8, 0.8]), np.array([0.1, 0.2, 0.3]))
    )
    assert gap.value == pytest.approx(0.7)


def test_the_standard_error_is_the_spread_of_the_resamples_alone():
    assert standard_error(np.array([100.0, 1.0, 2.0, 3.0, NAN])) == pytest.approx(1)


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        pytest.param([1.0] * 199, 2 / 200, id="all above zero: never quite 0"),
        pytest.param([-1.0] * 199, 2 / 200, id="all below zero: two-sided"),
        pytest.param([1.0] * 96 + [-1.0] * 3, 2 * 4 / 100, id="three of 99 below"),
        pytest.param([1.0, -1.0], 1, id="as many above as below: at most 1"),
        pytest.param([0.0] * 99, 1, id="no difference at all"),
        pytest.param([1.0] * 98 + [0.0], 2 * 2 / 100, id="zero is beyond zero"),
        pytest.param([1.0] * 199 + [NAN] * 50, 2 / 200, id="left out without a value"),
        pytest.param([], NAN, id="without resamples"),
    ],
)
def test_bootstrap_p(differences, p):
    got = bootstrap_p(np.array(differences, dtype=float))
    assert got == pytest.approx(p, nan_ok=True)


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        pytest.param([0.01, 0.04, 0.03], [0.03, 0.06, 0.06], id="never below a smaller"),
        pytest.param([0.02], [0.02], id="a family of one"),
        pytest.param([0.9, 0.8], [1, 1], id="at most 1"),
        pytest.param([0.01, NAN, 0.04], [0.02, NAN, 0.04], id="not tested, not counted"),
        pytest.param([], [], id="no test"),
    ],
)
def test_holm(p, adjusted):
    assert holm(np.array(p, dtype=float)) == pytest.approx(adjusted, nan_ok=True)


@pytest.mark.parametrize("seed", range(5))
def test_holm_rejects_what_stepping_down_rejects(seed):
    p = np.random.default_rng(seed).random(8) ** 4
    rejected = set()
    for step, test in enumerate(sorted(range(8), key=lambda test: p[test])):
        if p[test] > 0.05 / (8 - step):
            break
        rejected.add(test)
    assert set(np.flatnonzero(holm(p) <= 0.05)) == rejected


def test_the_smallest_detectable_difference_is_2_8_standard_errors():
    assert smallest_detectable_difference(0.1) == pytest.approx(0.280, abs=0.0005)


@pytest.mark.parametrize(("n_tests", "resamples"), [(1, 40), (8, 320)])
def test_fewer_resamples_than_needed_cannot_pass_holm(n_tests, resamples):
    def clearest(n):
        return holm(np.append(bootstrap_p(np.ones(n)), np.ones(n_tests - 1)))[0]

    assert resamples_needed(n_tests) == resamples
    assert clearest(resamples) < 0.05
    assert clearest(resamples - 1) >= 0.05


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """200 samples of 60 values around 0; the percentile method covers a little less."""
    rng, covered = np.random.default_rng(0), 0
    for seed in range(200):
        sample = rng.normal(size=60)
        low, high = interval(
            resampled(
                lambda weights, sample=sample: weights @ sample / 60,
                np.arange(60),
                n_resamples=300,
                seed=seed,
            )[1:]
        )
        covered += low <= 0 <= high
    assert 0.90 <= covered / 200 <= 0.98


def test_scipys_paired_bootstrap_of_auroc_agrees():
    rng = np.random.default_rng(3)
    relevant = (rng.random(120) < 0.4) * 1.0
    scores = relevant + rng.normal(size=120)
    ours = summarise(
        resampled(
            lambda weights: auroc(scores, relevant, weights),
            np.arange(120),
            n_resamples=2000,
            seed=0,
        )
    )
    theirs = bootstrap(
        (relevant, scores),
        roc_auc_score,
        paired=True,
        vectorized=False,
        n_resamples=1000,
        method="percentile",
        rng=rng,
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.015)
