"""The chart library comes with the book, in the versions that charts ask for."""

import json
import re

from altair.utils.html import spec_to_html

from negcxr.book import Site
from negcxr.book.vega import VERSIONS, write_bundle


def bundle(site: Site) -> str:
    write_bundle(site)
    return (site.book / "_static" / "vega-bundle.js").read_text("utf-8")


def test_the_bundle_declares_what_the_html_of_a_chart_asks_for(tmp_path):
    declared = json.loads(
        re.match(r"var VEGA_DEBUG = (\{.*?\});", bundle(Site(tmp_path)))[1]
    )
    html = spec_to_html(
        {"mark": "point"},
        mode="vega-lite",
        vega_version=VERSIONS["vega_version"],
        vegalite_version=VERSIONS["vegalite_version"],
        vegaembed_version=VERSIONS["vegaembed_version"],
        fullhtml=False,
        template="universal",
    )
    asked = dict(re.findall(r'maybeLoadScript\("([\w-]+)", "([\d.]+)"\)', html))
    keys = {f"{name.replace('-', '')}_version": version for name, version in asked.items()}
    assert declared == keys


def test_the_bundle_names_nothing_that_another_script_could_name_too(tmp_path):
    lines = bundle(Site(tmp_path)).splitlines()
    assert lines[1] == "(function () {" and lines[-1] == "})();"


def test_the_bundle_is_of_the_version_that_altair_writes(tmp_path):
    text = bundle(Site(tmp_path))
    assert VERSIONS["vegalite_version"] in text.split("\n", 1)[1]


def test_the_bundle_is_written_once(tmp_path):
    path = tmp_path / "book" / "_static" / "vega-bundle.js"
    bundle(Site(tmp_path))
    before = path.stat().st_mtime_ns
    bundle(Site(tmp_path))
    assert path.stat().st_mtime_ns == before
