"""What a job tells while it runs, from its own process to the one that shows it.

Below Snakemake a job writes each event as one marked line, and ``negcxr run`` picks these
out of all that Snakemake and its jobs say. A job called by hand shows its events itself.
"""

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass

MARK = "@negcxr@ "
VARIABLE = "NEGCXR_EVENTS"  # set where marked lines are picked up


@dataclass(frozen=True)
class Event:
    """Something that happened to a job.

    Attributes:
        job: ``run/notebook``, ``book``, or ``study`` for all of them.
        kind: ``begin``, ``cell``, ``bar``, ``end`` or ``failed``; or ``steps``, where
            jobs run on other machines and only their number is known here.
        done: Cells that have run, or jobs.
        total: Cells there are, or jobs.
        seconds: How long the job took, once it ended.
        said: A progress bar's line, or what failed.
        log: The file that says more of a failure.
    """

    job: str
    kind: str
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    said: str = ""
    log: str = ""


class JobFailed(Exception):
    """A job failed, and that was told."""


Sink = Callable[[Event], None]


def marked(event: Event) -> None:
    """Write an event as one marked line, at once: a pipe keeps short lines whole."""
    print(f"\n{MARK}{json.dumps(asdict(event))}", flush=True)


def from_line(line: str) -> Event | None:
    """The event in a line, if it is a marked one, and whole.

    A process that is killed can leave a cut one.
    """
    if not line.startswith(MARK):
        return None
    try:
        return Event(**json.loads(line.removeprefix(MARK)))
    except (json.JSONDecodeError, TypeError):
        return None


def heard(
    shown: Callable[[], AbstractContextManager[Sink]],
) -> AbstractContextManager[Sink]:
    """A sink for a job's events: marked lines where these are picked up, else ``shown``."""
    return nullcontext(marked) if VARIABLE in os.environ else shown()
