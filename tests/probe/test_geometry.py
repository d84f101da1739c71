"""Neighbours, clusters and angles, on spaces that are known by hand."""

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples
from tests.probe.geometries import (
    FINDING,
    POLARITY,
    WORDING,
    deaf_rows,
    hearing_rows,
    turned,
)

from negcxr.errors import InputError
from negcxr.measure.clusters import balanced
from negcxr.probe.geometry import (
    closeness,
    cosines,
    deal_p,
    dealt,
    mean_angles,
    neighbours,
    purity,
    silhouettes,
)

SAME_FINDING = FINDING[:, None] == FINDING[None]
SAME_POLARITY = POLARITY[:, None] == POLARITY[None]
LINE = np.array([[0.0, 0], [1, 0], [3, 0], [7, 0]])


def test_a_hearing_space_is_pure_by_polarity_and_a_deaf_one_is_at_chance():
    # Of 23 others 11 have the polarity; 3 of them are nearest where polarity is heard.
    hears = purity(cosines(hearing_rows()), POLARITY, k=2)
    assert hears.values == pytest.approx(1)
    assert hears.chance == pytest.approx(11 / 23)
    # The nearest of a deaf text are the 5 others of its finding (2 of its polarity) and the
    # 3 others of its wording, all equally near: by wording alone, 5 of 8.
    deaf = purity(cosines(deaf_rows()), POLARITY, k=4)
    assert deaf.values == pytest.approx(5 / 8)


def test_with_wordings_apart_a_deaf_space_does_not_pass_for_a_hearing_one():
    hears = purity(cosines(hearing_rows()), POLARITY, k=2, apart=[WORDING])
    assert hears.values == pytest.approx(1)
    deaf = purity(cosines(deaf_rows()), POLARITY, k=4, apart=[WORDING])
    assert deaf.values == pytest.approx(2 / 5)
    assert deaf.chance == pytest.approx(8 / 20)


def test_findings_are_kept_apart_as_well_when_asked():
    found = purity(cosines(hearing_rows()), POLARITY, k=6, apart=[WORDING, FINDING])
    assert found.values == pytest.approx(1)
    assert found.chance == pytest.approx(6 / 15)


def test_purity_by_finding():
    found = purity(cosines(hearing_rows()), FINDING, k=2)
    assert found.values == pytest.approx(1)
    assert found.chance == pytest.approx(5 / 23)


def test_neighbours_share_a_last_place_for_which_they_tie():
    near = np.array([[1, 0.9, 0.5, 0.5], [0.9, 1, 0, 0], [0.5, 0, 1, 0], [0.5, 0, 0, 1]])
    assert neighbours(near, 2)[0] == pytest.approx([0, 1 / 2, 1 / 4, 1 / 4])
    assert neighbours(near, 2).sum(axis=1) == pytest.approx(1)


def test_neighbours_are_those_that_a_plain_sort_finds():
    near = np.random.default_rng(0).normal(size=(30, 30))
    groups, found = np.arange(30) % 7, None
    found = neighbours(near, 3, [groups])
    for text in range(30):
        others = [j for j in range(30) if groups[j] != groups[text]]
        best = sorted(others, key=lambda j: -near[text, j])[:3]
        assert set(np.flatnonzero(found[text])) == set(best)


def test_a_text_with_too_few_candidates_has_no_purity():
    near, groups = closeness(LINE), np.array(["a", "a", "a", "b"])
    labels = np.array(["x", "y", "x", "y"])
    assert np.isnan(neighbours(near, 2, [groups])[:3]).all()
    found = purity(near, labels, k=2, apart=[groups])
    assert np.isnan(found.values[:3]).all()
    assert found.values[3] == 1 / 2


def test_a_text_whose_candidates_are_all_alike_has_no_purity():
    labels = np.array(["x", "y", "y", "y"])
    found = purity(closeness(LINE), labels, k=1)
    assert np.isnan(found.values).tolist() == [True, False, False, False]


def test_k_below_one_is_refused():
    with pytest.raises(InputError, match="k is 0, allowed is 1 or more"):
        neighbours(np.eye(4), 0)


def test_rows_that_are_not_of_unit_length_are_refused():
    with pytest.raises(InputError, match="rows row 0 has length 2, not 1"):
        cosines(2 * np.eye(3))


def test_rounding_does_not_decide_who_is_nearer():
    rows = np.random.default_rng(0).normal(size=(1, 5))
    rows = np.repeat(rows / np.linalg.norm(rows), 6, axis=0)
    rows *= 1 + 1e-8 * np.arange(6)[:, None]
    labels = np.array(list("xyxyxy"))
    found = purity(cosines(rows), labels, k=2)
    assert found.values == pytest.approx(found.chance)


def test_silhouettes_are_those_of_distances_by_cosine():
    rows = np.random.default_rng(0).normal(size=(12, 4))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    labels = np.arange(12) % 3
    reference = silhouette_samples(rows, labels, metric="cosine")
    assert silhouettes(cosines(rows), labels) == pytest.approx(reference, abs=1e-5)


def test_silhouettes_of_the_hearing_space():
    # By polarity: 2 others of its finding at 0, 9 at 1/2; of the other 3 at 1, 9 at 3/2.
    own, other = 9 * 0.5 / 11, (3 * 1 + 9 * 1.5) / 12
    found = silhouettes(cosines(hearing_rows()), POLARITY)
    assert found == pytest.approx((other - own) / other)


def test_silhouettes_of_the_deaf_space_are_not_above_zero_by_polarity():
    # Own polarity: 2 at 1/2, 3 at 1/2, 6 at 1; the other: 3 at 1/2, 9 at 1.
    own, other = (5 * 0.5 + 6) / 11, (3 * 0.5 + 9) / 12
    found = silhouettes(cosines(deaf_rows()), POLARITY)
    assert found == pytest.approx((other - own) / other)
    assert found.max() < 0.12


@pytest.mark.parametrize("labels", [["x"] * 4, list("abcd")], ids=["one", "as many"])
def test_silhouettes_need_labels_that_part(labels):
    assert np.isnan(silhouettes(np.eye(4), np.array(labels))).all()


def test_angles_of_the_hearing_space():
    near = cosines(hearing_rows())
    assert mean_angles(near, SAME_FINDING & ~SAME_POLARITY) == pytest.approx(90)
    assert mean_angles(near, ~SAME_FINDING & SAME_POLARITY) == pytest.approx(60)
    assert mean_angles(near, ~SAME_FINDING & ~SAME_POLARITY) == pytest.approx(120)


def test_a_text_without_a_pair_has_no_angle():
    assert np.isnan(mean_angles(np.eye(2), np.zeros((2, 2), dtype=bool))).all()


@pytest.mark.parametrize("make", [hearing_rows, deaf_rows])
def test_turning_the_space_changes_nothing(make):
    before, after = cosines(make()), cosines(turned(make()))
    assert after == pytest.approx(before, abs=1e-6)
    for labels in (POLARITY, FINDING):
        first, second = (purity(c, labels, k=4).values for c in (before, after))
        assert second == pytest.approx(first)


def test_labels_are_dealt_to_whole_units():
    deals = list(dealt(POLARITY, WORDING, n_deals=40, seed=0))
    assert len({deal.tobytes() for deal in deals}) > 10
    for deal in deals:
        assert np.sum(deal == "denied") == 12
        assert all(len(set(deal[wording == WORDING])) == 1 for wording in set(WORDING))


def test_a_unit_with_two_labels_is_refused():
    with pytest.raises(InputError, match="unit edema has texts labelled"):
        list(dealt(POLARITY, FINDING, n_deals=1, seed=0))


def _deal_p(rows: np.ndarray) -> float:
    near, counts = cosines(rows), balanced(POLARITY)

    def lift(labels: np.ndarray) -> float:
        found = purity(near, labels, k=4, apart=[WORDING])
        return float(counts @ (found.values - found.chance))

    deals = [lift(labels) for labels in dealt(POLARITY, WORDING, n_deals=99, seed=0)]
    return deal_p(lift(POLARITY), np.array(deals))


def test_dealt_labels_are_a_null_that_the_deaf_space_does_not_leave():
    assert _deal_p(deaf_rows()) == 1
    # 20 ways to part six wordings in threes, of which two are as good: about 1 in 10.
    assert _deal_p(hearing_rows()) == pytest.approx(0.1, abs=0.06)


def test_p_counts_deals_at_least_as_high_and_the_value_itself():
    assert deal_p(0.5, np.array([0.1, 0.5, 0.9, np.nan])) == pytest.approx(3 / 4)
    assert np.isnan(deal_p(float("nan"), np.array([0.1])))
