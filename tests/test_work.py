"""A study's jobs in turn: what is done, what is done again, and what waits."""

import json

import pytest

from negcxr import paths, work
from negcxr.errors import InputError
from negcxr.events import Event
from negcxr.work import Job

PLAIN = ("10_first", "20_con1", "26_after")


class Study:
    """A project of jobs that only write down that they ran."""

    def __init__(self, root):
        self.root = root
        self.ran, self.told, self.failing = [], [], set()
        self.needs = {"26_after": ["results/tiny/20_con1.json"]}

    def name(self, *jobs):
        record = json.dumps({"notebooks": list(jobs)})
        (self.root / "results" / "tiny").mkdir(parents=True, exist_ok=True)
        (self.root / "results" / "tiny" / "run.yml").write_text(record)

    def inputs(self, run, job, beside=()):
        return ["code.py", f"{job}.ipynb", *self.needs.get(job, [])]

    def process(self, command, own, *, log, sink):
        target = paths.ROOT / command[command.index("--target") + 1]
        name = target.stem
        self.ran.append(name)
        if name in self.failing:
            sink(Event(f"tiny/{name}", "failed", said="no"))
            return 1
        code = (self.root / "code.py").read_text()
        for path in (target, self.root / "results" / "tiny" / f"{name}.json"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{name} by {code}")
        return 0

    def __call__(self):
        self.ran.clear(), self.told.clear()
        done = work.work(["tiny"], self.told.append)
        return done, [*self.ran]


@pytest.fixture
def study(tmp_path, monkeypatch):
    made = Study(tmp_path)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(paths, "EXECUTED", tmp_path / "book" / "executed")
    monkeypatch.setattr(work, "LOCK", tmp_path / ".snakemake" / "negcxr.lock")
    monkeypatch.setattr(work, "LOG", tmp_path / "results" / "work.log")
    monkeypatch.setattr(work, "job_inputs", made.inputs)
    monkeypatch.setattr(work, "run_to_end", made.process)
    (tmp_path / "code.py").write_text("one")
    made.name(*PLAIN)
    return made


def test_jobs_run_in_the_studys_order_and_only_once(study):
    assert study() == (True, [*PLAIN])
    assert study() == (True, [])


def test_a_job_waits_for_the_results_that_it_reads(study):
    study.name("26_after", "10_first", "20_con1")
    assert study() == (True, ["10_first", "20_con1", "26_after"])


def test_jobs_that_wait_for_each_other_are_refused(study):
    study.needs["20_con1"] = ["results/tiny/26_after.json"]
    with pytest.raises(InputError, match="wait for each other: tiny/20_con1, "):
        study()


def test_what_stands_on_a_changed_file_is_done_again(study):
    study()
    (study.root / "20_con1.ipynb").write_text("another text")
    assert study() == (True, ["20_con1"])


def test_a_result_that_came_out_otherwise_is_read_again(study):
    study()
    study.needs |= {"10_first": [], "20_con1": ["more.yml"]}
    (study.root / "code.py").write_text("two")
    assert study()[1] == [*PLAIN]


def test_a_file_that_is_only_touched_changes_nothing(study):
    study()
    (study.root / "code.py").write_text("one")
    assert study() == (True, [])


@pytest.mark.parametrize(
    "left",
    ["results/tiny/10_first.json", "book/executed/tiny/10_first.ipynb"],
)
@pytest.mark.parametrize("text", [None, "cut"], ids=["gone", "changed"])
def test_what_a_job_left_must_be_there_as_it_left_it(study, left, text):
    study()
    (study.root / left).unlink()
    if text:
        (study.root / left).write_text(text)
    assert study() == (True, ["10_first"])


def test_results_without_a_record_of_theirs_are_made_again(study):
    study()
    (study.root / "results" / "tiny" / "done" / "20_con1.txt").unlink()
    assert study() == (True, ["20_con1"])


def test_a_failed_job_is_told_with_those_that_wait_for_it_and_the_others_go_on(study):
    study.failing.add("20_con1")
    study.name("20_con1", "26_after", "10_first")
    assert study() == (False, ["20_con1", "10_first"])
    assert study.told == [
        Event("tiny/20_con1", "failed", said="no"),
        Event("tiny/26_after", "failed", said="not run, for it waits for tiny/20_con1"),
    ]


def test_a_job_that_failed_is_tried_again_and_the_rest_is_not(study):
    study.failing.add("20_con1")
    study()
    study.failing.clear()
    assert study() == (True, ["20_con1", "26_after"])


def test_a_job_that_was_done_and_now_fails_is_not_done(study):
    study()
    study.failing.add("20_con1")
    (study.root / "20_con1.ipynb").write_text("another text")
    study()
    (study.root / "20_con1.ipynb").unlink()  # as it was
    assert not study()[0]


def test_what_a_job_had_left_is_gone_when_it_begins_anew_and_fails(study):
    study()
    study.failing.add("20_con1")
    (study.root / "20_con1.ipynb").write_text("another text")
    study()
    left = {path.stem for path in (study.root / "results" / "tiny").glob("*.json")}
    assert left == {"10_first", "26_after"}
    executed = study.root / "book" / "executed" / "tiny"
    assert {path.stem for path in executed.iterdir()} == {"10_first", "26_after"}


def test_a_job_that_is_cut_off_leaves_no_older_result(study, monkeypatch):
    study()

    def cut_off(command, own, *, log, sink):
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "run_to_end", cut_off)
    (study.root / "10_first.ipynb").write_text("another text")
    with pytest.raises(KeyboardInterrupt):
        study()
    assert not (study.root / "results" / "tiny" / "10_first.json").exists()


def test_a_killed_snakemake_leaves_no_lock_behind(study):
    locks = study.root / ".snakemake" / "locks"
    locks.mkdir(parents=True)
    (study.root / ".snakemake" / "negcxr.lock").write_text('{"token": "of one killed"}')
    study()
    assert not locks.exists()


def test_the_lock_of_a_snakemake_that_ended_well_is_not_ours_to_remove(study):
    locks = study.root / ".snakemake" / "locks"
    locks.mkdir(parents=True)
    study()
    assert locks.exists()


def test_a_job_is_called_as_its_run_and_its_name():
    assert str(Job("tiny", "10_first")) == "tiny/10_first"
