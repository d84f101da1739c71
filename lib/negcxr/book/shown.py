"""What an output of a notebook shows: its texts, its tables, and the data of its charts.

Limits: a table whose rows differ in length is read as text alone.
"""

import json
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

import pandas as pd
from nbformat import NotebookNode

from negcxr.figures.drawn import charts_in
from negcxr.figures.tables import NO_VALUE

_ENDS = re.compile(r"\s*\[[^\]]*\]$")  # of an interval, beside its value


def texts_of(output: NotebookNode) -> Iterator[str]:
    """Every text of an output, whatever it is: printed, shown, or of an error."""
    for key in ("text", "evalue", "traceback"):
        value = output.get(key, "")
        yield value if isinstance(value, str) else "\n".join(value)
    for value in output.get("data", {}).values():
        yield value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def tables_in(text: str) -> Iterator[pd.DataFrame]:
    """The tables of an output's text, and what its charts draw."""
    yield from _tables(text)
    for chart in charts_in(text):
        yield from (pd.DataFrame(rows) for rows in _data(chart))


def _data(part: Any) -> Iterator[list[dict[str, Any]]]:
    """Every list of rows, however deep in a chart."""
    if isinstance(part, list) and part and all(isinstance(row, dict) for row in part):
        if all(not isinstance(v, dict | list) for row in part for v in row.values()):
            yield part
            return
    for inner in part.values() if isinstance(part, dict) else part or ():
        if isinstance(inner, dict | list):
            yield from _data(inner)


class _Tables(HTMLParser):
    """Collects the cells of every table in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        self.inside = tag in ("td", "th") or (self.inside and tag not in ("tr", "table"))
        if tag in ("td", "th") and self.tables and self.tables[-1]:
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th", "tr", "table")

    def handle_data(self, data: str) -> None:
        if self.inside and self.tables and self.tables[-1] and self.tables[-1][-1]:
            self.tables[-1][-1][-1] += data


def _tables(text: str) -> Iterator[pd.DataFrame]:
    """The tables of an output; a column of numbers is one again."""
    reader = _Tables()
    if "<table" in text:
        reader.feed(text)
        reader.close()
    for head, *rows in (table for table in reader.tables if table):
        if len({len(row) for row in (head, *rows)}) == 1:
            columns = zip(*rows, strict=True) if rows else ()
            cells = dict(zip(head, map(_column, columns), strict=False))
            yield pd.DataFrame(cells)


def _column(cells: Iterable[str]) -> pd.Series:
    """A column as it was before it was shown: intervals and dashes are of numbers."""
    column = pd.Series(list(cells), dtype=str)
    bare = column.str.strip().str.replace(_ENDS, "", regex=True)
    numbers = pd.to_numeric(bare.where(bare != NO_VALUE), errors="coerce")
    return column if (numbers.isna() & (bare != NO_VALUE)).any() else numbers
