"""What acts in an executed notebook is refused; what our own figures write passes."""

import json
import re

import pandas as pd
import pytest
from tests.artifacts.made import code, notebook_text, prose, shown, stream
from tests.book.standin import picked, tidy, wall

from negcxr.artifacts.notebooks import require_inert
from negcxr.errors import InputError
from negcxr.figures import interval_dots, small_table


def chart() -> str:
    return interval_dots(tidy(), description="Dots.")._repr_mimebundle_()["text/html"]


def check(*cells, **metadata):
    require_inert(notebook_text(*cells, **metadata).encode(), where="10_tiny.ipynb")


def refused(said, *cells, **metadata):
    with pytest.raises(InputError, match=f"10_tiny.ipynb.*{said}"):
        check(*cells, **metadata)


def test_a_chart_with_lists_to_pick_from_passes():
    check(code(shown(picked()._repr_mimebundle_()["text/html"])))


def test_charts_tables_walls_and_prose_of_ours_pass():
    table = small_table(pd.DataFrame({"a": ["<&>", None]}), "A table")
    check(
        prose("# Title\n\n*What?* {term}`film`, {result}`::denied_auroc`, $p < 0.05$."),
        prose("```{dropdown} Answer\nIt is **no**, see [the data](data.md).\n```"),
        code(shown(chart()), shown(str(table)), shown(str(wall())), stream("done")),
    )


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<ScRiPt>alert(1)</ScRiPt>",
        "<p onclick=alert(1)>a</p>",
        '<p onclick="alert(1)">a</p>',
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">a</a>',
        '<iframe src="https://x"></iframe>',
        '<object data="x"></object>',
        '<embed src="x"/>',
        '<link rel="stylesheet" href="https://x"/>',
        '<form action="https://x"></form>',
        '<base href="https://x"/>',
        '<meta http-equiv="refresh" content="0"/>',
        "<style>@import url(https://x)</style>",
        "<style>body { background: url(https://x) }</style>",
        '<div style="background: url(https://x)">a</div>',
        '<svg class="store"><script>alert(1)</script></svg>',
        '<svg class="store"><defs><image id="wall-00000000-0" href="https://x/a.png"/>'
        "</defs></svg>",
        '<svg><image href="data:image/svg+xml;base64,PHN2Zz4="/></svg>',
        "<!-- --!><script>alert(1)</script> -->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<table><tr><td>open",
        "<p>crossed<b></p></b>",
        "</div></div><div>",
        '<div class="a"\nonclick="alert(1)">a</div>',
        "<textarea><p></textarea><script>alert(1)</script>",
        "<math><mtext></mtext></math>",
        "<p\x0conclick=alert(1)>a</p>",
        "a < b",
    ],
)
def test_html_that_no_figure_of_ours_writes_is_refused(html):
    refused("cell 1: its output holds", code(shown(html)))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"vega-lite"});', '"vega-lite"});alert(1);', "a <style>, which no figure"),
        ("var VEGA_DEBUG", "alert(1); var VEGA_DEBUG", "none of ours"),
        ('"mode": "vega-lite"', '"mode": "vega-lite", "config": "//x"', "options"),
        ('"mode": "vega-lite"', '"mode": "vega"', "options"),
        ('"Dots."', '"</script><script>alert(1)//"', "none of ours|not JSON"),
        ('"description": "Dots."', '"params": [{"name": "a", "expr": "1"}]', "'expr'"),
        ('"description": "Dots."', '"params": [{"bind": {"element": "#a"}}]', "'element'"),
        ('"description": "Dots."', '"data": {"url": "x.csv"}', "'url'"),
        ('"description": "Dots."', '"description": "https://x"', "names an address"),
        ('"description": "Dots."', '"href": {"value": "x"}', "'href'"),
        ('"description": "Dots."', '"background": "url(https://x)"', "an address"),
        ('"actions": false', '"actions": true', "embedded"),
        ('"description": "Dots."', '"__proto__": {"a": 1}', "'__proto__'"),
        (
            '"description": "Dots."',
            '"transform": [{"filter": "datum.constructor.constructor(\'a\')()"}]',
            "calculates",
        ),
        (
            '"description": "Dots."',
            '"transform": [{"filter": "warn(datum.a)"}]',
            "calculates",
        ),
        ("vega-lite/v6", "vega/v6", "not of Vega-Lite|none of ours"),
    ],
)
def test_a_chart_in_another_form_than_ours_is_refused(before, after, said):
    html = chart()
    assert before in html
    refused(f"its output holds .*({said})", code(shown(html.replace(before, after))))


def test_html_beside_a_chart_is_refused():
    refused("HTML beside one", code(shown(f'<p class="{chart()}">a</p>')))


def test_a_style_of_ours_within_a_tag_is_refused():
    style = re.search("<style>.*?</style>", str(wall()))[0]
    refused("HTML that is not written out", code(shown(f'<p class="{style}">a</p>')))


def test_a_picture_that_a_row_of_a_chart_names_is_refused():
    rows = tidy()
    rows["finding"] = "https://x/a.png"
    html = interval_dots(rows, description="Dots.")._repr_mimebundle_()["text/html"]
    refused("among its data|names an address", code(shown(html)))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "```{include} /etc/passwd\n```",
        "```{literalinclude} ../../secret\n```",
        "```{raw} html\n<script>alert(1)</script>\n```",
        "```{eval-rst}\n.. raw:: html\n\n   <script></script>\n```",
        "```{code-cell}\n1\n```",
        "````{dropdown} A\n```{include} /etc/passwd\n```\n````",
        ":::{include} /etc/passwd\n:::",
        "- a\n  ```{include} /etc/passwd\n  ```",
        "> ```{include} /etc/passwd\n> ```",
        "```{dropdown} {{ x }}\n```",
        "```{figure} https://x/a.png\n```",
        "{{ ''.__class__.__mro__ }}",
        "{raw}`<b>`",
        "{eval}`1`",
        "{download}`../../secret`",
        "{result}`../../secret::a`",
        "![a](https://x/a.png)",
        "[a](../../secret)",
        "[a][b]\n\n[b]: ../../secret",
        "---\nmystnb:\n  execution_mode: force\n---\n",
        "$\\href{javascript:alert(1)}{a}$",
        "$\\text{<script>alert(1)</script>}$",
        "$$\n\\text{<img/src=x/onerror=alert(1)>}\n$$",
        "```{math}\n\\mbox{<script>alert(1)</script>}\n```",
        "{math}`a<b>`",
        "[apart]: https://x/a.png",
    ],
)
def test_prose_that_could_read_load_or_run_is_refused(text):
    refused("cell 1: ", prose(text))


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"mystnb": {"execution_mode": "force"}}, "'mystnb'"),
        ({"widgets": {}}, "'widgets'"),
        (
            {"kernelspec": {"name": "bash", "display_name": "x", "language": "bash"}},
            "kernel",
        ),
        ({"language_info": {"name": "python", "pygments_lexer": "<b>"}}, "a language"),
        ({"papermill": {"output_path": "/home/x"}}, "papermill"),
        ({"papermill": {"exception": True}}, "papermill"),
    ],
)
def test_metadata_that_ours_do_not_have_are_refused(metadata, said):
    refused(said, prose("a"), **metadata)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"cell_type": "raw", "metadata": {}, "source": "<script>"}, "no cell of ours"),
        (prose("a", attachments={"a.svg": {}}), "no cell of ours"),
        (code(metadata={"mystnb": {"figure": {"caption": "{{ x }}"}}}), "'mystnb'"),
        (code(metadata={"tags": ["raises-exception"]}), "a tag that ours have not"),
        (code(metadata={"papermill": {"exception": True}}), "a cell that ran"),
        (code(execution_count=None), "it was never executed"),
        (
            code({"output_type": "error", "ename": "E", "evalue": "", "traceback": []}),
            "failed",
        ),
        (code(shown("alert(1)", "application/javascript")), "application/javascript"),
        (code(shown("{}", "application/vnd.jupyter.widget-view+json")), "widget-view"),
        (code(shown("<svg onload='a'/>", "image/svg+xml")), "svg"),
        (code(shown("<script>", "text/markdown")), "text/markdown"),
        (code(shown("aaaa", "image/png")), "image/png"),
        (code(shown("a") | {"metadata": {"text/html": {}}}), "its output has metadata"),
        (code({"output_type": "update_display_data", "data": {}}), "update_display_data"),
    ],
)
def test_cells_and_outputs_of_another_kind_are_refused(cell, said):
    refused(f"cell 1: .*{said}", cell)


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"nbformat": 3}', '{"nbformat": 4, "cells": 1, "metadata": {}}']
)
def test_what_is_no_notebook_is_refused(text):
    with pytest.raises(InputError, match="10_tiny.ipynb: "):
        require_inert(text.encode(), where="10_tiny.ipynb")


def test_a_name_that_stands_twice_is_refused():
    twice = notebook_text(prose("a")).replace('"cells"', '"cells": [], "cells"')
    assert json.loads(twice)
    with pytest.raises(InputError, match="'cells' stands twice"):
        require_inert(twice.encode(), where="10_tiny.ipynb")
