"""One owner at a time, and nothing left of one that was killed."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from negcxr import owner
from negcxr.errors import InputError
from negcxr.owner import end_processes, processes, sole_owner

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
OWNS = """
import os, subprocess, sys, time
from pathlib import Path
from negcxr.owner import VARIABLE, sole_owner
with sole_owner(Path(sys.argv[1])) as own:
    job = [sys.executable, "-c", sys.argv[2]]
    child = subprocess.Popen(
        job,
        env=os.environ | {VARIABLE: own.token},
        start_new_session=True,
        stdout=subprocess.PIPE,
    )
    child.stdout.readline()
    print(child.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def start():
    """Starts Python on a text and waits for its first line; ends it afterwards."""
    started = []

    def begin(text, *arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, "-c", text, *arguments],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield begin
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def ended(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"


def test_the_next_owner_finds_a_clean_place(tmp_path):
    with sole_owner(tmp_path / "lock"):
        pass
    with sole_owner(tmp_path / "lock") as own:
        assert not own.killed


def test_a_second_owner_is_refused_with_the_process_that_works(tmp_path, start):
    _, child = start(OWNS, str(tmp_path / "a" / "lock"), SLEEP)
    with pytest.raises(
        InputError, match=rf"another negcxr run works in .*processes {child}"
    ):
        with sole_owner(tmp_path / "a" / "lock"):
            pytest.fail("two owners")
    psutil.Process(int(child)).kill()


def test_the_owner_after_a_killed_one_ends_its_orphans(tmp_path, start):
    process, child = start(OWNS, str(tmp_path / "lock"), SLEEP)
    process.kill()
    process.wait()
    assert not ended(int(child))
    with sole_owner(tmp_path / "lock") as own:
        assert own.killed
        assert ended(int(child))


def test_an_owner_that_fails_counts_as_killed(tmp_path):
    with pytest.raises(KeyboardInterrupt), sole_owner(tmp_path / "lock"):
        raise KeyboardInterrupt
    with sole_owner(tmp_path / "lock") as own:
        assert own.killed


def test_a_lock_half_written_is_no_obstacle(tmp_path):
    (tmp_path / "lock").write_text('{"tok')
    with sole_owner(tmp_path / "lock") as own:
        assert not own.killed


def test_processes_are_known_by_their_token(start):
    process, _ = start(SLEEP, **{owner.VARIABLE: "mine"})
    start(SLEEP, **{owner.VARIABLE: "another's"})
    assert [found.pid for found in processes("mine")] == [process.pid]


def test_no_process_bears_the_empty_token(start):
    start(SLEEP, **{owner.VARIABLE: ""})
    assert processes("") == []


def test_a_process_that_does_not_listen_is_made_to_end(start, monkeypatch):
    monkeypatch.setattr(owner, "PATIENCE", 0.3)
    process, _ = start(STUBBORN, **{owner.VARIABLE: "mine"})
    before = time.monotonic()
    assert end_processes("mine") == 1
    assert ended(process.pid)
    assert time.monotonic() - before < 5
