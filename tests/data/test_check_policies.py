"""Which findings can be asked, on thirty images that can be counted."""

import numpy as np
import pytest
from tests.data.test_check_labels import with_labels

from negcxr.data.check_policies import askable, verdicts

NAN = float("nan")
LEAST = 10


def columns(**findings):
    """A data set whose labels are runs of values: present, absent, uncertain, blank."""
    runs = [np.repeat([1, 0, -1, NAN], counts) for counts in findings.values()]
    return with_labels(np.stack(runs, axis=1), findings)


@pytest.fixture
def thirty():
    return columns(Edema=(10, 10, 0, 10), Mass=(10, 9, 1, 10), Hernia=(9, 0, 0, 21))


def lacks(dataset, policy):
    table = askable(dataset, LEAST)
    part = table[table["policy"] == policy]
    return dict(zip(part["finding"], part["lacks"], strict=True))


def test_nine_of_ten_are_too_few(thirty):
    assert lacks(thirty, "explicit") == {
        "Edema": "",
        "Mass": "absent",
        "Hernia": "present and absent",
    }


def test_blanks_as_absences_mend_what_lacks_absences_alone(thirty):
    assert lacks(thirty, "blank-absent") == {
        "Edema": "",
        "Mass": "",
        "Hernia": "present",
    }


def test_verdicts_name_what_is_too_few(thirty):
    row = verdicts(thirty, LEAST).set_index("policy").loc["explicit"]
    assert row["askable"] == 1
    assert row["too_few_absent"] == "Mass, Hernia"
    assert row["too_few_present"] == "Hernia"


def test_a_composite_needs_both_among_images_that_have_the_first():
    # Edema and Mass together in 10, Edema alone in 10, Mass alone in 9.
    both, edema, mass = [1, 1], [1, 0], [0, 1]
    dataset = with_labels([both] * 10 + [edema] * 10 + [mass] * 9, ("Edema", "Mass"))
    assert verdicts(dataset, 10).set_index("policy").loc["explicit", "pairs"] == 1
    assert verdicts(dataset, 9).set_index("policy").loc["explicit", "pairs"] == 2


def test_a_composite_needs_images_that_have_what_it_excludes():
    # Each alone in 10, but together in 9: nobody could be caught not listening.
    dataset = with_labels([[1, 1]] * 9 + [[1, 0]] * 10 + [[0, 1]] * 10, ("Edema", "Mass"))
    assert verdicts(dataset, 10).set_index("policy").loc["explicit", "pairs"] == 0


def test_a_finding_makes_no_pair_with_itself():
    dataset = with_labels([[1]] * 20 + [[0]] * 20, ("Edema",))
    assert set(verdicts(dataset, LEAST)["pairs"]) == {0}


def test_a_stricter_least_never_makes_more_askable(thirty):
    for strict, lax in ((11, 10), (10, 9), (9, 1)):
        few, many = verdicts(thirty, strict), verdicts(thirty, lax)
        assert (few["askable"] <= many["askable"]).all()
        assert (few["pairs"] <= many["pairs"]).all()
