"""The polarity direction and whether it serves another finding."""

import numpy as np
import pytest
from tests.probe.geometries import (
    AFFIRMED,
    DIM,
    FINDING,
    FINDINGS,
    POLARITY,
    WORDING,
    axis,
    deaf_rows,
    hearing_rows,
    turned,
)

from negcxr.probe.directions import (
    polarity_direction,
    positions,
    transfer,
    transfer_to_other_wordings,
)


def own_axis_rows() -> np.ndarray:
    """Denial turns the finding's own axis round: heard, with no direction in common."""
    signs = np.where(AFFIRMED, 1, -1)
    rows = [axis(FINDINGS.index(f)) * s for f, s in zip(FINDING, signs, strict=True)]
    return np.array(rows)


def test_the_direction_is_the_pole():
    assert polarity_direction(hearing_rows(), AFFIRMED) == pytest.approx(
        2 * axis(DIM - 1) / np.sqrt(2)
    )


def test_swapping_affirmed_and_denied_flips_the_direction():
    rows = turned(deaf_rows())
    forth, back = (polarity_direction(rows, pole) for pole in (AFFIRMED, ~AFFIRMED))
    assert forth == pytest.approx(-back)


def test_a_direction_of_rounding_is_none():
    rows = np.ones((4, 3)) + 1e-9 * np.arange(12).reshape(4, 3)
    found = polarity_direction(rows, np.array([True, True, False, False]))
    assert (found == 0).all()


def test_one_direction_serves_all_findings_of_the_hearing_space():
    for found in (
        transfer(hearing_rows(), AFFIRMED, FINDING),
        transfer_to_other_wordings(hearing_rows(), AFFIRMED, FINDING, WORDING),
    ):
        assert found.groups == FINDINGS
        assert found.own == found.across == 1


def test_a_deaf_space_transfers_by_its_wordings_alone():
    assert transfer(deaf_rows(), AFFIRMED, FINDING).across == 1
    held_out = transfer_to_other_wordings(deaf_rows(), AFFIRMED, FINDING, WORDING)
    assert held_out.own == held_out.across == 1 / 2


def test_denial_may_be_heard_with_no_direction_in_common():
    found = transfer(own_axis_rows(), AFFIRMED, FINDING)
    assert found.own == 1
    assert found.across == 1 / 2


def test_transfer_is_that_of_plain_counting():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(24, 5))
    found = transfer(rows, AFFIRMED, FINDING)
    for i, one in enumerate(FINDINGS):
        here = FINDING == one
        line = rows[here & AFFIRMED].mean(axis=0) - rows[here & ~AFFIRMED].mean(axis=0)
        for j, other in enumerate(FINDINGS):
            there = FINDING == other
            ups, downs = (rows[there & pole] @ line for pole in (AFFIRMED, ~AFFIRMED))
            wins = [float(up > down) for up in ups for down in downs]
            assert found.auroc[i, j] == pytest.approx(np.mean(wins))


def test_turning_the_space_and_swapping_polarity_leave_transfer_alone():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(24, DIM))
    before = transfer(rows, AFFIRMED, FINDING).auroc
    assert transfer(turned(rows), AFFIRMED, FINDING).auroc == pytest.approx(before)
    assert transfer(rows, ~AFFIRMED, FINDING).auroc == pytest.approx(before)


def test_a_finding_without_denials_has_no_direction():
    some = ~((FINDING == "edema") & ~AFFIRMED)
    found = transfer(hearing_rows()[some], AFFIRMED[some], FINDING[some])
    assert np.isnan(found.auroc[0]).all()
    assert np.isnan(found.auroc[:, 0]).all()
    assert found.across == 1


def test_with_one_wording_of_a_polarity_no_half_can_be_held_out():
    one = np.isin(WORDING, ["bare", "no", "without"])
    found = transfer_to_other_wordings(
        hearing_rows()[one], AFFIRMED[one], FINDING[one], WORDING[one]
    )
    assert np.isnan(found.across)


def test_texts_lie_at_one_and_minus_one_and_others_where_they_belong():
    rows = np.vstack([hearing_rows(), axis(0), (axis(0) - axis(DIM - 1)) / np.sqrt(2)])
    places = np.append(FINDING, ["edema", "edema"])
    names = np.append(POLARITY, ["equivalent", "double-negation"])
    found = positions(rows, places, names)
    assert found[:-2] == pytest.approx(np.where(AFFIRMED, 1, -1))
    assert found[-2:] == pytest.approx([0, -1])


def test_without_a_common_direction_there_is_no_position():
    assert np.isnan(positions(own_axis_rows(), FINDING, POLARITY)).all()
    assert np.isnan(positions(np.ones((24, 3)), FINDING, POLARITY)).all()


def test_where_a_finding_lies_as_a_whole_does_not_move_its_texts():
    shifted = hearing_rows() + np.outer(FINDING == "mass", 5 * axis(DIM - 1))
    assert positions(shifted, FINDING, POLARITY) == pytest.approx(np.where(AFFIRMED, 1, -1))
