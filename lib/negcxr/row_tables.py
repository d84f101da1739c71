"""Rows that were merged from shards: one memory-mapped table, found by encoder and image.

A table is a folder with ``rows.npy``, ``keys.npy`` (whose row is which) and
``table.json``, which is written last, names the encoder and has the checksums of both. It
lies in the cache, in ``tables/``, or wherever ``NEGCXR_ROWS`` says; it is only read, so
many machines may read one on a network file system.

Limits: checksums are looked at once a process. A table that is changed while it is being
read is not seen to be.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32

from negcxr import paths
from negcxr.errors import InputError

ROWS, KEYS, RECORD = "rows.npy", "keys.npy", "table.json"
CHUNK = 2**24  # bytes read at once for a checksum


class Lookup(NamedTuple):
    """All rows that were asked for, as a part of a table; or those that were found."""

    rows: Float32[np.ndarray, "row dim"] | None
    found: dict[str, Float32[np.ndarray, " dim"]]


class _Table(NamedTuple):
    rows: Float32[np.ndarray, "row dim"]
    places: dict[str, int]


def lookup(encoder: str, keys: Sequence[str]) -> Lookup:
    """The rows of these keys in the tables of an encoder.

    Raises:
        InputError: A table is damaged; the message says how it is made again.
    """
    found: dict[str, Float32[np.ndarray, " dim"]] = {}
    for folder in folders():
        table = _table(folder, encoder) if keys else None
        if table:
            places = [table.places.get(key, -1) for key in keys]
            if _is_run(places):
                return Lookup(table.rows[places[0] : places[-1] + 1], {})
            for key, place in zip(keys, places, strict=True):
                if place >= 0:
                    found.setdefault(key, table.rows[place])
    return Lookup(None, found)


def _table(folder: Path, encoder: str) -> _Table | None:
    """The table of a folder if it is of this encoder; none while it is merged anew."""
    try:
        changed = (folder / RECORD).stat().st_mtime_ns
        own = _record(folder)["encoder"] == encoder
        return _opened(folder, changed) if own else None
    except FileNotFoundError:  # another job's merge takes the record away before it begins
        return None


def folders() -> list[Path]:
    """Where tables lie: those that ``NEGCXR_ROWS`` names, then those of the cache."""
    named = [Path(name) for name in os.environ.get("NEGCXR_ROWS", "").split(os.pathsep)]
    own = sorted((paths.cache() / "tables").glob("*/"))
    given = [path for path in named if path != Path()]
    for path in given:
        if not (path / RECORD).is_file():
            raise InputError(
                f"NEGCXR_ROWS names {path}, which has no {RECORD}; merge its shards first: "
                f"negcxr embed merge {path}"
            )
    return [*given, *(path for path in own if (path / RECORD).is_file())]


def checksum(file: Path) -> str:
    """SHA-256 of a file, read a little at a time."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while part := content.read(CHUNK):
            digest.update(part)
    return digest.hexdigest()


def _is_run(places: list[int]) -> bool:
    """Whether places follow each other, so that their rows need not be copied."""
    return places[0] >= 0 and places == list(range(places[0], places[0] + len(places)))


def _record(folder: Path) -> dict[str, str]:
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
        return {name: str(record[name]) for name in ("encoder", ROWS, KEYS)}
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(folder / RECORD, folder) from error


@cache
def _opened(folder: Path, changed: int) -> _Table:  # noqa: ARG001  # of another time, another table
    record = _record(folder)
    for name in (ROWS, KEYS):
        file = folder / name
        if not file.is_file() or checksum(file) != record[name]:
            raise _damaged(file, folder)
    rows = np.load(folder / ROWS, mmap_mode="r")
    keys = np.load(folder / KEYS, allow_pickle=False)
    places: dict[str, int] = {}
    for place, key in enumerate(keys.tolist()):
        places.setdefault(key.decode(), place)  # equal images: the first stands for all
    return _Table(rows, places)


def _damaged(file: Path, folder: Path) -> InputError:
    return InputError(
        f"{file}: missing, or not what was merged; again: negcxr embed merge {folder}"
    )
