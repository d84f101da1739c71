"""A study that fine-tunes: a job a method, and what waits for them."""

import json

import pytest

TUNED = ("run", "--params", "params/tuned.yml", "--no-book", "--cores", "2")


def begun(said):
    return [line.split(":")[0] for line in said.splitlines() if line.endswith(": begins")]


@pytest.fixture(scope="module")
def first(negcxr):
    """The first run of all: its exit code and what it said."""
    return negcxr(*TUNED)


def test_each_method_is_a_job_of_its_own_and_comparisons_come_after_them(first):
    code, said = first
    assert code == 0, said
    jobs = begun(said)
    assert sorted(jobs) == [
        *("plain/10_first", "tuned/10_first", "tuned/20_con1", "tuned/20_no-price"),
        "tuned/26_after",
    ]
    assert jobs[-1] == "tuned/26_after"


def test_a_job_runs_on_its_method_and_a_comparison_on_all(first, project):
    folder = project / "results" / "tuned"
    asked = {p.stem: json.loads(p.read_text())["parameters"] for p in folder.glob("*.json")}
    assert asked["20_no-price"]["method"] == "no-price"
    assert asked["26_after"]["methods"] == "con1,no-price"


def test_the_executed_notebook_is_called_as_its_job(first, project):
    executed = project / "book" / "executed" / "tuned"
    names = sorted(path.stem for path in executed.glob("*.ipynb"))
    assert names == ["10_first", "20_con1", "20_no-price", "26_after"]


def test_nothing_that_is_up_to_date_runs_again(first, negcxr):
    assert negcxr(*TUNED) == (0, "up to date\n")


def test_a_changed_file_of_methods_runs_them_and_what_compares_them(first, negcxr, project):
    methods = project / "params" / "methods.yml"
    methods.write_text(methods.read_text().replace("none", "nothing"))
    code, said = negcxr(*TUNED)
    assert code == 0, said
    assert sorted(begun(said)) == ["tuned/20_con1", "tuned/20_no-price", "tuned/26_after"]


def test_a_method_that_is_added_runs_with_what_compares_it_and_nothing_else(
    first, negcxr, project
):
    study = project / "params" / "tuned.yml"
    study.write_text(study.read_text().replace("no-price]", "no-price, soft]"))
    code, said = negcxr(*TUNED)
    assert (code, begun(said)) == (0, ["tuned/20_soft", "tuned/26_after"]), said


def test_a_method_that_is_not_known_is_refused_before_anything_runs(first, negcxr, project):
    study = project / "params" / "tuned.yml"
    before = study.read_text()
    study.write_text(before.replace("[con1", "[con3"))
    try:
        code, said = negcxr(*TUNED)
    finally:
        study.write_text(before)
    assert (code, begun(said)) == (2, [])
    assert "method 'con3' is not known; choose of con1, no-price" in said
