"""Embedding in shards: many jobs, each a part of the images, and one table of their rows.

Idea: a job writes one file and needs nothing of the others, so that a cluster's jobs share
no file that locks, and one that is lost is done again alone. A shard begins and ends
where a batch does, so every batch holds the same images however many shards there are,
and the rows are those of a single job, to the bit.

Limits: to the bit on machines that compute alike: another processor, number of threads
or version of torch agrees to about seven digits. An image that is twice in a data set is
embedded twice here, and once by ``embed_images``, whose batches then differ.
"""

import hashlib
import math
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32

from negcxr import embed
from negcxr.ahead import ahead, progress_of
from negcxr.data.dataset import Dataset
from negcxr.embed import Encoder, encoder_key
from negcxr.errors import InputError
from negcxr.shard_files import Header, Shard, file_of, read_shard, save_shard


class Piece(NamedTuple):
    """One of how many shards; the first is 1."""

    shard: int
    shards: int


def piece(shard: int, shards: int) -> Piece:
    """A shard that exists.

    Raises:
        InputError: There is no such shard.
    """
    if not 1 <= shard <= shards:
        raise InputError(f"shard {shard} of {shards}: allowed are 1 to {max(shards, 1)}")
    return Piece(shard, shards)


def places_of(which: Piece, n_images: int) -> range:
    """The images of a shard: whole batches, and as many as others have, or one more."""
    size = embed.IMAGES_AT_ONCE
    batches = math.ceil(n_images / size)
    ends = (batches * k // which.shards * size for k in (which.shard - 1, which.shard))
    return range(*(min(end, n_images) for end in ends))


def write_shard(
    encoder: Encoder, dataset: Dataset, folder: Path, which: Piece, *, asked: str
) -> Path:
    """Embed the images of one shard and write its file; one that is there is kept.

    Args:
        asked: The options of the command that makes it, for whoever has to do it again.

    Returns:
        The file.

    Raises:
        InputError: An image cannot be read; nothing is written then.
    """
    places, file = places_of(which, len(dataset)), file_of(folder, which)
    header = Header(
        encoder=encoder_key(encoder),
        data=_names(dataset),
        images=len(dataset),
        shard=which.shard,
        shards=which.shards,
        first=places.start,
        stop=places.stop,
        asked=asked,
    )
    keys = tuple(f"image:{dataset.images.key(place)}" for place in places)
    if not _is_there(file, header, keys):
        rows = _embedded(encoder, dataset.images, places)
        save_shard(file, Shard(header, keys, rows))
    return file


def _is_there(file: Path, header: Header, keys: tuple[str, ...]) -> bool:
    try:
        found = read_shard(file)
    except InputError:  # none, or a damaged one: it is made, and replaced whole
        return False
    return (found.header, found.keys) == (header, keys)


def _names(dataset: Dataset) -> str:
    """A hash of which images there are and in which order; pixels are in the keys."""
    return hashlib.sha256(
        "\n".join(dataset.table["image"].astype(str)).encode()
    ).hexdigest()


def _embedded(encoder: Encoder, images: Any, places: range) -> Float32[np.ndarray, "_ dim"]:
    size = embed.IMAGES_AT_ONCE
    batches = [list(places[i : i + size]) for i in range(0, len(places), size)]

    def prepare(batch: list[int]) -> Any:
        return encoder.preprocess([images.open(place) for place in batch])

    rows = [np.empty((0, encoder.dim), np.float32)]
    reading = closing(ahead(prepare, batches))
    with progress_of("images", len(places)) as progress, reading as prepared:
        for batch, ready in prepared:
            rows.append(encoder.encode_pixels(ready))
            progress.update(len(batch))
    return np.concatenate(rows)
