"""Panels of maps and grids of transfer: what stands above a map, and legible words."""

import numpy as np
import pandas as pd
import pytest
from tests.figures.test_charts import contrast

from negcxr import figures
from negcxr.errors import InputError
from negcxr.figures.grids import DEEP
from negcxr.figures.maps import HIGH, MIDDLE, TURN

POINTS = pd.DataFrame(
    {
        "side": "base",
        "start": ["random 1"] * 4,
        "perplexity": [5.0, 5.0, 15.0, 15.0],
        **{"x": [0.0, 0.1, 0.2, 0.3], "y": [0.0, 0.1, 0.2, 0.3]},
        "finding": "Edema",
        "polarity": ["affirmed", "denied"] * 2,
    }
)
NUMBERS = pd.DataFrame(
    {
        "start": ["random 1"] * 2,
        "perplexity": [5.0, 15.0],
        "trustworthiness": [0.981, 0.9],
        "purity on the map": [0.75, 0.6],
    }
)
GRID = pd.DataFrame(
    {
        "fitted on": ["Edema", "Edema", "Lung Lesion", "Lung Lesion"],
        "asked of": ["Edema", "Lung Lesion", "Edema", "Lung Lesion"],
        "auroc": [1.0, 0.25, np.nan, 0.5],
    }
)


def test_each_map_has_its_numbers_above_it():
    made = figures.map_panels(POINTS, NUMBERS, colour="polarity", description="Two maps.")
    panels = made.to_dict()["concat"]
    assert [panel["title"]["text"] for panel in panels] == [
        ["random 1", "perplexity 5", "trust 0.98", "purity 0.75"],
        ["random 1", "perplexity 15", "trust 0.90", "purity 0.60"],
    ]


def test_a_map_has_no_numbers_on_its_axes_and_fits_a_phone():
    made = figures.map_panels(POINTS, NUMBERS, colour="polarity", description="Two maps.")
    chart = made.to_dict()
    for panel in chart["concat"]:
        assert not any(panel["encoding"][axis]["axis"]["labels"] for axis in "xy")
    width = chart["columns"] * chart["concat"][0]["width"]
    assert width + (chart["columns"] - 1) * chart["spacing"] <= 310


def test_polarities_on_a_map_differ_in_colour_and_shape():
    made = figures.map_panels(POINTS, NUMBERS, colour="polarity", description="Two maps.")
    encoding = made.to_dict()["concat"][0]["encoding"]
    for channel in ("color", "shape"):
        assert len(set(encoding[channel]["scale"]["range"])) == 2


def test_without_points_the_words_stand_alone():
    made = figures.map_panels(
        POINTS.iloc[:0], NUMBERS.iloc[:0], colour="polarity", description="No map."
    )
    assert "Nothing to show: No map." in str(made)
    assert "Nothing" in str(figures.transfer_grid({}, description="No grid."))


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="map_panels: no column polarity"):
        figures.map_panels(
            POINTS.drop(columns="polarity"), NUMBERS, colour="polarity", description="x"
        )
    with pytest.raises(InputError, match="transfer_grid: no column auroc"):
        figures.transfer_grid({"base": GRID.drop(columns="auroc")}, description="x")


def test_a_grid_numbers_its_findings_and_leaves_a_missing_cell_empty():
    chart = figures.transfer_grid({"base": GRID}, description="A grid.").to_dict()
    (name,) = chart["datasets"]
    rows = chart["datasets"][name]
    assert [row["row"] for row in rows] == ["Edema 1"] * 2 + ["Lung Lesion 2"] * 2
    assert [row["column"] for row in rows] == [1, 2, 1, 2]
    assert [row["words"] for row in rows] == ["1.00", ".25", "", ".50"]


@pytest.mark.parametrize("value", np.linspace(0, 1, 21))
def test_a_number_in_a_grid_is_legible_on_its_cell(value: float):
    far = abs(value - 0.5) / 0.5
    ends = [
        np.array([int(c[at : at + 2], 16) for at in (1, 3, 5)])
        for c in (MIDDLE, DEEP if value > 0.5 else HIGH)
    ]
    cell = "#" + "".join(f"{round(v):02x}" for v in ends[0] * (1 - far) + ends[1] * far)
    ink = "#ffffff" if abs(value - 0.5) > TURN else "#000000"
    assert contrast(ink, cell) >= 4.5
