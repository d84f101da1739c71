"""Layers by heads as a grid: what each head does, for any number of towers.

Blue is above zero and orange below it, as in a strip of tokens. The number stands in each
cell, and an asterisk where the head passes its test, so that neither colour nor size of a
patch is all there is to go by. A tower with more heads than fit keeps its colours and
asterisks; its numbers are in the table under the chart.

Limits: one scale of colour for all grids, so a tower in which little happens is pale.
"""

import altair as alt
import pandas as pd

from negcxr.figures.tables import Html, nothing
from negcxr.figures.theme import INK, described, in_order, require_columns
from negcxr.figures.tokens import ABOVE, BELOW, NEUTRAL

WIDTH, ROW, LOW_ROW = 290, 30, 22  # pixels: of a grid, of a row with numbers or without
NUMBERED = 8  # heads whose numbers fit side by side on a phone
COLUMNS = ["layer", "head", "value", "low", "high", "passes"]


def head_grid(
    table: pd.DataFrame, *, description: str, group: str = "side"
) -> alt.TopLevelMixin | Html:
    """Effects of all heads, a row a layer and a column a head, the first layer at the top.

    Args:
        table: A row a head: layer and head (from 1), value with its ends, passes.
        group: The column that makes a grid each, one below the other; "" for one.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    require_columns(table, [*COLUMNS, group], where="head_grid")
    data = table.dropna(subset=["value"])
    if data.empty:
        return nothing(description)
    numbered = data["head"].max() <= NUMBERED
    data = data.assign(said=_in_words(data, group), shown=_shown(data, numbered=numbered))
    axis = alt.Axis(labelAngle=0, ticks=False, domain=False, grid=False)
    base = alt.Chart(data).encode(
        x=alt.X("head:O", title="head (* passes its test)", axis=axis),
        y=alt.Y("layer:O", title="layer", axis=axis),
    )
    height = (ROW if numbered else LOW_ROW) * data["layer"].nunique()
    chart = (_cells(base, data, group) + _texts(base)).properties(
        width=WIDTH, height=height
    )
    if group:
        header = {"title": None, "labelFontSize": 13, "labelFontWeight": 700}
        by = alt.Facet(
            f"{group}:N",
            sort=in_order(data[group]),
            header=alt.Header(**header, labelColor=INK),
        )
        chart = chart.facet(facet=by, columns=1)
    return described(chart, description)


def _shown(data: pd.DataFrame, *, numbered: bool) -> list[str]:
    marks = data["passes"].map({True: "*", False: ""})
    if not numbered:
        return list(marks)
    pairs = zip(data["value"], marks, strict=True)
    return [f"{value:+z.2f}".replace("0.", ".") + mark for value, mark in pairs]


def _in_words(data: pd.DataFrame, group: str) -> list[str]:
    """What a cell says to those who hear it: con1, layer 1, head 2: 0.104 [...], passes."""
    return [
        f"{getattr(row, group) if group else ''} layer {row.layer}, head {row.head}: "
        f"{row.value:z.3f} [{row.low:z.3f}, {row.high:z.3f}]"
        f"{', passes' if row.passes else ''}"
        for row in data.itertuples()
    ]


def _cells(base: alt.Chart, data: pd.DataFrame, group: str) -> alt.Chart:
    most = float(data["value"].abs().max()) or 1.0
    colours = [f"rgb({r}, {g}, {b})" for r, g, b in (BELOW, NEUTRAL, ABOVE)]
    scale = alt.Scale(domain=[-most, 0, most], range=colours, interpolate="rgb")
    tooltips = [group] if group else []
    tooltips += ["layer", "head", *(alt.Tooltip(n, format=".4f") for n in COLUMNS[2:5])]
    return base.mark_rect(cornerRadius=3).encode(
        color=alt.Color("value:Q", scale=scale, legend=None),
        tooltip=[*tooltips, "passes"],
        description="said:N",
    )


def _texts(base: alt.Chart) -> alt.Chart:
    return base.mark_text(fontSize=11, color="black", aria=False).encode(text="shown:N")
