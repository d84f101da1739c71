"""Prompt against denial, on vectors and rankings small enough to check by eye."""

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from negcxr.errors import InputError
from negcxr.measure import polarity
from negcxr.measure.polarity import (
    flip_rate,
    margin,
    place_between,
    row_cosines,
    sign_correctness,
)

EAST, NORTH = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
NORTH_EAST = (EAST + NORTH) / np.sqrt(2)
NAN = float("nan")

# Two images with the finding, two without.
TRUTH = np.array([1.0, 1.0, 0.0, 0.0])
SCORES = np.array([4.0, 2.0, 3.0, 1.0])
ONCE = np.ones((1, 4))


@pytest.mark.parametrize(
    ("affirmed", "denied", "expected"),
    [
        pytest.param(EAST, NORTH, 1, id="image at the affirmation"),
        pytest.param(NORTH, EAST, -1, id="image at the denial"),
        pytest.param(EAST, EAST, 0, id="encoder deaf to no"),
        pytest.param(EAST, -EAST, 2, id="denial opposite"),
    ],
)
def test_margin(affirmed, denied, expected):
    assert margin(EAST, affirmed, denied) == pytest.approx(expected)


def test_a_margin_has_images_down_and_findings_across():
    images = np.vstack([EAST, NORTH, NORTH])
    got = margin(images, np.vstack([EAST, NORTH]), np.vstack([NORTH, NORTH]))
    assert got == pytest.approx(np.array([[1, 0], [-1, 0], [-1, 0]]))


@pytest.mark.parametrize("seed", range(5))
def test_swapping_affirmed_and_denied_flips_the_sign_of_a_margin(seed):
    images, affirmed, denied = _unit(np.random.default_rng(seed).normal(size=(3, 4, 5)))
    there, back = margin(images, affirmed, denied), margin(images, denied, affirmed)
    assert back == pytest.approx(-there)


@pytest.mark.parametrize("place", ["images", "affirmed", "denied"])
@pytest.mark.parametrize("factor", [2.0, 0.0, 1.002, NAN])
def test_rows_that_are_not_unit_are_refused_by_name_and_length(place, factor):
    rows = {"images": EAST, "affirmed": EAST, "denied": EAST, place: factor * EAST}
    with pytest.raises(InputError, match=f"{place} row 0 has length {factor:.3g}, not 1"):
        margin(**rows)


def test_the_row_at_fault_is_named():
    with pytest.raises(InputError, match="images row 1 has length 2, not 1"):
        margin(np.vstack([EAST, 2 * EAST]), EAST, NORTH)


def test_findings_must_line_up():
    with pytest.raises(TypeCheckError):
        margin(EAST, affirmed=EAST, denied=np.vstack([EAST, NORTH]))


@pytest.mark.parametrize(
    ("margins", "expected"),
    [
        pytest.param([1.0, 2.0, -1.0, -2.0], 1, id="every image on its side"),
        pytest.param([-1.0, -2.0, 1.0, 2.0], 0, id="every image on the other side"),
        pytest.param([0.0, 0.0, 0.0, 0.0], 1 / 2, id="deaf: zero counts half"),
        pytest.param([-1.0, -1.0, -1.0, -1.0], 1 / 2, id="always denied"),
        pytest.param([1.0, -1.0, -1.0, -1.0], 3 / 4, id="one of four wrong"),
    ],
)
def test_sign_correctness(margins, expected):
    assert sign_correctness(np.array(margins), TRUTH, ONCE) == pytest.approx([expected])


def test_both_truths_weigh_the_same_in_sign_correctness():
    # 1 of 1 with the finding is right, 1 of 3 without it.
    margins, truth = np.array([1.0, -1.0, 1.0, 1.0]), np.array([1.0, 0.0, 0.0, 0.0])
    assert sign_correctness(margins, truth, ONCE) == pytest.approx([(1 + 1 / 3) / 2])


@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        pytest.param(SCORES, 0, id="deaf to no: the same order"),
        pytest.param(5 * SCORES + 1, 0, id="deaf to no, on another scale"),
        pytest.param(-SCORES, 1, id="the order turned around"),
        pytest.param(np.zeros(4), 1 / 2, id="a denial that says nothing"),
        pytest.param([4.0, 3.0, 2.0, 1.0], 1 / 4, id="one of the four pairs reversed"),
        pytest.param([4.0, 3.0, 3.0, 1.0], 1 / 8, id="one of the four pairs tied"),
    ],
)
def test_flip_rate(denied, expected):
    got = flip_rate(SCORES, np.array(denied), TRUTH, ONCE)
    assert got == pytest.approx([expected])


def test_order_within_one_truth_is_not_counted_in_the_flip_rate():
    # Present images swap places, absent ones too; every pair across keeps its order.
    affirmed, denied = np.array([4.0, 3.0, 2.0, 1.0]), np.array([3.0, 4.0, 1.0, 2.0])
    assert flip_rate(affirmed, denied, TRUTH, ONCE) == [0]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("pairs_at_once", [1, 5, 2**20])
def test_fast_and_plain_flip_rate_agree(seed, pairs_at_once, monkeypatch):
    monkeypatch.setattr(polarity, "PAIRS_AT_ONCE", pairs_at_once)
    scores, truth, weights = _random_case(seed)
    expected = [_plain_flip_rate(*scores, truth, row) for row in weights]
    got = flip_rate(*scores, truth, weights)
    assert got == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("seed", range(10))
def test_swapping_affirmed_and_denied_leaves_the_flip_rate(seed):
    (affirmed, denied), truth, weights = _random_case(seed)
    assert flip_rate(denied, affirmed, truth, weights) == pytest.approx(
        flip_rate(affirmed, denied, truth, weights), nan_ok=True
    )


@pytest.mark.parametrize("seed", range(10))
def test_turning_the_denials_order_around_gives_one_minus_the_flip_rate(seed):
    (affirmed, denied), truth, weights = _random_case(seed)
    assert flip_rate(affirmed, -denied, truth, weights) == pytest.approx(
        1 - flip_rate(affirmed, denied, truth, weights), nan_ok=True
    )


@pytest.mark.parametrize("seed", range(10))
def test_fast_and_plain_sign_correctness_agree(seed):
    (margins, _), truth, weights = _random_case(seed)
    margins = margins - 1  # so that about a third are zero and a third below
    expected = [_plain_sign_correctness(margins, truth, row) for row in weights]
    got = sign_correctness(margins, truth, weights)
    assert got == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("drawn", [[1, 1, 0, 0], [0, 0, 1, 1]])
def test_a_resample_of_one_truth_is_nan(drawn):
    weights = np.array([drawn], dtype=float)
    assert np.isnan(flip_rate(SCORES, SCORES, TRUTH, weights))
    assert np.isnan(sign_correctness(SCORES, TRUTH, weights))


@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        pytest.param(EAST, 1, id="not told apart"),
        pytest.param(NORTH, 0, id="at right angles"),
        pytest.param(-EAST, -1, id="opposite"),
    ],
)
def test_row_cosines(denied, expected):
    assert row_cosines(EAST, denied) == pytest.approx([expected])


def test_cosines_of_rows_that_are_not_unit_are_refused():
    with pytest.raises(InputError, match="denied row 0 has length 3, not 1"):
        row_cosines(EAST, 3 * EAST)


@pytest.mark.parametrize(
    ("hedge", "affirmed", "denied", "place"),
    [
        pytest.param(NORTH, EAST, NORTH, 0, id="a hedge heard as a denial"),
        pytest.param(EAST, EAST, NORTH, 1, id="a hedge heard as an affirmation"),
        pytest.param(NORTH_EAST, EAST, NORTH, 1 / 2, id="a hedge heard half way"),
        pytest.param(NORTH, EAST, EAST, NAN, id="no way between equal rows"),
    ],
)
def test_place_between(hedge, affirmed, denied, place):
    got = place_between(hedge, affirmed, denied)
    assert got == pytest.approx([place], nan_ok=True)


def test_swapping_affirmed_and_denied_mirrors_a_place():
    hedge, affirmed, denied = _unit(np.random.default_rng(0).normal(size=(3, 4, 5)))
    there, back = (
        place_between(hedge, affirmed, denied),
        place_between(hedge, denied, affirmed),
    )
    assert back == pytest.approx(1 - there)


def _unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def _random_case(seed):
    """Two scores of ten images in three steps, one not judged, four resamples."""
    rng = np.random.default_rng(seed)
    scores, truth = rng.integers(3, size=(2, 10)) * 1.0, rng.integers(2, size=10) * 1.0
    truth[rng.integers(10)] = NAN
    return scores, truth, rng.integers(3, size=(4, 10)) * 1.0


def _plain_flip_rate(affirmed, denied, truth, weights):
    flipped, pairs = 0, 0
    for i in range(len(truth)):
        for j in range(len(truth)):
            if truth[i] == 1 and truth[j] == 0:
                pair = weights[i] * weights[j]
                pairs += pair
                if affirmed[i] == affirmed[j] or denied[i] == denied[j]:
                    flipped += pair / 2
                elif (affirmed[i] > affirmed[j]) != (denied[i] > denied[j]):
                    flipped += pair
    return flipped / pairs if pairs else NAN


def _plain_sign_correctness(margins, truth, weights):
    shares = []
    for wanted in (1, 0):
        right, drawn = 0, 0
        for value, is_present, weight in zip(margins, truth, weights, strict=True):
            if is_present == wanted:
                drawn += weight
                if value == 0:
                    right += weight / 2
                elif (value > 0) == (wanted == 1):
                    right += weight
        shares.append(right / drawn if drawn else NAN)
    return sum(shares) / 2
