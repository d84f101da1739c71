"""Shares in a grid: what was chosen, by what would have been right."""

import altair as alt
import pandas as pd

from negcxr.figures.tables import Html, nothing
from negcxr.figures.theme import described, in_order, require_columns

ROW = 46  # pixels
# One hue from pale to deep. The number in a cell is black or white, whichever reads
# better on it: both reach 4.5 : 1 on their side of the turn.
PALE, DEEP, TURN = "#DCEAF4", "#004C78", 0.7


def confusions(
    table: pd.DataFrame,
    *,
    description: str,
    rows: str = "truth",
    columns: str = "chosen",
    value: str = "share",
) -> alt.TopLevelMixin | Html:
    """A grid of shares with the number in each cell; each row sums to 1.

    Rows say what was right, columns what was chosen; on the diagonal the choice is of
    the right type, which is not yet the right option.

    Args:
        table: A row a cell; ``value`` is a share in [0, 1].

    Raises:
        InputError: A column is missing, or no description is given.
    """
    require_columns(table, [rows, columns, value], where="confusions")
    if table.empty:
        return nothing(description)
    down, across = in_order(table[rows]), in_order(table[columns])
    axis = {"labelAngle": 0, "ticks": False, "domain": False}
    base = alt.Chart(table).encode(
        x=alt.X(
            f"{columns}:N", sort=across, title=columns, axis=alt.Axis(orient="top", **axis)
        ),
        y=alt.Y(f"{rows}:N", sort=down, title=rows, axis=alt.Axis(**axis)),
        tooltip=[rows, columns, alt.Tooltip(value, format=".3f")],
    )
    chart = base.mark_rect(cornerRadius=3).encode(color=_shade(value)) + _numbers(
        base, value
    )
    size = {"width": "container", "height": ROW * len(down)}
    return described(chart.properties(**size), description)


def _shade(value: str) -> alt.Color:
    scale = alt.Scale(domain=[0, 1], range=[PALE, DEEP], interpolate="rgb")
    return alt.Color(f"{value}:Q", scale=scale, legend=None)


def _numbers(base: alt.Chart, value: str) -> alt.Chart:
    dark_cell = f"datum['{value}'] > {TURN}"
    return base.mark_text(fontSize=14, aria=False).encode(
        text=alt.Text(f"{value}:Q", format=".2f"),
        color={"condition": {"test": dark_cell, "value": "white"}, "value": "black"},
    )
