"""A process that works for the study is heard to its end, whoever fails to hear it."""

import errno
import sys

import pytest

from negcxr import owner
from negcxr.child import run_to_end
from negcxr.events import MARK, Event, from_line

LINES = 20_000  # of 50 bytes: more than a pipe holds, which is 64 KiB on Linux
TALKS = f"""
print('{MARK}{{"job": "tiny/10_a", "kind": "begin"}}')
for number in range({LINES}):
    print(f"line {{number:044}}")
print('{MARK}{{"job": "tiny/10_a", "kind": "end"}}')
raise SystemExit(3)
"""


@pytest.fixture
def run(tmp_path):
    """Runs some Python as a process of the study; what is no event goes to ``log``."""

    def run(program, **heard):
        command = [sys.executable, "-c", program]
        with owner.sole_owner(tmp_path / "lock") as own:
            return run_to_end(command, own, log=tmp_path / "log", **heard)

    return run


def full_disk(told):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_events_go_to_the_sink_and_all_else_to_the_log(run, tmp_path):
    told = []
    assert run(TALKS, sink=told.append) == 3
    assert told == [Event("tiny/10_a", "begin"), Event("tiny/10_a", "end")]
    assert len((tmp_path / "log").read_text().splitlines()) == LINES


@pytest.mark.parametrize("heard", ["sink", "on_line"])
def test_what_cannot_be_shown_lets_the_process_end_and_is_raised_then(run, tmp_path, heard):
    told = []
    with pytest.raises(OSError, match="No space left on device"):
        run(TALKS, **{"sink": told.append, heard: full_disk})
    assert len((tmp_path / "log").read_text().splitlines()) == LINES


def test_the_first_error_is_raised_and_later_events_are_still_told(run):
    told = []

    def begins_in_vain(event):
        told.append(event.kind)
        if event.kind == "begin":
            raise OSError("the first")

    with pytest.raises(OSError, match="the first"):
        run(TALKS, sink=begins_in_vain)
    assert told == ["begin", "end"]


@pytest.mark.parametrize("rest", ['{"job": "tiny/10', "{}", '{"job": "a", "of": 1}'])
def test_a_marked_line_that_is_cut_is_no_event(rest):
    assert from_line(MARK + rest) is None


def test_a_cut_line_is_kept_in_the_log(run, tmp_path):
    assert run(f"print('{MARK}{{')", sink=pytest.fail) == 0
    assert (tmp_path / "log").read_text() == MARK + "{\n"
