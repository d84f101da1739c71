"""Rows of numbers kept on disk, each with a checksum, in one SQLite file.

A file belongs to whatever makes its rows; a row in it belongs to a key. Each batch is one
transaction, so a killed process leaves whole batches, and processes that write at once
wait for each other. What disagrees with its checksum is dropped, with a warning: a cache
may lose rows, but must never give out wrong ones.

Limits: a row is known by its key alone; whether the key says all that made the row is the
caller's matter. Network file systems without locks are not safe for two processes.
"""

import hashlib
import os
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float32

from negcxr.errors import InputError
from negcxr.shapes import checked

BUSY_S = 120  # how long a process waits while another writes; a batch takes milliseconds
KEYS_AT_ONCE = 500  # older SQLite takes at most 999 values in one statement
IN_USE_S = 3600  # another process may still be at a file that was used within this time
GIB, DEFAULT_GIB = 2**30, 4
TABLE = """CREATE TABLE IF NOT EXISTS rows
    (key TEXT PRIMARY KEY, numbers BLOB NOT NULL, checksum BLOB NOT NULL) WITHOUT ROWID"""
Result = TypeVar("Result")


class RowCache:
    """The rows in one file, which is made with the first row that is written."""

    def __init__(self, file: Path, *, dim: int) -> None:
        """Name the file; nothing is opened.

        Args:
            file: Where the rows lie.
            dim: The length of a row.
        """
        self.file = file
        self._n_bytes = 4 * dim

    def read(self, keys: Sequence[str]) -> dict[str, Float32[np.ndarray, " dim"]]:
        """Those of the rows that are there and whole, by key.

        Raises:
            InputError: The file cannot be used.
        """
        if not self.file.is_file():
            return {}
        return self._mended(partial(self._read, keys))

    @checked
    def write(self, rows: Mapping[str, Float32[np.ndarray, " dim"]]) -> None:
        """Keep these rows, all of them or none.

        Raises:
            InputError: The file cannot be used.
        """
        self._mended(partial(_insert, [_stored(key, rows[key]) for key in rows]))

    def _read(
        self, keys: Sequence[str], connection: sqlite3.Connection
    ) -> dict[str, Float32[np.ndarray, " dim"]]:
        with suppress(FileNotFoundError):  # it may be removed while it is open
            os.utime(self.file)
        whole, damaged = {}, []
        for key, numbers, checksum in _select(keys, connection):
            if len(numbers) == self._n_bytes and checksum == _checksum(key, numbers):
                whole[key] = np.frombuffer(numbers, np.float32)
            else:
                damaged.append((key,))
        if damaged:
            _warn(f"{self.file}: {len(damaged)} damaged rows dropped, to be made again")
            connection.executemany("DELETE FROM rows WHERE key = ?", damaged)
        return whole

    def _mended(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            return self._connected(action)
        except (OSError, sqlite3.OperationalError) as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise self._unusable(error) from None
            # Else it may have been removed while it was open; then it is made again.
        except sqlite3.DatabaseError as error:
            _warn(f"{self.file}: damaged ({error}), dropped and made again")
            for path in (self.file, self.file.with_name(self.file.name + "-journal")):
                path.unlink(missing_ok=True)
        try:
            return self._connected(action)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> InputError:
        return InputError(
            f"{self.file}: the cache cannot be used ({error}); NEGCXR_CACHE names "
            "another folder for it"
        )

    def _connected(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        opened = sqlite3.connect(self.file, timeout=BUSY_S, isolation_level=None)
        with closing(opened) as connection:
            # Not waiting for the disk: what a power cut breaks, the checksums find.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(TABLE)
            return action(connection)


def limit_size(folder: Path, *, keep: Path) -> None:
    """Remove the files that were used longest ago until the rest fits.

    The limit is NEGCXR_CACHE_GB gibibytes, by default 4. Files that another process may
    be using stay, so a folder can be over its limit for an hour.

    Args:
        folder: Where files of rows lie.
        keep: The file that is never removed.

    Raises:
        InputError: NEGCXR_CACHE_GB is not a number above 0.
    """
    limit = _limit_bytes()
    used = {path: path.stat() for path in folder.glob("*.sqlite")}
    total = sum(stat.st_size for stat in used.values())
    for path, stat in sorted(used.items(), key=lambda item: item[1].st_mtime):
        in_use = path == keep or time.time() - stat.st_mtime < IN_USE_S
        if total > limit and not in_use:
            path.unlink(missing_ok=True)
            total -= stat.st_size


def _limit_bytes() -> float:
    value = os.environ.get("NEGCXR_CACHE_GB") or str(DEFAULT_GIB)
    try:
        limit = float(value)
    except ValueError:
        limit = 0.0
    if not 0 < limit < float("inf"):
        raise InputError(f"NEGCXR_CACHE_GB is {value!r}; allowed: a number above 0")
    return limit * GIB


def _select(
    keys: Sequence[str], connection: sqlite3.Connection
) -> Iterator[tuple[str, bytes, bytes]]:
    for start in range(0, len(keys), KEYS_AT_ONCE):
        chunk = keys[start : start + KEYS_AT_ONCE]
        places = ",".join("?" * len(chunk))
        yield from connection.execute(
            f"SELECT key, numbers, checksum FROM rows WHERE key IN ({places})", chunk
        ).fetchall()


def _insert(stored: list[tuple[str, bytes, bytes]], connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", stored)
    connection.execute("COMMIT")


def _stored(key: str, row: Float32[np.ndarray, " dim"]) -> tuple[str, bytes, bytes]:
    return key, row.tobytes(), _checksum(key, row.tobytes())


def _checksum(key: str, numbers: bytes) -> bytes:
    return hashlib.blake2b(numbers, digest_size=8, key=key.encode()[:64]).digest()


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=2)
