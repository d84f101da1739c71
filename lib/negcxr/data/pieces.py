"""A large array on disk, made piece by piece, so that what is killed goes on.

A piece, and at last the whole, is written beside its place and moved there, so nobody can
take a part for the whole. Pieces are gone once the whole is there.

Limits: two processes that make the same array each make it; the result is the same.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

Fill = Callable[[np.ndarray, range], None]  # gets rows to be filled, and which they are


def write_in_pieces(path: Path, shape: tuple[int, ...], fill: Fill, *, piece: int) -> None:
    """Write an array of 8-bit numbers as ``.npy``, at most ``piece`` rows at a time.

    Args:
        shape: Of the whole; the first axis is the one that is cut.
        fill: Fills an array with the rows of a range.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    n, folder = shape[0], path.with_suffix(".pieces")
    if n <= piece:
        return _move_to(path, partial(_make, shape=shape, fill=fill, rows=range(n)))
    folder.mkdir(exist_ok=True)
    made = {}
    for start in range(0, n, piece):
        rows = range(start, min(n, start + piece))
        made[start] = folder / f"{start:08d}.npy"
        if not made[start].exists():
            own = (len(rows), *shape[1:])
            _move_to(made[start], partial(_make, shape=own, fill=fill, rows=rows))
    _move_to(path, partial(_join, shape=shape, made=made))
    shutil.rmtree(folder)


def _move_to(path: Path, write: Callable[[Path], None]) -> None:
    partly = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        write(partly)
        os.replace(partly, path)
    finally:
        partly.unlink(missing_ok=True)


def _make(path: Path, shape: tuple[int, ...], fill: Fill, rows: range) -> None:
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    fill(out, rows)
    out.flush()


def _join(path: Path, shape: tuple[int, ...], made: Mapping[int, Path]) -> None:
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    for start, file in made.items():
        rows = np.load(file, mmap_mode="r")
        out[start : start + len(rows)] = rows
    out.flush()
