"""How a sentence names a number, and how the number then reads."""

import pytest

from negcxr.book.numbers import FORMS, Reference, explained, number, parse_reference, scalar
from negcxr.errors import InputError
from negcxr.results import Estimate

DENIED = Estimate(value=0.123, low=0.1, high=0.149, n=200, prevalence=0.7, chance=0.5)
BELOW = Estimate(value=-0.25, low=-0.3, high=0.001, n=8)
NONE = Estimate(value=None, n=4, note="not evaluable: 4 relevant, fewer than 10")


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("10_retrieval::gap", Reference("", "10_retrieval", "gap", "full")),
        ("clinic/10_retrieval::gap", Reference("clinic", "10_retrieval", "gap", "full")),
        ("20_no-price::gap", Reference("", "20_no-price", "gap", "full")),
        ("::gap|n", Reference("", "", "gap", "n")),
        ("10_retrieval::gap|value", Reference("", "10_retrieval", "gap", "value")),
    ],
)
def test_a_reference_names_run_notebook_scalar_and_form(text: str, reference: Reference):
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    "text", ["10_retrieval", "clinic/::gap", "a/b/c::gap", "a::b|", "a::b c", "::"]
)
def test_a_reference_of_another_shape_is_refused(text: str):
    with pytest.raises(InputError, match="is not of the shape"):
        parse_reference(text)


def test_an_unknown_form_is_refused_with_those_that_there_are():
    with pytest.raises(InputError, match="form 'loud'; allowed: full, value, interval"):
        parse_reference("a::b|loud")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("full", "0.12 [0.10,\N{NO-BREAK SPACE}0.15]"),
        ("value", "0.12"),
        ("interval", "[0.10,\N{NO-BREAK SPACE}0.15]"),
        ("percent", "12\N{NO-BREAK SPACE}%"),
        ("n", "200"),
        ("chance", "0.50"),
        ("prevalence", "0.70"),
    ],
)
def test_each_form_says_its_part_of_a_number(form: str, text: str):
    assert FORMS[form](DENIED) == text


def test_a_number_below_zero_has_a_minus_sign_and_not_a_hyphen():
    minus = "\N{MINUS SIGN}"
    ends = f"[{minus}0.30,\N{NO-BREAK SPACE}0.00]"
    assert FORMS["full"](BELOW) == f"{minus}0.25 {ends}"


def test_a_whole_number_without_an_interval_is_a_count():
    assert FORMS["full"](Estimate(value=7, n=8)) == "7"


def test_a_whole_number_with_an_interval_is_a_measure():
    measured = Estimate(value=1.0, low=0.9, high=1.0, n=8)
    assert FORMS["full"](measured) == "1.00 [0.90,\N{NO-BREAK SPACE}1.00]"


def test_a_number_that_rounds_to_zero_has_no_sign():
    assert number(-0.001) == "0.00"


@pytest.mark.parametrize("form", ["full", "percent"])
def test_a_value_that_does_not_exist_reads_as_its_reason(form: str):
    assert FORMS[form](NONE) == "not evaluable: 4 relevant, fewer than 10"


def test_beside_a_number_stand_n_prevalence_and_chance():
    assert explained(DENIED) == "n = 200; prevalence 0.70; chance 0.50"


def test_what_is_not_known_of_a_number_is_left_out():
    assert explained(BELOW) == "n = 8"


def test_an_unknown_scalar_is_refused_with_those_that_there_are(project_result):
    with pytest.raises(InputError, match="10_retrieval has no scalar 'gap'; scalars: affi"):
        scalar(project_result, "gap")
