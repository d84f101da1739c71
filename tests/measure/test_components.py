"""AUROC as a sum over images, beside all pairs and beside the exact resample."""

import numpy as np
import pytest

from negcxr.measure.components import auroc_components, linear_auroc, side_weights
from negcxr.measure.ranking import auroc
from negcxr.measure.resampling import resample_weights

RELEVANT = np.array([1.0, 0.0, 1.0, 0.0, 0.0, np.nan, 1.0, 0.0])
SCORES = np.array(
    [
        [0.9, 0.1, 0.8, 0.3, 0.2, 5.0, 0.7, 0.0],  # in order
        [0.1, 0.9, 0.2, 0.8, 0.7, 5.0, 0.3, 1.0],  # upside down
        [0.5, 0.5, 0.5, 0.5, 0.5, 5.0, 0.5, 0.5],  # blind
        [0.5, 0.5, 0.9, 0.1, 0.5, 5.0, 0.1, 0.2],  # with ties
    ]
)


def pairs(scores, relevant):
    """Placements by comparing every image with every one of the other side."""
    placed = np.zeros(len(scores))
    for i, own in enumerate(relevant):
        others = scores[relevant == 1 - own]
        won = (
            np.mean((scores[i] > others) + 0.5 * (scores[i] == others))
            if len(others)
            else 0
        )
        placed[i] = won if own == 1 else 1 - won
    placed[np.isnan(relevant)] = 0
    return placed


def random_scores(n_queries=5, n=300, *, seed=0):
    rng = np.random.default_rng(seed)
    relevant = (rng.random(n) < 0.3).astype(float)
    return rng.normal(size=(n_queries, n)) + relevant, relevant


def test_a_perfect_order_is_one_a_reversed_one_zero_and_a_blind_one_a_half():
    assert auroc_components(SCORES, RELEVANT).auroc[:3] == pytest.approx([1, 0, 0.5])


def test_placements_are_those_of_all_pairs_with_ties_as_halves():
    found = auroc_components(SCORES, RELEVANT).placements
    assert found == pytest.approx(np.stack([pairs(row, RELEVANT) for row in SCORES]))


def test_auroc_is_that_of_the_ranking():
    once = np.ones((1, len(RELEVANT)))
    for row, value in zip(SCORES, auroc_components(SCORES, RELEVANT).auroc, strict=True):
        assert value == pytest.approx(auroc(row, RELEVANT, once)[0])


def test_where_all_images_count_once_the_sum_is_exact():
    found = auroc_components(SCORES, RELEVANT)
    once = side_weights(RELEVANT, np.ones((1, len(RELEVANT))))
    assert linear_auroc(found, once)[:, 0] == pytest.approx(found.auroc)


def test_resamples_are_close_to_the_exact_ones():
    scores, relevant = random_scores()
    weights = np.concatenate(list(resample_weights(np.arange(300), 400, 0)))
    near = linear_auroc(auroc_components(scores, relevant), side_weights(relevant, weights))
    exact = np.stack([auroc(row, relevant, weights) for row in scores])
    assert np.abs(near - exact).max() < exact.std() / 3
    assert near.std(axis=1) == pytest.approx(exact.std(axis=1), rel=0.05)
    assert min(np.corrcoef(a, b)[0, 1] for a, b in zip(near, exact, strict=True)) > 0.99


def test_an_image_that_is_not_judged_does_not_count():
    without = ~np.isnan(RELEVANT)
    some = auroc_components(SCORES[:, without], RELEVANT[without])
    found = auroc_components(SCORES, RELEVANT)
    assert found.auroc == pytest.approx(some.auroc)
    assert (found.placements[:, ~without] == 0).all()


def test_asking_for_the_others_turns_the_value_round():
    scores, relevant = random_scores()
    found, turned = (auroc_components(scores, r) for r in (relevant, 1 - relevant))
    assert turned.auroc == pytest.approx(1 - found.auroc)


def test_any_rising_change_of_scores_changes_nothing():
    scores, relevant = random_scores()
    found, risen = (auroc_components(s, relevant) for s in (scores, np.exp(3 * scores)))
    assert (found.placements == risen.placements).all()


@pytest.mark.parametrize("side", [0.0, 1.0])
def test_a_side_without_an_image_has_no_value(side):
    relevant = np.full(4, side)
    assert np.isnan(auroc_components(np.eye(2, 4), relevant).auroc).all()
    assert np.isnan(side_weights(relevant, np.ones((2, 4)))).all()


def test_a_resample_without_an_image_of_one_side_is_left_open():
    relevant = np.array([1.0, 0.0, 0.0])
    shares = side_weights(relevant, np.array([[0.0, 2, 1], [1, 1, 1]]))
    near = linear_auroc(auroc_components(np.array([[2.0, 1, 3]]), relevant), shares)
    assert np.isnan(near).tolist() == [[True, False]]


def test_single_precision_stays_single():
    found = auroc_components(SCORES.astype(np.float32), RELEVANT)
    assert found.placements.dtype == found.auroc.dtype == np.float32
