"""Folders made aside and put in place at once, so that a reader never finds half of one.

What is being made lies beside the artifacts in a folder whose name begins with a dot, which
every reader passes over. A new artifact appears by one renaming. One that is replaced
changes places with its successor in one step where the system can do that (Linux, macOS);
elsewhere it is set aside for a moment, and put back by the next command if the one before
was killed in that moment.

Limits: one machine. Two that share a folder over a network are not kept apart.
"""

import ctypes
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from negcxr.errors import InputError

PREFIX, ASIDE = ".made-", ".aside-"  # hidden from all that reads artifacts
EXCHANGE = {"linux": ("renameat2", 2), "darwin": ("renameatx_np", 2)}
HERE = {"linux": -100, "darwin": -2}  # AT_FDCWD


def is_artifact(folder: Path) -> bool:
    """Whether a folder beside others can be an artifact, and is not one being made."""
    return folder.is_dir() and not folder.name.startswith(".")


@contextmanager
def staged(home: Path) -> Iterator[Path]:
    """An empty folder in ``home`` for what is to become an artifact; gone afterwards.

    What a killed command left there is cleared up first.

    Args:
        home: The folder of artifacts, made if it is not there.

    Raises:
        InputError: Another command is at work there.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _locked(home):
        _recover(home)
        made = Path(tempfile.mkdtemp(dir=home, prefix=PREFIX))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Hold a lock on the folder itself, which leaves no file; the system frees it."""
    folder = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise InputError(f"{home}: another 'negcxr artifact' is at work there") from None
    finally:
        os.close(folder)


def _recover(home: Path) -> None:
    for aside in home.glob(f"{ASIDE}*"):
        place = home / aside.name.removeprefix(ASIDE)
        if place.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(place)
    for left in home.glob(f"{PREFIX}*"):
        shutil.rmtree(left)


def put(made: Path, place: Path) -> None:
    """Put a folder that is ready into its place, whole; what was there is then in its own.

    Args:
        made: The folder, within one that `staged` gave.
        place: Where it goes; if a folder is there, they change places.
    """
    for path in made.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    made.chmod(0o755)  # mkdtemp makes one that only its owner can enter
    if not place.exists():
        made.rename(place)
    elif not _exchanged(made, place):
        aside = place.with_name(ASIDE + place.name)
        place.rename(aside)
        made.rename(place)
        aside.rename(made)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system cannot."""
    name, flag = EXCHANGE.get(sys.platform, ("", 0))
    call = getattr(ctypes.CDLL(None), name, None) if name else None
    if call is None:
        return False
    here = HERE[sys.platform]
    return call(here, os.fsencode(one), here, os.fsencode(other), flag) == 0
