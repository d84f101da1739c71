"""Calls Snakemake on a study's runs, and shows what its jobs tell.

Snakemake decides what is out of date and runs it; here it is only started, watched and,
if it or its owner was killed, cleared up after. All that it says goes to a log.
"""

import os
import re
import signal
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple

from negcxr import owner, paths
from negcxr.child import last_lines, run_to_end
from negcxr.errors import InputError
from negcxr.events import Event, Sink

LOG = paths.RESULTS / "snakemake.log"
# Each job that starts sets Snakemake to look at all that wait again after this time, and
# again after each look: by default every second, at last with a tenth of a core and more.
PACE = "500/5s"
LOCK = paths.ROOT / ".snakemake" / "negcxr.lock"
STEP = re.compile(r"^(\d+) of (\d+) steps \(\d+%\) done")  # Snakemake's own line


class Order(NamedTuple):
    """What Snakemake is asked for.

    Attributes:
        runs: Names of runs; the first is the one that the book shows.
        target: A rule: ``book``, or ``results`` alone.
        cores: How many jobs' threads may run at once.
        extra: Further arguments of Snakemake, as for a cluster.
    """

    runs: Sequence[str]
    target: str = "book"
    cores: int = 1
    extra: Sequence[str] = ()


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def make(order: Order, sink: Sink) -> bool:
    """Bring the runs of an order, and the book, up to date.

    Args:
        order: What is wanted.
        sink: Takes what the jobs tell, a failure included.

    Returns:
        Whether all of it is there now.

    Raises:
        InputError: Another owner works in this project, or Snakemake is not here.
    """
    if find_spec("snakemake") is None:
        said = "Snakemake is not installed; `negcxr work` runs a study without it"
        raise InputError(f"{said}, and pip install '.[book]' brings it")
    with owner.sole_owner(LOCK) as own:
        if own.killed:
            _snakemake(order, own, ["--unlock"], sink=lambda event: None)
        failed: list[Event] = []
        code = _snakemake(order, own, [], sink=_noting(failed, sink))
        if code < 0:
            owner.end_processes(own.token)
            _snakemake(order, own, ["--unlock"], sink=lambda event: None)
            said = f"Snakemake was ended by {signal.Signals(-code).name}"
            sink(Event("study", "failed", said=f"{said}; the same call again goes on"))
        elif code and not failed:
            sink(Event("study", "failed", said=last_lines(LOG), log=str(LOG)))
        return code == 0


def _noting(failed: list[Event], sink: Sink) -> Sink:
    def note(event: Event) -> None:
        if event.kind == "failed":
            failed.append(event)
        sink(event)

    return note


def _command(order: Order, more: Sequence[str]) -> list[str]:
    runs = f"runs=[{','.join(order.runs)}]"
    return [
        *(sys.executable, "-m", "snakemake", order.target, *order.extra, *more),
        *("--snakefile", str(paths.SNAKEFILE), "--directory", str(paths.ROOT)),
        *("--cores", str(order.cores), "--config", runs),
        *("--rerun-incomplete", "--keep-going", "--scheduler", "greedy", "--nocolor"),
        *("--rerun-triggers", "code", "input", "mtime", "params"),
        *("--max-jobs-per-timespan", PACE),
    ]


def _snakemake(
    order: Order, own: owner.Ownership, more: Sequence[str], *, sink: Sink
) -> int:
    """Run Snakemake to its end; its exit code, below 0 the signal that ended it."""
    heard: list[str] = []

    def noting(event: Event) -> None:
        heard.append(event.job)
        sink(event)

    def on_line(line: str) -> None:
        step = STEP.search(line)
        if step and not heard:  # jobs elsewhere: what they tell stays there
            done, total = map(int, step.groups())
            sink(Event("study", "steps", done=done, total=total))

    return run_to_end(
        _command(order, more),
        own,
        log=LOG,
        sink=noting,
        on_line=on_line,
        keeps=(own.descriptor,),
    )
