"""The grid of effects: a cell a place, numbers that can be read, and no number in vain."""

import numpy as np
import pandas as pd
import pytest

from negcxr import figures
from negcxr.errors import InputError
from negcxr.figures.pulls import APART, NEITHER, TOGETHER


def effects(**columns):
    table = {
        "side": ["base", "base", "con1", "con1"],
        "where": ["before layer 1", "after layer 1"] * 2,
        "place": ["cue", "read"] * 2,
        "value": [1.0, -0.25, np.nan, 0.5],
    }
    return pd.DataFrame(table | columns)


def drawn(table, **how):
    chart = figures.trace_grid(table, description="Effects.", **how).to_dict()
    (rows,) = chart["datasets"].values()
    return chart, rows


def test_a_cell_holds_its_number_and_a_missing_one_a_dash():
    _, rows = drawn(effects(value=[1.0, -0.25, np.nan, -1e-9]))
    assert [row["told"] for row in rows] == ["1.00", "-0.25", "\N{EN DASH}", "0.00"]


def test_blocks_have_headings_in_the_order_given():
    chart, rows = drawn(effects())
    places = chart["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert [place.split("\t") for place in places] == [
        *(["base", ""], ["base", "before layer 1"], ["base", "after layer 1"]),
        *(["con1", ""], ["con1", "before layer 1"], ["con1", "after layer 1"]),
    ]
    assert {row["place_down"] for row in rows} <= set(places)


def test_colour_goes_from_minus_one_to_one_and_stays_there_beyond():
    chart, _ = drawn(effects(value=[3.0, -2.0, 0.0, 1.0]))
    scale = chart["layer"][0]["encoding"]["color"]["scale"]
    assert (scale["domain"], scale["clamp"]) == ([-1, 0, 1], True)
    assert scale["range"] == [APART, NEITHER, TOGETHER]


def test_many_columns_get_smaller_numbers_that_still_fit():
    wide = pd.concat([effects(place=[f"{n}"] * 4) for n in range(12)])
    assert drawn(wide)[0]["layer"][1]["mark"]["fontSize"] == 10
    assert drawn(effects())[0]["layer"][1]["mark"]["fontSize"] == 13


def test_other_columns_can_be_named_and_a_missing_one_is_refused():
    chart, _ = drawn(effects(head=[1, 2, 1, 2]), columns="head")
    assert chart["layer"][0]["encoding"]["x"]["title"] == "head"
    with pytest.raises(InputError, match="trace_grid: no column value"):
        drawn(effects().drop(columns="value"))


def test_nothing_to_show_is_said():
    none = figures.trace_grid(effects().iloc[:0], description="Effects.")
    assert "Nothing to show: Effects." in str(none)
