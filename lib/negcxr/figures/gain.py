"""Gain against price: what a method wins on one measure, and what it pays on another.

The base lies where the two thin lines cross. A remedy should lie above the level one and
not left of the upright one; its cross says how sure either is. A number stands beside
each point, for names would cover one another; the table under the chart has them.
"""

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
)

HEIGHT = 330  # pixels
MARGIN = 0.08  # of the range of values, left free around the points
LEAST = 0.01  # shown on either side of the base, so that noise does not look like a price
VALUES = ["price", "price_low", "price_high", "gain", "gain_low", "gain_high"]


def gain_price(
    table: pd.DataFrame,
    *,
    description: str,
    colour: str = "base",
    price: str = "change of affirmed AUROC",
    gain: str = "change of denied AUROC",
) -> alt.TopLevelMixin | Html:
    """A point a method with a cross of two 95 % intervals, and the base at zero.

    A row without a price or a gain has no point. The two intervals of a cross are taken
    one by one; a method may lie outside both at once more often than in one of 20 tries.

    Args:
        table: Columns number (what stands beside the point), method, price and gain with
            their ends (``price_low``, ``price_high``), and ``colour``.
        colour: The column that is told by colour and shape.
        price: What is paid, under the axis.
        gain: What is won, beside the axis.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    require_columns(table, ["number", "method", colour, *VALUES], where="gain_price")
    data = table.dropna(subset=["price", "gain"]).copy()
    if data.empty:
        return nothing(description)
    data["said"] = [_in_words(row, colour) for row in data.to_dict("records")]
    names = in_order(table[colour])
    x, y = _axis("price", price, data), _axis("gain", gain, data)
    layers = [
        _zero("price", alt.X),
        _zero("gain", alt.Y),
        *(_bar(side, colour, names) for side in ("price", "gain")),
        _points(colour, names),
        _numbers(),
    ]
    chart = alt.layer(*layers, data=data).encode(x=x, y=y)
    return described(chart.properties(width="container", height=HEIGHT), description)


def _in_words(row: dict, colour: str) -> str:
    price, gain = (
        with_interval(*(row[f"{side}{end}"] for end in ("", "_low", "_high")), digits=3)
        for side in ("price", "gain")
    )
    return f"{row['number']}, {row['method']}, {row[colour]}: price {price}, gain {gain}"


def _axis(side: str, title: str, data: pd.DataFrame) -> alt.X | alt.Y:
    values = data[[side, f"{side}_low", f"{side}_high"]]
    low, high = min(values.min().min(), -LEAST), max(values.max().max(), LEAST)
    room = MARGIN * (high - low)
    channel = alt.X if side == "price" else alt.Y
    return channel(
        f"{side}:Q",
        scale=alt.Scale(domain=[low - room, high + room], nice=False),
        axis=alt.Axis(title=title, tickCount=5, format="+.3~f", grid=False),
    )


def _zero(side: str, channel: type) -> alt.Chart:
    place = alt.Chart(pd.DataFrame({side: [0.0]}), name=f"ink_chance_{side}")
    other = {"y": alt.value("height"), "y2": alt.value(0)}
    if side == "gain":
        other = {"x": alt.value(0), "x2": alt.value("width")}
    key = "x" if side == "price" else "y"
    return place.mark_rule(color=INK, strokeDash=[6, 4], aria=False).encode(
        **{key: channel(f"{side}:Q"), **other}
    )


def _bar(side: str, colour: str, names: list[str]) -> alt.Chart:
    ends = {"x": "price_low:Q", "x2": "price_high:Q"}
    if side == "gain":
        ends = {"y": "gain_low:Q", "y2": "gain_high:Q"}
    return (
        alt.Chart()
        .mark_rule(strokeWidth=1.5, opacity=0.7, aria=False)
        .encode(**ends, color=coloured(colour, names))
    )


def _points(colour: str, names: list[str]) -> alt.Chart:
    told = ["number", "method", colour]
    numbers = [alt.Tooltip(name, format="+.3f") for name in VALUES]
    return (
        alt.Chart()
        .mark_point(filled=True, size=80, opacity=1)
        .encode(
            color=coloured(colour, names),
            shape=shaped(colour, names),
            tooltip=[*told, *numbers],
            description="said:N",
        )
    )


def _numbers() -> alt.Chart:
    return (
        alt.Chart(name="ink_words")
        .mark_text(align="left", dx=7, dy=-7, fontSize=12, color=INK, aria=False)
        .encode(text="number:N")
    )
