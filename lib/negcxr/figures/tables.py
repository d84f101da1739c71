"""The small table under a chart: the same numbers, for any reader and any machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from negcxr.errors import InputError

NO_VALUE = "\N{EN DASH}"
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Html:
    """HTML that a notebook shows as it is; all text in it is escaped already."""

    text: str

    def _repr_html_(self) -> str:
        return self.text

    def __str__(self) -> str:
        """The HTML itself."""
        return self.text


def nothing(description: str) -> Html:
    """What stands in the place of a chart that has no row to show."""
    words = escape(f"Nothing to show: {description}")
    return Html(f'<p class="nothing">{words}</p>')


def small_table(
    table: pd.DataFrame, caption: str, *, columns: Sequence[str] = (), digits: int = 2
) -> Html:
    """An accessible table of a tidy frame; intervals stand beside their values.

    Columns low and high are folded into value as "0.93 [0.90, 0.95]", and so are those
    that end another column's name, as change_low and change_high do. A number that does
    not exist is a dash. On a narrow page the table scrolls, not the page.

    Args:
        caption: What the table shows, as a sentence; read out before the table.
        columns: The columns to show, in this order; all of them where none is named.
        digits: Decimals of numbers that are not whole.

    Raises:
        InputError: A column does not exist, or the caption is empty.
    """
    if not caption.strip():
        raise InputError("caption is empty; say in a sentence what the table shows")
    shown = _folded(table, digits)
    for name in columns:
        if name not in shown.columns:
            raise InputError(
                f"small_table: no column {name}; columns: {list(shown.columns)}"
            )
    shown = shown[list(columns)] if columns else shown
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in shown.columns)
    body = "".join(_row(values, digits) for values in shown.itertuples(index=False))
    words = escape(caption)
    return Html(
        f'<div class="small-table"><p class="table-caption">{words}</p>'
        f'<div class="frame" role="region" tabindex="0" aria-label="{words}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></div>"
    )


def with_interval(value: float, low: float, high: float, *, digits: int = 2) -> str:
    """A value and its interval as text: ``0.93 [0.90, 0.95]``."""
    if pd.isna(value):
        return NO_VALUE
    text = f"{value:z.{digits}f}"  # z: what rounds to zero has no minus sign
    if pd.isna(low) or pd.isna(high):
        return text
    # The ends are kept on one line: a narrow cell breaks before the bracket alone.
    return f"{text} [{low:z.{digits}f},{NO_BREAK}{high:z.{digits}f}]"


def _folded(table: pd.DataFrame, digits: int) -> pd.DataFrame:
    ends = {str(name): (f"{name}_low", f"{name}_high") for name in table.columns}
    ends["value"] = ("low", "high")
    for name, (low, high) in ends.items():
        if {name, low, high} <= set(table.columns):
            threes = zip(table[name], table[low], table[high], strict=True)
            texts = [with_interval(*three, digits=digits) for three in threes]
            table = table.drop(columns=[low, high]).assign(**{name: texts})
    return table


def _row(values: tuple[object, ...], digits: int) -> str:
    first, *others = (_cell(value, digits) for value in values)
    cells = "".join(f"<td>{text}</td>" for text in others)
    return f'<tr><th scope="row">{first}</th>{cells}</tr>'


def _cell(value: object, digits: int) -> str:
    if pd.isna(value):
        return NO_VALUE
    if isinstance(value, float):
        return (
            f"{value:.0f}"
            if value.is_integer() and abs(value) > 1
            else f"{value:z.{digits}f}"
        )
    text = escape(str(value))
    return text.replace("/", "/<wbr>") if "://" in text else text  # an address may break
