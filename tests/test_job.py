"""What a job tells while it runs, and how that travels."""

import errno
import logging

import pytest

from negcxr import events, job
from negcxr.errors import InputError
from negcxr.events import Event, JobFailed, from_line, heard, marked
from negcxr.job import told

SAID = Event("tiny/10_a", "failed", done=1, total=3, seconds=0.5, said="a\nb", log="c.log")


def test_an_event_comes_back_from_its_line(capsys):
    marked(SAID)
    lines = capsys.readouterr().out.splitlines()
    assert [found for line in lines if (found := from_line(line))] == [SAID]


def test_what_is_not_marked_is_no_event():
    assert from_line('{"job": "tiny/10_a", "kind": "end"}') is None


def test_below_snakemake_events_are_marked_lines(monkeypatch):
    monkeypatch.setenv(events.VARIABLE, "1")
    with heard(pytest.fail) as sink:
        assert sink is marked


def test_a_job_tells_that_it_begins_and_ends():
    heard_of = []
    with told("book", heard_of.append):
        pass
    assert [event.kind for event in heard_of] == ["begin", "end"]


def test_a_refused_input_is_told_as_the_jobs_failure():
    heard_of = []
    with pytest.raises(JobFailed), told("book", heard_of.append):
        raise InputError("page intro: no number 'auroc'")
    assert heard_of[-1] == Event("book", "failed", said="page intro: no number 'auroc'")


def test_a_full_disk_is_told_in_one_line_with_the_file_where_it_is_known():
    heard_of = []
    for where in ([], ["results/tiny/10_a.json"]):
        with pytest.raises(JobFailed), told("tiny/10_a", heard_of.append):
            raise OSError(errno.ENOSPC, "No space left on device", *where)
    assert [event.said for event in heard_of if event.kind == "failed"] == [
        "No space left on device",
        "results/tiny/10_a.json: No space left on device",
    ]


def test_the_last_state_of_a_progress_bar_is_told():
    heard_of = []
    with job._bars_told("tiny/10_a", heard_of.append):
        logging.getLogger("papermill").warning("mind\r10%|# | 1/10\r20%|## | 2/10")
    assert heard_of == [Event("tiny/10_a", "bar", said="20%|## | 2/10")]


def test_progress_bars_are_not_told_faster_than_can_be_read():
    heard_of = []
    with job._bars_told("tiny/10_a", heard_of.append):
        for done in range(50):
            logging.getLogger("papermill").warning("%d%%|#| %d/50", 2 * done, done)
    assert len(heard_of) < 5
