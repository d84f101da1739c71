"""Maps side by side, each with its numbers above it; and a grid of AUROC by finding.

A map has no axes, since its directions and distances mean nothing: only who lies near whom
does. What each is worth stands above it, so that the picture alone does not mislead.
"""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from negcxr.figures.grids import DEEP
from negcxr.figures.tables import Html, nothing
from negcxr.figures.theme import (
    INK,
    coloured,
    described,
    in_order,
    require_columns,
    shaped,
)

ACROSS, PANEL, GAP = 3, 96, 10  # panels in a row, and pixels: three fit a phone
LINE = 11  # pixels of the words above a panel
CELL = 27  # pixels of a grid's cell; eight and their names fit a phone
# Pale at chance; the number in a cell is black or white, whichever reads better on it: both
# reach 4.5 : 1 on their side of the turn.
MIDDLE, HIGH, TURN = "#F1EFEA", "#7A3300", 0.352
PANELS = ("start", "perplexity")
ABOVE = {"trustworthiness": "trust", "purity on the map": "purity"}


def map_panels(
    points: pd.DataFrame, numbers: pd.DataFrame, *, description: str, colour: str
) -> alt.TopLevelMixin | Html:
    """Every map as a panel, with its trustworthiness and purity above it.

    Args:
        points: Columns start, perplexity, x, y and ``colour``; others are told on
            hovering.
        numbers: A row a map: start, perplexity, trustworthiness, purity on the map.
        colour: The column that is told by colour and shape.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    require_columns(points, [*PANELS, "x", "y", colour], where="map_panels")
    require_columns(numbers, [*PANELS, *ABOVE], where="map_panels")
    if points.empty:
        return nothing(description)
    names = in_order(points[colour])
    panels = [
        _panel(block, _above(key, numbers), colour, names)
        for key, block in points.groupby(list(PANELS), sort=False)
    ]
    chart = alt.concat(*panels, columns=ACROSS, spacing=GAP)
    return described(chart, description)


def _panel(
    points: pd.DataFrame, above: list[str], colour: str, names: list[str]
) -> alt.Chart:
    told = [c for c in points.columns if c not in ("side", *PANELS, "x", "y")]
    hidden = alt.Axis(labels=False, ticks=False, grid=False, title=None, domain=False)
    place = {"scale": alt.Scale(domain=[-1.05, 1.05], nice=False), "axis": hidden}
    title = alt.TitleParams(
        above, fontSize=LINE, fontWeight="normal", color=INK, anchor="start", offset=2
    )
    return (
        alt.Chart(points[["x", "y", *told]], title=title)
        .mark_point(filled=True, size=16, opacity=0.75, aria=False)
        .encode(
            x=alt.X("x:Q", **place),
            y=alt.Y("y:Q", **place),
            color=coloured(colour, names),
            shape=shaped(colour, names),
            tooltip=told,
        )
        .properties(width=PANEL, height=PANEL, view=alt.ViewBackground(stroke=INK))
    )


def _above(key: tuple[str, float], numbers: pd.DataFrame) -> list[str]:
    start, perplexity = key
    one = numbers[(numbers["start"] == start) & (numbers["perplexity"] == perplexity)]
    known = one.iloc[0]
    told = [f"{word} {known[name]:z.2f}" for name, word in ABOVE.items()]
    return [start, f"perplexity {perplexity:g}", *told]


def transfer_grid(
    tables: Mapping[str, pd.DataFrame], *, description: str
) -> alt.TopLevelMixin | Html:
    """AUROC of each finding's direction on each finding, a grid a side.

    Columns bear the numbers of the rows. 0.50 is chance and pale; blue above it, brown
    below, where the direction points the other way.

    Args:
        tables: By side, columns fitted on, asked of, auroc, in [0, 1].

    Raises:
        InputError: A column is missing, or no description is given.
    """
    for table in tables.values():
        require_columns(table, ["fitted on", "asked of", "auroc"], where="transfer_grid")
    grids = [_grid(table, name) for name, table in tables.items() if len(table)]
    if not grids:
        return nothing(description)
    return described(alt.vconcat(*grids, spacing=2 * GAP), description)


def _grid(table: pd.DataFrame, name: str) -> alt.LayerChart:
    order = {finding: n for n, finding in enumerate(in_order(table["fitted on"]), start=1)}
    rows = [f"{finding} {n}" for finding, n in order.items()]
    data = table.assign(
        row=[f"{finding} {order[finding]}" for finding in table["fitted on"]],
        column=[order[finding] for finding in table["asked of"]],
        words=["" if pd.isna(v) else f"{v:.2f}".lstrip("0") for v in table["auroc"]],
    )
    axis = {"labelAngle": 0, "ticks": False, "domain": False}
    base = alt.Chart(data).encode(
        x=alt.X("column:O", title="asked of", axis=alt.Axis(orient="top", **axis)),
        y=alt.Y("row:N", sort=rows, title=None, axis=alt.Axis(labelFontSize=12, **axis)),
        tooltip=["fitted on", "asked of", alt.Tooltip("auroc", format=".3f")],
    )
    scale = alt.Scale(domain=[0, 0.5, 1], range=[HIGH, MIDDLE, DEEP], interpolate="rgb")
    shade = alt.Color("auroc:Q", scale=scale, legend=None)
    dark = f"abs(datum.auroc - 0.5) > {TURN}"
    ink = {"condition": {"test": dark, "value": "white"}, "value": "black"}
    words = base.mark_text(fontSize=11, aria=False).encode(text="words:N", color=ink)
    title = alt.TitleParams(f"{name}: fitted on", fontSize=13, color=INK, anchor="start")
    size = CELL * len(order)
    cells = base.mark_rect(cornerRadius=2).encode(color=shade) + words
    return cells.properties(width=size, height=size, title=title)
