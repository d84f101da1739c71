"""The table of queries and the draws beneath it."""

import tracemalloc

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.measure import retrieval
from negcxr.measure.gallery import MIN_A_SIDE, not_evaluable
from negcxr.measure.intervals import mean_difference, summarise
from negcxr.measure.ranking import METRICS
from negcxr.measure.resampling import resample_weights
from negcxr.measure.retrieval import (
    auroc_draws,
    chance,
    evaluate,
    metric_draws,
    prevalence,
)

NAN = float("nan")
JUDGED = np.array([1.0, 1.0, 1.0, 0.0, NAN])  # three of four judged images are relevant
HOW = {"n_resamples": 100, "seed": 0}


def _world(n=60, n_queries=2, signal=1.0):
    """Scores that know the truth by ``signal``, 20 relevant of 60, two images a patient."""
    rng = np.random.default_rng(7)
    relevance = np.tile((np.arange(n) % 3 == 0) * 1.0, (n_queries, 1))
    scores = signal * relevance + rng.normal(size=(n_queries, n))
    return scores, relevance, np.array([f"p{image // 2}" for image in range(n)])


def _row(table, measure, query=0):
    return table[(table["measure"] == measure) & (table["query"] == query)].iloc[0]


def test_prevalence_is_the_share_among_the_judged():
    assert prevalence(JUDGED) == 3 / 4


def test_prevalence_of_nothing_judged_is_nan():
    assert np.isnan(prevalence(np.array([NAN, NAN])))


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("auroc", 1 / 2),
        ("average_precision", 3 / 4),
        ("precision_at_k", 3 / 4),
        ("recall_at_k", 2 / 4),
        ("contradiction_at_k", 3 / 4),
    ],
)
def test_chance(measure, value):
    assert chance(measure, JUDGED, 2) == value


@pytest.mark.parametrize("measure", METRICS)
def test_a_scorer_that_says_the_same_of_every_image_is_at_chance(measure):
    _, relevance, patients = _world()
    blind = metric_draws(measure, np.zeros((2, 60)), relevance, patients, k=7, **HOW)
    assert blind[:, 0] == pytest.approx(chance(measure, relevance[0], 7))


def test_an_unknown_measure_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="measure is 'auc', allowed are auroc, average_"):
        chance("auc", JUDGED, 2)


def test_the_table_has_a_row_for_every_query_and_measure():
    scores, relevance, patients = _world()
    table = evaluate(scores, relevance, 1 - relevance, patients, k=5, **HOW)
    assert list(table["query"]) == [0] * 5 + [1] * 5
    assert list(table["measure"]) == list(METRICS) * 2
    assert list(table.columns) == [
        *("query", "measure", "value", "low", "high"),
        *("n", "prevalence", "chance", "note"),
    ]


@pytest.mark.parametrize("measure", METRICS)
def test_the_table_says_what_the_metric_says_of_the_same_resamples(measure):
    scores, relevance, patients = _world()
    contradiction = 1 - relevance
    table = evaluate(scores, relevance, contradiction, patients, k=5, **HOW)
    judged = contradiction if measure == "contradiction_at_k" else relevance
    metric, once = METRICS[measure], np.ones((1, 60))
    (value,) = metric(scores[1], judged[1], once, k=5)
    weights = np.concatenate(list(resample_weights(patients, 100, 0)))
    low, high = np.quantile(metric(scores[1], judged[1], weights, k=5), [0.025, 0.975])
    row = _row(table, measure, query=1)
    assert tuple(row[["value", "low", "high"]]) == pytest.approx((value, low, high))


def test_n_and_prevalence_are_of_the_judged_images():
    scores, relevance, patients = _world()
    relevance[0, :30] = NAN  # leaves 30 images, ten of them relevant
    table = evaluate(scores, relevance, 1 - relevance, patients, k=5, **HOW)
    assert tuple(_row(table, "auroc")[["n", "prevalence"]]) == (30, 1 / 3)
    assert tuple(_row(table, "auroc", query=1)[["n", "prevalence"]]) == (60, 1 / 3)


def test_contradiction_has_a_gallery_of_its_own():
    # Composite: relevance is judged among half of the images, contradiction among all.
    scores, contradiction, patients = _world()
    relevance = np.where(np.arange(60) < 30, 1 - contradiction, NAN)
    table = evaluate(scores, relevance, contradiction, patients, k=5, **HOW)
    assert list(table["n"][:5]) == [30, 30, 30, 30, 60]
    assert _row(table, "contradiction_at_k")["chance"] == pytest.approx(1 / 3)
    assert _row(table, "precision_at_k")["chance"] == pytest.approx(2 / 3)


def _side_of(present, absent):
    return np.array([1.0] * present + [0.0] * absent)


@pytest.mark.parametrize(
    ("relevant", "note"),
    [
        pytest.param(_side_of(10, 10), "", id="ten on either side are enough"),
        pytest.param(_side_of(3, 57), "3 relevant, fewer than 10", id="few relevant"),
        pytest.param(_side_of(51, 9), "9 not relevant, fewer than 10", id="few others"),
        pytest.param(_side_of(0, 60), "0 relevant, fewer than 10", id="no relevant"),
        pytest.param(np.full(60, NAN), "no image is judged", id="a hedge has no truth"),
    ],
)
def test_why_a_query_is_not_evaluable(relevant, note):
    expected = f"not evaluable: {note}" if note else ""
    assert not_evaluable("auroc", relevant, 5) == expected


def test_a_query_with_too_few_images_is_reported_and_not_a_crash():
    scores, relevance, patients = _world()
    relevance[0] = _side_of(3, 57)
    table = evaluate(scores, relevance, 1 - relevance, patients, k=5, **HOW)
    row, other = _row(table, "auroc"), _row(table, "auroc", query=1)
    assert row["note"] == "not evaluable: 3 relevant, fewer than 10"
    assert np.isnan([row["value"], row["low"], row["high"]]).all()
    assert (row["n"], row["prevalence"], row["chance"]) == (60, 3 / 60, 0.5)
    assert np.isfinite([other["value"], other["low"], other["high"]]).all()


def test_too_few_contradicting_images_are_called_so():
    scores, relevance, patients = _world()
    contradiction = np.tile(_side_of(3, 57), (2, 1))
    table = evaluate(scores, relevance, contradiction, patients, k=5, **HOW)
    note = _row(table, "contradiction_at_k")["note"]
    assert note == "not evaluable: 3 contradicting, fewer than 10"
    assert _row(table, "auroc")["note"] == ""


def test_a_gallery_smaller_than_k_has_no_first_k_but_an_auroc():
    scores, relevance, patients = _world()
    relevance[0, 30:] = NAN
    table = evaluate(scores, relevance, 1 - relevance, patients, k=40, **HOW)
    note = "not evaluable: k is 40, above n = 30, the judged images"
    assert _row(table, "precision_at_k")["note"] == note
    assert _row(table, "auroc")["note"] == ""


@pytest.mark.parametrize("k", [0, 61])
def test_k_above_all_images_is_refused_by_number(k):
    scores, relevance, patients = _world()
    with pytest.raises(InputError, match=f"k is {k}, allowed is 1 to n = 60, the images"):
        evaluate(scores, relevance, 1 - relevance, patients, k=k, **HOW)


def test_resamples_left_out_are_counted():
    # All ten relevant images are of one patient: a third of the resamples miss it.
    scores, relevance = np.zeros((1, 40)), _side_of(10, 30)[None]
    patients = np.array(["ill"] * 10 + [f"well {i}" for i in range(30)])
    table = evaluate(scores, relevance, 1 - relevance, patients, k=5, **HOW)
    weights = np.concatenate(list(resample_weights(patients, 100, 0)))
    missed = int(np.sum(weights[:, 0] == 0))
    assert 20 < missed < 55
    note = f"{missed} of 100 resamples left out: a side was empty"
    assert _row(table, "auroc")["note"] == note
    assert _row(table, "precision_at_k")["note"] == ""


def test_without_resamples_there_is_a_value_and_no_interval():
    scores, relevance, patients = _world()
    how = {"n_resamples": 0, "seed": 0}
    row = _row(evaluate(scores, relevance, 1 - relevance, patients, k=5, **how), "auroc")
    assert np.isfinite(row["value"])
    assert np.isnan([row["low"], row["high"]]).all()


def test_shuffling_the_images_changes_nothing():
    scores, relevance, patients = _world()
    turned = np.random.default_rng(1).permutation(60)
    moved = auroc_draws(scores[:, turned], relevance[:, turned], patients[turned], **HOW)
    assert moved == pytest.approx(auroc_draws(scores, relevance, patients, **HOW))


def test_a_second_copy_of_every_film_does_not_narrow_the_interval():
    scores, relevance, _ = _world()
    patients = np.arange(60)
    twice = np.tile(np.arange(60), 2)
    copied = auroc_draws(scores[:, twice], relevance[:, twice], patients[twice], **HOW)
    assert copied == pytest.approx(auroc_draws(scores, relevance, patients, **HOW))


def test_an_encoder_deaf_to_no_has_a_gap_of_twice_its_auroc_less_one():
    scores, relevance, patients = _world()
    affirmed = auroc_draws(scores, relevance, patients, **HOW)
    denied = auroc_draws(scores, 1 - relevance, patients, **HOW)
    gap = mean_difference(affirmed, denied)
    assert gap.value == pytest.approx(2 * affirmed[:, 0].mean() - 1)
    assert gap.low == pytest.approx(2 * summarise(affirmed.mean(axis=0)).low - 1)


def test_an_encoder_that_hears_no_has_no_gap():
    scores, relevance, patients = _world()
    affirmed = auroc_draws(scores, relevance, patients, **HOW)
    denied = auroc_draws(-scores, 1 - relevance, patients, **HOW)
    gap = mean_difference(affirmed, denied)
    assert (gap.value, gap.low, gap.high) == pytest.approx((0, 0, 0), abs=1e-12)


def test_what_is_not_evaluable_is_nan_in_every_draw():
    scores, relevance, patients = _world()
    relevance[0] = _side_of(MIN_A_SIDE - 1, 60 - MIN_A_SIDE + 1)
    assert np.isnan(auroc_draws(scores, relevance, patients, **HOW)[0]).all()


def test_the_metrics_are_found_beside_the_table():
    assert retrieval.METRICS is METRICS


def test_memory_does_not_grow_with_the_resamples():
    # Held at once, the weights of 4,000 resamples of 2,000 images would be 61 MiB.
    scores, relevance, patients = _world(n=2000, n_queries=1)
    tracemalloc.start()
    auroc_draws(scores, relevance, patients, n_resamples=4000, seed=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20
