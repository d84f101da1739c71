"""Values along a scale, with the band of their intervals: what a strength or share does.

Lines of one picture share both axes, so that one falling while another rises is seen as
such. The whole curve is drawn and not its best point alone, which is ringed: how flat it
is around that point says how much the choice of it matters.

Limits: a line between two points is drawn, not measured; and bands that overlap do not
mean that two values agree, since both come from the same images.
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
)

HEIGHT, WIDTH, LOW = 260, 290, 170  # pixels; a picture of several is LOW and WIDTH
QUARTERS = [0, 0.25, 0.5, 0.75, 1]


def interval_curve(
    table: pd.DataFrame,
    *,
    x: str,
    description: str,
    colour: str = "polarity",
    group: str = "",
    chosen: str = "",
    title: str = "AUROC",
    domain: tuple[float, float] = (0.0, 1.0),
) -> alt.TopLevelMixin | Html:
    """A line a colour over a numeric column, with a band of 95 % intervals.

    Colours and groups stand in the order in which the table has them. A row whose value
    is NaN has no point; a broken line where chance lies, if the table knows it.

    Args:
        table: Columns value, low, high and those named below, and chance where known; a
            row a point.
        x: The column of the scale, whose name stands under the axis.
        colour: The column that is told by colour and shape.
        group: The column that makes a picture each, one below the other; "" for one.
        chosen: The column that is true of points to be ringed; "" for none.
        title: What the value is, beside the axis.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    needed = [x, "value", "low", "high", colour, group, chosen]
    require_columns(table, needed, where="interval_curve")
    data = table.dropna(subset=["value"])
    if data.empty:
        return nothing(description)
    data = data.assign(said=_in_words(data, x, [n for n in (group, colour) if n]))
    names = in_order(data[colour])
    across = alt.X(f"{x}:Q", axis=alt.Axis(title=x, tickCount=6, grid=False))
    layers = [_band(colour, names), _line(colour, names), _points(data, colour, names)]
    layers += [_rings(colour, names, chosen)] if chosen else []
    layers = [*_chance(data), *layers]
    chart = alt.layer(*layers, data=data).encode(x=across, y=_up(title, domain))
    return described(_laid_out(chart, data, group), description)


def _laid_out(
    chart: alt.LayerChart, data: pd.DataFrame, group: str
) -> alt.LayerChart | alt.FacetChart:
    if not group:
        return chart.properties(width="container", height=HEIGHT)
    header = alt.Header(title=None, labelFontSize=13, labelFontWeight=700, labelColor=INK)
    by = alt.Facet(f"{group}:N", sort=in_order(data[group]), header=header)
    return chart.properties(width=WIDTH, height=LOW).facet(facet=by, columns=1)


def _in_words(table: pd.DataFrame, x: str, names: Sequence[str]) -> list[str]:
    """What a point says to those who hear it: con2, denied, share 0.3: 0.71 [...]."""
    what = table[list(names)].astype(str).agg(", ".join, axis=1)
    rows = zip(what, table[x], table["value"], table["low"], table["high"], strict=True)
    return [f"{a}, {x} {b:g}: {with_interval(*c)}" for a, b, *c in rows]


def _up(title: str, domain: tuple[float, float]) -> alt.Y:
    whole = {"values": QUARTERS} if domain == (0.0, 1.0) else {"tickCount": 5}
    return alt.Y(
        "value:Q",
        scale=alt.Scale(domain=list(domain), nice=False, clamp=True),
        axis=alt.Axis(title=title, format=".2f", **whole),
    )


def _band(colour: str, names: Sequence[str]) -> alt.Chart:
    told = coloured(colour, names)
    told["legend"]["symbolOpacity"] = 1  # else the legend takes the band's faintness
    band = alt.Chart().mark_area(opacity=0.2, aria=False)
    return band.encode(y="low:Q", y2="high:Q", color=told)


def _line(colour: str, names: Sequence[str]) -> alt.Chart:
    line = alt.Chart().mark_line(strokeWidth=2, aria=False)
    return line.encode(color=coloured(colour, names))


def _points(data: pd.DataFrame, colour: str, names: Sequence[str]) -> alt.Chart:
    floats = set(data.select_dtypes("float").columns)
    told = [name for name in data.columns if name != "said"]
    tooltips = [
        alt.Tooltip(n, format=".3f") if n in floats else alt.Tooltip(n) for n in told
    ]
    return (
        alt.Chart()
        .mark_point(filled=True, size=60, opacity=1)
        .encode(
            color=coloured(colour, names),
            shape=shaped(colour, names),
            tooltip=tooltips,
            description="said:N",
        )
    )


def _rings(colour: str, names: Sequence[str], chosen: str) -> alt.Chart:
    return (
        alt.Chart()
        .transform_filter(f"datum['{chosen}']")
        .mark_point(shape="circle", filled=False, size=260, strokeWidth=2, aria=False)
        .encode(color=coloured(colour, names))
    )


def _chance(data: pd.DataFrame) -> list[alt.Chart]:
    if "chance" not in data.columns:
        return []
    line = alt.Chart(name="ink_deaf").mark_line(color=INK, strokeDash=[6, 4], aria=False)
    return [line.encode(y="chance:Q", detail="chance:N")]
