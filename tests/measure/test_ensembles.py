"""Named averages of prompts, on vectors small enough to check by eye."""

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.measure.ensembles import (
    ENSEMBLES,
    average_normalise,
    average_scores,
    ensemble_scores,
    normalise_average_normalise,
)

EAST, NORTH = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
HALF = np.sqrt(1 / 2)  # the cosine of 45 degrees


@pytest.mark.parametrize(
    ("average", "scores"),
    [
        # The mean of the unit rows points north-east, whatever the lengths were.
        pytest.param(normalise_average_normalise, [HALF, HALF], id="one vote each"),
        # The mean of (3, 0) and (0, 4) is (1.5, 2), of length 2.5.
        pytest.param(average_normalise, [0.6, 0.8], id="longer rows have more say"),
        # Cosines 1 and 0 from the east, 0 and 1 from the north.
        pytest.param(average_scores, [1 / 2, 1 / 2], id="mean of cosines"),
    ],
)
def test_an_average_of_two_prompts_by_hand(average, scores):
    images, prompts = np.vstack([EAST, NORTH]), np.vstack([3 * EAST, 4 * NORTH])
    assert average(images, prompts) == pytest.approx(scores)


@pytest.mark.parametrize("average", ENSEMBLES.values(), ids=ENSEMBLES)
def test_one_prompt_is_scored_by_its_cosine(average):
    assert average(np.vstack([EAST, NORTH]), 7 * NORTH) == pytest.approx([0, 1])


@pytest.mark.parametrize("average", ENSEMBLES.values(), ids=ENSEMBLES)
def test_the_order_of_prompts_does_not_matter(average):
    images, prompts = _unit_rows(0, 6), _unit_rows(1, 3)
    assert average(images, prompts[::-1]) == pytest.approx(average(images, prompts))


def test_averages_of_unit_rows_are_the_same_before_and_after():
    images, prompts = _unit_rows(0, 6), _unit_rows(1, 3)
    assert average_normalise(images, prompts) == pytest.approx(
        normalise_average_normalise(images, prompts)
    )


def test_mean_scores_rank_the_images_as_the_mean_row_does():
    images, prompts = _unit_rows(0, 6), _unit_rows(1, 3)
    by_scores = np.argsort(average_scores(images, prompts))
    assert (by_scores == np.argsort(average_normalise(images, prompts))).all()


@pytest.mark.parametrize("average", ENSEMBLES.values(), ids=ENSEMBLES)
def test_prompts_without_a_direction_are_refused(average):
    with pytest.raises(InputError, match="has length 0"):
        average(EAST, np.zeros((1, 2)))


def test_prompts_of_one_query_are_averaged_apart_from_the_others():
    prompts = np.vstack([EAST, NORTH, NORTH])
    got = ensemble_scores(
        EAST, prompts, ["denied", "affirmed", "denied"], ensemble="average-scores"
    )
    assert list(got) == ["denied", "affirmed"]
    assert got["denied"] == pytest.approx([1 / 2])
    assert got["affirmed"] == pytest.approx([0])


def test_an_unknown_ensemble_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="ensemble is 'mean', allowed are normalise-av"):
        ensemble_scores(EAST, EAST, ["a"], ensemble="mean")


def test_a_prompt_without_a_query_is_refused():
    with pytest.raises(InputError, match="queries has 1 names for 2 prompts"):
        ensemble_scores(EAST, np.vstack([EAST, NORTH]), ["a"], ensemble="average-scores")


def test_image_rows_that_are_not_unit_are_refused():
    with pytest.raises(InputError, match="images row 0 has length 2, not 1"):
        ensemble_scores(2 * EAST, EAST, ["a"], ensemble="average-scores")


def _unit_rows(seed, n):
    rows = np.random.default_rng(seed).normal(size=(n, 4))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
