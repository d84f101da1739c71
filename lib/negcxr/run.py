"""Run one notebook on one set of parameters, strictly.

Papermill executes; what it lets pass is refused here. Parameters must be declared and of
their type. The executed notebook appears whole or not at all, and only if every cell ran.
One that failed is kept aside, with a log, where no book is built from it. A kernel that
dies is a failure, though papermill's own record then calls every cell completed.

Limits: a cell that calculates something wrong runs well.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from negcxr.guard import secrets_for
from negcxr.kernel import OwnKernel, how_it_ended, own_kernel
from negcxr.parameters import Value, checked_parameters, read_cells
from negcxr.paths import RESULTS, ROOT, at_root
from negcxr.runs import job_of, write_whole
from negcxr.tidy import INJECTED, tidy

START_TIMEOUT = 300  # seconds; a busy node takes its time

OnCell = Callable[[int, int], None]


class NotebookFailed(Exception):
    """A notebook did not run to its end.

    Attributes:
        notebook: Its name.
        said: The error's type and message.
        log: The file that holds the traceback and what the kernel said.
    """

    def __init__(self, notebook: str, said: str, log: Path) -> None:
        super().__init__(f"{notebook}: {said} (log: {log})")
        self.notebook, self.said, self.log = notebook, said, log


class _Aside(NamedTuple):
    """Where a notebook lies while it runs, and stays where it fails."""

    notebook: Path
    log: Path


def run_notebook(
    source: Path,
    target: Path,
    parameters: Mapping[str, object],
    *,
    on_cell: OnCell = lambda done, total: None,
    execution_timeout: int | None = None,
    start_timeout: int = START_TIMEOUT,
) -> None:
    """Execute ``source`` into ``target``, on its defaults where nothing else is given.

    While it runs, the notebook lies in ``failed/`` of the folder that its parameter
    ``results`` names, and it stays there with a log if it fails. The kernel works in the
    project's root, from wherever this is called.

    Args:
        source: The notebook.
        target: Where the executed notebook goes.
        parameters: Names and values that replace the notebook's defaults.
        on_cell: Told how many of how many code cells have run, as each begins.
        execution_timeout: Seconds that one cell may take; None sets no limit.
        start_timeout: Seconds that the kernel may take to start.

    Raises:
        InputError: The notebook or a parameter is refused; nothing ran.
        NotebookFailed: A cell raised, the kernel died or a time limit was passed.
    """
    values = checked_parameters(source, parameters)
    aside = _aside(source, values)
    aside.log.parent.mkdir(parents=True, exist_ok=True)
    with aside.log.open("w", encoding="utf-8") as log, _logged(log):
        kernel = own_kernel(log)
        try:
            done = _execute(
                source,
                aside.notebook,
                values,
                kernel_manager_class=kernel,
                on_cell_start=_counter(source, on_cell),
                start_timeout=start_timeout,
                execution_timeout=execution_timeout,
            )
            _look_into(done, values, aside.log.stem)
        except Exception as error:
            kind, said, traceback = _told(error, kernel)
            log.write(f"\n{traceback}\n{kind}: {said}\n")
            raise NotebookFailed(aside.log.stem, f"{kind}: {said}", aside.log) from error
    write_whole(target, nbformat.writes(tidy(done, values)).encode())
    aside.notebook.unlink()
    aside.log.unlink()
    with suppress(OSError):  # another notebook's failure may lie there
        aside.log.parent.rmdir()


def _look_into(done: NotebookNode, values: Mapping[str, Value], name: str) -> None:
    if secrets_for(values) is not None:
        # The book takes seconds to import, and few runs have anything to guard.
        from negcxr.book.guarding import refuse_job

        refuse_job(done, values, name=name)


def _aside(source: Path, values: Mapping[str, Value]) -> _Aside:
    folder = at_root(str(values.get("results", RESULTS))) / "failed"
    job = job_of(source, values)
    return _Aside(folder / f"{job}.ipynb", folder / f"{job}.log")


def _execute(
    source: Path, work: Path, values: Mapping[str, Value], **options: object
) -> NotebookNode:
    try:
        done = _papermill(source, work, values, **options)
    except RuntimeError as error:
        if isinstance(error, DeadKernelError) or "Kernel" not in str(error):
            raise
        # It did not start: another may have taken its port between choice and use.
        done = _papermill(source, work, values, **options)
    _require_every_cell(done)
    return done


def _papermill(
    source: Path, work: Path, values: Mapping[str, Value], **options: object
) -> NotebookNode:
    return papermill.execute_notebook(
        source,
        work,
        values,
        kernel_name="python3",
        language="python",
        cwd=ROOT,
        log_output=True,
        progress_bar=False,
        **options,
    )


@contextmanager
def _logged(log: IO[str]) -> Iterator[None]:
    """Send what papermill and the cells say to the log alone."""
    logger, handler = logging.getLogger("papermill"), logging.StreamHandler(log)
    handler.setFormatter(logging.Formatter("%(message)s"))
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]


def _counter(source: Path, on_cell: OnCell) -> Callable[..., None]:
    """Tell ``on_cell`` of code cells alone; papermill adds one, which is not counted."""
    total = sum(cell.kind == "code" for cell in read_cells(source))
    done = iter(range(total))

    def count(cell: NotebookNode, cell_index: int) -> None:
        if cell.cell_type == "code" and INJECTED not in cell.metadata.get("tags", []):
            on_cell(next(done), total)

    return count


class _Unfinished(Exception):
    """Cells were left out though nothing failed, as after ``sys.exit()``."""


def _require_every_cell(done: NotebookNode) -> None:
    for number, cell in enumerate(done.cells, start=1):
        if cell.cell_type == "code" and cell.source and cell.execution_count is None:
            raise _Unfinished(f"the notebook ended itself before cell {number}")


def _told(error: Exception, kernel: type[OwnKernel]) -> tuple[str, str, str]:
    """Type, message and traceback of what ended a notebook."""
    match error:
        case PapermillExecutionError():
            traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
            return error.ename, error.evalue.strip() or "no message", traceback
        case DeadKernelError():
            return "kernel died", how_it_ended(kernel), ""
        case CellTimeoutError():
            return "timeout", str(error).partition("\n")[0], ""
        case _Unfinished():
            return "unfinished", str(error), ""
    return type(error).__name__, str(error), ""
