"""Charts, tables and picture walls of the chapters, from tidy data frames.

Each helper gives one finished thing to show: a notebook calls it on the last line of a
cell. A chart carries its own look and its own description for those who cannot see it,
so nothing has to be switched on first; the table to put under it is `small_table`.

Limits: a chart shows what it is given. It neither measures nor averages.
"""

from negcxr.figures.curve import interval_curve
from negcxr.figures.dots import interval_dots
from negcxr.figures.exposure_grid import exposure_grid
from negcxr.figures.gain import gain_price
from negcxr.figures.grids import confusions
from negcxr.figures.head_grid import head_grid
from negcxr.figures.maps import map_panels, transfer_grid
from negcxr.figures.picked_dots import picked_dots
from negcxr.figures.pulls import pull_grid
from negcxr.figures.scatter import polarity_scatter
from negcxr.figures.tables import Html, small_table
from negcxr.figures.theme import COLOURS, described
from negcxr.figures.tokens import text_strip, token_strips
from negcxr.figures.trace_grid import trace_grid
from negcxr.figures.training import training_curve
from negcxr.figures.wall import gallery, thumbnail

__all__ = [
    "COLOURS",
    "Html",
    "confusions",
    "described",
    "exposure_grid",
    "gain_price",
    "gallery",
    "head_grid",
    "interval_curve",
    "interval_dots",
    "map_panels",
    "picked_dots",
    "polarity_scatter",
    "pull_grid",
    "small_table",
    "text_strip",
    "thumbnail",
    "token_strips",
    "trace_grid",
    "training_curve",
    "transfer_grid",
]
