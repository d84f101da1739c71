"""The tables of the page on real films, from a kept run of made-up numbers."""

import json
import re

import pandas as pd
import pytest
from tests.book.standin import write_result_of

from negcxr.book import Site
from negcxr.book.films import NAMES, RUN, by_finding, by_method, films
from negcxr.errors import InputError
from negcxr.paths import BOOK

CHANGES = ["before", "before_low", "before_high", "change", "change_low", "change_high"]


@pytest.fixture
def kept(site: Site):
    """A kept run of two methods, and a finding that only one view has enough of."""
    folder = site.root / "artifacts" / "cpu-films" / "films"
    for path in folder.glob("*"):
        path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    view = pd.DataFrame(
        {
            "finding": ["Edema", "Edema"],
            "gallery": ["all views", "AP"],
            "value": [0.7, float("nan")],
            "low": [0.6, float("nan")],
            "high": [0.8, float("nan")],
            "note": ["", "not evaluable: 3 relevant"],
        }
    )
    put(site, folder, "13_shortcuts", {"view": view})
    for job, change, p, detectable in (
        ("20_con1", 0.1, 0.2, 0.3),
        ("20_soft", 0.2, 0.01, 0.1),
    ):
        row = dict(zip(CHANGES, [0.5, 0.4, 0.6, change, 0.0, 0.3], strict=True))
        row |= {"p_holm": p, "detectable": detectable}
        changes = pd.DataFrame([{"measure": "denied", **row}])
        views = pd.DataFrame([{"view": "AP", "polarity": "denied", **row}])
        put(site, folder, job, {"changes": changes, "views": views})
    return folder


def put(site: Site, folder, notebook: str, tables: dict[str, pd.DataFrame]) -> None:
    made = json.loads(write_result_of(site.root, "default", "11_choice").read_text())
    named = {name: f"{notebook}.{name}.parquet" for name in tables}
    made |= {"notebook": notebook, "run": "films", "tables": named}
    (folder / f"{notebook}.json").write_text(json.dumps(made))
    for name, table in tables.items():
        table.to_parquet(folder / named[name])


def test_a_row_has_the_base_and_the_change_by_each_method(kept):
    [row] = by_method(kept, "changes", ["measure"]).to_dict("records")
    nbsp = "\N{NO-BREAK SPACE}"
    assert row == {
        "measure": "denied",
        "base": f"0.50 [0.40,{nbsp}0.60]",
        "con1": f"0.10 [0.00,{nbsp}0.30]",
        "soft": f"0.20 [0.00,{nbsp}0.30] *",
        "detectable": 0.3,
    }


def test_a_finding_that_cannot_be_judged_says_why(kept):
    [row] = by_finding(kept).to_dict("records")
    assert row["finding"] == "Edema"
    assert row["all views"].startswith("0.70 [0.60")
    assert row["AP"] == "not evaluable: 3 relevant"


def test_the_page_has_findings_measures_and_views(site: Site, kept):
    texts = films(site)
    assert [*texts] == [*NAMES]
    says = ("by finding and view", "By measure", "Within each view")
    for text, said in zip(texts.values(), says, strict=True):
        assert text.count("<table>") == 1
        assert said in text


def test_every_table_is_included_by_the_page():
    page = (BOOK / "films.md").read_text(encoding="utf-8")
    included = re.findall(r"\{include\} generated/(.+)\.md", page)
    assert included == [*NAMES]


def test_a_project_without_a_kept_run_says_so(site: Site, kept):
    for path in kept.glob("*"):
        path.unlink()
    kept.rmdir()
    assert RUN not in site.kept()
    assert {*films(site).values()} == {"No run on films is kept.\n"}


def test_a_result_without_its_table_stops_the_build(site: Site, kept):
    path = kept / "20_soft.json"
    path.write_text(path.read_text().replace('"views":', '"other":'))
    with pytest.raises(InputError, match="no table 'views'"):
        films(site)
