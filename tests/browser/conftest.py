"""A built book behind a local server, and a browser that may reach nothing else."""

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from tests.book.standin import make_project

from negcxr.book import Site, build_book
from negcxr.paths import ROOT

FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
VIEWS = {"wide and light": (1280, "light"), "phone and dark": (400, "dark")}
NOT_READ = ("genindex", "search", "_static/")  # Sphinx's own

# What a page must tell of its charts: all drawn, each with words for it.
CHARTS = """() => [...document.querySelectorAll('.vega-embed')].map(chart => ({
    drawn: !!chart.querySelector('svg g, canvas'),
    label: (chart.closest('[aria-label]') || chart.querySelector('[aria-label]'))
        ?.getAttribute('aria-label') || '',
    error: !!chart.querySelector('.error'),
    cut: [...chart.querySelectorAll('svg text')].filter(text => {
        const [inner, outer] = [text, text.ownerSVGElement].map(
            one => one.getBoundingClientRect());
        return inner.width > 0 && (inner.top < outer.top - 1 ||
            inner.left < outer.left - 1 || inner.right > outer.right + 1);
    }).map(text => text.textContent),
    shrunk: [...chart.querySelectorAll('svg.marks')].some(svg =>
        svg.getBoundingClientRect().width < 0.95 * svg.viewBox.baseVal.width),
    wide: chart.getBoundingClientRect().width > document.documentElement.clientWidth,
}))"""


# Charts are drawn a moment after the page is there; the wait ends with an error in one.
DRAWN = """() => [...document.querySelectorAll('[id^=altair-viz]')].every(
    chart => chart.querySelector('svg g, canvas, .error'))"""
# Without it axe fetches style sheets anew, some from the wrong place.
AXE = {"preload": False}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class Visit:
    """What happened when a page was opened in one view."""

    page: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    charts: list[dict[str, Any]] = field(default_factory=list)
    width: int = 0
    theme: str = ""
    violations: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stand-in's book, built once."""
    root = make_project(tmp_path_factory.mktemp("book") / "project")
    return build_book("default", site=Site(root)).parent


@pytest.fixture(scope="session", params=["stand-in", "built"])
def html(request: pytest.FixtureRequest, standin: Path) -> Path:
    """The stand-in's book, and the project's own."""
    if request.param == "stand-in":
        return standin
    built = Path(os.environ.get("NEGCXR_HTML") or ROOT / "_build" / "html")
    if not (built / "index.html").is_file():
        pytest.fail("no built book in _build/html; run make smoke, which builds one")
    return built


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: CHROMIUM, or the one that is installed."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")
    if not path:
        pytest.fail("no Chromium; install one, or name its program in CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


def serve(folder: Path) -> ThreadingHTTPServer:
    """A server of ``folder`` on a free port of this machine."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="session")
def home(html: Path) -> Iterator[str]:
    """The address of the book."""
    server = serve(html)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def standin_home(standin: Path) -> Iterator[str]:
    """The address of the stand-in's book, whose numbers are known."""
    server = serve(standin)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session", params=VIEWS.values(), ids=VIEWS)
def visits(
    request: pytest.FixtureRequest, html: Path, home: str, browser: Browser
) -> list[Visit]:
    """Every page of the book, opened in one view."""
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    pages = sorted(html.rglob("*.html"))
    names = [page.relative_to(html).as_posix() for page in pages]
    seen = [
        _visit(context.new_page(), home, n) for n in names if not n.startswith(NOT_READ)
    ]
    context.close()
    return seen


def _visit(page: Page, home: str, name: str) -> Visit:
    visit = Visit(name)
    page.on(
        "request",
        lambda r: r.url.startswith((home, "data:")) or visit.foreign.append(r.url),
    )
    page.on("response", lambda r: r.ok or visit.errors.append(f"{r.status} {r.url}"))
    page.on("console", lambda m: m.type == "error" and visit.errors.append(m.text))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.goto(f"{home}/{name}")
    page.wait_for_function(DRAWN)
    visit.charts = page.evaluate(CHARTS)
    visit.width = page.evaluate("document.documentElement.scrollWidth")
    visit.theme = page.evaluate("document.documentElement.dataset.theme")
    found = Axe().run(page, options=AXE).response["violations"]
    visit.violations = [
        f"{one['id']}: {node['html'][:120]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
    page.close()
    return visit
