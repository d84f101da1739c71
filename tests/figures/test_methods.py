"""Charts of fine-tuning: gain against price, the pulls of a batch, a training's course."""

import numpy as np
import pandas as pd
import pytest
from tests.figures.test_charts import contrast

from negcxr import figures
from negcxr.errors import InputError
from negcxr.figures.pulls import APART, NEITHER, TOGETHER, TURN


def gains(**columns: list) -> pd.DataFrame:
    table = {"number": ["1", "2"], "method": ["con1", "con2"], "base": ["web", "clinic"]}
    for side, value in (("price", -0.01), ("gain", 0.4)):
        table |= {side: [value, 2 * value]}
        table |= {f"{side}_low": [3 * value] * 2, f"{side}_high": [value / 2] * 2}
    return pd.DataFrame(table | columns)


def layer(chart: dict, kind: str, at: int = 0) -> dict:
    return [one for one in chart["layer"] if one["mark"]["type"] == kind][at]


def test_the_base_lies_at_zero_of_both_axes():
    chart = figures.gain_price(gains(), description="Two.").to_dict()
    upright, level = layer(chart, "rule"), layer(chart, "rule", 1)
    assert list(chart["datasets"][upright["data"]["name"]][0].values()) == [0]
    assert list(chart["datasets"][level["data"]["name"]][0].values()) == [0]
    for axis, ends in (("x", (-0.03, 0.0)), ("y", (0.0, 1.2))):
        low, high = chart["encoding"][axis]["scale"]["domain"]
        assert low < ends[0] and high > ends[1]


def test_a_cross_has_an_arm_for_each_interval():
    chart = figures.gain_price(gains(), description="Two.").to_dict()
    wide, tall = layer(chart, "rule", 2)["encoding"], layer(chart, "rule", 3)["encoding"]
    assert (wide["x"]["field"], wide["x2"]["field"]) == ("price_low", "price_high")
    assert (tall["y"]["field"], tall["y2"]["field"]) == ("gain_low", "gain_high")


def test_a_point_says_its_method_price_and_gain():
    chart = figures.gain_price(gains(), description="Two.").to_dict()
    said = [
        row["said"] for rows in chart["datasets"].values() for row in rows if "said" in row
    ]
    assert said[0].replace("\N{NO-BREAK SPACE}", " ") == (
        "1, con1, web: price -0.010 [-0.030, -0.005], gain 0.400 [1.200, 0.200]"
    )


def test_a_method_without_a_gain_has_no_point():
    table = gains(gain=[0.4, np.nan])
    chart = figures.gain_price(table, description="One.").to_dict()
    rows = [row for part in chart["datasets"].values() for row in part if "method" in row]
    assert [row["method"] for row in rows] == ["con1"]
    none = figures.gain_price(gains(gain=[np.nan] * 2), description="None.")
    assert "Nothing to show: None." in str(none)


def test_a_gain_without_its_price_is_refused_by_name():
    with pytest.raises(InputError, match="gain_price: no column price_low"):
        figures.gain_price(gains().drop(columns="price_low"), description="Two.")


def pairs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "group": ["captions", "captions", "oppositions", "oppositions"],
            "row": [0, 0, 1, 1],
            "text": ["edema"] * 2 + ["there is no evidence of pulmonary edema"] * 2,
            "image": ["1", "2"] * 2,
            "truth": ["true", "true", "false", "unknown"],
            "pull": [4.0, -1.0, -4.0, 0.0],
            "share": [1.0, -0.5, -1.0, 0.0],
        }
    )


def cells(chart: dict) -> list[dict]:
    return next(iter(chart["datasets"].values()))


def test_a_cell_says_what_is_true_and_what_the_loss_does():
    rows = cells(figures.pull_grid(pairs(), description="A batch.").to_dict())
    assert [row["word"] for row in rows] == ["true", "true", "", "?"]
    assert [row["does"] for row in rows] == [
        *("pulled together", "pushed apart although true", "pushed apart", "untouched")
    ]


def test_only_a_pair_that_is_pushed_although_true_has_a_frame():
    chart = figures.pull_grid(pairs(), description="A batch.").to_dict()
    frame = layer(chart, "rect", 1)
    test = frame["transform"][0]["filter"]
    assert test == "datum.does == 'pushed apart although true'"


def test_captions_and_oppositions_have_headings_and_long_texts_break():
    chart = figures.pull_grid(pairs(), description="A batch.").to_dict()
    assert chart["layer"][0]["encoding"]["y"]["scale"]["domain"] == [
        *("captions\t", "0\tedema"),
        *("oppositions\t", "1\tthere is no evidence of\tpulmonary edema"),
    ]


def test_two_rows_of_the_same_text_stay_two_rows():
    table = pairs().assign(text="edema", group="captions")
    chart = figures.pull_grid(table, description="A batch.").to_dict()
    domain = chart["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert domain == ["captions\t", "0\tedema", "1\tedema"]


@pytest.mark.parametrize("share", [0, 0.3, TURN - 0.001, TURN + 0.001, 0.8, 1])
@pytest.mark.parametrize("end", [APART, TOGETHER])
def test_a_word_can_be_read_on_every_cell(end: str, share: float):
    parts = [(NEITHER[at : at + 2], end[at : at + 2]) for at in (1, 3, 5)]
    mixed = [round(int(p, 16) * (1 - share) + int(d, 16) * share) for p, d in parts]
    ink = "#ffffff" if share > TURN else "#000000"
    assert contrast("#{:02x}{:02x}{:02x}".format(*mixed), ink) >= 4.5


def log() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "step": [25, 50, 75],
            "affirmed": [0.99, 0.98, 0.97],
            "denied": [0.1, 0.9, 0.9],
            "composite": [np.nan] * 3,
            "selected": [0.5, 0.94, 0.94],
        }
    )


def test_the_first_of_the_best_steps_is_marked_as_kept():
    chart = figures.training_curve(log(), description="Three.").to_dict()
    marked = chart["datasets"][layer(chart, "rule")["data"]["name"]]
    assert marked == [{"step": 50, "said": "kept"}]


def test_a_measure_that_was_never_had_has_no_line():
    chart = figures.training_curve(log(), description="Three.").to_dict()
    drawn = {
        row["polarity"]
        for part in chart["datasets"].values()
        for row in part
        if "polarity" in row
    }
    assert drawn == {"affirmed", "denied"}
