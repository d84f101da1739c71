"""Effects in a grid: rows down, one column a place or head, a block a side."""

import altair as alt
import numpy as np
import pandas as pd

from negcxr.figures.pulls import APART, BREAK, NEITHER, TOGETHER, TURN
from negcxr.figures.tables import NO_VALUE, Html, nothing
from negcxr.figures.theme import INK, described, in_order, require_columns

ROW = 30  # pixels
FEW = 8  # columns that leave room for a large number each on a phone


def trace_grid(
    table: pd.DataFrame,
    *,
    description: str,
    rows: str = "where",
    columns: str = "place",
    group: str = "side",
    value: str = "value",
) -> alt.TopLevelMixin | Html:
    """A grid of effects with the number in each cell: blue above zero, orange below.

    Blue is fullest at one and orange at minus one; what lies beyond has the full colour.
    A dash is an effect that is not evaluable.

    Args:
        table: A row a cell.
        group: What makes a block of rows, with a heading.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    require_columns(table, [rows, columns, group, value], where="trace_grid")
    if table.empty:
        return nothing(description)
    data, places = _placed(table, rows, group)
    data = data.assign(across=data[columns].astype(str), number=data[value])
    shown = data["number"].round(2) + 0.0  # no minus before a zero
    data["told"] = [NO_VALUE if np.isnan(n) else f"{n:z.2f}" for n in shown]
    names = in_order(data["across"])
    base = alt.Chart(data[["place_down", "across", "number", "told"]]).encode(
        x=alt.X("across:N", sort=names, title=columns, axis=_top(len(names))),
        y=_down(places),
        tooltip=[alt.Tooltip("across", title=columns), alt.Tooltip("told", title="effect")],
    )
    chart = _cells(base) + _numbers(base, 13 if len(names) <= FEW else 10)
    size = {"width": "container", "height": ROW * len(places)}
    return described(chart.properties(**size), description)


def _placed(table: pd.DataFrame, rows: str, group: str) -> tuple[pd.DataFrame, list[str]]:
    """The table with the place of each row, and all places from top to bottom."""
    down = [
        f"{block}{BREAK}{row}" for block, row in zip(table[group], table[rows], strict=True)
    ]
    data, places = table.assign(place_down=down), []
    for name, block in data.groupby(group, sort=False):
        places += [f"{name}{BREAK}", *in_order(block["place_down"])]
    return data, places


def _top(n: int) -> alt.Axis:
    return alt.Axis(
        orient="top",
        labelAngle=0,
        ticks=False,
        domain=False,
        labelFontSize=12 if n <= FEW else 10,
        # On a phone a name of two words takes two lines.
        labelExpr="split(datum.label, ' ')",
    )


def _down(places: list[str]) -> alt.Y:
    parts = f"split(datum.value, '{BREAK}')"
    heading = f"slice(datum.value, -1) == '{BREAK}'"
    return alt.Y(
        "place_down:N",
        scale=alt.Scale(domain=places),
        axis=alt.Axis(
            title=None,
            labelExpr=f"{heading} ? {parts}[0] : {parts}[1]",
            labelFontWeight={"condition": {"test": heading, "value": 700}, "value": 400},
            labelFontSize=12,
            ticks=False,
            domain=False,
        ),
    )


def _cells(base: alt.Chart) -> alt.Chart:
    scale = alt.Scale(
        domain=[-1, 0, 1], range=[APART, NEITHER, TOGETHER], interpolate="rgb", clamp=True
    )
    return (
        base.transform_filter("isValid(datum.number)")
        .mark_rect(cornerRadius=3)
        .encode(color=alt.Color("number:Q", scale=scale, legend=None))
    )


def _numbers(base: alt.Chart, size: int) -> alt.Chart:
    dark = f"abs(datum.number) > {TURN}"
    pale = {"test": "!isValid(datum.number)", "value": INK}
    return base.mark_text(fontSize=size, aria=False).encode(
        text="told:N",
        color={
            "condition": [pale, {"test": dark, "value": "white"}],
            "value": "black",
        },
    )
