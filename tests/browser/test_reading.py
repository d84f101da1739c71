"""What a reader does in the book: search, choose images, read numbers in the dark."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

CHAPTER = "executed/default/10_retrieval.html"
FILL = """() => getComputedStyle(
    document.querySelector('.vega-embed [class*=role-axis-label] text')).fill"""
COLOUR = "() => getComputedStyle(document.querySelector('article p')).color"

Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, standin_home: str) -> Iterator[Opened]:
    """Opens a page of the stand-in's book."""
    contexts = []

    def open_page(name: str, scheme: str = "light", width: int = 1280) -> Page:
        view = {"width": width, "height": 900}
        contexts.append(browser.new_context(viewport=view, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.goto(f"{standin_home}/{name}", wait_until="networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_searching_finds_a_page_by_its_words(opened: Opened):
    page = opened("search.html?q=costophrenic")
    page.wait_for_selector("ul.search li a")
    assert "primer" in page.inner_text("#search-results").lower()


def test_a_number_in_a_sentence_tells_n_and_chance_on_hovering(opened: Opened):
    number = opened("index.html").locator("abbr.result").nth(1)
    assert number.inner_text() == "0.12 [0.08,\N{NO-BREAK SPACE}0.16]"
    assert number.get_attribute("title") == "n = 200; prevalence 0.30; chance 0.50"


def test_a_chapter_of_another_run_shows_its_own_numbers_and_links(opened: Opened):
    page = opened("executed/clinic/12_cues.html")
    assert (
        page.get_by_role("link", name="Choice")
        .first.get_attribute("href")
        .endswith("11_choice.html")
    )
    assert page.url.rsplit("/", 2)[1] == "clinic"


def visible(page: Page) -> list[str]:
    panels = page.locator(".wall .panel").all()
    return [panel.locator("p").inner_text() for panel in panels if panel.is_visible()]


def test_one_panel_of_the_wall_shows_at_first(opened: Opened):
    assert len(visible(opened(CHAPTER))) == 1


def test_choosing_a_finding_and_a_wording_shows_what_that_prompt_retrieves(opened: Opened):
    page = opened(CHAPTER)
    wall = page.locator(".wall")
    wall.get_by_role("combobox", name="finding").select_option("Edema")
    wall.get_by_role("combobox", name="wording").select_option("no")
    assert visible(page) == ["\u201cno Edema\u201d: 2 of the first 6 contradict it"]


def test_the_images_of_the_chosen_panel_are_drawn(opened: Opened):
    picture = opened(CHAPTER).locator(".wall .panel svg:visible").first
    box = picture.bounding_box()
    assert box and box["width"] > 60 and box["height"] > 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_of_a_chart_have_the_colour_of_the_page_s_text(opened: Opened, scheme: str):
    page = opened(CHAPTER, scheme)
    assert page.evaluate(FILL) == page.evaluate(COLOUR)


def test_a_chart_follows_when_the_reader_turns_the_page_dark(opened: Opened):
    page = opened(CHAPTER)
    before = page.evaluate(FILL)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(FILL) not in (before, "")


def test_a_chart_fits_a_phone(opened: Opened):
    page = opened(CHAPTER, width=400)
    widths = page.evaluate(
        "() => [...document.querySelectorAll('.vega-embed svg.marks')]"
        ".map(svg => svg.getBoundingClientRect().right)"
    )
    assert widths and max(widths) <= 400


def test_the_chart_library_is_loaded_only_where_there_is_a_chart(opened: Opened):
    scripts = (
        "() => [...document.scripts].filter(s => s.src.includes('vega-bundle')).length"
    )
    assert opened(CHAPTER).evaluate(scripts) == 1
    assert opened("primer.html").evaluate(scripts) == 0


def test_formulas_are_mathml(opened: Opened):
    assert opened("primer.html").locator("math").count() > 10
