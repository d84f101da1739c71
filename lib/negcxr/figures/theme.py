"""One look for all charts: readable in light and dark, by any eye, on a phone.

Colours of marks reach a contrast of 3 : 1 on the book's light and dark page alike, and
differ for the common colour-blindnesses; a shape always says the same as a colour. Text
and axes have no fixed colour on a page: they are drawn as SVG, and the book's style
sheet gives them the page's own text colour, so that they follow the reader's choice of
light or dark without drawing anything again.
"""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from negcxr.errors import InputError

# The page's own text colour in the book; this grey stands in wherever else a chart is
# opened, and is legible on white (3.9 : 1) and on black (5.3 : 1).
INK = "#808080"

TEXT = {"labelFontSize": 13, "titleFontSize": 13, "labelColor": INK, "titleColor": INK}
AXES = {
    "titleFontWeight": "normal",
    "labelLimit": 170,
    "domainColor": INK,
    "tickColor": INK,
    "gridColor": INK,
    "gridOpacity": 0.25,
}
COLOURS: dict[str, str] = {
    "affirmed": "#0072B2",
    "denied": "#D55E00",
    "composite": "#009E73",
    "equivalent": "#AA4499",
    "double-negation": "#A6761D",
    "hedged": "#808080",
    "scope": "#1B8A9A",
    "side": "#C44E52",
}
SHAPES: dict[str, str] = {
    "affirmed": "circle",
    "denied": "diamond",
    "composite": "square",
    "equivalent": "triangle-up",
    "double-negation": "cross",
    "hedged": "triangle-down",
    "scope": "triangle-right",
    "side": "triangle-left",
}
LEGEND, SIGN, LETTER = 340, 30, 8  # pixels: of a legend on a phone, and in it


def described(chart: alt.Chart | alt.LayerChart, description: str) -> alt.TopLevelMixin:
    """``chart`` with the study's look, and with words for those who cannot see it.

    The look travels in the chart itself: SVG, no menu, a clear ground. A chart so
    treated cannot be joined with others afterwards; join first.

    Args:
        description: What the chart shows and what there is to see in it, as a sentence.

    Raises:
        InputError: The description is empty.
    """
    if not description.strip():
        raise InputError("description is empty; say in a sentence what the chart shows")
    told = chart.properties(
        description=description,
        usermeta={"embedOptions": {"actions": False, "renderer": "svg"}},
    )
    return told.configure(
        background="transparent",
        padding=4,
        font="sans-serif",
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(**TEXT, **AXES),
        legend=alt.LegendConfig(**TEXT, symbolSize=90, orient="top", title=None),
    )


def coloured(column: str, names: Sequence[str], *, orient: str = "top") -> alt.Color:
    """The colour channel of a column: a polarity has its own, other names take turns."""
    return alt.Color(
        f"{column}:N",
        scale=alt.Scale(domain=list(names), range=_in_turn(names, COLOURS)),
        legend=_legend(names, orient),
        title=None,
    )


def shaped(column: str, names: Sequence[str], *, orient: str = "top") -> alt.Shape:
    """The shape channel of a column, which says the same as its colour."""
    return alt.Shape(
        f"{column}:N",
        scale=alt.Scale(domain=list(names), range=_in_turn(names, SHAPES)),
        legend=_legend(names, orient),
        title=None,
    )


def require_columns(table: pd.DataFrame, names: Sequence[str], *, where: str) -> None:
    """Refuse a frame that lacks a column.

    Raises:
        InputError: Names the helper, what is missing and what there is.
    """
    missing = [name for name in names if name and name not in table.columns]
    if missing:
        raise InputError(f"{where}: no column {missing[0]}; columns: {list(table.columns)}")


def in_order(column: pd.Series) -> list[str]:
    """The different values of a column as text, in the order in which they come."""
    return list(dict.fromkeys(column.astype(str)))


def _in_turn(names: Sequence[str], known: dict[str, str]) -> list[str]:
    if all(name in known for name in names):
        return [known[name] for name in names]
    choices = list(known.values())
    return [choices[i % len(choices)] for i in range(len(names))]


def _legend(names: Sequence[str], orient: str) -> alt.Legend:
    """A legend that fits a phone everywhere: Vega clips one that changes with the width."""
    longest = max(len(name) for name in names)
    columns = max(1, min(len(names), LEGEND // (SIGN + LETTER * longest)))
    return alt.Legend(orient=orient, columns=columns, labelLimit=220, offset=8)


def value_axis(title: str, domain: tuple[float, float]) -> alt.X:
    """The axis of a table's column value, the same whichever rows a chart shows."""
    return alt.X(
        "value:Q",
        scale=alt.Scale(domain=list(domain), nice=False, clamp=True),
        axis=alt.Axis(title=title, tickCount=5, grid=False),
    )
