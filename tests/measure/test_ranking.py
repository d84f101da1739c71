"""Ranking measures: by hand, against plain loops, against scikit-learn, and in relation."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from negcxr.errors import InputError
from negcxr.measure.ranking import (
    METRICS,
    auroc,
    average_precision,
    contradiction_at_k,
    precision_at_k,
    recall_at_k,
)

# Ranking from the top: relevant, other, relevant, other.
SCORES = np.array([0.9, 0.8, 0.3, 0.1])
RELEVANT = np.array([1.0, 0.0, 1.0, 0.0])
ONCE = np.ones((1, 4))
SEEDS = range(20)
NAN = float("nan")


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        pytest.param(auroc, 3 / 4, id="AUROC: three of four pairs are in order"),
        pytest.param(average_precision, (1 / 1 + 2 / 3) / 2, id="AP: precision 1, 2/3"),
        pytest.param(precision_at_k, 2 / 3, id="two of the first three are relevant"),
        pytest.param(recall_at_k, 2 / 2, id="both relevant images are among three"),
        pytest.param(contradiction_at_k, 2 / 3, id="contradiction counts like precision"),
    ],
)
def test_four_images_by_hand(metric, value):
    assert metric(SCORES, RELEVANT, ONCE, k=3) == pytest.approx([value])


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        pytest.param(auroc, 1 / 2, id="AUROC"),
        pytest.param(average_precision, 1 / 4, id="AP: the prevalence"),
        pytest.param(precision_at_k, 1 / 4, id="precision: the prevalence"),
        pytest.param(recall_at_k, 3 / 4, id="recall: k / n"),
        pytest.param(contradiction_at_k, 1 / 4, id="contradiction: the prevalence"),
    ],
)
def test_one_score_for_all_images_is_chance(metric, value):
    alone = np.array([1.0, 0.0, 0.0, 0.0])
    assert metric(np.zeros(4), alone, ONCE, k=3) == pytest.approx([value])


def test_images_tied_at_the_last_place_share_it():
    # One place is left for three tied images, one of which is relevant: 1/3 of a hit.
    scores = np.array([0.9, 0.5, 0.5, 0.5, 0.1])
    relevant = np.array([0.0, 1.0, 0.0, 0.0, 1.0])
    once = np.ones((1, 5))
    assert precision_at_k(scores, relevant, once, k=2) == pytest.approx([1 / 3 / 2])
    assert recall_at_k(scores, relevant, once, k=2) == pytest.approx([1 / 3 / 2])


def test_a_tied_pair_counts_half_in_auroc():
    # Pairs: 0.9 above 0.5, 0.9 above 0.1, 0.5 beside 0.5, 0.5 above 0.1.
    scores, relevant = np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0])
    assert auroc(scores, relevant, ONCE) == pytest.approx([3.5 / 4])


def test_tied_images_share_the_precision_at_the_end_of_their_step():
    scores, relevant = np.array([0.5, 0.5, 0.1, 0.0]), np.array([1.0, 0.0, 1.0, 0.0])
    assert average_precision(scores, relevant, ONCE) == pytest.approx([(1 / 2 + 2 / 3) / 2])


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_an_image_that_is_not_judged_leaves_the_gallery(metric):
    scores, relevant = np.append(SCORES, 1.0), np.append(RELEVANT, NAN)
    with_it = metric(scores, relevant, np.ones((1, 5)), k=3)
    assert with_it == pytest.approx(metric(SCORES, RELEVANT, ONCE, k=3))


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_an_image_drawn_twice_counts_as_two_images(metric):
    counts = np.array([2, 1, 0, 3])
    copied = np.repeat(np.arange(4), counts)
    once = np.ones((1, len(copied)))
    expected = metric(SCORES[copied], RELEVANT[copied], once, k=3)
    assert metric(SCORES, RELEVANT, counts[None] * 1.0, k=3) == pytest.approx(expected)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_every_resample_is_measured_on_its_own_weights(metric):
    weights = np.array([[1.0, 1, 1, 1], [2, 1, 0, 3], [0, 3, 1, 1]])
    one_by_one = [metric(SCORES, RELEVANT, row[None], k=2)[0] for row in weights]
    assert metric(SCORES, RELEVANT, weights, k=2) == pytest.approx(one_by_one)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_the_order_in_which_images_are_given_does_not_matter(metric):
    turned = np.array([2, 0, 3, 1])
    weights = np.array([[2.0, 1, 1, 3]])
    assert metric(
        SCORES[turned], RELEVANT[turned], weights[:, turned], k=3
    ) == pytest.approx(metric(SCORES, RELEVANT, weights, k=3))


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_only_the_order_of_scores_counts(metric):
    bent = metric(np.exp(5 * SCORES) - 7, RELEVANT, ONCE, k=3)
    assert bent == pytest.approx(metric(SCORES, RELEVANT, ONCE, k=3))


@pytest.mark.parametrize("seed", SEEDS)
def test_upside_down_scores_give_one_minus_auroc(seed):
    scores, relevant, weights = _random_case(seed)
    turned = auroc(-scores, relevant, weights)
    assert turned == pytest.approx(1 - auroc(scores, relevant, weights), nan_ok=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_asking_for_the_other_images_gives_one_minus_auroc(seed):
    scores, relevant, weights = _random_case(seed)
    other = auroc(scores, 1 - relevant, weights)
    assert other == pytest.approx(1 - auroc(scores, relevant, weights), nan_ok=True)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_fast_and_plain_agree(metric, seed):
    scores, relevant, weights = _random_case(seed)
    plain = PLAIN[metric]
    expected = [plain(*_copied(scores, relevant, row), k=3) for row in weights]
    got = metric(scores, relevant, weights, k=3)
    assert got == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("metric", "theirs"),
    [(auroc, roc_auc_score), (average_precision, average_precision_score)],
    ids=["AUROC", "AP"],
)
def test_scikit_learn_agrees(metric, theirs, seed):
    rng = np.random.default_rng(seed)
    scores, weights = rng.integers(12, size=50) / 4, rng.integers(1, 4, size=50) * 1.0
    relevant = np.append(rng.integers(2, size=48), [0, 1]) * 1.0
    expected = theirs(relevant, scores, sample_weight=weights)
    assert metric(scores, relevant, weights[None]) == pytest.approx([expected])


@pytest.mark.parametrize(
    ("metric", "drawn", "value"),
    [
        pytest.param(auroc, [1, 0, 1, 0], NAN, id="AUROC without other images"),
        pytest.param(auroc, [0, 1, 0, 1], NAN, id="AUROC without relevant images"),
        pytest.param(average_precision, [0, 1, 0, 1], NAN, id="AP without relevant"),
        pytest.param(recall_at_k, [0, 1, 0, 1], NAN, id="recall without relevant"),
        pytest.param(precision_at_k, [0, 1, 0, 1], 0, id="precision without relevant"),
        pytest.param(precision_at_k, [0, 0, 0, 0], NAN, id="precision of nothing"),
    ],
)
def test_a_resample_without_the_images_a_measure_needs_is_nan(metric, drawn, value):
    weights = np.array([drawn], dtype=float)
    got = metric(SCORES, RELEVANT, weights, k=2)
    assert got == pytest.approx([value], nan_ok=True)


def test_a_resample_smaller_than_k_is_divided_by_its_own_size():
    # Drawn: one relevant and one other image, so of three places two are filled.
    weights = np.array([[1.0, 1.0, 0.0, 0.0]])
    assert precision_at_k(SCORES, RELEVANT, weights, k=3) == pytest.approx([1 / 2])


def test_images_that_are_not_judged_fill_no_place_of_a_small_resample():
    relevant = np.array([1.0, 0.0, 1.0, NAN])
    weights = np.array([[1.0, 1.0, 0.0, 2.0]])
    assert precision_at_k(SCORES, relevant, weights, k=3) == pytest.approx([1 / 2])


@pytest.mark.parametrize("metric", [precision_at_k, recall_at_k, contradiction_at_k])
@pytest.mark.parametrize("k", [0, -1, 4])
def test_k_outside_the_judged_images_is_refused_by_number(metric, k):
    relevant = np.array([1.0, 0.0, 1.0, NAN])
    with pytest.raises(InputError, match=f"k is {k}, allowed is 1 to n = 3"):
        metric(SCORES, relevant, ONCE, k=k)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_score_that_is_not_a_number_is_refused_by_place(metric):
    with pytest.raises(InputError, match="scores image 2 is nan, not a finite number"):
        metric(np.array([0.1, 0.2, NAN, 0.4]), RELEVANT, ONCE, k=2)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_label_is_not_taken_for_a_relevance(metric):
    with pytest.raises(InputError, match="relevance image 1 is -1.0, not 0, 1 or NaN"):
        metric(SCORES, np.array([1.0, -1.0, 0.0, 0.0]), ONCE, k=2)


def _random_case(seed):
    """Nine images with few distinct scores, two of them not judged, five resamples."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(4, size=9) / 3
    relevant = rng.integers(2, size=9) * 1.0
    relevant[rng.choice(9, size=2, replace=False)] = NAN
    return scores, relevant, rng.integers(4, size=(5, 9)) * 1.0


def _copied(scores, relevant, weights):
    """The images of a resample one by one, without those that are not judged."""
    pairs = []
    for score, truth, weight in zip(scores, relevant, weights, strict=True):
        if not np.isnan(truth):
            pairs += [(score, truth)] * int(weight)
    return [score for score, _ in pairs], [truth for _, truth in pairs]


def _plain_auroc(scores, relevant, k):
    won, pairs = 0, 0
    for one, is_relevant in zip(scores, relevant, strict=True):
        for other, other_is_relevant in zip(scores, relevant, strict=True):
            if is_relevant == 1 and other_is_relevant == 0:
                pairs += 1
                won += 1 if one > other else 0.5 if one == other else 0
    return won / pairs if pairs else NAN


def _plain_average_precision(scores, relevant, k):
    precisions = []
    for one, is_relevant in zip(scores, relevant, strict=True):
        if is_relevant == 1:
            above = [r for s, r in zip(scores, relevant, strict=True) if s >= one]
            precisions.append(sum(above) / len(above))
    return sum(precisions) / len(precisions) if precisions else NAN


def _plain_hits(scores, relevant, k):
    """Mean number of hits over every way to fill the last places from the tied images."""
    k = min(k, len(scores))
    border = sorted(scores, reverse=True)[k - 1]
    sure = [r for s, r in zip(scores, relevant, strict=True) if s > border]
    tied = [r for s, r in zip(scores, relevant, strict=True) if s == border]
    ways = [sum(sure) + sum(way) for way in combinations(tied, k - len(sure))]
    return sum(ways) / len(ways)


def _plain_precision(scores, relevant, k):
    return _plain_hits(scores, relevant, k) / min(k, len(scores)) if scores else NAN


def _plain_recall(scores, relevant, k):
    return _plain_hits(scores, relevant, k) / sum(relevant) if sum(relevant) else NAN


PLAIN = {
    auroc: _plain_auroc,
    average_precision: _plain_average_precision,
    precision_at_k: _plain_precision,
    recall_at_k: _plain_recall,
    contradiction_at_k: _plain_precision,
}
