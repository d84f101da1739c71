"""The landing page's table of remedies."""

import json

import pandas as pd
import pytest
from tests.book.standin import SCALARS, write_notebook, write_record, write_result_of

from negcxr.book import Site
from negcxr.book.build import prepare
from negcxr.errors import InputError

pytestmark = pytest.mark.usefixtures("no_pictures")


@pytest.fixture
def compared(site: Site, monkeypatch):
    """The run default with a comparison of two scorers."""
    monkeypatch.setitem(SCALARS, "29_comparison", {})
    path = write_result_of(site.root, "default", "29_comparison")
    write_notebook(site.root, "default", "29_comparison")
    write_record(site.root, "default", [*SCALARS])
    rows = {"base": ["web", "web"], "scorer": ["encoder", "con2"], "denied": ["0.1", "0.7"]}
    pd.DataFrame(rows).to_parquet(path.parent / "29_comparison.landing.parquet")
    result = json.loads(path.read_text())
    result["tables"] = {"landing": "29_comparison.landing.parquet"}
    path.write_text(json.dumps(result))
    return path


def include(site: Site) -> str:
    prepare(site, "default")
    return (site.generated / "remedies.md").read_text()


def test_the_table_is_that_of_the_comparison(site: Site, compared):
    text = include(site)
    for cell in ("base", "scorer", "denied", "con2", "0.7"):
        assert f">{cell}</t" in text


def test_a_run_that_compared_none_says_so(site: Site):
    assert include(site) == "The study of the run `default` compared no remedies.\n"


def test_a_comparison_without_its_table_stops_the_build(site: Site, compared):
    compared.write_text(compared.read_text().replace('"landing":', '"other":'))
    with pytest.raises(InputError, match="no table 'landing'"):
        prepare(site, "default")
