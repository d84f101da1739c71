"""Policies, on a row that holds each of the four values once."""

import numpy as np
import pytest

from negcxr.data.labels import POLICIES, refuse_unknown_labels, relevance
from negcxr.errors import InputError

NAN = float("nan")
FOUR_VALUES = np.array([[1.0, 0.0, -1.0, NAN]])  # present, absent, uncertain, unmentioned


@pytest.mark.parametrize(
    ("policy", "judged"),
    [
        ("explicit", [1, 0, NAN, NAN]),
        ("explicit-uncertain-present", [1, 0, 1, NAN]),
        ("explicit-uncertain-absent", [1, 0, 0, NAN]),
        ("blank-absent", [1, 0, NAN, 0]),
        ("blank-absent-uncertain-present", [1, 0, 1, 0]),
        ("blank-absent-uncertain-absent", [1, 0, 0, 0]),
    ],
)
def test_each_policy_reads_the_four_values_in_its_own_way(policy, judged):
    np.testing.assert_array_equal(relevance(FOUR_VALUES, policy)[0], judged)


def test_there_are_six_policies_and_no_more():
    assert len(POLICIES) == 6


def test_labels_stay_as_they_were():
    labels = FOUR_VALUES.copy()
    relevance(labels, "blank-absent-uncertain-present")
    np.testing.assert_array_equal(labels, FOUR_VALUES)


def test_an_unknown_policy_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="'strict' is not known.*explicit, .*blank-absent"):
        relevance(FOUR_VALUES, "strict")


@pytest.mark.parametrize("value", [2.0, 0.5, -2.0, np.inf])
def test_any_other_value_is_refused(value):
    with pytest.raises(InputError, match="row 0, column 1: label"):
        relevance(np.array([[1.0, value]]), "explicit")


def test_a_refused_label_is_named_by_source_row_finding_and_value():
    labels = np.array([[0.0, 1.0], [0.0, 2.0]])
    message = "a.csv, row 1, Edema: label 2; allowed: 1 present, 0 absent, -1 uncertain"
    with pytest.raises(InputError, match=message):
        refuse_unknown_labels(labels, ("Mass", "Edema"), source="a.csv")
