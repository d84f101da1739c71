"""A study that was killed: what is left, and how the next call goes on."""

import os
import signal
import time

import psutil
import pytest

TINY = ("run", "--params", "params/tiny.yml", "--no-book")


def kernel_of(project):
    """The process of the first notebook's kernel, once it works."""
    pids = project / "pids"
    for _ in range(2000):
        if pids.is_file() and pids.read_text().endswith(" "):
            return psutil.Process(int(pids.read_text().split()[-1]))
        time.sleep(0.1)
    return pytest.fail("no kernel began")


def snakemake_of(kernel):
    above = [p for p in kernel.parents() if "snakemake" in p.cmdline()]
    return above[-1]


def gone(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.fixture
def working(project, start):
    """A study at work, and its kernel; results are removed first."""
    (project / "pids").unlink(missing_ok=True)
    study = project / "params" / "tiny.yml"
    study.write_text(study.read_text().replace("seed: 1", "seed: 1, wait: 30"))
    process = start(*TINY)
    yield process, kernel_of(project)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.communicate()


def quick(project):
    study = project / "params" / "tiny.yml"
    study.write_text(study.read_text().replace(", wait: 30", ""))


def test_a_killed_snakemake_is_told_and_leaves_nothing(working, negcxr, project):
    process, kernel = working
    os.kill(snakemake_of(kernel).pid, signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "study: Snakemake was ended by SIGKILL; the same call again goes on" in said
    assert gone(kernel)
    quick(project)
    assert negcxr(*TINY)[0] == 0


def test_after_all_was_killed_the_next_call_ends_orphans_and_goes_on(
    working, negcxr, project
):
    process, kernel = working
    snakemake = snakemake_of(kernel)
    process.kill()
    snakemake.kill()
    assert not gone(kernel)
    quick(project)
    code, said = negcxr(*TINY)
    assert code == 0, said
    assert gone(kernel)


def test_a_second_call_says_who_works_and_an_interrupted_one_ends_its_jobs(working, negcxr):
    process, kernel = working
    code, said = negcxr(*TINY)
    assert (code, len(said.splitlines())) == (2, 1)
    assert said.startswith("negcxr: another negcxr run works in ")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode != 0
    assert gone(kernel)
