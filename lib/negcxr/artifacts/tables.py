"""Tables of somebody else: Parquet opened without more than it takes.

No code is run to read one: no extension type, no pickle. What a small file could unfold
into is bounded before it is unfolded, since a dictionary repeats a long text at the cost
of a bit.

Limits: the library that reads Parquet is trusted with the bytes.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from negcxr.errors import InputError

MOST_ROWS = 5_000_000
MOST_COLUMNS = 2000
MOST_BYTES = 256 * 1024 * 1024  # of one table in memory, every text written out
BATCH = 4096  # rows that are looked into at once
NOTE_BYTES = 4 * 1024 * 1024  # of the notes in a table's head
CODECS = {"SNAPPY", "UNCOMPRESSED"}  # as pandas writes; neither unfolds more than 25 times
ENCODINGS = {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY", "BIT_PACKED"}
LINES = r"[\x00-\x08\x0a-\x1f\x7f]"


def require_table(path: Path, *, where: str) -> None:
    """Refuse a file that is no table, or one that is more than plain columns.

    Raises:
        InputError: Names the file and what is wrong with it.
    """
    try:
        with pq.ParquetFile(
            path,
            thrift_string_size_limit=NOTE_BYTES,
            thrift_container_size_limit=1_000_000,
        ) as table:
            for fault in (*_of_head(table), *_of_schema(table.schema_arrow)):
                raise InputError(f"{where}: {fault}")
            texts = [field.name for field in table.schema_arrow if _is_text(field.type)]
        _require_rows(path, texts, where=where)
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise InputError(
            f"{where}: no table in Parquet that can be read ({said})"
        ) from None


def _of_head(table: pq.ParquetFile) -> Iterator[str]:
    head = table.metadata
    if head.num_rows > MOST_ROWS or head.num_columns > MOST_COLUMNS:
        yield f"{head.num_rows:,} rows of {head.num_columns:,} columns"
        return
    for group in range(head.num_row_groups):
        columns = [head.row_group(group).column(i) for i in range(head.num_columns)]
        for column in columns:
            if column.compression not in CODECS:
                yield f"a column packed by {column.compression}"
            if unknown := {*column.encodings} - ENCODINGS:
                yield f"a column written as {min(unknown)}"
        if sum(column.total_uncompressed_size for column in columns) > MOST_BYTES:
            yield f"more than {MOST_BYTES:,} bytes"


def _of_schema(schema: pa.Schema) -> Iterator[str]:
    if unknown := {*(schema.metadata or {})} - {b"pandas"}:
        yield f"notes that pandas does not write, {min(unknown)[:40]!r}"
    if len({*schema.names}) < len(schema.names):
        yield "two columns of one name"
    for field in schema:
        plain = pa.types.is_primitive(field.type) or pa.types.is_null(field.type)
        if not (plain or _is_text(field.type)) or field.metadata:
            yield f"column {field.name[:60]!r} of the type {str(field.type)[:60]}"


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _require_rows(path: Path, texts: list[str], *, where: str) -> None:
    """Read all rows, a few at a time, and count what they would take written out."""
    total = 0
    with pq.ParquetFile(path, read_dictionary=texts) as table:
        for batch in table.iter_batches(batch_size=BATCH):
            total += sum(_bytes(column) for column in batch.columns)
            if total > MOST_BYTES:
                raise InputError(f"{where}: more than {MOST_BYTES:,} bytes when unfolded")
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                words = column.dictionary if pa.types.is_dictionary(column.type) else None
                if (
                    words is not None
                    and pc.any(pc.match_substring_regex(words, LINES)).as_py()
                ):
                    raise InputError(f"{where}, column {name!r}: a text of several lines")


def _bytes(column: pa.Array) -> int:
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.take(pc.binary_length(column.dictionary), column.indices)
    return int(pc.sum(lengths).as_py() or 0) + 8 * len(column)
