"""The chart library as one local script, so that a page loads nothing from elsewhere.

altair's own HTML asks for its scripts by version and skips those that are declared to be
there. The bundle therefore declares exactly the versions that this altair asks for; were
they to differ, every chart would silently turn to the network, so a test compares them.
"""

import json

import altair as alt

from negcxr.book.site import Site, write

VERSIONS = {
    "vega_version": alt.VEGA_VERSION,
    "vegalite_version": alt.VEGALITE_VERSION,
    "vegaembed_version": alt.VEGAEMBED_VERSION,
}
_EXPORT = "window.vegaEmbed = vegaEmbed;"


def write_bundle(site: Site) -> None:
    """Write ``book/_static/vega-bundle.js`` unless it is there for these versions."""
    path = site.book / "_static" / "vega-bundle.js"
    declared = f"var VEGA_DEBUG = {json.dumps(VERSIONS)};\n"
    if path.is_file() and path.read_text("utf-8").startswith(declared):
        return
    import vl_convert  # not there where the book is not drawn, as on a GPU server

    series = ".".join(alt.VEGALITE_VERSION.split(".")[:2])
    bundle = vl_convert.javascript_bundle(_EXPORT, vl_version=series)
    # In a function, because the bundle names things that other scripts name too.
    write(path, f"{declared}(function () {{\n{bundle}\n}})();\n")
