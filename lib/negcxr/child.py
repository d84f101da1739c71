"""A process that works for the study: started, listened to, and ended with what it began.

Its marked lines are events and go to whoever shows them; all else goes to a log.

Limits: what a full disk keeps the log from taking is lost; the process is still heard.
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
    """
    environment = os.environ | {owner.VARIABLE: own.token, events.VARIABLE: "1"}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb", buffering=0) as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
            errors="replace",
            pass_fds=keeps,
        )
        told = (process.stdout, file, sink, on_line)
        reader = threading.Thread(target=_sort_out, args=told)
        reader.start()
        try:
            process.wait()
        finally:
            if process.poll() != 0:  # killed, or we are: its jobs may hold the pipe open
                process.terminate()
                owner.end_processes(own.token)
            reader.join()
    return process.returncode


def _sort_out(
    said: IO[str], log: IO[bytes], sink: Sink, on_line: Callable[[str], object]
) -> None:
    """Send events to the sink, and all else to the log."""
    for line in said:
        event = events.from_line(line)
        if event:
            sink(event)
        elif line.strip():
            on_line(line)
            with suppress(OSError):  # a full disk; unheard, the process would block
                log.write(line.encode())


def last_lines(path: Path, n: int = 15) -> str:
    """The end of a log."""
    return "\n".join(path.read_text("utf-8", "replace").splitlines()[-n:])
