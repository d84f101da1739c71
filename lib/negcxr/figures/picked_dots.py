"""Values with their intervals, of which the reader picks some by lists beside the chart.

All rows travel in the chart, so that picking works without a network. What is picked at
first is few rows; the table under the chart has all.

Limits: lists that fit nothing together leave the chart empty.
"""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from negcxr.figures.tables import Html, nothing, with_interval
from negcxr.figures.theme import (
    INK,
    coloured,
    described,
    in_order,
    require_columns,
    shaped,
    value_axis,
)

ALL = "all"
BREAK = "\t"  # between the lines of a label; no name contains one
ROW = 32  # pixels: two lines of text
NEEDED = ["row", "value", "low", "high"]


def picked_dots(
    table: pd.DataFrame,
    *,
    picks: Mapping[str, str],
    colour: str,
    description: str,
    title: str = "value",
    domain: tuple[float, float] = (0.0, 1.0),
) -> alt.TopLevelMixin | Html:
    """Values with 95 % intervals by row, of those that the lists pick.

    Args:
        table: Columns value, low, high, row (lines of a label, `BREAK` between them),
            chance where known, and in words ``colour`` and those of ``picks``.
        picks: Columns that a list picks by, and what each picks at first: a value, or
            ``ALL``; the first value where that one is not there.
        colour: The column that is told by colour and shape.
        title: What the value is, under the axis.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    require_columns(table, [*NEEDED, colour, *picks], where="picked_dots")
    data = table.dropna(subset=["value"]).reset_index(drop=True)
    if data.empty:
        return nothing(description)
    data["said"] = [_in_words(row) for row in data.to_dict("records")]
    data["place"] = data.index
    names, chance = in_order(data[colour]), "chance" in data.columns
    layers = [_bars(colour, names), _points(colour, names, [*picks])]
    layers += [_chance()] if chance else []
    chart = alt.layer(*layers, data=data).encode(x=value_axis(title, domain), y=_rows())
    for number, (column, first) in enumerate(picks.items()):
        chart = _picking(chart, data[column], first, f"pick_{number}")
    sized = chart.properties(width="container", height=alt.Step(ROW))
    return described(sized, description)


def _picking(
    chart: alt.LayerChart, column: pd.Series, first: str, name: str
) -> alt.LayerChart:
    """The chart with a list of a column's values, of which it shows what is picked."""
    values = in_order(column)
    first = first if first in (ALL, *values) else values[0]
    bound = alt.binding_select(options=[ALL, *values], name=f"{column.name} ")
    picked = alt.param(name=name, value=first, bind=bound)
    wanted = f"{name} == '{ALL}' || datum['{column.name}'] == {name}"
    return chart.add_params(picked).transform_filter(wanted)


def _in_words(row: Mapping[str, object]) -> str:
    ends = with_interval(row["value"], row["low"], row["high"])
    return f"{str(row['row']).replace(BREAK, ', ')}: {ends}"


def _rows() -> alt.Y:
    return alt.Y(
        "row:N",
        sort=alt.EncodingSortField(field="place", op="min"),
        axis=alt.Axis(
            title=None,
            labelExpr=f"split(datum.value, '{BREAK}')",
            labelLineHeight=13,
            labelFontSize=12,
            ticks=False,
            domain=False,
            grid=True,
            labelPadding=10,
        ),
    )


def _bars(colour: str, names: Sequence[str]) -> alt.Chart:
    drawn = alt.Chart().mark_rule(strokeWidth=2, aria=False)
    return drawn.encode(x="low:Q", x2="high:Q", color=coloured(colour, names))


def _points(colour: str, names: Sequence[str], told: Sequence[str]) -> alt.Chart:
    numbers = [alt.Tooltip(name, format=".3f") for name in ("value", "low", "high")]
    return (
        alt.Chart()
        .mark_point(filled=True, size=85, opacity=1)
        .encode(
            color=coloured(colour, names),
            shape=shaped(colour, names),
            tooltip=[*(alt.Tooltip(name) for name in told), *numbers],
            description="said:N",
        )
    )


def _chance() -> alt.Chart:
    drawn = alt.Chart(name="ink_chance")
    ticks = drawn.mark_tick(color=INK, thickness=2, size=13, aria=False)
    return ticks.encode(x="chance:Q")
