"""A study's jobs one after another, for a machine that has neither Snakemake nor the book.

A job is done when its result and its executed notebook are there as it left them, and
nothing that it stands on has changed since. Both are known by hashes of content, kept in
``done/`` of the run's folder, so a copied folder is as good as the one that was left. It
can be killed at any moment: what is done stays, and the next call goes on. What a job had
left before goes when it begins anew, as it does under Snakemake.

Limits: what Snakemake made has no such record, and is made again. One job runs at a time.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

from negcxr import owner, paths
from negcxr.child import last_lines, run_to_end
from negcxr.engine import LOCK
from negcxr.errors import InputError
from negcxr.events import Event, Sink
from negcxr.inputs import job_inputs
from negcxr.plan import FOLDER
from negcxr.reading import file_hash
from negcxr.runs import read_record, source_of, write_whole

DONE = "done"  # below a run's folder: of each job, what it stood on and what it left
LOG = paths.RESULTS / "work.log"


class Job(NamedTuple):
    """One job of one run, and the files that are its own."""

    run: str
    name: str

    def __str__(self) -> str:
        return f"{self.run}/{self.name}"

    @property
    def result(self) -> Path:
        """What it writes."""
        return paths.RESULTS / self.run / f"{self.name}.json"

    @property
    def executed(self) -> Path:
        """The notebook as it ran."""
        return paths.EXECUTED / self.run / f"{self.name}.ipynb"

    @property
    def values(self) -> Path:
        """What it runs on."""
        return paths.RESULTS / self.run / FOLDER / f"{self.name}.json"

    @property
    def record(self) -> Path:
        """That it is done, and of what."""
        return paths.RESULTS / self.run / DONE / f"{self.name}.txt"


def work(runs: Sequence[str], sink: Sink) -> bool:
    """Bring the results of runs up to date, one job after another.

    A job that fails is told, and so are those that wait for it; the others go on.

    Args:
        runs: Names of runs, whose jobs' values are written.
        sink: Takes what the jobs tell.

    Returns:
        Whether all of them are done now.

    Raises:
        InputError: Another owner works in this project.
    """
    with _ending_on_terminate(), owner.sole_owner(LOCK) as own:
        if own.killed:  # it may have been Snakemake's, whose own lock is stale then
            shutil.rmtree(paths.ROOT / ".snakemake" / "locks", ignore_errors=True)
        jobs = [Job(run, str(job)) for run in runs for job in _names(run)]
        needs = {job: waits_for(job, jobs) for job in jobs}
        failed: set[Job] = set()
        for job in in_order(needs):
            if waits := ", ".join(sorted(map(str, needs[job] & failed))):
                said = f"not run, for it waits for {waits}"
                sink(Event(str(job), "failed", said=said))
            if waits or not _done(job, own, runs=runs, sink=sink):
                failed.add(job)
        return not failed


def _names(run: str) -> Sequence[object]:
    return read_record(paths.RESULTS / run)["notebooks"]


def in_order(needs: Mapping[Job, Set[Job]]) -> Iterator[Job]:
    """Jobs in their own order, but none before those whose results it reads.

    Args:
        needs: By job, the others whose results it reads.

    Raises:
        InputError: Some wait for each other.
    """
    waiting = list(needs)
    while waiting:
        ready = [job for job in waiting if not needs[job] & {*waiting}]
        if not ready:
            names = ", ".join(map(str, waiting))
            raise InputError(f"these jobs wait for each other: {names}")
        waiting.remove(ready[0])
        yield ready[0]


def waits_for(job: Job, jobs: Sequence[Job]) -> set[Job]:
    """Those of all jobs whose results a job reads."""
    inputs = {*_inputs(job, sorted({other.run for other in jobs}))}
    return {other for other in jobs if other.result in inputs}


def _inputs(job: Job, runs: Sequence[str]) -> list[Path]:
    return [paths.ROOT / path for path in job_inputs(job.run, job.name, beside=runs)]


def _done(job: Job, own: owner.Ownership, *, runs: Sequence[str], sink: Sink) -> bool:
    """Whether a job is done, which is now run if it was not."""
    stands_on = _hash_of(_inputs(job, sorted(runs)))
    if job.record.is_file() and job.record.read_bytes() == _record(stands_on, job):
        return True
    for left in (job.record, job.result, job.executed):
        left.unlink(missing_ok=True)  # if it fails or is ended, no older one stands there
    if not _run(job, own, sink):
        return False
    write_whole(job.record, _record(stands_on, job))
    return True


def _record(stands_on: str, job: Job) -> bytes:
    return f"inputs {stands_on}\nmade {_made(job)}\n".encode()


def _made(job: Job) -> str:
    """The hash of what a job left: its result, its tables and its executed notebook."""
    tables = job.result.parent.glob(f"{job.name}.*.parquet")
    return _hash_of([job.result, job.executed, *tables])


def _hash_of(files: Sequence[Path]) -> str:
    """One hash over the names and the content of files; one that is not there counts."""
    hashes = {os.path.relpath(file, paths.ROOT): _content(file) for file in files}
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()


def _content(file: Path) -> str | None:
    return file_hash(file) if file.is_file() else None


def _run(job: Job, own: owner.Ownership, sink: Sink) -> bool:
    kinds: list[str] = []

    def noting(event: Event) -> None:
        kinds.append(event.kind)
        sink(event)

    source = os.path.relpath(source_of(job.name), paths.ROOT)
    command = [sys.executable, "-m", "negcxr", "notebook", str(paths.ROOT / source)]
    command += ["--parameters", str(job.values), "--target", str(job.executed)]
    code = run_to_end(command, own, log=LOG, sink=noting)
    if code and "failed" not in kinds:
        by = f"ended by {signal.Signals(-code).name}" if code < 0 else last_lines(LOG)
        sink(Event(str(job), "failed", said=by, log=str(LOG)))
    return code == 0


@contextmanager
def _ending_on_terminate() -> Iterator[None]:
    """Let SIGTERM, as ``timeout`` sends it, end the job that runs before we go."""

    def end(signum: int, frame: object) -> NoReturn:
        sys.exit(128 + signum)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
