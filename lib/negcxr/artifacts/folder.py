"""The files of an artifact's folder, as they lie there: names, sizes and hashes.

Nothing is opened before its name and its kind are known: a link, a device or a file that
no artifact has is refused as such, and every size is bounded before a byte is read.

Limits: a folder that somebody changes while it is read is read as it was and as it became.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from negcxr.artifacts.form import CRATE, Kind, require_files
from negcxr.errors import InputError
from negcxr.reading import file_hash

MOST_ENTRIES = 20_000  # files and folders that are looked at before it is too many


class Listed(NamedTuple):
    """A file: its size in bytes and the SHA-256 of its bytes, in hexadecimal."""

    size: int
    sha256: str


def files_of(folder: Path, kind: Kind) -> dict[str, Listed]:
    """Every file of an artifact but the crate, by its path from the artifact's root.

    Args:
        folder: The artifact's root.
        kind: What it should be.

    Raises:
        InputError: There is something that no artifact of this kind has.
    """
    found = dict(_entries(folder))
    found.pop(CRATE, None)
    require_files([*found], kind, where=folder.name)
    total = 0
    for path, status in found.items():
        total += status.st_size
        if status.st_size > kind.file_bytes or total > kind.total_bytes:
            raise InputError(
                f"{folder.name}/{path}: {status.st_size:,} bytes, {total:,} with those "
                f"before; at most {kind.file_bytes:,} and {kind.total_bytes:,} may be"
            )
    return {
        path: Listed(found[path].st_size, file_hash(folder / path))
        for path in sorted(found)
    }


def _entries(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below a folder with what the system says of it; no link is followed."""
    if folder.is_symlink() or not folder.is_dir():
        raise InputError(f"{folder}: no folder of an artifact")
    ahead, seen = [folder], 0
    while ahead:
        here = ahead.pop()
        with os.scandir(here) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
        if not inside and here != folder:
            raise InputError(f"{folder.name}/{_within(folder, here)}: an empty folder")
        for entry in inside:
            seen += 1
            status = entry.stat(follow_symlinks=False)
            name = _within(folder, Path(entry.path))
            if seen > MOST_ENTRIES:
                raise InputError(f"{folder.name}: more than {MOST_ENTRIES:,} files")
            if stat.S_ISDIR(status.st_mode):
                ahead.append(Path(entry.path))
            elif stat.S_ISREG(status.st_mode):
                yield name, status
            else:
                raise InputError(f"{folder.name}/{name}: a link or a device, no file")


def _within(folder: Path, path: Path) -> str:
    name = path.relative_to(folder).as_posix()
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def read_bytes(folder: Path, path: str, kind: Kind) -> bytes:
    """A file's bytes, no more than one of its kind may have.

    Raises:
        InputError: It is larger, or cannot be read.
    """
    try:
        with (folder / path).open("rb") as file:
            content = file.read(kind.file_bytes + 1)
    except OSError as error:
        raise InputError(
            f"{folder.name}/{path}: cannot be read ({error.strerror})"
        ) from None
    if len(content) > kind.file_bytes:
        raise InputError(f"{folder.name}/{path}: above {kind.file_bytes:,} bytes")
    return content
