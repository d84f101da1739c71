"""An artifact as one zip, in one form: a zip that is not of this form is not opened.

Every header is decided by the names and sizes in it, entries follow one another without a
gap, and the end bears the SHA-256 of all before it. So no byte can change unseen, and no
two programs can read two things out of one file. What is unpacked is counted as it comes,
not as a header says it.

Limits: a zip that another program wrote of the same files is refused; unpack it, and
verify the folder. Equal input gives equal bytes where zlib is the same.

Reference:
    The format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 6.3.10.
"""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from negcxr.artifacts.entry import MODE, TIME, Entry, entries_in
from negcxr.artifacts.form import CRATE, KINDS, RATIO, RATIO_FROM, Kind, require_files
from negcxr.errors import InputError

SAYS = b"negcxr-artifact sha256:"  # the comment at the end, before 64 digits
END = struct.Struct("<4s4H2LH")
CHUNK = 1 << 20
LEVEL = 9
MOST_CENTRAL = 4 << 20  # bytes of the list at the end
MOST_BYTES = max(kind.zip_bytes for kind in KINDS.values())


def write_zip(folder: Path, files: list[str], target: IO[bytes]) -> None:
    """Write the crate and the files of an artifact as one zip.

    Args:
        folder: The artifact's root.
        files: Paths from there, the crate left out.
        target: An empty file, open for writing and reading.
    """
    with zipfile.ZipFile(target, "w") as packed:
        for name in [CRATE, *sorted(files)]:
            entry = zipfile.ZipInfo(name, TIME)
            entry.create_system, entry.external_attr = 3, MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            content = (folder / name).read_bytes()
            packed.writestr(entry, content, compresslevel=LEVEL)
        packed.comment = SAYS + b"0" * 64
    end = target.seek(-64, 2)
    target.seek(0)
    digest = _digest(target, end)
    target.seek(end)
    target.write(digest)


def unpack(source: Path, folder: Path) -> None:
    """Unpack a zip of our form into an empty folder, within the limits of its kind.

    Raises:
        InputError: It is of another form, a byte of it changed, or it is too large.
    """
    size = source.stat().st_size
    with source.open("rb") as file:
        entries = _entries(file, size, source.name)
        kind = _kind(size, entries, source.name)
        for entry in entries:
            path = folder / entry.name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as target:
                for piece in _unpacked(file, entry, kind, source.name):
                    target.write(piece)


def _kind(size: int, entries: list[Entry], where: str) -> Kind:
    """The kind of artifact by how deep its files lie, if its files and sizes are of it."""
    names = [entry.name for entry in entries if entry.name != CRATE]
    depth = 1 + max((name.count("/") for name in names), default=1)
    kind = next((kind for kind in KINDS.values() if kind.depth == depth), None)
    if kind is None or len(names) != len(entries) - 1:
        raise InputError(f"{where}: holds no crate, or files of no artifact")
    require_files(names, kind, where=where)
    total = sum(entry.size for entry in entries)
    if size > kind.zip_bytes or total > kind.total_bytes:
        raise InputError(
            f"{where}: {size:,} bytes, unpacked {total:,}; at most {kind.zip_bytes:,} and "
            f"{kind.total_bytes:,} may be"
        )
    return kind


def _entries(file: IO[bytes], size: int, where: str) -> list[Entry]:
    """All entries, if the zip consists of them and its end, byte for byte."""
    comment = len(SAYS) + 64
    begin = size - END.size - comment
    if begin < 0 or size > MOST_BYTES:
        raise InputError(f"{where}: {size:,} bytes; no zip of an artifact")
    file.seek(begin)
    end, said = file.read(END.size), file.read(comment)
    if not end.startswith(b"PK\x05\x06") or not said.startswith(SAYS):
        raise InputError(
            f"{where}: not a zip that 'negcxr artifact pack' wrote, or cut off; if another "
            "program packed it, unpack it and verify the folder"
        )
    file.seek(0)
    if said[len(SAYS) :] != _digest(file, size - 64):
        raise InputError(f"{where}: changed since it was written; its SHA-256 is another")
    _, _, _, _, count, length, start, _ = END.unpack(end)
    wanted = END.pack(b"PK\x05\x06", 0, 0, count, count, length, start, comment)
    if wanted != end or start + length != begin or length > MOST_CENTRAL:
        raise InputError(f"{where}: its end does not fit what is before it")
    file.seek(start)
    entries = list(entries_in(file.read(length), count, where))
    _require_no_gap(file, entries, start, where)
    return entries


def _require_no_gap(file: IO[bytes], entries: list[Entry], start: int, where: str) -> None:
    """Entries follow one another from the first byte to the list, each after its header."""
    place = 0
    for entry in entries:
        header = entry.local
        file.seek(place)
        if entry.begin != place or file.read(len(header)) != header:
            raise InputError(f"{where}, {entry.name[:200]!r}: two headers that differ")
        place += len(header) + entry.packed
    if place != start:
        raise InputError(f"{where}: bytes that belong to no file")


def _unpacked(file: IO[bytes], entry: Entry, kind: Kind, where: str) -> Iterator[bytes]:
    """The bytes of one file, counted as they come; no more than its header says."""
    file.seek(entry.begin + len(entry.local))
    most = min(entry.size, kind.file_bytes)
    if entry.size > max(RATIO_FROM, RATIO * entry.packed):
        raise InputError(f"{where}, {entry.name!r}: unfolds more than {RATIO} times")
    stream, left, size, crc = zlib.decompressobj(-zlib.MAX_WBITS), entry.packed, 0, 0
    try:
        while not stream.eof:
            given = stream.unconsumed_tail
            if not given:
                given = file.read(min(CHUNK, left))
                left -= len(given)
            piece = stream.decompress(given, CHUNK)
            size, crc = size + len(piece), zlib.crc32(piece, crc)
            if size > most or (not given and not piece):
                break
            yield piece
    except zlib.error as error:
        raise InputError(f"{where}, {entry.name!r}: cannot be unpacked ({error})") from None
    whole = stream.eof and not stream.unused_data and not left
    if not whole or (size, crc) != (entry.size, entry.crc):
        raise InputError(f"{where}, {entry.name!r}: unpacks to other bytes than it says")


def _digest(file: IO[bytes], length: int) -> bytes:
    """The SHA-256 of the next bytes of a file, as 64 digits."""
    digest, left = hashlib.sha256(), length
    while left and (piece := file.read(min(CHUNK, left))):
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest().encode()
