"""Checkpoints by data sets: which pair is seen, not listed, or unknown.

A letter stands in every cell, so that the colour is not all there is to go by.
"""

import altair as alt
import pandas as pd

from negcxr.figures.tables import Html, nothing
from negcxr.figures.theme import INK, described, in_order, require_columns

ROW = 26  # pixels
STATES = {  # state -> letter, colour of the cell; both letters read on it
    "seen": ("S", "#8A3B00"),
    "not listed": ("n", "#004C78"),
    "unknown": ("?", "#595959"),
}


def exposure_grid(table: pd.DataFrame, *, description: str) -> alt.TopLevelMixin | Html:
    """A cell for each checkpoint and data set, with its state as a letter and a colour.

    Args:
        table: Columns checkpoint, data set, state, and source for the tooltip.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    asked = ["checkpoint", "data set", "state", "source"]
    require_columns(table, asked, where="exposure_grid")
    if table.empty:
        return nothing(description)
    shown = table[asked].assign(letter=[STATES[state][0] for state in table["state"]])
    axis = {"ticks": False, "domain": False, "title": None}
    # Upright, so that the longest name fits in the narrowest column.
    above = alt.Axis(orient="top", labelAngle=-90, **axis)
    across = alt.X("data set:N", sort=in_order(table["data set"]), axis=above)
    down = alt.Y("checkpoint:N", sort=in_order(table["checkpoint"]), axis=alt.Axis(**axis))
    base = alt.Chart(shown).encode(x=across, y=down, tooltip=asked)
    colours = alt.Scale(domain=[*STATES], range=[colour for _, colour in STATES.values()])
    legend = alt.Legend(labelColor=INK, columns=2)
    cells = base.mark_rect(cornerRadius=3, stroke="white", strokeWidth=1).encode(
        color=alt.Color("state:N", scale=colours, legend=legend, title=None)
    )
    letters = base.mark_text(fontSize=13, color="white", aria=False).encode(text="letter:N")
    rows = len(in_order(table["checkpoint"]))
    size = {"width": "container", "height": ROW * rows}
    return described((cells + letters).properties(**size), description)
