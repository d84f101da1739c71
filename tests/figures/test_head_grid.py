"""The grid of heads: a number and a mark in each cell, also where colours are not seen."""

import pandas as pd
import pytest

from negcxr import figures
from negcxr.errors import InputError
from negcxr.figures.head_grid import ABOVE, BELOW, head_grid

SAYS = "Effects of heads."


def effects(layers=2, heads=3, sides=("base", "con1")):
    rows = [
        {"side": side, "layer": layer, "head": head, "value": 0.1 * head - 0.2}
        for side in sides
        for layer in range(1, layers + 1)
        for head in range(1, heads + 1)
    ]
    table = pd.DataFrame(rows)
    return table.assign(low=table["value"] - 0.1, high=1.0, passes=table["head"] == 3)


def cells(chart):
    (data,) = chart.to_dict()["datasets"].values()
    return data


def test_each_cell_has_its_number_and_what_passes_an_asterisk():
    shown = {
        (c["layer"], c["head"]): c["shown"]
        for c in cells(head_grid(effects(), description=SAYS))
    }
    assert shown == {
        (n, h): t for n in (1, 2) for h, t in ((1, "-.10"), (2, "+.00"), (3, "+.10*"))
    }


def test_a_grid_a_side_in_the_order_of_the_table():
    spec = head_grid(effects(sides=("con2", "base")), description=SAYS).to_dict()
    assert spec["facet"]["sort"] == ["con2", "base"]
    assert spec["description"] == SAYS


def test_blue_is_above_zero_and_zero_is_in_the_middle():
    spec = head_grid(effects(), description=SAYS).to_dict()
    scale = spec["spec"]["layer"][0]["encoding"]["color"]["scale"]
    low, middle, high = scale["domain"]
    assert middle == 0 and low == -high
    assert scale["range"][0] == "rgb({}, {}, {})".format(*BELOW)
    assert scale["range"][2] == "rgb({}, {}, {})".format(*ABOVE)


def test_many_heads_keep_their_marks_and_lose_their_numbers():
    shown = {c["shown"] for c in cells(head_grid(effects(12, 12), description=SAYS))}
    assert shown == {"", "*"}


def test_it_fits_a_phone():
    for size in ((4, 6), (12, 12)):
        assert head_grid(effects(*size), description=SAYS).to_dict()["spec"]["width"] <= 290


def test_one_tower_needs_no_heading():
    one = effects(sides=("base",)).drop(columns="side")
    assert "facet" not in head_grid(one, description=SAYS, group="").to_dict()


def test_a_cell_can_be_heard():
    said = [c["said"] for c in cells(head_grid(effects(), description=SAYS))]
    assert said[2] == "base layer 1, head 3: 0.100 [0.000, 1.000], passes"


def test_nothing_to_show_says_so_and_a_missing_column_is_refused():
    assert "Nothing to show" in str(figures.head_grid(effects()[:0], description=SAYS))
    with pytest.raises(InputError, match="head_grid: no column passes"):
        head_grid(effects().drop(columns="passes"), description=SAYS)
