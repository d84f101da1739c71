"""Charts of an artifact: let through in exactly the form that our own figures write.

A chart is a script in an executed notebook, and a chart of a stranger would be a
stranger's script. So its specification is read as JSON, held against the vocabulary of our
charts, and altair draws it anew; only an output that is letter for letter the same stays.
Nothing in a specification may load, link, be looked up or calculate beyond the few
expressions that our figures use.

Limits: a chart drawn by another version of altair than the one installed is refused, since
it is not letter for letter the same. Numbers in a chart may be anybody's.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from negcxr.figures.drawn import CHART, without_own_charts

SCHEMA = re.compile(r"https://vega\.github\.io/schema/vega-lite/v[\d.]+\.json")
OPTIONS = {"mode": "vega-lite"}
USERMETA = {"embedOptions": {"actions": False, "renderer": "svg"}}
EXPRESSIONS = {"calculate", "filter", "labelExpr", "test"}
VOCABULARY = frozenset(
    """
    $schema align anchor angle aria as axis background bandPosition baseline bin bind
    clamp clip color columns concat condition config continuousHeight continuousWidth
    cornerRadius data datasets description detail direction discreteHeight discreteWidth
    domain domainColor domainMid domainWidth dx dy empty encoding equal extent facet
    field fill fillOpacity filled filter font fontSize fontStyle fontWeight format grid
    gridColor gridDash gridOpacity gridWidth gt gte hconcat header height input
    interpolate invalid labelAlign labelAngle labelBaseline labelColor labelExpr
    labelFontSize labelFontWeight labelLimit labelLineHeight labelOrient labelOverlap
    labelPadding labels layer legend limit line lineBreak lineHeight lt lte mark
    maxExtent minExtent name nice not offset oneOf op opacity options order orient
    padding paddingInner paddingOuter params point range resolve reverse row column
    scale scheme separation shape size sort spacing spec stack step stroke strokeCap
    strokeDash strokeJoin strokeOpacity strokeWidth subtitle symbolFillColor symbolLimit
    symbolOpacity symbolSize symbolStrokeColor symbolStrokeWidth symbolType test text
    thickness tickColor tickCount tickMinStep tickSize tickWidth ticks title titleAlign
    titleAnchor titleAngle titleColor titleFontSize titleFontWeight titleLimit
    titleOrient titlePadding tooltip transform type usermeta valid value values vconcat
    view width x x2 xOffset y y2 yOffset zero zindex
    """.split()
)
MARKS = {"area", "bar", "circle", "line", "point", "rect", "rule", "square", "text", "tick"}
_TOKEN = re.compile(
    r"\s+|(?:slice|split|peek|length|isValid|abs)(?=\()|datum\.(?!_)[A-Za-z]\w*"
    r"|datum\['(?!constructor|prototype|_)[A-Za-z][\w -]*'\]|\[\d\]"
    r"|pick_\d|\d+(?:\.\d+)?|'[^'\\]*'|[-+*/<>=!?:(),&|]"
)
_LOADS = re.compile(
    r"\s*(?:[/\\]{2}|(?i:javascript|vbscript|file|blob|ftp)\s*:|(?i:data):[a-z]+/)|.*://",
    re.DOTALL,
)


def without_charts(html: str) -> tuple[str, list[str]]:
    """The HTML of an output less its charts, and what is wrong with those.

    A chart is all of an output: between two halves of something else it could make of
    them what neither is.
    """
    charts = list(CHART.finditer(html))
    faults = [fault for match in charts for fault in _faults(match)]
    rest = without_own_charts(html)
    if charts and not faults and rest.strip():
        faults.append("a chart that is none of ours, or HTML beside one")
    return rest, faults


def _faults(match: re.Match[str]) -> Iterator[str]:
    try:
        spec, end = json.JSONDecoder().raw_decode(match["content"])
        options = json.loads(match["content"][end:].removeprefix(", "))
    except (ValueError, RecursionError):
        yield "a chart that is not JSON"
        return
    if options != OPTIONS:
        yield "a chart with options that ours have not"
    yield from _of_spec(spec)


def _of_spec(spec: dict[str, Any]) -> Iterator[str]:
    """What in a specification is beyond what our figures write."""
    if not SCHEMA.fullmatch(str(spec.get("$schema"))):
        yield "a chart that is not of Vega-Lite"
    if spec.get("usermeta", USERMETA) != USERMETA:
        yield "a chart that sets how it is embedded"
    for rows in _data_of(spec):
        yield from _cells(rows)
    known = ("$schema", "usermeta", "datasets")
    yield from _words({k: v for k, v in spec.items() if k not in known}, "")


def _data_of(value: Any) -> Iterator[Any]:
    """The rows of all data, whose names are columns and no vocabulary."""
    if isinstance(value, dict):
        datasets = value.get("datasets", {})
        yield from datasets.values() if isinstance(datasets, dict) else [datasets]
        if isinstance(value.get("data"), dict):
            yield value["data"].get("values", [])
        for name, inner in value.items():
            yield from _data_of(inner) if name != "datasets" else ()
    elif isinstance(value, list):
        for inner in value:
            yield from _data_of(inner)


def _cells(rows: Any) -> Iterator[str]:
    """What in rows of data is more than a number or a text by the name of its column."""
    if not isinstance(rows, list):
        yield "a chart whose data are no list of rows"
        return
    for row in rows:
        cells = row if isinstance(row, dict) else {"value": row}
        if any(name.startswith("__") for name in cells):
            yield "a chart with a column that ours have not"
        for value in cells.values():
            if isinstance(value, dict | list) or (
                isinstance(value, str) and _LOADS.match(value)
            ):
                yield f"a chart with {str(value)[:40]!r} among its data"


def _words(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in VOCABULARY:
                yield f"a chart with {name[:40]!r}, which ours have not"
            elif name == "mark" and _mark(inner) not in MARKS:
                yield f"a chart with the mark {str(_mark(inner))[:40]!r}"
            elif name == "values" and key != "data" and not _is_plain(inner):
                yield "a chart whose values are no plain list"
            if not (name == "values" and key == "data"):
                yield from _words(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner, key)
    elif isinstance(value, str):
        if _LOADS.match(value):
            yield f"a chart that names an address, {value[:40]!r}"
        elif key in EXPRESSIONS and not _is_ours(value):
            yield f"a chart that calculates {value[:40]!r}"


def _is_plain(values: Any) -> bool:
    return isinstance(values, list) and not any(
        isinstance(value, dict | list) for value in values
    )


def _mark(value: Any) -> Any:
    return value.get("type") if isinstance(value, dict) else value


def _is_ours(expression: str) -> bool:
    """Whether an expression is made of the few tokens of ours."""
    place = 0
    while place < len(expression):
        token = _TOKEN.match(expression, place)
        if token is None:
            return False
        place = token.end()
    return True
