"""Charts say what they show, in words, in the given order, and legibly."""

import numpy as np
import pandas as pd
import pytest

from negcxr import figures
from negcxr.errors import InputError
from negcxr.figures.grids import DEEP, PALE, TURN

PAGES = {"light": "#ffffff", "dark": "#121212", "dark card": "#14181e"}


def intervals(**columns: list) -> pd.DataFrame:
    table = {"finding": ["Edema", "Atelectasis"], "polarity": ["affirmed", "denied"]}
    numbers = {"value": [0.9, 0.2], "low": [0.8, 0.1], "high": [0.95, 0.3]}
    return pd.DataFrame(table | numbers | columns)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("name", figures.COLOURS)
def test_a_mark_stands_out_from_the_page_in_light_and_dark(name: str, page: str):
    assert contrast(figures.COLOURS[name], page) >= 3  # WCAG 2.2, 1.4.11


def test_black_on_white_has_the_contrast_that_the_standard_states():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_polarities_are_told_apart_by_shape_as_well_as_by_colour():
    chart = figures.interval_dots(intervals(), description="Two rows.").to_dict()
    points = next(layer for layer in chart["layer"] if layer["mark"]["type"] == "point")
    assert points["encoding"]["shape"]["scale"]["range"] == ["circle", "diamond"]


def test_a_chart_carries_its_description_and_draws_svg_without_a_menu():
    chart = figures.interval_dots(intervals(), description="Two rows.").to_dict()
    assert chart["description"] == "Two rows."
    assert chart["usermeta"]["embedOptions"] == {"actions": False, "renderer": "svg"}


def test_a_chart_without_a_description_is_refused():
    with pytest.raises(InputError, match="description is empty"):
        figures.interval_dots(intervals(), description=" ")


def test_a_missing_column_is_named_with_those_that_there_are():
    with pytest.raises(InputError, match=r"interval_dots: no column low; columns: \['fin"):
        figures.interval_dots(intervals().drop(columns="low"), description="Two rows.")


def test_an_empty_table_is_told_in_words():
    shown = figures.interval_dots(intervals()[:0], description="Rows <by> cue.")
    assert str(shown) == '<p class="nothing">Nothing to show: Rows &lt;by&gt; cue.</p>'


def test_a_table_without_one_value_is_told_in_words_too():
    nothing = intervals().assign(value=float("nan"))
    shown = figures.interval_dots(nothing, description="None.")
    assert str(shown) == '<p class="nothing">Nothing to show: None.</p>'


def places(chart: dict) -> list[str]:
    return chart["encoding"]["y"]["scale"]["domain"]


def test_rows_keep_the_order_of_the_table():
    chart = figures.interval_dots(intervals(), description="Two rows.").to_dict()
    assert places(chart) == ["Edema", "Atelectasis"]


def test_each_group_has_a_heading_above_its_rows():
    table = intervals(scorer=["rule", "encoder"])
    chart = figures.interval_dots(table, group="scorer", description="Two.").to_dict()
    assert places(chart) == ["rule\t", "rule\tEdema", "encoder\t", "encoder\tAtelectasis"]


def test_a_point_says_in_words_what_it_is_and_its_value():
    chart = figures.interval_dots(intervals(), description="Two rows.").to_dict()
    rows = next(iter(chart["datasets"].values()))
    assert rows[0]["said"] == "Edema, affirmed: 0.90 [0.80,\N{NO-BREAK SPACE}0.95]"


def test_chance_is_marked_only_where_it_is_known():
    without = figures.interval_dots(intervals(), description="Two rows.").to_dict()
    known = intervals(chance=[0.5, 0.25])
    with_it = figures.interval_dots(known, description="Two rows.").to_dict()
    assert (len(without["layer"]), len(with_it["layer"])) == (3, 4)


def test_a_chart_changes_nothing_in_its_table():
    table = intervals()
    figures.interval_dots(table, description="Two rows.")
    assert list(table.columns) == ["finding", "polarity", "value", "low", "high"]


def test_the_line_of_the_deaf_joins_one_minus_the_affirmed_auroc():
    table = pd.DataFrame({"affirmed": [0.9], "denied": [0.1], "scorer": ["encoder"]})
    chart = figures.polarity_scatter(table, description="One point.").to_dict()
    line = next(layer for layer in chart["layer"] if layer.get("name") == "ink_deaf")
    ends = chart["datasets"][line["data"]["name"]]
    assert [end["affirmed"] + end["denied"] for end in ends] == [1, 1]


def shares() -> pd.DataFrame:
    return pd.DataFrame({"truth": ["a"], "chosen": ["b"], "share": [0.4]})


def test_a_number_is_white_on_a_dark_cell_and_black_on_a_pale_one():
    chart = figures.confusions(shares(), description="One cell.").to_dict()
    text = next(layer for layer in chart["layer"] if layer["mark"]["type"] == "text")
    assert text["encoding"]["color"]["condition"]["test"] == "datum['share'] > 0.7"


@pytest.mark.parametrize("share", [0, 0.25, 0.5, 0.7, 0.701, 0.8, 1])
def test_a_number_can_be_read_on_every_cell(share: float):
    cells = [(PALE[at : at + 2], DEEP[at : at + 2]) for at in (1, 3, 5)]
    mixed = [round(int(p, 16) * (1 - share) + int(d, 16) * share) for p, d in cells]
    ink = "#ffffff" if share > TURN else "#000000"
    assert contrast("#{:02x}{:02x}{:02x}".format(*mixed), ink) >= 4.5
