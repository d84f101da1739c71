"""What a page says of the exposure of its model, and the mark beside its numbers."""

import json
from pathlib import Path

import pytest
from tests.book.standin import make_project

from negcxr.book import Site
from negcxr.book.answers import answer_table, footnotes
from negcxr.book.build import prepare
from negcxr.book.pages import answer, one_run
from negcxr.book.status import citation, made_of, run_list
from negcxr.exposures import exposure_of, is_marked, mark_of, sentence, word_of
from negcxr.models.ledger import MARK
from negcxr.readme import answer_block
from negcxr.results import Result, read_result

pytestmark = pytest.mark.usefixtures("no_pictures")

SEEN = {"state": "seen", "source": "README of the archive", "split": "", "note": ""}
CASES = {  # what a result records, the split it measured -> cell, whether marked
    "seen": (SEEN, "test", f"seen {MARK}", True),
    "held out": ({**SEEN, "split": "train"}, "test", "seen, another split", False),
    "trained on": ({**SEEN, "split": "train"}, "train", f"seen {MARK}", True),
    "with them": ({**SEEN, "split": "train"}, "all", f"seen {MARK}", True),
    "not listed": ({**SEEN, "state": "not listed"}, "test", "not listed", False),
    "unknown": ({**SEEN, "state": "unknown"}, "test", "unknown", False),
}


def note(site: Site, run: str, exposure: dict | None, split: str = "test") -> None:
    """Write into every result of a run what was known of its model."""
    for path in (site.root / "results" / run).glob("*.json"):
        known = json.loads(path.read_text())
        known["provenance"]["exposure"] = exposure
        known["provenance"]["dataset"]["kind"] = "films"
        known["parameters"] |= {"split": split, "dataset": "nih"}
        path.write_text(json.dumps(known))


def result(site: Site, run: str = "default") -> Result:
    return read_result(site.result_path(run, "10_retrieval"))


@pytest.mark.parametrize("case", CASES)
def test_an_exposure_is_told_in_a_word_and_marked_where_images_may_be_known(
    site: Site, case: str
):
    exposure, split, word, marked = CASES[case]
    note(site, "default", exposure, split)
    assert (word_of(result(site)), is_marked(result(site))) == (word, marked)
    assert mark_of(result(site)) == (MARK if marked else "")


@pytest.mark.parametrize("case", CASES)
def test_every_chapter_opens_with_it_and_its_source(site: Site, case: str):
    exposure, split, _, _ = CASES[case]
    note(site, "default", exposure, split)
    prepare(site, "default")
    for path in site.executed("default"):
        words = "".join(json.loads(path.read_text())["cells"][0]["source"])
        title, _, second = words.split("\n")[:3]
        assert title.startswith("# ")
        assert second.startswith("*Has the model seen the data?*")
        assert "README of the archive" in second


def test_a_chapter_opens_anew_when_what_is_known_changes(site: Site):
    texts = []
    for exposure in (SEEN, CASES["unknown"][0], SEEN):
        note(site, "default", exposure)
        prepare(site, "default")
        texts.append(site.executed("default")[0].read_bytes())
    assert texts[0] == texts[2] != texts[1]


def test_a_chapter_whose_result_goes_opens_as_it_did(site: Site):
    before = json.loads(site.executed("default")[0].read_text())["cells"][0]["source"]
    prepare(site, "default")
    path = site.result_path("default", site.executed("default")[0].stem)
    path.rename(path.with_suffix(".away"))
    (site.root / "results" / "default" / "run.yml").unlink()
    from negcxr.book.openings import opened

    chapter = site.executed("default")[0]
    after = json.loads(opened(site, chapter, chapter.read_text()))["cells"][0]["source"]
    assert "".join(after) == "".join(before)


def test_every_number_in_the_table_of_answers_is_marked(site: Site):
    note(site, "default", SEEN)
    runs = {run: site.results(run) for run in ("default", "clinic")}
    table = answer_table(runs).set_index(["run", "scorer"])
    rows = {run: table[[run in index[0] for index in table.index]] for run in runs}
    seen = rows["default"].to_numpy().ravel()
    assert all(cell.endswith(MARK) for cell in seen if cell != "\N{EN DASH}")
    assert not any(MARK in cell for cell in rows["clinic"].to_numpy().ravel())
    assert MARK not in "".join(table.loc["any"].to_numpy().ravel())
    assert footnotes(runs.values()) == (
        f"{MARK} the model has seen this data set: README of the archive."
    )


def test_a_table_without_marked_runs_has_no_footnote(site: Site):
    assert footnotes([site.results("clinic")]) == ""


def test_unknown_is_said_beside_the_runs_name_and_is_no_mark(site: Site):
    note(site, "default", CASES["unknown"][0])
    table = answer_table({"default": site.results("default")})
    assert table["run"][0] == "default: phantom-default, films; seen: unknown"
    assert MARK not in "".join(table.to_numpy().ravel())


def test_landing_page_run_page_status_and_citation_say_it(site: Site):
    note(site, "default", SEEN)
    for text in (
        answer(site, "default"),
        one_run(site, "default"),
        made_of(site, "default"),
        citation(site, "default"),
    ):
        assert "README of the archive" in text
    assert f"seen {MARK}" in run_list(site, "default")


def test_the_table_of_the_readme_is_marked_with_its_footnote(tmp_path: Path):
    site = Site(make_project(tmp_path / "other"))
    note(site, "default", SEEN)
    block = answer_block(site.root / "results" / "default")
    table, _, below = block.split("\n\n")
    assert MARK in table
    assert below == f"{MARK} the model has seen this data set: README of the archive."


def test_a_result_older_than_the_ledger_is_looked_up_by_its_names(site: Site):
    path = site.result_path("default", "10_retrieval")
    known = json.loads(path.read_text())
    assert "exposure" not in known["provenance"] or not known["provenance"]["exposure"]
    known["provenance"]["checkpoint"]["name"] = "phantom-web"
    known["provenance"].pop("exposure", None)
    path.write_text(json.dumps(known))
    found = exposure_of(read_result(path))
    assert (found.state, found.split) == ("seen", "train")


def test_what_a_result_records_travels_whatever_the_ledger_says(site: Site):
    path = site.result_path("default", "10_retrieval")
    known = json.loads(path.read_text())
    known["provenance"]["checkpoint"]["name"] = "phantom-web"
    known["provenance"]["exposure"] = SEEN
    path.write_text(json.dumps(known))
    assert exposure_of(read_result(path)).source == "README of the archive"


def test_a_result_of_no_checkpoint_says_nothing(site: Site):
    path = site.result_path("default", "10_retrieval")
    known = json.loads(path.read_text())
    known["provenance"] |= {"checkpoint": None, "exposure": None}
    path.write_text(json.dumps(known))
    assert (sentence(read_result(path)), word_of(read_result(path))) == (
        "",
        "does not apply",
    )


def test_a_method_says_that_what_it_tuned_has_seen_the_training_split(site: Site):
    note(site, "default", CASES["not listed"][0])
    plain = result(site)
    method = plain.model_copy(update={"notebook": "20_con1"})
    assert "training split" not in sentence(plain)
    assert "has seen the training split" in sentence(method)
