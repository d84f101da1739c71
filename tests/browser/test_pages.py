"""Every page of the built book, opened wide and light, and on a phone in the dark."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from tests.browser.conftest import Visit

from negcxr.book.gate import MOST_BYTES

pytestmark = pytest.mark.browser


def test_the_book_has_pages(visits: list[Visit]):
    assert "index.html" in [visit.page for visit in visits]


def test_no_page_asks_another_host(visits: list[Visit]):
    assert {visit.page: visit.foreign for visit in visits if visit.foreign} == {}


def test_no_page_has_an_error_in_its_console(visits: list[Visit]):
    assert {visit.page: visit.errors for visit in visits if visit.errors} == {}


def test_every_chart_is_drawn(visits: list[Visit]):
    blank = [v.page for v in visits for c in v.charts if c["error"] or not c["drawn"]]
    assert blank == []


def test_every_chart_says_in_words_what_it_shows(visits: list[Visit]):
    mute = [v.page for v in visits for c in v.charts if len(c["label"].split()) < 3]
    assert mute == []


def test_no_word_of_a_chart_is_cut_off(visits: list[Visit]):
    charts = [(visit.page, chart) for visit in visits for chart in visit.charts]
    assert [(page, word) for page, chart in charts for word in chart["cut"]] == []


def test_no_chart_is_wider_than_its_page(visits: list[Visit]):
    assert [visit.page for visit in visits for chart in visit.charts if chart["wide"]] == []


def test_every_chart_is_drawn_for_the_width_that_it_has(visits: list[Visit]):
    assert [
        visit.page for visit in visits for chart in visit.charts if chart["shrunk"]
    ] == []


def test_there_are_charts_to_look_at(visits: list[Visit]):
    assert sum(len(visit.charts) for visit in visits) >= 3


def test_no_page_scrolls_sideways(visits: list[Visit]):
    view = min(visit.width for visit in visits)
    assert {v.page: v.width for v in visits if v.width > view} == {}
    assert view in (400, 1280)


def test_the_reader_s_choice_of_light_or_dark_is_followed(visits: list[Visit]):
    themes = {visit.theme for visit in visits}
    assert themes == {"light" if visits[0].width == 1280 else "dark"}


def test_axe_finds_nothing_serious_or_critical(visits: list[Visit]):
    assert {v.page: v.violations for v in visits if v.violations} == {}


def test_no_page_is_above_four_megabytes(html: Path):
    heavy = [p.name for p in html.rglob("*.html") if p.stat().st_size > MOST_BYTES]
    assert heavy == []


class _Page(HTMLParser):
    """What a page links to, and what in it can be linked to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors = {""}
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.anchors.add(values.get("id") or "")
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")


def test_every_link_within_the_book_leads_somewhere(html: Path):
    pages = {path.resolve(): _Page(path) for path in html.rglob("*.html")}
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages[target].anchors if target in pages else {""}
            if not target.is_file() or unquote(parts.fragment) not in known:
                broken.append(f"{path.relative_to(html.resolve())} -> {link}")
    assert broken == []
