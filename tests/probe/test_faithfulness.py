"""Agreement, deletion and randomisation, on numbers small enough to check by eye."""

import numpy as np
import pytest
import torch
from tests.planted import EFFUSION, POLE

from negcxr.probe.faithfulness import (
    POINTS,
    deletion,
    randomisation_check,
    randomised,
    rank_agreement,
)
from negcxr.probe.perturbation import Combinations, shapley_values

TWO = Combinations(  # of two words the first adds 3 and the second takes 1
    places=[1, 2],
    length=4,
    kept=np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=bool),
    scores=np.array([0.5, 3.5, -0.5, 2.5]),
)
TEXTS = ["no evidence of effusion", "chest effusion with no evidence"]


def test_agreement_is_a_rank_correlation():
    values = np.array([0.1, 0.5, 0.3, 0.9])
    assert rank_agreement(values, np.exp(values)) == 1
    assert rank_agreement(values, -values) == -1
    assert rank_agreement(values, np.array([1.0, 2, 4, 3])) == 0.4


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_tokens_have_no_agreement(n):
    assert np.isnan(rank_agreement(np.arange(n) * 1.0, np.arange(n) * 1.0))


def test_tokens_that_are_all_equal_have_no_agreement():
    assert np.isnan(rank_agreement(np.zeros(3), np.arange(3) * 1.0))


def test_shapley_values_by_hand():
    assert shapley_values(TWO).tolist() == [0, 3, -1, 0]


def test_blanking_the_word_that_carries_most_loses_the_target_at_once():
    curve = deletion(TWO, np.array([0, 3.0, -1, 0]))
    assert curve.left[[0, 5, 10]].tolist() == [2, -1, 0]  # 2.5, -0.5, 0.5 less 0.5
    assert curve.by_chance[[0, 5, 10]].tolist() == [2, 1, 0]  # half of 3 and of -1
    assert curve.area == pytest.approx(1)


def test_the_wrong_order_has_an_area_below_zero():
    assert deletion(TWO, np.array([0, -1.0, 3, 0])).area == pytest.approx(-1)


def test_a_target_below_zero_is_lost_by_the_word_farthest_below():
    turned = TWO._replace(scores=-TWO.scores)
    curve = deletion(turned, np.array([0, -3.0, 1, 0]))
    np.testing.assert_allclose(curve.left, deletion(TWO, np.array([0, 3.0, -1, 0])).left)


def test_a_text_of_one_word_says_nothing_about_an_order():
    kept = np.array([[False], [True]])
    one = Combinations([1], 3, kept, np.array([0.0, 1.0]))
    assert deletion(one, np.array([0, 1.0, 0])).area == 0
    assert len(POINTS) == len(deletion(one, np.zeros(3)).left)


def dealt_alike(own, dealt):
    """Whether all weights are the same; in any case, their numbers must be."""
    both = [[w for one in some for w in one.parameters()] for some in (own, dealt)]
    for a, b in zip(*both, strict=True):
        assert torch.equal(a.flatten().sort().values, b.flatten().sort().values)
    return all(map(torch.equal, *both))


@pytest.mark.model
def test_no_weight_that_shapes_a_row_outlives_the_last_step(hearing):
    text = {*hearing.model.parameters(), hearing.encoder.text_projection.weight}
    reached = [layer.module for layer in hearing.layers] + hearing.outer
    assert text <= {weights for module in reached for weights in module.parameters()}


@pytest.mark.model
def test_randomised_layers_keep_their_numbers_and_the_tower_keeps_its_own(hearing):
    before = {name: w.clone() for name, w in hearing.model.state_dict().items()}
    rows = hearing.encode_texts(TEXTS)
    n = len(hearing.layers)
    for step, copy in enumerate(randomised(hearing, seed=0), start=1):
        for number in range(n):
            same = dealt_alike(
                [hearing.layers[number].module], [copy.layers[number].module]
            )
            assert same == (number < n - step)
        assert dealt_alike(hearing.outer, copy.outer) == (step <= n)
    assert step == n + 1
    table, dealt = hearing.embedding.weight, copy.embedding.weight
    assert not torch.equal(table, dealt)
    projections = (one.encoder.text_projection.weight for one in (hearing, copy))
    assert not torch.equal(*projections)
    for name, weights in hearing.model.state_dict().items():
        assert torch.equal(weights, before[name])
    np.testing.assert_array_equal(hearing.encode_texts(TEXTS), rows)


@pytest.mark.model
def test_the_same_seed_deals_the_same_weights(hearing):
    first, again, other = (
        list(randomised(hearing, seed))[-1].encode_texts(TEXTS) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.model
def test_shares_change_when_what_was_learnt_is_destroyed(hearing):
    vectors = np.zeros((2, hearing.encoder.dim))
    vectors[:, [POLE, EFFUSION]] = 1
    runs = [randomisation_check(hearing, TEXTS, vectors, seed=seed) for seed in range(3)]
    means = np.nanmean(runs, axis=(0, 2))
    assert means[0] == 1
    assert means[-1] < 0.7
    assert len(means) == 2 + len(hearing.layers)
