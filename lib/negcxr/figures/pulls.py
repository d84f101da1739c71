"""A batch as a grid: which pairs of text and image are pulled together, which apart."""

from textwrap import wrap

import altair as alt
import pandas as pd

from negcxr.figures.tables import Html, nothing
from negcxr.figures.theme import INK, described, in_order, require_columns

ROW, LINE = 36, 24  # pixels of a row, letters of a line of its label
# From pushed apart to pulled together, pale where neither. The word in a cell is black or
# white, whichever reads better on it: both reach 4.5 : 1 on their side of the turn.
APART, NEITHER, TOGETHER, TURN = "#7A3300", "#F1EFEA", "#004C78", 0.708
BREAK = "\t"  # between the parts of a row's name; no text contains one
COLUMNS = ["group", "row", "text", "image", "truth", "pull", "share"]


def pull_grid(table: pd.DataFrame, *, description: str) -> alt.TopLevelMixin | Html:
    """Texts by images, coloured by what a loss does to each pair.

    The word "true" stands in the cell of a pair that is true by the labels, with a frame
    where the pair is pushed apart all the same; "?" where the labels do not say.

    Args:
        table: Columns group, row, text, image, truth (true, false, unknown), pull, and
            share, which is in [-1, 1] and makes the colour.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    require_columns(table, COLUMNS, where="pull_grid")
    if table.empty:
        return nothing(description)
    data, places = _placed(table)
    base = alt.Chart(data).encode(
        x=alt.X(
            "image:N",
            sort=in_order(table["image"]),
            title="blue: pulled; orange: pushed",
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        y=_rows(places),
        tooltip=["text", "image", "truth", "does", alt.Tooltip("pull", format=".3g")],
    )
    chart = _cells(base) + _frames(base) + _words(base)
    size = {"width": "container", "height": ROW * len(places)}
    return described(chart.properties(**size), description)


def _placed(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The table with the place of each row, and all places from top to bottom."""
    data, places = table.copy(), []
    data["place"] = [
        BREAK.join([f"{row}", *wrap(text, LINE)])
        for row, text in zip(data["row"], data["text"], strict=True)
    ]
    for name, block in data.groupby("group", sort=False):
        places += [f"{name}{BREAK}", *in_order(block["place"])]
    wrong = (data["truth"] == "true") & (data["share"] < 0)
    data["word"] = data["truth"].map({"true": "true", "false": "", "unknown": "?"})
    data["does"] = [
        "pulled together" if share > 0 else "pushed apart" if share < 0 else "untouched"
        for share in data["share"]
    ]
    data.loc[wrong, "does"] = "pushed apart although true"
    return data, places


def _rows(places: list[str]) -> alt.Y:
    parts = f"split(datum.value, '{BREAK}')"
    heading = f"slice(datum.value, -1) == '{BREAK}'"
    return alt.Y(
        "place:N",
        scale=alt.Scale(domain=places),
        axis=alt.Axis(
            title=None,
            labelExpr=f"({heading} ? {parts}[0] : slice({parts}, 1))",
            labelFontWeight={"condition": {"test": heading, "value": 700}, "value": 400},
            labelLineHeight=13,
            labelFontSize=12,
            ticks=False,
            domain=False,
        ),
    )


def _cells(base: alt.Chart) -> alt.Chart:
    scale = alt.Scale(
        domain=[-1, 0, 1], range=[APART, NEITHER, TOGETHER], interpolate="rgb"
    )
    return base.mark_rect(cornerRadius=3).encode(
        color=alt.Color("share:Q", scale=scale, legend=None)
    )


def _frames(base: alt.Chart) -> alt.Chart:
    return base.transform_filter("datum.does == 'pushed apart although true'").mark_rect(
        filled=False, stroke=INK, strokeWidth=3, cornerRadius=3, aria=False
    )


def _words(base: alt.Chart) -> alt.Chart:
    dark = f"abs(datum.share) > {TURN}"
    return base.mark_text(fontSize=12, aria=False).encode(
        text="word:N",
        color={"condition": {"test": dark, "value": "white"}, "value": "black"},
    )
