"""Shows on a terminal what jobs tell, and results as tables."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from negcxr.events import Event, Sink
from negcxr.schema import Estimate, Result


@contextmanager
def shown() -> Iterator[Sink]:
    """A sink that draws bars where a person watches, and writes lines elsewhere."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield lambda event: _line(console, event)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(20),
        TextColumn("{task.fields[at]}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        yield _Bars(bars).show


class _Bars:
    """One bar a job, for as long as it runs."""

    def __init__(self, bars: Progress) -> None:
        self.bars = bars
        self.tasks: dict[str, TaskID] = {}

    def show(self, event: Event) -> None:
        if event.kind in ("end", "failed", "steps"):
            if event.job in self.tasks:
                self.bars.remove_task(self.tasks.pop(event.job))
            _line(self.bars.console, event)
            return
        if event.job not in self.tasks:
            self.tasks[event.job] = self.bars.add_task(event.job, total=None, at="")
        task = self.tasks[event.job]
        if event.kind == "cell":
            at = f"cell {event.done + 1} of {event.total}"
            self.bars.update(task, completed=event.done, total=event.total, at=at)
        elif event.kind == "bar":
            self.bars.update(task, at=event.said[:60])


def _line(console: Console, event: Event) -> None:
    if event.kind == "begin":
        console.print(f"{event.job}: begins", markup=False)
    elif event.kind == "end":
        console.print(f"{event.job}: done in {event.seconds:.0f} s", markup=False)
    elif event.kind == "steps":
        console.print(f"{event.job}: {event.done} of {event.total} jobs done", markup=False)
    elif event.kind == "failed":
        log = f"\n  log: {os.path.relpath(event.log)}" if event.log else ""
        console.print(f"{event.job}: {event.said}{log}", markup=False, style="red")


def result_table(result: Result) -> Table:
    """The scalars of a result: value, interval, and what they are read against."""
    title = f"{result.run} · {result.notebook}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    table.add_column("scalar", no_wrap=True)
    for column in ("value", "95 % interval", "n", "prevalence", "chance"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("note")
    for name, scalar in result.scalars.items():
        table.add_row(name, *_cells(scalar))
    return table


def _cells(scalar: Estimate) -> Iterable[str]:
    low, high = _number(scalar.low), _number(scalar.high)
    interval = f"[{low}, {high}]" if low and high else ""
    yield _number(scalar.value) or "none"
    yield interval.replace("[", r"\[")  # rich reads brackets as markup
    yield str(scalar.n)
    yield from (_number(scalar.prevalence), _number(scalar.chance), scalar.note)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:z.3f}"


def made_by(result: Result) -> str:
    """In one line, what a result was made by."""
    by = result.provenance
    checkpoint = by.checkpoint.name if by.checkpoint else "no checkpoint"
    images = f"{by.dataset.n_images} {by.dataset.kind}" if by.dataset else "no images"
    commit = (by.commit or "no commit")[:12] + (" with changes" if by.dirty else "")
    when = f"{by.started:%Y-%m-%d %H:%M} UTC, {by.seconds:.0f} s on {by.device}"
    return " · ".join((checkpoint, images, by.policy or "no policy", commit, when))


def print_result(result: Result) -> None:
    """Print a result as a table, and below it what made it."""
    console = Console()
    console.print(result_table(result))
    console.print(made_by(result), markup=False, highlight=False, soft_wrap=True)
    console.print()
