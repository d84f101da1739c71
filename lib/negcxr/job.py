"""One job of a study: a notebook or the book, and what is told of it."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from negcxr.errors import InputError, said_of
from negcxr.events import Event, JobFailed, Sink
from negcxr.parameters import Value, checked_parameters, from_text
from negcxr.reading import read_yaml
from negcxr.run import NotebookFailed, run_notebook
from negcxr.runs import job_of
from negcxr.tidy import BAR

PAUSE = 0.3  # seconds between two looks at a progress bar


@contextmanager
def told(job: str, sink: Sink) -> Iterator[None]:
    """Tell how a job begins and ends, or that it failed.

    Raises:
        JobFailed: After telling it, in place of what went wrong.
    """
    sink(Event(job, "begin"))
    start = time.monotonic()
    try:
        yield
    except NotebookFailed as error:
        sink(Event(job, "failed", said=error.said, log=str(error.log)))
        raise JobFailed from error
    except InputError as error:
        sink(Event(job, "failed", said=str(error)))
        raise JobFailed from error
    except OSError as error:  # such as a full disk
        sink(Event(job, "failed", said=said_of(error)))
        raise JobFailed from error
    sink(Event(job, "end", seconds=round(time.monotonic() - start, 1)))


def values_of(source: Path, file: Path | None, changes: Sequence[str]) -> dict[str, Value]:
    """Parameters from a file, and over them those written ``name=value``.

    Raises:
        InputError: The file is no mapping, or a change is not of this form or refused.
    """
    values = read_yaml(file) if file else {}
    if not isinstance(values, dict):
        raise InputError(f"{file}: not a mapping of names to values")
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals:
            raise InputError(f"--set {change}: write NAME=VALUE")
        values[name] = from_text(source, name, text)
    return checked_parameters(source, values)


def run_job(
    source: Path,
    target: Path,
    values: Mapping[str, Value],
    *,
    sink: Sink,
    execution_timeout: int | None = None,
) -> None:
    """Run a notebook and tell of it.

    Raises:
        JobFailed: It failed, which was told.
    """
    run = Path(str(values.get("results", ""))).name
    job = f"{run}/{job_of(source, values)}".lstrip("/")
    with told(job, sink), _bars_told(job, sink):
        run_notebook(
            source,
            target,
            values,
            on_cell=lambda done, total: sink(Event(job, "cell", done=done, total=total)),
            execution_timeout=execution_timeout,
        )


class _BarHandler(logging.Handler):
    """Tells the progress bars among all that papermill logs, now and then."""

    def __init__(self, job: str, sink: Sink) -> None:
        super().__init__(logging.WARNING)  # papermill's level for a cell's stderr
        self.job, self.sink, self.last = job, sink, 0.0

    def emit(self, record: logging.LogRecord) -> None:
        lines = record.getMessage().replace("\r", "\n").split("\n")
        bars = [line.strip() for line in lines if BAR.search(line)]
        if bars and time.monotonic() - self.last > PAUSE:
            self.last = time.monotonic()
            self.sink(Event(self.job, "bar", said=bars[-1]))


@contextmanager
def _bars_told(job: str, sink: Sink) -> Iterator[None]:
    handler = _BarHandler(job, sink)
    logging.getLogger("papermill").addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger("papermill").removeHandler(handler)
