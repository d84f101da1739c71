"""Of which phantoms a statement is true, on four truths and against a plain loop."""

import numpy as np
import pytest

from negcxr.data.claims import holds, tabulate
from negcxr.data.phantoms import truths
from negcxr.data.reports import Bias, Statement, write_report
from negcxr.data.truth import FINDINGS, Sign, Truth, World
from negcxr.errors import InputError

EFFUSION = "Pleural Effusion"
FOUR = tabulate(
    [
        Truth("PA", {EFFUSION: Sign("left", severity=1)}),
        Truth("PA", {EFFUSION: Sign("right", severity=3)}),
        Truth("AP", {EFFUSION: Sign("both", severity=3), "Edema": Sign("both", "", 1)}),
        Truth("PA", {"Support Devices": Sign(kind="leads")}),
    ]
)


NO_DETAIL = Sign()


def statement(sign=NO_DETAIL, polarity="affirmed", finding=EFFUSION):
    return Statement(finding, polarity, "x", sign=sign)


@pytest.mark.parametrize(
    ("claim", "true"),
    [
        pytest.param(statement(), [1, 1, 1, 0], id="effusion"),
        pytest.param(statement(Sign("left")), [1, 0, 1, 0], id="left: also of both sides"),
        pytest.param(statement(Sign("right")), [0, 1, 1, 0], id="right"),
        pytest.param(statement(Sign("both")), [0, 0, 1, 0], id="bilateral: not of one"),
        pytest.param(statement(Sign(severity=3)), [0, 1, 1, 0], id="large"),
        pytest.param(statement(Sign("left", "", 3)), [0, 0, 1, 0], id="large left"),
        pytest.param(statement(Sign("left", "upper")), [0, 0, 0, 0], id="no zone fits"),
        pytest.param(
            statement(Sign(kind="leads"), finding="Support Devices"),
            [0, 0, 0, 1],
            id="leads",
        ),
        pytest.param(
            statement(Sign(kind="pacemaker"), finding="Support Devices"),
            [0, 0, 0, 0],
            id="another device",
        ),
        pytest.param(statement(polarity="denied"), [0, 0, 0, 1], id="no effusion"),
        pytest.param(statement(polarity="equivalent"), [0, 0, 0, 1], id="sharp angles"),
        pytest.param(statement(finding="Edema"), [0, 0, 1, 0], id="edema"),
    ],
)
def test_a_statement_is_true_of_those_that_have_all_it_names(claim, true):
    assert holds(claim, FOUR).tolist() == [bool(one) for one in true]


@pytest.mark.parametrize("finding", FINDINGS)
def test_a_denial_is_true_where_the_affirmation_is_not(finding):
    affirmed, denied = (
        holds(statement(finding=finding, polarity=p), FOUR) for p in ("affirmed", "denied")
    )
    np.testing.assert_array_equal(denied, ~affirmed)


def test_a_hedge_has_no_truth():
    with pytest.raises(InputError, match="'x' is hedged and has no truth"):
        holds(statement(polarity="hedged"), FOUR)


def test_judging_does_not_change_the_table():
    before = FOUR.present.copy()
    holds(statement(Sign("left")), FOUR)
    np.testing.assert_array_equal(FOUR.present, before)


def test_some_rows_are_judged_as_in_the_whole():
    claim = statement(Sign("left"))
    assert holds(claim, FOUR.take([2, 1])).tolist() == [True, False]


def test_reports_are_judged_as_a_plain_loop_judges_them():
    known = truths(0, "train", range(60), World())
    table, bias = tabulate(known), Bias(deny=0.3, equivalent=0.3, scope=0.3, detail=0.7)
    for i, truth in enumerate(known):
        for claim in write_report(truth, bias, np.random.default_rng(i)).statements:
            found = holds(claim, table)
            assert found.tolist() == [is_true(claim, other) for other in known]
            assert found[i], "a report is true of its own phantom"


def is_true(claim, truth):
    if claim.polarity != "affirmed":
        return not truth.has(claim.finding)
    if not truth.has(claim.finding):
        return False
    sign, told = truth.signs[claim.finding], claim.sign
    return (
        (told.side == "" or sign.side in (told.side, "both"))
        and (told.zone == "" or sign.zone == told.zone)
        and (told.severity == 0 or sign.severity == told.severity)
        and (told.kind == "" or sign.kind == told.kind)
    )
