"""Rows that a reader picks by lists: what the lists have, and what is shown at first."""

import numpy as np
import pandas as pd
import pytest

from negcxr import figures
from negcxr.errors import InputError
from negcxr.figures import Html

TABLE = pd.DataFrame(
    {
        "row": ["one\tencoder", "one\trule", "other\tencoder"],
        "measure": ["denied", "denied", "affirmed"],
        "found in": ["live", "live", "artifact"],
        "value": [0.1, 0.9, 0.8],
        "low": [0.0, 0.8, 0.7],
        "high": [0.2, 1.0, 0.9],
        "chance": 0.5,
    }
)


def drawn(table=TABLE, **own):
    given = {"picks": {"measure": "affirmed", "found in": "all"}, "colour": "found in"}
    return figures.picked_dots(table, description="Values of runs.", **given | own)


def lists(chart):
    return {
        one["bind"]["name"]: (one["value"], one["bind"]["options"])
        for one in chart.to_dict()["params"]
    }


def test_each_list_has_every_value_of_its_column_and_all():
    assert lists(drawn()) == {
        "measure ": ("affirmed", ["all", "denied", "affirmed"]),
        "found in ": ("all", ["all", "live", "artifact"]),
    }


def test_what_is_picked_at_first_must_be_there_or_is_the_first_value():
    assert lists(drawn(picks={"measure": "gone"}))["measure "][0] == "denied"


def test_rows_are_picked_by_every_list_at_once():
    filters = [one["filter"] for one in drawn().to_dict()["transform"]]
    assert filters == [
        "pick_0 == 'all' || datum['measure'] == pick_0",
        "pick_1 == 'all' || datum['found in'] == pick_1",
    ]


def test_all_rows_travel_in_the_chart_so_that_no_network_is_asked():
    chart = drawn().to_dict()
    (rows,) = chart["datasets"].values()
    assert [row["value"] for row in rows] == [0.1, 0.9, 0.8]
    assert [row["said"] for row in rows][0].startswith("one, encoder: 0.10 [0.00,")


def test_a_row_without_a_value_is_left_out():
    chart = drawn(TABLE.assign(value=[0.1, np.nan, 0.8])).to_dict()
    (rows,) = chart["datasets"].values()
    assert len(rows) == 2


def test_a_table_without_values_is_told_in_words():
    assert isinstance(drawn(TABLE.iloc[:0]), Html)


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="picked_dots: no column device"):
        drawn(picks={"device": "all"})
