"""Telling altair's own charts from any other script in an output.

A chart is recognised by drawing it again: its specification is read out of the output,
rendered by altair, and only what is then letter for letter the same is altair's own.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import altair as alt
from altair.utils.html import spec_to_html

CHART = re.compile(
    r"\s*<style>\s*#(?P<div>altair-viz-[0-9a-f]+)\.vega-embed.*?"
    r"\}\)\((?P<content>\{.*?\})\);\s*</script>",
    re.DOTALL,
)
_DECODER = json.JSONDecoder()


def without_own_charts(html: str) -> str:
    """The HTML of an output less the charts that altair itself drew in it."""
    return CHART.sub(lambda match: "" if _is_own(match) else match[0], html)


def charts_in(text: str) -> Iterator[Any]:
    """What each chart of an output draws: drawn by altair, or as a chart's own JSON."""
    if text.startswith("{"):
        with suppress(json.JSONDecodeError):
            yield json.loads(text)
    for match in CHART.finditer(text):
        with suppress(json.JSONDecodeError):
            yield _DECODER.raw_decode(match["content"])[0]


def _is_own(match: re.Match[str]) -> bool:
    try:
        spec, end = _DECODER.raw_decode(match["content"])
        options = json.loads(match["content"][end:].removeprefix(", "))
    except json.JSONDecodeError:
        return False
    text = match["content"]
    if "</" in text or "<!--" in text or _loads(spec) or _loads(options):
        return False
    return _drawn(spec, options, match["div"]).strip() == match[0].strip()


def _drawn(spec: dict[str, Any], options: dict[str, Any], div: str) -> str:
    return spec_to_html(
        spec,
        mode="vega-lite",
        vega_version=alt.VEGA_VERSION,
        vegaembed_version=alt.VEGAEMBED_VERSION,
        vegalite_version=alt.VEGALITE_VERSION,
        output_div=div,
        embed_options=options,
        fullhtml=False,
        requirejs=False,
        template="universal",
    )


def _loads(value: Any) -> bool:
    """Whether a specification fetches something, or patches what it is given."""
    if isinstance(value, dict):
        here = any(key in {"url", "href", "patch", "loader", "baseURL"} for key in value)
        return here or any(_loads(inner) for inner in value.values())
    return isinstance(value, list) and any(_loads(inner) for inner in value)
