"""Small repairs of each page that Jupyter Book 1.x and its theme need."""

from collections.abc import Callable
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

BUNDLE = "vega-bundle.js"
EMPTY_LIST = '<div role="list" class="citation-list">'
TOGGLE = "Chapters of this run"  # the only part of the contents that folds


def repair(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Load the chart library where there is a chart, and mend what axe finds.

    sphinxcontrib-bibtex gives its references a list's role but no item in it, which
    screen readers announce as an empty list. The theme's arrows that open a part of the
    contents are buttons without a name.
    """
    body = context.get("body", "")
    if "vegaEmbed" not in body:
        scripts = context.get("script_files", [])
        context["script_files"] = [s for s in scripts if BUNDLE not in str(s.filename)]
    context["body"] = body.replace(EMPTY_LIST, '<div class="citation-list">')
    if draw := context.get("generate_toctree_html"):
        context["generate_toctree_html"] = _with_named_toggles(draw)


def _with_named_toggles(draw: Callable[..., Any]) -> Callable[..., Any]:
    def named(*arguments: Any, **options: Any) -> Any:
        contents = draw(*arguments, **options)
        for summary in contents.find_all("summary"):
            summary["aria-label"] = TOGGLE
        return contents

    return named


def setup(app: Sphinx) -> dict[str, bool]:
    """Repair pages last, when the other extensions have written theirs."""
    app.connect("html-page-context", repair, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
