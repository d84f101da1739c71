"""Values with their intervals, a row each: the chart that most chapters need.

The eye compares positions along one line best, so every value is a point on the same
scale, its 95 % interval a bar through it, and the value that chance would give a tick
in the same row. Groups stand under each other with a heading, in one plot, which keeps
the scale the same for all and fits the width of a phone.
"""

from collections.abc import Sequence

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

LANE, ROW_GAP = 13, 14  # pixels for each colour in a row, and between rows
BREAK = "\t"  # between a group and a row; no name contains one


def interval_dots(
    table: pd.DataFrame,
    *,
    description: str,
    rows: str = "finding",
    colour: str = "polarity",
    group: str = "",
    title: str = "AUROC",
    domain: tuple[float, float] = (0.0, 1.0),
) -> alt.TopLevelMixin | Html:
    """Values with 95 % intervals by row, with chance marked in each.

    Rows, colours and groups stand in the order in which the table has them. A value
    that is NaN is written out as "not evaluable". Two intervals that overlap do not
    mean that two values agree: a paired difference says that.

    Args:
        table: Columns value, low, high, those named below, and chance, n, prevalence
            and note where known; a row a point.
        rows: The column that makes the rows, such as finding or cue.
        colour: The column that is told by colour and shape.
        group: The column that makes blocks with a heading, such as scorer; "" for none.
        title: What the value is, under the axis.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    needed = ["value", "low", "high", rows, colour, group]
    require_columns(table, needed, where="interval_dots")
    if table["value"].isna().all():
        return nothing(description)
    data, places = _placed(table, rows, group)
    data["said"] = _in_words(table, [name for name in (group, rows, colour) if name])
    names = in_order(table[colour])
    has_chance = "chance" in data.columns
    layers = [
        _bars(colour, names),
        _points(colour, names, _tooltips(data)),
        _missing(colour),
    ]
    if has_chance:
        layers.insert(0, _chance(colour, names))
    y = _rows_axis(places)
    x = value_axis(title + (" (short tick: chance)" if has_chance else ""), domain)
    chart = alt.layer(*layers, data=data).encode(y=y, x=x)
    height = len(places) * (LANE * len(names) + ROW_GAP)
    return described(chart.properties(width="container", height=height), description)


def _placed(table: pd.DataFrame, rows: str, group: str) -> tuple[pd.DataFrame, list[str]]:
    """The table with the place of each row, and all places from top to bottom."""
    data = table.copy()
    if not group:
        data["place"] = data[rows].astype(str)
        return data, in_order(data["place"])
    data["place"] = data[group].astype(str) + BREAK + data[rows].astype(str)
    places: list[str] = []
    for name, block in data.groupby(group, sort=False):
        places += [f"{name}{BREAK}", *in_order(block["place"])]
    return data, places


def _in_words(table: pd.DataFrame, names: list[str]) -> list[str]:
    """What a point says to those who hear it: encoder, Edema, denied: 0.12 [...]."""
    what = table[names].astype(str).agg(", ".join, axis=1)
    ends = zip(table["value"], table["low"], table["high"], strict=True)
    return [f"{a}: {with_interval(*b)}" for a, b in zip(what, ends, strict=True)]


def _rows_axis(places: Sequence[str]) -> alt.Y:
    text = f"split(datum.value, '{BREAK}')"
    heading = f"slice(datum.value, -1) == '{BREAK}'"
    words = f"({heading} ? {text}[0] : peek({text}))"
    wrapped = f"(length({words}) > 17 ? split({words}, ' ') : {words})"
    label = f"({heading} ? {words} : {wrapped})"
    return alt.Y(
        "place:N",
        scale=alt.Scale(domain=list(places), paddingInner=0.1, paddingOuter=0.1),
        axis=alt.Axis(
            title=None,
            labelExpr=label,
            labelFontWeight={"condition": {"test": heading, "value": 700}, "value": 400},
            labelLineHeight=13,
            ticks=False,
            labelPadding=10,  # a point at zero stands half outside the plot
            domain=False,
            grid=True,
            gridOpacity={"condition": {"test": heading, "value": 0}, "value": 0.25},
        ),
    )


def _lane(colour: str, names: Sequence[str]) -> alt.YOffset:
    return alt.YOffset(f"{colour}:N", scale=alt.Scale(domain=list(names)))


def _bars(colour: str, names: Sequence[str]) -> alt.Chart:
    return (
        alt.Chart()
        .mark_rule(strokeWidth=2, aria=False)
        .encode(
            x="low:Q",
            x2="high:Q",
            color=coloured(colour, names),
            yOffset=_lane(colour, names),
        )
    )


def _points(colour: str, names: Sequence[str], tooltips: list[alt.Tooltip]) -> alt.Chart:
    return (
        alt.Chart()
        .mark_point(filled=True, size=85, opacity=1)
        .encode(
            color=coloured(colour, names),
            shape=shaped(colour, names),
            yOffset=_lane(colour, names),
            tooltip=tooltips,
            description="said:N",
        )
    )


def _chance(colour: str, names: Sequence[str]) -> alt.Chart:
    return (
        alt.Chart(name="ink_chance")
        .mark_tick(color=INK, thickness=2, size=LANE, aria=False)
        .encode(x="chance:Q", yOffset=_lane(colour, names))
    )


def _missing(colour: str) -> alt.Chart:
    return (
        alt.Chart(name="ink_missing")
        .transform_filter("!isValid(datum.value)")
        .mark_text(align="left", dx=4, fontSize=12, fontStyle="italic", color=INK)
        .encode(x=alt.value(0), text=alt.value("not evaluable"), yOffset=f"{colour}:N")
    )


def _tooltips(data: pd.DataFrame) -> list[alt.Tooltip]:
    numbers = [c for c in ("value", "low", "high", "chance", "prevalence") if c in data]
    hidden = {"place", "said", *numbers}
    words = [c for c in data.columns if c not in hidden]
    return [alt.Tooltip(c) for c in words] + [alt.Tooltip(c, format=".3f") for c in numbers]
