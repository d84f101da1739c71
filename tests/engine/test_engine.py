"""A study run for real by Snakemake: what is done, and what is not done again."""

import os

import pytest
import yaml

TINY = ("run", "--params", "params/tiny.yml")


def begun(said):
    return [line.split(":")[0] for line in said.splitlines() if line.endswith(": begins")]


@pytest.fixture(scope="module")
def first(negcxr):
    """The first run of all: its exit code and what it said."""
    return negcxr(*TINY)


def test_a_study_makes_results_and_the_book(first, project):
    assert first[0] == 0, first[1]
    assert begun(first[1]) == ["tiny/10_first", "tiny/11_second", "book"]
    assert (project / "results" / "tiny" / "11_second.json").is_file()
    assert (project / "_build" / "html" / "index.html").read_text() == "tiny"


def test_nothing_that_is_up_to_date_runs_again(first, negcxr):
    assert negcxr(*TINY) == (0, "up to date: _build/html/index.html\n")


def test_a_changed_module_runs_what_stands_on_it(first, negcxr, project):
    module = project / "lib" / "negcxr" / "provenance.py"
    module.write_text(module.read_text() + "\n# changed\n")
    code, said = negcxr(*TINY)
    assert (code, begun(said)) == (0, ["tiny/10_first", "tiny/11_second", "book"])


def test_a_page_of_prose_runs_the_book_alone(first, negcxr, project):
    (project / "book" / "intro.md").write_text("# Tiny, revised")
    assert begun(negcxr(*TINY)[1]) == ["book"]


def test_another_run_is_shown_by_the_book_and_the_first_is_kept(first, negcxr, project):
    code, said = negcxr("run", "--params", "params/other.yml")
    assert (code, begun(said)[-1]) == (0, "book")
    assert (project / "_build" / "html" / "index.html").read_text() == "other"
    assert begun(negcxr(*TINY)[1]) == ["book"]


def test_a_failing_notebook_is_told_once_with_its_log(first, negcxr, project):
    study = project / "params" / "tiny.yml"
    fails = {"10_first": {"seed": 13}}
    study.write_text(
        yaml.safe_dump(yaml.safe_load(study.read_text()) | {"overrides": fails})
    )
    code, said = negcxr(*TINY)
    log = os.path.join("results", "tiny", "failed", "10_first.log")
    assert code == 1
    assert said.splitlines() == [
        "tiny/10_first: begins",
        "tiny/10_first: ZeroDivisionError: division by zero",
        f"  log: {log}",
    ]
    assert "ZeroDivisionError" in (project / log).read_text()
    assert not (project / "book" / "executed" / "tiny" / "10_first.ipynb").exists()


def test_a_snakefile_that_does_not_load_shows_the_end_of_the_log(first, negcxr, project):
    snakefile = project / "Snakefile"
    before = snakefile.read_text()
    snakefile.write_text("nonsense\n")
    try:
        code, said = negcxr(*TINY)
    finally:
        snakefile.write_text(before)
    assert code == 1
    assert "study: " in said
    assert "NameError" in said
    assert "snakemake.log" in said
