"""The course of a training: what validation said, step by step, and what was kept."""

import altair as alt
import pandas as pd

from negcxr.figures.tables import Html, nothing
from negcxr.figures.theme import INK, coloured, described, require_columns, shaped

HEIGHT = 230  # pixels
LINES = ("affirmed", "denied", "composite")


def training_curve(log: pd.DataFrame, *, description: str) -> alt.TopLevelMixin | Html:
    """Validation AUROC by step, with the step whose weights were kept marked.

    That is the first step with the highest ``selected``. A measure that was never had,
    since the labels make no such query, has no line.

    Args:
        log: A row a validation: step, affirmed, denied, composite, selected.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    require_columns(log, ["step", *LINES, "selected"], where="training_curve")
    if log.empty:
        return nothing(description)
    data = log.melt("step", list(LINES), "polarity", "AUROC").dropna(subset=["AUROC"])
    base = alt.Chart(data).encode(
        x=alt.X("step:Q", axis=alt.Axis(title="step", tickMinStep=1, grid=False)),
        y=alt.Y(
            "AUROC:Q",
            scale=alt.Scale(domain=[0, 1], nice=False),
            axis=alt.Axis(title="AUROC in validation", tickCount=5),
        ),
        color=coloured("polarity", LINES),
    )
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        shape=shaped("polarity", LINES),
        tooltip=["step", "polarity", alt.Tooltip("AUROC", format=".3f")],
    )
    chart = alt.layer(*_kept(log), base.mark_line(strokeWidth=2, aria=False), points)
    return described(chart.properties(width="container", height=HEIGHT), description)


def _kept(log: pd.DataFrame) -> tuple[alt.Chart, alt.Chart]:
    best = log.loc[[log["selected"].idxmax()], ["step"]].assign(said="kept")
    line = alt.Chart(best, name="ink_deaf").mark_rule(color=INK, strokeDash=[6, 4])
    words = alt.Chart(best, name="ink_words").mark_text(
        color=INK, fontSize=13, angle=270, align="left", dx=6, dy=-6
    )
    at = alt.X("step:Q")
    return line.encode(x=at), words.encode(x=at, y=alt.value("height"), text="said:N")
