"""Strips of tokens: one scale for all, escaped, in order, and said in words."""

import pandas as pd
import pytest

from negcxr.errors import InputError
from negcxr.figures import text_strip, token_strips

FULL_BLUE, FULL_ORANGE, PALE = (
    "rgb(86, 166, 220)",
    "rgb(240, 150, 70)",
    "rgb(240, 240, 240)",
)
ROWS = pd.DataFrame(
    {
        "sentence": ["no edema"] * 4,
        "side": ["base", "base", "con1", "con1"],
        "token": ["no", "edema", "no", "edema"],
        "value": [0.0, 0.25, -0.5, 0.5],
    }
)


def strips(table=ROWS, **how) -> str:
    return str(token_strips(table, description="Two models.", **how))


def test_all_strips_share_the_scale_of_the_largest_size():
    shown = strips()
    assert shown.count(FULL_BLUE) == shown.count(FULL_ORANGE) == 1
    half = "rgb(163, 203, 230)"  # between pale and blue, for 0.25 of 0.5
    assert shown.count(half) == 1
    assert "full colour: 0.50 either way" in shown


def test_each_model_has_its_name_beside_its_strip_in_the_order_of_the_table():
    shown = strips()
    assert shown.index("<dt>base</dt>") < shown.index("<dt>con1</dt>")
    turned = strips(ROWS.iloc[[2, 3, 0, 1]])
    assert turned.index("<dt>con1</dt>") < turned.index("<dt>base</dt>")


def test_each_sentence_has_one_heading():
    table = pd.concat([ROWS, ROWS.assign(sentence="edema is absent")])
    shown = strips(table)
    assert shown.count("<strong>no edema</strong>") == 1
    assert shown.count("<strong>edema is absent</strong>") == 1


@pytest.mark.parametrize("column", ["sentence", "side", "token"])
def test_no_text_can_act_as_html(column):
    shown = strips(ROWS.assign(**{column: '<img onerror="x">'}))
    assert "<img" not in shown and "&lt;img" in shown


def test_strips_without_any_value_are_pale():
    assert strips(ROWS.assign(value=0.0)).count(PALE) == 4


def test_strips_say_what_they_show():
    assert 'aria-label="Two models."' in strips()
    assert 'aria-label="no edema, con1"' in strips()
    with pytest.raises(InputError, match="description is empty"):
        token_strips(ROWS, description=" ")


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="token_strips: no column side; columns:"):
        token_strips(ROWS.drop(columns="side"), description="Two models.")


def test_an_empty_table_is_told_in_words():
    assert "Nothing to show: Two models." in strips(ROWS[:0])


def test_a_value_beyond_the_scale_has_the_full_colour():
    shown = str(text_strip(["no"], [-3.0], description="One", most=1.0))
    assert FULL_ORANGE in shown and "-3.00" in shown
