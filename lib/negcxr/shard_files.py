"""The file of one shard: rows, whose they are, and what made them, under a checksum.

A safetensors file, which holds numbers and words and can run nothing. It is written
whole or not at all.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from jaxtyping import Float32
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from negcxr.errors import InputError
from negcxr.writing import write_whole

NAME = re.compile(r"shard-(\d+)-of-(\d+)\.safetensors")


class Numbered(Protocol):
    """Which shard of how many."""

    shard: int
    shards: int


class Header(BaseModel):
    """What made a shard, and which part of what it is.

    Attributes:
        encoder: ``negcxr.embed.encoder_key``.
        data: A hash of the images' names in order.
        images: How many the whole data set has.
        shard: The first is 1.
        shards: How many make the whole.
        first: The place of its first image.
        stop: The place after that of its last.
        asked: The options of the command that makes it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoder: str
    data: str
    images: int
    shard: int
    shards: int
    first: int
    stop: int
    asked: str


class Shard(NamedTuple):
    """The rows of some images that follow each other, with their keys."""

    header: Header
    keys: tuple[str, ...]
    rows: Float32[np.ndarray, "image dim"]


def file_of(folder: Path, which: Numbered) -> Path:
    """Where a shard lies."""
    return folder / f"shard-{which.shard:04}-of-{which.shards:04}.safetensors"


def shards_in(folder: Path) -> Iterator[tuple[int, int]]:
    """The numbers of the shards that lie in a folder, and of how many each is."""
    for path in sorted(folder.glob("*.safetensors")):
        if named := NAME.fullmatch(path.name):
            yield int(named[1]), int(named[2])


def save_shard(file: Path, shard: Shard) -> None:
    """Write a shard, so that its file is there whole or not at all."""
    said = {
        "header": shard.header.model_dump_json(),
        "keys": json.dumps(shard.keys),
        "checksum": _checksum(shard),
    }
    write_whole(file, save({"rows": shard.rows}, said))


def read_shard(file: Path) -> Shard:
    """A shard that is whole and as it was written.

    Raises:
        InputError: It is missing or damaged.
    """
    try:
        with safe_open(file, "numpy") as content:
            said, rows = content.metadata() or {}, content.get_tensor("rows")
        header = Header.model_validate_json(said["header"])
        shard = Shard(header, tuple(json.loads(said["keys"])), rows)
    except (OSError, SafetensorError, KeyError, ValueError, ValidationError) as error:
        raise InputError(f"{file}: missing, or not a shard ({error})") from None
    n_images = {header.stop - header.first, len(shard.keys), len(rows)}
    if said.get("checksum") != _checksum(shard) or len(n_images) > 1:
        raise InputError(f"{file}: damaged; its checksum is another")
    return shard


def _checksum(shard: Shard) -> str:
    digest = hashlib.sha256(shard.header.model_dump_json().encode())
    digest.update(
        json.dumps([shard.keys, shard.rows.shape, str(shard.rows.dtype)]).encode()
    )
    digest.update(np.ascontiguousarray(shard.rows).tobytes())
    return digest.hexdigest()
