"""How many directions denial takes, and how far texts lie from images."""

import numpy as np
import pytest
from tests.probe.geometries import AFFIRMED, DIM, FINDING, WORDING, hearing_rows, turned

from negcxr.probe.subspace import (
    denial_differences,
    effective_rank,
    group_means,
    mean_lengths,
    modality_gap,
    participation_ratio,
    told_from,
)


def test_denial_takes_one_direction_in_the_hearing_space():
    found, used = denial_differences(hearing_rows(), AFFIRMED, FINDING)
    assert (used == ~AFFIRMED).all()
    assert effective_rank(found) == pytest.approx(1)
    assert participation_ratio(found) == pytest.approx(1)
    assert mean_lengths(found) == pytest.approx(np.sqrt(2))
    assert group_means(found, WORDING[used]).shape == (3, DIM)


def test_a_group_without_affirmed_texts_has_no_denial():
    affirmed = AFFIRMED & (FINDING != "edema")
    _, used = denial_differences(hearing_rows(), affirmed, FINDING)
    assert not used[FINDING == "edema"].any()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_equal_directions_at_right_angles_are_counted(n):
    vectors = turned(3 * np.eye(DIM)[:n])
    assert effective_rank(vectors) == pytest.approx(n)
    assert participation_ratio(vectors) == pytest.approx(n)


def test_unequal_directions_count_for_less_and_least_when_squared():
    vectors = np.diag([3.0, 1.0])
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert effective_rank(vectors) == pytest.approx(np.exp(entropy))
    assert participation_ratio(vectors) == pytest.approx(100 / 82)


@pytest.mark.parametrize("vectors", [np.zeros((3, 4)), 1e-9 * np.eye(3), np.empty((0, 4))])
def test_no_difference_has_no_direction(vectors):
    assert effective_rank(vectors) == participation_ratio(vectors) == 0


def test_the_gap_is_the_distance_of_the_means():
    texts, images = np.eye(3)[[0, 0]], np.eye(3)[[1, 2]]
    assert modality_gap(texts, images) == pytest.approx(np.sqrt(1.5))
    assert modality_gap(texts, texts) == 0


def test_a_linear_look_tells_two_blobs_apart_and_one_not():
    texts, images = np.eye(3)[[0, 0, 0]], np.eye(3)[[1, 2, 1, 2]]
    assert told_from(texts, images) == pytest.approx(1)
    assert told_from(texts, texts) == pytest.approx(1 / 2)


def test_images_on_both_sides_of_the_texts_are_not_told_by_a_line():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 6))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert told_from(rows[:200], rows[200:]).mean() == pytest.approx(0.5, abs=0.08)
