"""A ranking from one sort: the same values as those of the metrics that resample."""

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.measure.asked import spread
from negcxr.measure.ranking import auroc, average_precision, precision_at_k
from negcxr.measure.steps import (
    auroc_of,
    average_precision_of,
    falling,
    hits_among_first,
    steps,
    top,
)

SCORES = np.array([0.9, 0.5, 0.5, -0.2, -0.7], np.float32)
JUDGED = np.array([1, 0, 1, -1, 0], np.int8)


def test_numbers_rise_as_scores_fall_and_zeros_are_one():
    scores = np.array([3, 1, 1e-30, 0.0, -0.0, -1e-30, -2], np.float32)
    numbers = falling(scores).astype(np.int64)
    assert np.sign(np.diff(numbers)).tolist() == [1, 1, 1, 0, 1, 1]


def test_tied_images_are_one_step_and_the_unjudged_none():
    found, missed, tied, n_others = steps(SCORES, JUDGED)
    assert (found.tolist(), missed.tolist()) == ([1, 2], [0, 1])
    assert (tied.tolist(), n_others) == ([0, 1], 2)


def test_relevant_images_of_one_score_are_at_the_end_of_their_step():
    ranking = steps(np.array([0.5, 0.5, 0.9], np.float32), np.array([1, 1, 0], np.int8))
    assert (ranking.found.tolist(), ranking.missed.tolist()) == ([2, 2], [1, 1])


def test_a_tie_counts_half():
    # Of four pairs the relevant image wins three, and one is a tie.
    assert auroc_of(steps(SCORES, JUDGED)) == 3.5 / 4


def test_tied_images_share_the_precision_at_the_end_of_their_step():
    assert average_precision_of(steps(SCORES, JUDGED)) == (1 + 2 / 3) / 2


def test_images_tied_at_the_last_place_share_what_remains():
    assert hits_among_first(2, SCORES, JUDGED) == 1 + 1 / 2


def test_the_top_holds_all_that_tie_with_its_last():
    assert top(2, SCORES, JUDGED).tolist() == [0, 1, 2]
    assert top(9, SCORES, JUDGED).tolist() == [0, 1, 2, 4]


def test_a_score_that_is_not_finite_is_refused():
    with pytest.raises(InputError, match="scores image 1 is nan"):
        falling(np.array([0, np.nan], np.float32))


@pytest.mark.parametrize("levels", [3, 40, 10**6], ids="{} levels".format)
def test_values_are_those_of_the_metrics_that_resample(levels):
    rng = np.random.default_rng(levels)
    scores = (rng.integers(levels, size=500) / levels).astype(np.float32)
    judged = rng.integers(-1, 2, size=500).astype(np.int8)
    usual, once = (scores.astype(float), spread(judged)), np.ones((1, 500))
    ranking = steps(scores, judged)
    assert auroc_of(ranking) == auroc(*usual, once)[0]
    assert (
        hits_among_first(10, scores, judged) == 10 * precision_at_k(*usual, once, k=10)[0]
    )
    expected = average_precision(*usual, once)[0]
    assert average_precision_of(ranking) == pytest.approx(expected, abs=1e-14)
