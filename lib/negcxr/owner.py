"""One ``negcxr run`` at a time in a project, and nothing left of one that was killed.

The owner holds a lock on a file, and so does the Snakemake that it starts: the system
frees it when both are gone, however they went. The file names a token that every process
below the owner bears in its environment. So the next owner finds what outlived a killed
one, kernels in sessions of their own included, and no process that is not the study's.

Limits: processes on other machines, where a cluster runs the jobs, are not seen.
"""

import fcntl
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from negcxr.errors import InputError

VARIABLE = "NEGCXR_OWNER"
PATIENCE = 5  # seconds to end by itself, before it is ended


class Ownership(NamedTuple):
    """What an owner hands to the processes that it starts.

    Attributes:
        token: Goes into their environment as ``NEGCXR_OWNER``.
        descriptor: The lock; Snakemake inherits it, its jobs do not.
        killed: Whether the owner before was killed, so that Snakemake's lock is stale.
    """

    token: str
    descriptor: int
    killed: bool


@contextmanager
def sole_owner(lock: Path) -> Iterator[Ownership]:
    """Own the project for a while; end first what a killed owner left.

    Args:
        lock: The file that is locked.

    Raises:
        InputError: Another owner lives.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+", encoding="utf-8") as file:
        before = _locked(file.fileno(), lock)
        if before:
            end_processes(before)
        token = uuid.uuid4().hex
        _note(file.fileno(), token)
        try:
            yield Ownership(token, file.fileno(), killed=bool(before))
        finally:
            end_processes(token)
        _note(file.fileno(), "")  # not reached when interrupted: the next owner cleans


def _locked(descriptor: int, lock: Path) -> str:
    """Take the lock; the token of an owner that did not end well, or nothing."""
    before = _token(lock)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        alive = ", ".join(str(process.pid) for process in processes(before)) or "unknown"
        raise InputError(
            f"another negcxr run works in {lock.parent.parent} (processes {alive}); "
            "wait for it, or end it"
        ) from None
    return _token(lock)


def _token(lock: Path) -> str:
    try:
        return str(json.loads(lock.read_text(encoding="utf-8"))["token"])
    except (ValueError, KeyError, TypeError):
        return ""  # empty, or half written by one that was killed at once


def _note(descriptor: int, token: str) -> None:
    os.ftruncate(descriptor, 0)
    os.write(descriptor, json.dumps({"token": token, "process": os.getpid()}).encode())


def processes(token: str) -> list[psutil.Process]:
    """All other processes of this user that bear a token."""
    found = []
    for process in psutil.process_iter():
        try:
            bears = token and process.environ().get(VARIABLE) == token
        except psutil.Error:
            continue  # another user's, or gone
        if bears and process.pid != os.getpid():
            found.append(process)
    return found


def end_processes(token: str) -> int:
    """End all processes that bear a token: asked first, then made to.

    Returns:
        How many there were.
    """
    found = processes(token)
    for act in (psutil.Process.terminate, psutil.Process.kill):
        for process in processes(token):
            try:
                act(process)
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(found, timeout=PATIENCE)
    return len(found)
