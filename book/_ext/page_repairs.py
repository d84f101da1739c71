"""Small repairs of each page that Jupyter Book 1.x and its theme need."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

BUNDLE = "vega-bundle.js"
EMPTY_LIST = '<div role="list" class="citation-list">'


def repair(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Load the chart library where there is a chart, and mend a wrong ARIA role.

    sphinxcontrib-bibtex gives its references a list's role but no item in it, which
    screen readers announce as an empty list.
    """
    body = context.get("body", "")
    if "vegaEmbed" not in body:
        scripts = context.get("script_files", [])
        context["script_files"] = [s for s in scripts if BUNDLE not in str(s.filename)]
    context["body"] = body.replace(
        '<div role="list" class="citation', '<div class="citation'
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Repair pages last, when the other extensions have written theirs."""
    app.connect("html-page-context", repair, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
