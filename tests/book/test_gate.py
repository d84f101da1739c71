"""What the book is not built from: failures, foreign scripts, pages from elsewhere."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from tests.book.standin import tidy, wall

from negcxr.book import Site
from negcxr.book.gate import MOST_BYTES, check_notebooks, check_pages
from negcxr.errors import InputError
from negcxr.figures import Html, interval_dots
from negcxr.figures.drawn import without_own_charts


def chart_html() -> str:
    return interval_dots(tidy(), description="Dots.")._repr_mimebundle_()["text/html"]


def showing(html: str, kind: str = "text/html"):
    output = new_output("display_data", data={kind: html})
    return new_code_cell("show()", outputs=[output], execution_count=1)


def check(tmp_path: Path, *cells) -> None:
    path = tmp_path / "default" / "10_tiny.ipynb"
    path.parent.mkdir()
    nbformat.write(new_notebook(cells=list(cells)), path)
    check_notebooks([path])


def test_a_chart_of_altair_and_a_wall_pass(tmp_path: Path):
    check(tmp_path, showing(chart_html()), showing(str(wall())))


def test_a_link_in_an_output_passes(tmp_path: Path):
    check(tmp_path, showing('<a href="https://arxiv.org/abs/2512.17121">paper</a>'))


def test_nothing_is_left_of_an_output_that_is_a_chart():
    assert without_own_charts(chart_html()).strip() == ""


def test_what_stands_beside_a_chart_is_still_judged(tmp_path: Path):
    with pytest.raises(InputError, match="cell 1: its output holds a <script> that is not"):
        check(tmp_path, showing(chart_html() + "<script>alert(1)</script>"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"vega-lite"});', '"vega-lite"});alert(1);'),
        ("var VEGA_DEBUG", "alert(1); var VEGA_DEBUG"),
        ('"mode": "vega-lite"', '"mode": "vega-lite", "loader": {"baseURL": "//x"}'),
        ('"description": "Dots."', '"description": "</script><script>alert(1)//"'),
        ('"description": "Dots."', '"description": "", "params": [{"url": "//x"}]'),
    ],
    ids=["code after", "code before", "a loader", "a script in a text", "a url"],
)
def test_a_chart_that_was_tampered_with_is_refused(tmp_path: Path, before: str, after: str):
    html = chart_html()
    assert before in html
    with pytest.raises(InputError, match="script"):
        check(tmp_path, showing(html.replace(before, after, 1)))


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<script>alert(1)</script>", "a <script>"),
        ('<img src="data:image/png;base64,AA" onerror="alert(1)">', "<img onerror"),
        ('<img src="https://elsewhere.example/x.png">', "loads 'https://elsewhere"),
        ('<iframe src="x"></iframe>', "an <iframe>|a <iframe>"),
        ('<a href="javascript:alert(1)">x</a>', "<a href> with a script"),
        ('<svg><use href="//elsewhere.example/x.svg#a"/></svg>', "loads"),
        ("<SCRIPT>alert(1)</SCRIPT>", "a <script>"),
    ],
)
def test_active_html_in_an_output_is_refused(tmp_path: Path, html: str, fault: str):
    with pytest.raises(InputError, match=fault):
        check(tmp_path, showing(html))


@pytest.mark.parametrize("kind", ["text/html", "text/markdown", "image/svg+xml"])
def test_a_script_is_found_in_every_kind_of_markup(tmp_path: Path, kind: str):
    with pytest.raises(InputError, match="a <script>"):
        check(tmp_path, showing("<script>alert(1)</script>", kind))


@pytest.mark.parametrize(
    "kind", ["application/javascript", "application/vnd.jupyter.widget-view+json"]
)
def test_an_output_that_is_a_script_or_a_widget_is_refused(tmp_path: Path, kind: str):
    with pytest.raises(InputError, match=f"its output is {kind[:20]}"):
        check(tmp_path, showing("x", kind))


def test_a_script_in_the_prose_of_a_notebook_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cell 1: its output holds a <script>"):
        check(tmp_path, new_markdown_cell("# Title\n<script>alert(1)</script>"))


def test_a_cell_that_failed_is_named_with_its_error(tmp_path: Path):
    failed = new_output("error", ename="ValueError", evalue="k is 0", traceback=[])
    cell = new_code_cell("f(0)", outputs=[failed], execution_count=2)
    with pytest.raises(
        InputError, match="default/10_tiny.ipynb, cell 1: it failed: ValueE"
    ):
        check(tmp_path, cell)


def test_a_cell_that_never_ran_is_named_since_a_dead_kernel_leaves_such(tmp_path: Path):
    with pytest.raises(InputError, match="cell 2: it was never executed"):
        check(tmp_path, new_code_cell("a", execution_count=1), new_code_cell("b"))


def test_an_empty_cell_need_not_have_run(tmp_path: Path):
    check(tmp_path, new_code_cell(""))


def test_the_mark_that_papermill_leaves_of_a_failure_is_refused(tmp_path: Path):
    tags = {"tags": ["papermill-error-cell-tag"]}
    with pytest.raises(InputError, match="it marks a cell that failed"):
        check(tmp_path, new_markdown_cell("An exception was here", metadata=tags))


def page(tmp_path: Path, text: str, name: str = "index.html") -> Site:
    path = tmp_path / "_build" / "html" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return Site(tmp_path)


def test_a_page_of_ordinary_size_passes(tmp_path: Path):
    check_pages(page(tmp_path, "<p>0.12</p>"))


def test_a_page_above_four_megabytes_is_refused(tmp_path: Path):
    site = page(tmp_path, "x" * (MOST_BYTES + 1))
    with pytest.raises(InputError, match="index.html: 4,000,001 bytes, allowed are 4,000,"):
        check_pages(site)


@pytest.mark.parametrize("name", ["index.html", "_sources/executed/default/10_tiny.ipynb"])
def test_a_page_that_names_a_folder_of_this_machine_is_refused(tmp_path: Path, name: str):
    site = page(tmp_path, f"saved to {tmp_path}/results", name)
    with pytest.raises(InputError, match="names a folder of this machine"):
        check_pages(site)


def test_html_helpers_show_as_html_in_a_notebook():
    assert Html("<b>x</b>")._repr_html_() == "<b>x</b>"
