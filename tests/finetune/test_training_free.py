"""The rivals that need no training, in a plane where angles can be seen."""

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.finetune.training_free import (
    cap_centres,
    centred,
    polarity_direction,
    steered,
    subtracted,
)

EAST, NORTH = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])


def at(*degrees):
    """Unit rows of a plane, by their angle from the east."""
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1)


def angle(row):
    return float(np.degrees(np.arctan2(row[1], row[0])))


def random_rows(n, dim=5, seed=0):
    rows = np.random.default_rng(seed).normal(size=(n, dim))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("strength", "score"),
    [
        pytest.param(0.0, 0.5, id="deaf"),
        pytest.param(1.0, 0.1, id="the parsing rule"),
        pytest.param(2.0, -0.3, id="louder"),
    ],
)
def test_subtraction_takes_a_part_of_the_denied_score_away(strength, score):
    found = subtracted(np.array([[0.5]]), np.array([[0.4]]), strength)
    np.testing.assert_allclose(found, [[score]])


def test_a_strength_below_zero_is_refused():
    with pytest.raises(InputError, match="strength is -1; allowed: 0 or more"):
        subtracted(EAST, NORTH, -1)


def test_centring_takes_each_images_own_mean_away():
    background = np.array([[0.8, 0.1], [0.6, 0.3]])  # means 0.7 and 0.2
    found = centred(np.array([[0.9, 0.9]]), background)
    np.testing.assert_allclose(found, [[0.2, 0.7]])


def test_centring_by_no_share_changes_nothing_and_by_half_takes_half():
    cosines, background = np.array([[0.9]]), np.array([[0.6]])
    assert centred(cosines, background, 0.0) == cosines
    np.testing.assert_allclose(centred(cosines, background, 0.5), [[0.6]])


def test_what_lifts_all_cosines_of_an_image_is_lost_on_centred_ones():
    cosines, lift = random_rows(3), np.arange(5) / 10
    found = centred(cosines + lift, random_rows(4, seed=1) + lift)
    np.testing.assert_allclose(found, centred(cosines, random_rows(4, seed=1)))


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(InputError, match="share is .*; allowed: 0 to 1"):
        centred(EAST, NORTH, share)
    with pytest.raises(InputError, match="share is .*; allowed: 0 to 1"):
        steered(EAST, NORTH[0], share)


@pytest.mark.parametrize(
    ("width", "degrees"),
    [
        pytest.param(0, 0, id="no cap"),
        pytest.param(20, 0, id="caps that do not meet"),
        pytest.param(40, 0, id="caps that touch"),
        pytest.param(50, -10, id="half of what is shared"),
        pytest.param(100, -60, id="wide caps"),
    ],
)
def test_a_cap_turns_away_from_what_is_denied(width, degrees):
    # A lies in the east, N at 80 degrees: their caps meet from a width of 40 on.
    (row,) = cap_centres(EAST, at(80), width)
    assert angle(row) == pytest.approx(degrees, abs=1e-9)


def test_the_centre_of_a_cap_is_the_middle_of_the_arc_that_is_left():
    """By trying every angle: those within A's cap and outside N's, and their middle."""
    tried = np.arange(-180, 180, 0.01)
    for denied, width in ((30, 25), (80, 60), (120, 75), (160, 90)):
        inside = (np.abs(tried) <= width) & (np.abs(tried - denied) > width)
        (row,) = cap_centres(EAST, at(denied), width)
        assert angle(row) == pytest.approx(tried[inside].mean(), abs=0.02)


def test_a_cap_ranks_as_a_subtraction_whose_strength_depends_on_the_pair():
    affirmed, denied, images = (
        random_rows(6),
        random_rows(6, seed=1),
        random_rows(9, seed=2),
    )
    width = 70.0
    between = np.arccos(np.sum(affirmed * denied, axis=1))
    turn = np.maximum(0, np.radians(width) - between / 2)
    strength = np.sin(turn) / np.sin(between + turn)
    by_subtraction = (affirmed - strength[:, None] * denied) @ images.T
    by_cap = cap_centres(affirmed, denied, width) @ images.T
    factor = by_cap[:, :1] / by_subtraction[:, :1]
    assert (strength > 0).any()
    assert (factor > 0).all()
    np.testing.assert_allclose(by_cap, factor * by_subtraction, atol=1e-12)


def test_the_centres_of_caps_are_of_unit_length():
    rows = cap_centres(random_rows(6), random_rows(6, seed=1), 65.0)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1)


@pytest.mark.parametrize("denied", [EAST, -EAST], ids=["the same row", "the opposite row"])
def test_a_pair_without_an_arc_of_its_own_stays_where_it_is(denied):
    np.testing.assert_allclose(cap_centres(EAST, denied, 120.0), EAST, atol=1e-5)


@pytest.mark.parametrize("width", [-1.0, 181.0, np.nan])
def test_a_width_that_no_cap_has_is_refused(width):
    with pytest.raises(InputError, match="width is .*; allowed: degrees from 0 to 180"):
        cap_centres(EAST, NORTH, width)


def test_rows_that_are_not_unit_are_refused_by_name():
    with pytest.raises(InputError, match="denied row 0 has length 2, not 1"):
        cap_centres(EAST, 2 * NORTH, 60.0)
    with pytest.raises(InputError, match="direction row 0 has length 2, not 1"):
        steered(EAST, 2 * NORTH[0], 0.5)


@pytest.mark.parametrize(("share", "degrees"), [(0.0, 0), (0.5, 45), (1.0, 90)])
def test_steering_moves_a_row_along_the_direction(share, degrees):
    (row,) = steered(EAST, NORTH[0], share)
    assert angle(row) == pytest.approx(degrees)


def test_steering_is_the_same_for_a_row_of_any_length():
    rows, (direction,) = random_rows(4), random_rows(1, seed=1)
    found = steered(rows, direction, 0.3)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
    np.testing.assert_allclose(steered(7 * rows, direction, 0.3), found)


def test_a_row_that_is_steered_to_nowhere_is_refused():
    with pytest.raises(InputError, match="a steered row has length 0"):
        steered(EAST, -EAST[0], 0.5)


def test_the_direction_of_denial_keeps_what_findings_have_in_common():
    affirmed = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    denied = np.array([[0.5, 0, 1.0], [0.5, 1.0, 1.0]])  # up, and to or from the first axis
    np.testing.assert_allclose(polarity_direction(affirmed, denied), [0, 0, 1])


def test_the_direction_turns_round_where_affirmed_and_denied_are_swapped():
    affirmed, denied = random_rows(4), random_rows(4, seed=1)
    there, back = polarity_direction(affirmed, denied), polarity_direction(denied, affirmed)
    np.testing.assert_allclose(there, -back)
    assert np.linalg.norm(there) == pytest.approx(1)


def test_no_direction_is_found_where_there_is_none():
    with pytest.raises(InputError, match="needs a finding with both polarities"):
        polarity_direction(np.empty((0, 2)), np.empty((0, 2)))
    with pytest.raises(InputError, match="denied less affirmed rows has length 0"):
        polarity_direction(EAST, EAST)
