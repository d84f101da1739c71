"""t-SNE maps: what they refuse, that starts matter, and that each says what it is worth."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from tests.probe.geometries import DIM

from negcxr.errors import InputError
from negcxr.probe.geometry import closeness, cosines, purity
from negcxr.probe.maps import allowed_perplexities, drawn_points, map_trust, tsne_maps

LABELS = np.repeat(["affirmed", "denied"], 15)


def two_blobs(apart: float) -> np.ndarray:
    rows = np.random.default_rng(0).normal(size=(30, DIM))
    rows[:, 0] += apart * np.where(LABELS == "affirmed", 1, -1)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def maps():
    return list(tsne_maps(two_blobs(6), starts=2, perplexities=[3, 6]))


def test_there_is_a_map_for_each_start_and_perplexity(maps):
    assert [(m.start, m.perplexity) for m in maps] == [
        ("widest directions", 3),
        ("widest directions", 6),
        ("random 1", 3),
        ("random 1", 6),
    ]


def test_a_map_lies_within_one_around_its_middle(maps):
    for found in maps:
        assert np.linalg.norm(found.points, axis=1).max() == pytest.approx(1)
        assert found.points.mean(axis=0) == pytest.approx(0, abs=1e-9)


def test_another_start_gives_another_map_and_the_same_start_the_same(maps):
    again = list(tsne_maps(two_blobs(6), starts=2, perplexities=[3, 6]))
    assert np.array_equal(again[3].points, maps[3].points)
    assert np.abs(maps[0].points - maps[2].points).max() > 0.1


def test_two_blobs_lie_apart_on_every_map(maps):
    for found in maps:
        assert purity(closeness(found.points), LABELS, k=4).values.mean() > 0.95


def test_one_blob_has_its_labels_mixed_on_the_map_as_in_the_space():
    rows = two_blobs(0)
    (found,) = tsne_maps(rows, starts=1, perplexities=[6])
    space, on_map = (
        purity(near, LABELS, k=4).values.mean()
        for near in (cosines(rows), closeness(found.points))
    )
    assert abs(space - 0.5) < 0.15
    assert abs(on_map - 0.5) < 0.2


def test_a_map_that_is_the_space_is_wholly_true():
    angles = np.linspace(0, 1, 12) ** 2  # no two neighbours equally near
    points = np.column_stack([np.cos(angles), np.sin(angles)])
    assert map_trust(points, points, 3) == (1, 1)


def _by_hand(space: np.ndarray, shown: np.ndarray, k: int) -> float:
    """Venna and Kaski's sum, text by text."""
    n, lost = len(space), 0
    ranks = cdist(space, space).argsort(axis=1).argsort(axis=1)
    near = cdist(shown, shown).argsort(axis=1)[:, 1 : k + 1]
    for text in range(n):
        lost += sum(max(0, ranks[text, other] - k) for other in near[text])
    return 1 - 2 * lost / (n * k * (2 * n - 3 * k - 1))


def test_trustworthiness_and_continuity_are_each_other_with_the_spaces_swapped():
    rows = two_blobs(1)
    points = rows[:, :2].copy()
    trust, continuity = map_trust(rows, points, 4)
    assert trust == pytest.approx(_by_hand(rows, points, 4))
    assert continuity == pytest.approx(_by_hand(points, rows, 4))
    assert trust != continuity


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (
            {"perplexities": [10]},
            "perplexity is 10, allowed is above 0 and below n / 3 = 10",
        ),
        ({"perplexities": [0]}, "perplexity is 0"),
        ({"starts": 0}, "starts is 0, allowed is 1 or more"),
    ],
)
def test_what_cannot_be_mapped_is_refused(how, message):
    with pytest.raises(InputError, match=message):
        list(tsne_maps(two_blobs(1), **{"starts": 1, "perplexities": [5]} | how))


def test_rows_that_are_all_alike_are_refused():
    with pytest.raises(InputError, match="30 rows to map that are all alike"):
        list(tsne_maps(np.eye(4)[[0] * 30], starts=1, perplexities=[5]))


def test_too_many_rows_are_refused():
    rows = np.repeat(np.eye(7), 43, axis=0)
    with pytest.raises(InputError, match="301 rows to map, allowed are 300"):
        list(tsne_maps(rows, starts=1, perplexities=[5]))


def test_k_of_a_map_is_below_half_its_texts():
    with pytest.raises(InputError, match="k is 15, allowed is 1 to below n / 2 = 15"):
        map_trust(two_blobs(1), two_blobs(1)[:, :2].copy(), 15)


def test_points_are_drawn_in_order_and_only_where_there_are_too_many():
    assert drawn_points(5, 0).tolist() == [0, 1, 2, 3, 4]
    some = drawn_points(1000, 0)
    assert len(some) == 300
    assert (np.diff(some) > 0).all()
    assert not np.array_equal(some, drawn_points(1000, 1))


def test_perplexities_that_few_points_do_not_allow_are_left_out():
    assert allowed_perplexities([5, 15, 30], 60) == [5, 15]


def test_maps_are_turned_to_lie_like_the_first(maps):
    # Turned best when what two maps have in common is symmetric, with no turn left in it.
    for found in maps[1:]:
        common = found.points.T @ maps[0].points
        assert common == pytest.approx(common.T)
        assert np.linalg.eigvalsh(common).min() >= -1e-9
