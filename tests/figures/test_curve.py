"""Curves keep what is asked of a chart, and show the whole scale with its intervals."""

from pathlib import Path

import pandas as pd
import pytest

from negcxr import figures
from negcxr.errors import InputError
from negcxr.figures.curve import interval_curve
from negcxr.figures.tables import Html

HIGH = [0.95, 0.9, 0.4, 0.6]


def curve(**columns: list) -> pd.DataFrame:
    table = {
        "share": [0.0, 1.0, 0.0, 1.0],
        "polarity": ["affirmed", "affirmed", "denied", "denied"],
        "value": [0.9, 0.8, 0.2, 0.5],
        "low": [0.85, 0.7, 0.1, 0.4],
        "high": HIGH,
    }
    return pd.DataFrame(table | columns)


def drawn(table: pd.DataFrame, **settings: str) -> dict:
    return interval_curve(table, x="share", description="Two lines.", **settings).to_dict()


def layer(chart: dict, mark: str, n: int = 0) -> dict:
    return [one for one in chart["layer"] if one["mark"]["type"] == mark][n]


def rows(chart: dict) -> list[dict]:
    return chart["datasets"][chart["data"]["name"]]


def test_a_band_reaches_from_low_to_high_in_the_colour_of_its_line():
    chart = drawn(curve())
    band, line = layer(chart, "area")["encoding"], layer(chart, "line")["encoding"]
    assert (band["y"]["field"], band["y2"]["field"]) == ("low", "high")
    assert band["color"]["scale"] == line["color"]["scale"]
    assert layer(chart, "area")["mark"]["opacity"] < 0.3


def test_lines_are_told_apart_by_shape_as_well_as_by_colour_and_the_legend_is_solid():
    chart = drawn(curve())
    points = layer(chart, "point")["encoding"]
    assert points["shape"]["scale"]["range"] == ["circle", "diamond"]
    assert points["color"]["scale"]["range"] == [
        figures.COLOURS[name] for name in ("affirmed", "denied")
    ]
    assert layer(chart, "area")["encoding"]["color"]["legend"]["symbolOpacity"] == 1


def test_a_point_says_in_words_what_it_is_and_its_value():
    said = [row["said"] for row in rows(drawn(curve()))]
    assert said[0] == "affirmed, share 0: 0.90 [0.85,\N{NO-BREAK SPACE}0.95]"
    assert said[3] == "denied, share 1: 0.50 [0.40,\N{NO-BREAK SPACE}0.60]"


def test_only_points_speak_to_those_who_hear_a_chart():
    table = curve(chance=[0.5] * 4, best=[True, False, True, False])
    silent = [one["mark"].get("aria") for one in drawn(table, chosen="best")["layer"]]
    assert silent == [False, False, False, None, False]


def test_a_point_is_ringed_just_where_it_was_chosen():
    table = curve(best=[False, True, False, True])
    rings = layer(drawn(table, chosen="best"), "point", 1)
    assert rings["transform"] == [{"filter": "datum['best']"}]
    assert not rings["mark"]["filled"]
    assert len(drawn(table)["layer"]) == 3


def test_chance_is_a_broken_line_where_it_is_known():
    chart = drawn(curve(chance=[0.5] * 4))
    assert layer(chart, "line")["encoding"]["y"]["field"] == "chance"
    assert layer(chart, "line")["name"].startswith("ink_")


def test_groups_stand_below_each_other_in_the_order_of_the_table():
    table = pd.concat([curve(method=["soft"] * 4), curve(method=["con1"] * 4)])
    chart = drawn(table, group="method")
    assert chart["facet"]["sort"] == ["soft", "con1"]
    assert chart["columns"] == 1
    assert chart["spec"]["width"] < 340  # with its axis it fits a phone
    assert rows(chart)[0]["said"].startswith("soft, affirmed, share 0: ")


def test_a_value_that_could_not_be_had_has_no_point():
    table = curve(value=[0.9, float("nan"), 0.2, 0.5])
    assert len(rows(drawn(table))) == 3


def test_where_nothing_could_be_had_words_say_so():
    for table in (curve()[:0], curve(value=[float("nan")] * 4)):
        shown = interval_curve(table, x="share", description="Two lines.")
        assert isinstance(shown, Html)
        assert "Nothing to show: Two lines." in str(shown)


def test_a_chart_carries_its_description_and_draws_svg_without_a_menu():
    for settings in ({}, {"group": "method"}):
        chart = drawn(curve(method=["con1"] * 4), **settings)
        assert chart["description"] == "Two lines."
        assert chart["usermeta"]["embedOptions"] == {"actions": False, "renderer": "svg"}


def test_a_missing_column_or_description_is_refused():
    with pytest.raises(InputError, match="interval_curve: no column strength; columns"):
        interval_curve(curve(), x="strength", description="Two lines.")
    with pytest.raises(InputError, match="interval_curve: no column best"):
        drawn(curve(), chosen="best")
    with pytest.raises(InputError, match="description is empty"):
        interval_curve(curve(), x="share", description=" ")


def test_the_table_stays_as_it_was():
    table = curve()
    before = table.copy()
    drawn(table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("settings", [{}, {"group": "method", "chosen": "best"}])
def test_a_curve_can_be_drawn(tmp_path: Path, settings: dict):
    table = curve(method=["con1"] * 4, best=[True] * 4, chance=[0.5] * 4)
    chart = interval_curve(table, x="share", description="Two lines.", **settings)
    chart.save(tmp_path / "chart.svg")
    assert (tmp_path / "chart.svg").read_text().count("affirmed, share") == 2
