"""A process that works for the study: started, listened to, and ended with what it began.

Its marked lines are events and go to whoever shows them; all else goes to a log.

Limits: what a full disk keeps the log from taking is lost; the process is still heard.
What cannot be shown, as where the terminal's output goes to a full disk, ends no process:
it works on, and the first error is raised once it ended.
"""

import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from negcxr import events, owner
from negcxr.events import Sink


def run_to_end(
    command: Sequence[str],
    own: owner.Ownership,
    *,
    log: Path,
    sink: Sink,
    on_line: Callable[[str], object] = str,
    keeps: Sequence[int] = (),
) -> int:
    """The exit code of a command once it ended; below 0, the signal that ended it.

    Args:
        command: Words of the command.
        own: Whose token all processes below bear.
        log: Takes what is no event; written anew.
        sink: Takes the events.
        on_line: Told each other line too.
        keeps: File descriptors that the process inherits.

    Raises:
        Exception: The first that the sink, or ``on_line``, raised.
    """
    unheard: list[Exception] = []
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb", buffering=0) as file, _started(command, own, keeps) as process:
        told, note = (process.stdout, file, sink, on_line), {"unheard": unheard}
        reader = threading.Thread(target=_sort_out, args=told, kwargs=note)
        reader.start()
        try:
            process.wait()
        finally:
            if process.poll() != 0:  # killed, or we are: its jobs may hold the pipe open
                process.terminate()
                owner.end_processes(own.token)
            reader.join()
    if unheard:
        raise unheard[0]
    return process.returncode


def _started(
    command: Sequence[str], own: owner.Ownership, keeps: Sequence[int]
) -> subprocess.Popen[str]:
    environment = os.environ | {owner.VARIABLE: own.token, events.VARIABLE: "1"}
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
        errors="replace",
        pass_fds=keeps,
    )


def _sort_out(
    said: IO[str],
    log: IO[bytes],
    sink: Sink,
    on_line: Callable[[str], object],
    *,
    unheard: list[Exception],
) -> None:
    """Send events to the sink, and all else to the log; note what either raises."""
    for line in said:
        try:
            event = events.from_line(line)
            if event:
                sink(event)
            elif line.strip():
                with suppress(OSError):  # a full disk
                    log.write(line.encode())
                on_line(line)
        except Exception as error:  # whatever it is: unread, the process would block
            unheard.append(error)


def last_lines(path: Path, n: int = 15) -> str:
    """The end of a log."""
    return "\n".join(path.read_text("utf-8", "replace").splitlines()[-n:])
