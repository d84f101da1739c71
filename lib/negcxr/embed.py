"""Unit rows of images and texts, made once and then read from disk.

Rows depend on the checkpoint, on what prepares its input, and on precision and device;
these name a file. In it, an image is known by its content and a text by its letters, so
neither a new name nor another data set makes anything twice. While the model works on
one batch, the next are read and prepared; processes that embed the same share the work.

Limits: rows that were made in other batches agree to about seven digits, not to all.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32
from PIL.Image import Image

from negcxr import paths, row_tables
from negcxr.ahead import ahead, progress_of
from negcxr.data.images import Images
from negcxr.models.checkpoint import Checkpoint
from negcxr.rowcache import RowCache, limit_size
from negcxr.shapes import checked

FORM = 1  # raise it when a change in models/ moves a row: older files are then not read
IMAGES_AT_ONCE, TEXTS_AT_ONCE = 32, 256


@runtime_checkable
class Encoder(Protocol):
    """What is asked of an encoder here; ``DualEncoder`` says what each part means."""

    checkpoint: Checkpoint
    dtype: str
    device: Any
    dim: int
    processor_key: str

    def preprocess(self, images: Sequence[Image]) -> Any:
        """What the image tower gets."""
        ...

    def encode_pixels(self, pixels: Any) -> Float32[np.ndarray, "image dim"]:
        """A unit row an image that has been prepared."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Float32[np.ndarray, "text dim"]:
        """A unit row a text."""
        ...


@runtime_checkable
class HasImages(Protocol):
    """What is asked of a data set here."""

    images: Images

    def __len__(self) -> int:
        """How many images there are."""
        ...


class _Work(NamedTuple):
    """Things to embed, by key, and the two steps from some of them to their rows."""

    things: str
    at_once: int
    prepare: Callable[[list[int]], Any]
    encode: Callable[[Any], Float32[np.ndarray, "row dim"]]


@checked
def embed_images(encoder: Encoder, dataset: HasImages) -> Float32[np.ndarray, "image dim"]:
    """A unit row for each image of a data set, in its order.

    Where a table of this encoder's rows has been merged (see ``shards``), they are read
    from it; a data set that is a whole table, or a run of it, stays memory-mapped.

    Raises:
        InputError: An image cannot be read; what was embedded before it is kept.
    """
    images = dataset.images

    def prepare(places: list[int]) -> Any:
        return encoder.preprocess([images.open(place) for place in places])

    keys = [f"image:{images.key(place)}" for place in range(len(dataset))]
    merged = row_tables.lookup(encoder_key(encoder), keys)
    if merged.rows is not None:
        return merged.rows
    work = _Work("images", IMAGES_AT_ONCE, prepare, encoder.encode_pixels)
    return _rows(encoder, keys, work, known=merged.found)


@checked
def embed_texts(encoder: Encoder, texts: Sequence[str]) -> Float32[np.ndarray, "text dim"]:
    """A unit row for each text, in the order given.

    Raises:
        InputError: The encoder refuses a text.
    """

    def prepare(places: list[int]) -> list[str]:
        return [texts[place] for place in places]

    keys = [f"text:{hashlib.sha256(text.encode()).hexdigest()}" for text in texts]
    work = _Work("texts", TEXTS_AT_ONCE, prepare, encoder.encode_texts)
    return _rows(encoder, keys, work)


def cache_file(encoder: Encoder) -> Path:
    """Where the rows of this encoder lie: one file for all that may move a row."""
    return paths.cache() / "embeddings" / f"{encoder_key(encoder)}.sqlite"


def encoder_key(encoder: Encoder) -> str:
    """What names all that may move a row: weights, preparation, precision, device."""
    makers = (
        *(str(FORM), encoder.checkpoint.fingerprint, encoder.processor_key),
        *(encoder.dtype, str(encoder.device).partition(":")[0]),
    )
    return hashlib.sha256("\0".join(makers).encode()).hexdigest()[:32]


def _rows(
    encoder: Encoder,
    keys: list[str],
    work: _Work,
    *,
    known: Mapping[str, Float32[np.ndarray, " dim"]] = MappingProxyType({}),
) -> Float32[np.ndarray, "row dim"]:
    if not keys:
        return np.empty((0, encoder.dim), np.float32)
    cache = RowCache(cache_file(encoder), dim=encoder.dim)
    places = {key: place for place, key in enumerate(keys)}  # of equal ones, one
    rows = cache.read([key for key in places if key not in known]) | dict(known)
    while missing := {key: places[key] for key in places if key not in rows}:
        rows |= _fill(cache, missing, work)
        limit_size(cache.file.parent, keep=cache.file)
    return np.stack([rows[key] for key in keys])


def _fill(
    cache: RowCache, missing: dict[str, int], work: _Work
) -> dict[str, Float32[np.ndarray, " dim"]]:
    """The missing rows; those that another process has made meanwhile are only read."""
    keys, rows = list(missing), {}
    batches = [keys[i : i + work.at_once] for i in range(0, len(keys), work.at_once)]
    # Each process in an order of its own, so that two seldom make the same one at once.
    order = np.random.default_rng().permutation(len(batches))

    def prepare(batch: list[str]) -> Any:
        if len(cache.read(batch)) < len(batch):
            return work.prepare([missing[key] for key in batch])
        return None

    reading = closing(ahead(prepare, [batches[i] for i in order]))
    with progress_of(work.things, len(keys)) as progress, reading as prepared:
        for batch, ready in prepared:
            made = cache.read(batch)
            if ready is not None and len(made) < len(batch):
                made = dict(zip(batch, work.encode(ready), strict=True))
                cache.write(made)
            rows |= made
            progress.update(len(batch))
    return rows
