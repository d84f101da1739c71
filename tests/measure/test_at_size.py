"""Measures at size: on a small gallery, what the usual path gives."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from negcxr.errors import InputError
from negcxr.measure import at_size, ladders, streaming
from negcxr.measure.asked import Asked, compact
from negcxr.measure.at_size import draws_at_size, evaluate_at_size
from negcxr.measure.resampling import patient_counts
from negcxr.measure.retrieval import evaluate, metric_draws

NAN = float("nan")
# Products of these rows are exact whatever the order of adding, and many are equal.
CORNERS = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [-1, 1, 1, 1]]) / 2
HOW = {"k": 10, "n_resamples": 150, "seed": 3}
NUMBERS = ["value", "low", "high", "n", "prevalence", "chance"]


def world(n=400):
    """Images, queries, what is asked, patients: three images each, four sets of them."""
    rng = np.random.default_rng(1)
    judged = np.where(rng.random((4, n)) < 0.2, NAN, rng.random((4, n)) < 0.3)
    images = CORNERS[rng.integers(0, len(CORNERS), n)].astype(np.float32)
    queries = np.vstack([CORNERS, np.array([[3, 2, 1, 0], [0, 1, -1, 0.5]])])
    asked = Asked(
        compact(judged), np.array([0, 1, 2, 3, 0, 1]), np.array([1, 2, 3, 0, 0, 3])
    )
    patients = np.array([f"p{image // 3}" for image in range(n)])
    return images, queries.astype(np.float32), asked, patients


def in_memory(images, queries, asked, patients):
    """Scores, relevance and contradiction as the usual path takes them."""
    judged = np.where(asked.judged == -1, NAN, asked.judged)
    scores = (queries @ images.T).astype(float)
    return scores, judged[asked.wanted], judged[asked.unwanted], patients


def test_the_table_is_that_of_the_usual_path():
    usual = evaluate(*in_memory(*world()), **HOW)
    ours = evaluate_at_size(*world(), **HOW)
    pd.testing.assert_frame_equal(ours, usual, check_exact=False, rtol=0, atol=1e-13)


@pytest.mark.parametrize("measure", ["auroc", "precision_at_k", "recall_at_k"])
def test_values_that_are_ratios_are_the_same_to_the_bit(measure):
    scores, wanted, _, patients = in_memory(*world())
    usual = metric_draws(measure, scores, wanted, patients, **HOW)
    np.testing.assert_array_equal(draws_at_size(*world(), **HOW)[measure], usual)


def test_the_same_whatever_is_done_at_once(monkeypatch):
    expected = draws_at_size(*world(), **HOW)
    monkeypatch.setattr(streaming, "SCORES_AT_ONCE", 900)  # two queries of 400 images
    monkeypatch.setattr(streaming, "IMAGES_AT_ONCE", 70)
    monkeypatch.setattr(at_size, "RESAMPLES_AT_ONCE", 11)
    monkeypatch.setattr(ladders, "CELLS", 1_000)
    for measure, draws in draws_at_size(*world(), **HOW, threads=2).items():
        np.testing.assert_array_equal(draws, expected[measure])


def test_the_order_of_the_images_does_not_matter():
    images, queries, asked, patients = world()
    order = np.random.default_rng(0).permutation(len(images))
    moved = asked._replace(judged=asked.judged[:, order])
    again = evaluate_at_size(images[order], queries, moved, patients[order], **HOW)
    first = evaluate_at_size(*world(), **HOW)
    np.testing.assert_allclose(again[NUMBERS], first[NUMBERS], atol=1e-13)


def test_bins_that_lose_something_stay_within_what_is_allowed():
    rng = np.random.default_rng(5)
    n = 12_000  # of which 6,000 are relevant: more than are binned one by one
    judged = (rng.random((1, n)) < 0.55) * 1.0
    images = rng.normal(size=(n, 3)) + judged.T
    images = (images / np.linalg.norm(images, axis=1, keepdims=True)).astype(np.float32)
    queries, patients = np.ones((1, 3), np.float32), np.arange(n) // 2
    asked = Asked(compact(judged), np.array([0]), np.array([0]))
    how = {"n_resamples": 40, "seed": 0}
    draws = draws_at_size(images, queries, asked, patients, **how)
    scores = (queries @ images.T).astype(float)
    for measure in ("auroc", "average_precision"):
        exact = metric_draws(measure, scores, judged, patients, **how)
        assert draws[measure][0, 0] == pytest.approx(exact[0, 0], abs=1e-13)
        off = np.abs(draws[measure] - exact)[0, 1:]
        assert 0 < off.max() < 1e-4


def test_a_resample_that_drew_few_of_the_best_looks_further_down(monkeypatch):
    monkeypatch.setattr(ladders, "DEPTH", 1)  # of k images, a third is drawn nowhere
    rng = np.random.default_rng(6)
    images = rng.normal(size=(300, 3))
    images = (images / np.linalg.norm(images, axis=1, keepdims=True)).astype(np.float32)
    judged, patients = (rng.random((1, 300)) < 0.4) * 1.0, np.arange(300)
    asked, queries = Asked(compact(judged), *np.zeros((2, 1), int)), images[:1]
    draws = draws_at_size(images, queries, asked, patients, **HOW)["precision_at_k"]
    scores = np.concatenate([block for _, block in streaming.scored(images, queries)])
    usual = metric_draws("precision_at_k", scores.astype(float), judged, patients, **HOW)
    np.testing.assert_array_equal(draws, usual)


def test_scores_that_are_all_equal_are_chance():
    images, _, asked, patients = world()
    draws = draws_at_size(images, np.zeros((6, 4), np.float32), asked, patients, **HOW)
    assert np.all(draws["auroc"] == 0.5)
    usual = metric_draws(
        "precision_at_k", np.zeros((6, 400)), *in_memory(*world())[1::2], **HOW
    )
    np.testing.assert_allclose(draws["precision_at_k"], usual, atol=1e-13)


def test_the_opposite_query_turns_auroc_around():
    images, queries, asked, patients = world()
    there = draws_at_size(images, queries, asked, patients, **HOW)["auroc"]
    back = draws_at_size(images, -queries, asked, patients, **HOW)["auroc"]
    np.testing.assert_allclose(there + back, 1, atol=1e-13)


def test_rows_are_read_from_a_file_in_half_the_memory(tmp_path):
    images, queries, asked, patients = world()
    np.save(tmp_path / "rows.npy", images.astype(np.float16))
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    expected = draws_at_size(*world(), **HOW)["auroc"]  # halves are exact in float16
    found = draws_at_size(mapped, queries, asked, patients, **HOW)["auroc"]
    np.testing.assert_array_equal(found, expected)


def test_scores_of_all_queries_never_exist_together(monkeypatch):
    monkeypatch.setattr(streaming, "SCORES_AT_ONCE", 40_000)
    rng = np.random.default_rng(0)
    images = CORNERS[rng.integers(0, 4, 20_000)].astype(np.float32)
    asked = Asked(compact((rng.random((1, 20_000)) < 0.3) * 1.0), *np.zeros((2, 300), int))
    queries, patients = rng.normal(size=(300, 4)).astype(np.float32), np.arange(20_000)
    tracemalloc.start()
    draws_at_size(images, queries, asked, patients, n_resamples=0, seed=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300 * 20_000 * 4 / 3  # all scores in single precision take 24 MB


def test_a_query_with_too_few_on_a_side_has_no_value_and_says_why():
    images, queries, asked, patients = world()
    few = asked.judged.copy()
    few[0, np.flatnonzero(few[0] == 1)[9:]] = 0
    table = evaluate_at_size(images, queries, asked._replace(judged=few), patients, **HOW)
    row = table[(table["query"] == 0) & (table["measure"] == "auroc")].iloc[0]
    assert np.isnan(row["value"])
    assert row["note"] == "not evaluable: 9 relevant, fewer than 10"


def test_nobody_judged_is_no_error():
    images, queries, asked, patients = world()
    none = asked._replace(judged=np.full_like(asked.judged, -1))
    table = evaluate_at_size(images, queries, none, patients, **HOW)
    assert set(table["note"]) == {"not evaluable: no image is judged"}


def test_resamples_are_the_same_however_many_are_taken_at_once():
    at_once = [np.hstack(list(patient_counts(50, 30, 4, at_once=n))) for n in (1, 7, 30)]
    np.testing.assert_array_equal(at_once[0], at_once[1])
    np.testing.assert_array_equal(at_once[0], at_once[2])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"images": 2}, r"images row 0 has length 2, not 1 \(counted from image 0\)"),
        ({"queries": NAN}, "queries row 0 has a number that is not finite"),
        ({"wanted": 4}, "asked.wanted has row 4; rows are 0 to 3"),
        ({"k": 401}, "k is 401, allowed is 1 to n = 400, the images"),
        ({"patients": 0}, "patients: 1 in all, an interval needs at least 2"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_measured_is_refused(change, said):
    images, queries, asked, patients = world()
    images = images * np.float32(change.get("images", 1))
    queries = queries * np.float32(change.get("queries", 1))
    asked = (
        asked._replace(wanted=np.full(6, change["wanted"])) if "wanted" in change else asked
    )
    patients = np.full(400, "p") if "patients" in change else patients
    with pytest.raises(InputError, match=said):
        evaluate_at_size(
            images, queries, asked, patients, **HOW | {"k": change.get("k", 10)}
        )


def test_a_relevance_that_does_not_exist_is_refused():
    with pytest.raises(
        InputError, match=r"relevance row 0 image 1 is 0\.5, not 0, 1 or NaN"
    ):
        compact(np.array([[1, 0.5, NAN]]))
