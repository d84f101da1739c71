"""What is read as absent, and told apart, on scores by hand."""

import numpy as np
import pytest

from negcxr.chapters import Sampling
from negcxr.chapters.linear import FINDING_OUT, Probed, targets
from negcxr.chapters.probe_reading import read_absent, reading_table, signs_above
from negcxr.chapters.probe_texts import ProbeTexts
from negcxr.probe.linear import READ

KINDS = ["affirmed", "denied", "equivalent", "sign"]
CELL, SAMPLING = (READ, 3, FINDING_OUT), Sampling(n_resamples=50, seed=0)


def make_probed(scores, lots=((True, True, False, False),)):
    """Two findings, polar texts first; the row of a tower of two layers."""
    kinds = np.repeat(KINDS, 2)
    findings = np.tile(["edema", "fracture"], 4)
    texts = ProbeTexts([""] * 8, findings, kinds, kinds, kinds, 4)
    controls = np.array([scores[:4]] * len(lots), dtype=float)
    return Probed(
        "base",
        2,
        texts,
        {CELL: np.array(scores, dtype=float)},
        {CELL: controls},
        np.array(lots),
        {FINDING_OUT: np.array([0, 1, 0, 1])},
    )


def drawn(one):
    return one.texts.drawn(SAMPLING)


def test_absent_is_what_lies_nearer_to_the_denied_texts_of_its_own_finding():
    # Edema: affirmed 10, denied 8, middle 9; fracture: affirmed 1, denied -1, middle 0.
    one = make_probed([10, 1, 8, -1, 8.5, 0.5, 9, 5])
    weights = drawn(one).weights
    assert read_absent(one, CELL, "affirmed", weights)[0] == 0
    assert read_absent(one, CELL, "denied", weights)[0] == 1
    assert read_absent(one, CELL, "equivalent", weights)[0] == 1 / 2
    assert read_absent(one, CELL, "sign", weights)[0] == 1 / 4  # one lies in the middle


def test_signs_are_compared_with_equivalents_of_their_own_finding_alone():
    one = make_probed([0, 0, 0, 0, 100, 1, 101, 2])
    assert signs_above(one, CELL, drawn(one))[0] == 1
    swapped = make_probed([0, 0, 0, 0, 101, 2, 100, 1])
    assert signs_above(swapped, CELL, drawn(swapped))[0] == 0


def test_a_kind_without_texts_has_no_row():
    table = reading_table([make_probed([1, 1, 0, 0, 0, 0, 1, 1])], SAMPLING)
    assert table["kind"].tolist() == KINDS
    assert table["value"].tolist() == [0, 1, 1, 0]
    assert set(table["where"]) == {"row"}


def test_selectivity_is_less_the_mean_control_and_lots_are_drawn_too():
    lots = [[True, True, False, False], [False, False, True, True]]
    one = make_probed([1, 1, 0, 0, 0, 0, 0, 0], lots)
    found = targets(one, CELL, drawn(one).part(4), seed=0)
    assert found["probe"][0] == 1
    assert found["control"][0] == pytest.approx(1 / 2)  # one lot is right, one is wrong
    assert found["selectivity"][0] == pytest.approx(1 / 2)
    assert {0.0, 0.5, 1.0} == set(found["control"].round(6).tolist())
