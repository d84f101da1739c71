"""From shards to one table: all of them are looked at before anything is written.

The rows go to disk shard by shard, so merging takes the memory of one. What a merge was
stopped in is no table: its record, which says that it is one, is written last.

Limits: shards are compared by what they say made them, and by checksums; whoever forges
both is not caught. A folder is merged by one process at a time.
"""

import json
import os
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from negcxr.errors import InputError
from negcxr.row_tables import KEYS, RECORD, ROWS, checksum
from negcxr.shard_files import Header, file_of, read_shard, shards_in
from negcxr.shards import Piece, places_of
from negcxr.writing import write_whole


def merge(folder: Path) -> Path:
    """Make the table of a folder's shards, in that folder.

    Returns:
        Its record, ``table.json``.

    Raises:
        InputError: A shard is missing, damaged or of something else; the message has the
            command that makes it again.
    """
    headers = _headers(folder)
    first = headers[0]
    shape = first.images, _dim(folder, first)
    (folder / RECORD).unlink(missing_ok=True)
    _clear(folder)
    _replace(folder / ROWS, lambda file: _write_rows(file, folder, headers, shape))
    keys = [key for header in headers for key in _shard(folder, header).keys]
    _replace(folder / KEYS, lambda file: np.save(file, np.array(keys, dtype=bytes)))
    record = {
        "encoder": first.encoder,
        "data": first.data,
        "images": first.images,
        "dim": shape[1],
        "shards": first.shards,
        "asked": first.asked,
        **{name: checksum(folder / name) for name in (ROWS, KEYS)},
    }
    content = json.dumps(record, indent=2) + "\n"
    write_whole(folder / RECORD, content.encode())
    return folder / RECORD


def _headers(folder: Path) -> list[Header]:
    """The headers of all shards in order; refuses what does not make one whole."""
    there = list(shards_in(folder))
    if not there:
        raise InputError(f"{folder}: no shard lies there; negcxr embed --help says how")
    counts = sorted({shards for _, shards in there})
    if len(counts) > 1:
        said = " and of ".join(map(str, counts))
        raise InputError(f"{folder}: shards of {said}; remove those that are not meant")
    found: dict[int, Header] = {}
    for shard in range(1, counts[0] + 1):
        try:
            found[shard] = read_shard(file_of(folder, Piece(shard, counts[0]))).header
        except InputError:
            continue  # told below, together with all others
    lost = [shard for shard in range(1, counts[0] + 1) if shard not in found]
    if lost:
        raise InputError(_told(folder, lost, counts[0], next(iter(found.values()), None)))
    _refuse_mixed(folder, list(found.values()))
    return list(found.values())


def _told(folder: Path, lost: list[int], shards: int, other: Header | None) -> str:
    named = ", ".join(map(str, lost))
    again = "; ".join(
        again_by(other.asked if other else "", folder, k, shards) for k in lost
    )
    return f"{folder}: of {shards} shards missing or damaged: {named}; again: {again}"


def again_by(asked: str, folder: Path, shard: int, shards: int) -> str:
    """The command that makes a shard."""
    options = f" {asked}" if asked else " ..."
    where = shlex.quote(str(folder))
    return f"negcxr embed{options} --shards {shards} --shard {shard} --out {where}"


def _refuse_mixed(folder: Path, headers: list[Header]) -> None:
    first = headers[0]
    for header in headers:
        file = file_of(folder, Piece(header.shard, header.shards))
        again = again_by(first.asked, folder, header.shard, header.shards)
        for name in ("encoder", "data", "images"):
            if getattr(header, name) != getattr(first, name):
                raise InputError(
                    f"{file}: {name} is not that of shard 1; again, as shard 1: {again}"
                )
        if (
            header.first
            != places_of(Piece(header.shard, header.shards), header.images).start
        ):
            raise InputError(f"{file}: begins at image {header.first}; again: {again}")


def _shard(folder: Path, header: Header) -> Any:
    return read_shard(file_of(folder, Piece(header.shard, header.shards)))


def _dim(folder: Path, header: Header) -> int:
    return int(_shard(folder, header).rows.shape[1])


def _write_rows(
    file: Path, folder: Path, headers: list[Header], shape: tuple[int, int]
) -> None:
    table = np.lib.format.open_memmap(file, "w+", np.float32, shape)
    for header in headers:
        rows = _shard(folder, header).rows
        table[header.first : header.stop] = rows
    table.flush()


def _clear(folder: Path) -> None:
    """Remove what a merge that was killed left half written: as much as all rows."""
    for name in (ROWS, KEYS):
        for left in folder.glob(f".{name}.*.npy"):
            left.unlink(missing_ok=True)


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside its place, and put it there when it is whole."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".npy")
    os.close(handle)
    try:
        write(Path(name))
        os.chmod(name, 0o644)  # mkstemp makes a file that only its owner can read
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
