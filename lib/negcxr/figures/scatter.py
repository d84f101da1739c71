"""Affirmed against denied: how well the same finding is found and ruled out.

A scorer that is deaf to the cue gives "X" and "no X" the same scores, so its denied
AUROC is one minus its affirmed AUROC: it lies on the falling diagonal, and the better
it knows the finding, the deeper its denial fails. One that hears the cue lies at the
top right.
"""

import altair as alt
import pandas as pd

from negcxr.figures.tables import Html, nothing
from negcxr.figures.theme import (
    INK,
    coloured,
    described,
    in_order,
    require_columns,
    shaped,
)

SIDE = 290  # pixels; with its axis it fits a page of 400
QUARTERS = [0, 0.25, 0.5, 0.75, 1]


def polarity_scatter(
    table: pd.DataFrame, *, description: str, colour: str = "scorer"
) -> alt.TopLevelMixin | Html:
    """Affirmed AUROC against denied AUROC, a point a finding, and the line of the deaf.

    Args:
        table: Columns affirmed, denied and ``colour``; finding and others are told on
            hovering.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    require_columns(table, ["affirmed", "denied", colour], where="polarity_scatter")
    if table.empty:
        return nothing(description)
    names = in_order(table[colour])
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=90, opacity=0.85)
        .encode(
            x=_axis("affirmed", alt.X),
            y=_axis("denied", alt.Y),
            color=coloured(colour, names, orient="bottom"),
            shape=shaped(colour, names, orient="bottom"),
            tooltip=_tooltips(table),
        )
    )
    chart = alt.layer(_deaf_line(), _deaf_words(), points)
    return described(chart.properties(width=SIDE, height=SIDE), description)


def _axis(column: str, channel: type) -> alt.X | alt.Y:
    return channel(
        f"{column}:Q",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(title=f"{column} AUROC", values=QUARTERS, format=".2f"),
    )


def _deaf_line() -> alt.Chart:
    ends = pd.DataFrame({"affirmed": [0.0, 1.0], "denied": [1.0, 0.0]})
    return (
        alt.Chart(ends, name="ink_deaf")
        .mark_line(color=INK, strokeDash=[6, 4], strokeWidth=1.5, aria=False)
        .encode(x="affirmed:Q", y="denied:Q")
    )


def _deaf_words() -> alt.Chart:
    place = pd.DataFrame({"affirmed": [0.2], "denied": [0.8]})
    return (
        alt.Chart(place, name="ink_words")
        .mark_text(angle=45, dy=-10, fontSize=13, color=INK, text="deaf to the cue")
        .encode(x="affirmed:Q", y="denied:Q")
    )


def _tooltips(table: pd.DataFrame) -> list[alt.Tooltip]:
    floats = set(table.select_dtypes("float").columns)
    return [
        alt.Tooltip(c, format=".3f") if c in floats else alt.Tooltip(c)
        for c in table.columns
    ]
