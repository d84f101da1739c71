"""Tables and token strips: every number readable, nothing foreign let through."""

import pandas as pd
import pytest

from negcxr.errors import InputError
from negcxr.figures import small_table, text_strip
from negcxr.figures.tables import with_interval

ROWS = pd.DataFrame(
    {
        "finding": ["Edema", "<b>x</b>"],
        "value": [0.934, float("nan")],
        "low": [0.9, float("nan")],
        "high": [0.957, float("nan")],
        "n": [200, 3],
    }
)


def test_an_interval_stands_beside_its_value_on_one_line():
    assert "<td>0.93 [0.90,\N{NO-BREAK SPACE}0.96]</td>" in str(
        small_table(ROWS, "Numbers")
    )


def test_a_value_that_does_not_exist_is_a_dash():
    assert "<td>\N{EN DASH}</td>" in str(small_table(ROWS, "Numbers"))


def test_a_whole_number_has_no_decimals():
    assert "<td>200</td>" in str(small_table(ROWS, "Numbers"))


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (-0.001, -0.004, 0.001, "0.00 [0.00,\N{NO-BREAK SPACE}0.00]"),
        (-0.0, -0.006, -0.0049, "0.00 [-0.01,\N{NO-BREAK SPACE}0.00]"),
    ],
)
def test_what_rounds_to_zero_has_no_minus_sign(value, low, high, text):
    assert with_interval(value, low, high) == text
    assert "<td>0.00</td>" in str(
        small_table(pd.DataFrame({"a": ["b"], "c": [value]}), "Zero.")
    )


@pytest.mark.parametrize(("value", "text"), [(1.0, "1.00"), (0.0, "0.00"), (12.0, "12")])
def test_a_share_of_one_keeps_its_decimals_and_a_count_does_not(value: float, text: str):
    table = pd.DataFrame({"name": ["a"], "x": [value]})
    assert f"<td>{text}</td>" in str(small_table(table, "Numbers"))


def test_text_of_a_table_cannot_act_as_html():
    shown = str(small_table(ROWS, "<script>"))
    assert "<b>" not in shown and "<script>" not in shown


def test_the_first_cell_names_its_row_for_a_screen_reader():
    assert '<th scope="row">Edema</th>' in str(small_table(ROWS, "Numbers"))


def test_columns_are_shown_in_the_order_asked_for():
    shown = str(small_table(ROWS, "Numbers", columns=["n", "finding"]))
    assert shown.index(">n<") < shown.index(">finding<")


def test_an_unknown_column_is_named_with_those_that_there_are():
    with pytest.raises(InputError, match="no column m; columns:"):
        small_table(ROWS, "Numbers", columns=["m"])


def test_a_table_without_a_caption_is_refused():
    with pytest.raises(InputError, match="caption is empty"):
        small_table(ROWS, "")


def test_a_token_is_blue_above_zero_and_orange_below():
    strip = str(text_strip(["no", "edema"], [-0.5, 0.5], description="Two tokens"))
    assert "rgb(240, 150, 70)" in strip and "rgb(86, 166, 220)" in strip


def test_a_token_shows_its_number_with_its_sign():
    assert "<small>+0.50</small>" in str(text_strip(["no"], [0.5], description="One"))


def test_tokens_of_no_value_at_all_are_neutral():
    assert "rgb(240, 240, 240)" in str(text_strip(["no"], [0.0], description="One"))


def test_a_token_cannot_act_as_html():
    assert "&lt;img" in str(text_strip(["<img onerror=x>"], [0.1], description="One"))


def test_tokens_and_values_must_be_as_many():
    with pytest.raises(InputError, match="2 tokens and 1 values"):
        text_strip(["no", "edema"], [0.1], description="Two")


def test_every_column_with_ends_of_its_own_name_is_folded():
    table = pd.DataFrame({"change": [0.5], "change_low": [0.25], "change_high": [0.75]})
    text = str(small_table(table, "One."))
    assert "0.50 [0.25,\N{NO-BREAK SPACE}0.75]" in text
    assert "change_low" not in text


def test_a_column_with_one_end_alone_is_left_as_it_is():
    table = pd.DataFrame({"change": [0.5], "change_low": [0.25]})
    assert '<th scope="col">change_low</th>' in str(small_table(table, "One."))


def test_an_address_may_break_after_each_part_of_its_path():
    table = pd.DataFrame({"name": ["a"], "source": ["see https://b.org/c"]})
    assert "<td>see https:/<wbr>/<wbr>b.org/<wbr>c</td>" in str(small_table(table, "S"))
