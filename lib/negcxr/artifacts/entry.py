"""The headers of one file in a zip of ours: all that is in them follows from four things.

Limits: names in ASCII, packed by deflate, below 4 GiB.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from negcxr.errors import InputError

TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say; a file's own is no content
MODE = 0o100644  # a plain file that its owner may write and all may read
DEFLATE = 8
VERSION = 20  # of the format, which a reader needs: folders and deflate
CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
LOCAL = struct.Struct("<4s2B4HL2L2H")


class Entry(NamedTuple):
    """One file in a zip: its name, its sizes, and where its bytes begin."""

    name: str
    crc: int
    packed: int
    size: int
    method: int
    begin: int

    @property
    def local(self) -> bytes:
        """The header before its bytes."""
        return LOCAL.pack(*self._common(b"PK\x03\x04", ()), len(self.name), 0) + (
            self.name.encode("ascii")
        )

    @property
    def central(self) -> bytes:
        """Its line in the list at the end."""
        head = self._common(b"PK\x01\x02", (VERSION, 3))
        more = (len(self.name), 0, 0, 0, 0, MODE << 16, self.begin)
        return CENTRAL.pack(*head, *more) + self.name.encode("ascii")

    def _common(self, mark: bytes, by: tuple[int, ...]) -> tuple[bytes | int, ...]:
        date = (TIME[0] - 1980) << 9 | TIME[1] << 5 | TIME[2]
        sizes = (self.crc, self.packed, self.size)
        return (mark, *by, VERSION, 0, 0, self.method, 0, date, *sizes)


def entries_in(content: bytes, count: int, where: str) -> Iterator[Entry]:
    """The entries that the list at the end of a zip names.

    Raises:
        InputError: A line is not as we write it for such a file, or they are not so many.
    """
    place, seen = 0, 0
    while place < len(content):
        head = content[place : place + CENTRAL.size]
        if len(head) < CENTRAL.size:
            break
        fields = CENTRAL.unpack(head)
        name = content[place + CENTRAL.size :][: fields[12]].decode("ascii", "replace")
        method, (crc, packed, size) = fields[6], fields[9:12]
        entry = Entry(name, crc, packed, size, method, fields[-1])
        line = entry.central if name.isascii() else b""
        if not line or content[place : place + len(line)] != line or method != DEFLATE:
            raise InputError(
                f"{where}, {name[:200]!r}: an entry that artifacts do not have"
            )
        yield entry
        place, seen = place + len(line), seen + 1
    if (place, seen) != (len(content), count):
        raise InputError(f"{where}: its list of files does not end where it says")
