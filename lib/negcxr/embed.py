"""Unit rows of images and texts, made once and then read from disk.

Rows depend on the checkpoint, on what prepares its input, and on precision and device;
these name a file. In it, an image is known by its content and a text by its letters, so
neither a new name nor another data set makes anything twice. While the model works on
one batch, the next are read and prepared; processes that embed the same share the work.

Limits: rows that were made in other batches agree to about seven digits, not to all.
"""

import hashlib
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32
from PIL.Image import Image
from tqdm import tqdm  # plain: a notebook's widget would load scripts into the book

from negcxr import paths
from negcxr.data.images import Images
from negcxr.models.checkpoint import Checkpoint
from negcxr.rowcache import RowCache, limit_size
from negcxr.shapes import checked

FORM = 1  # raise it when a change in models/ moves a row: older files are then not read
IMAGES_AT_ONCE, TEXTS_AT_ONCE = 32, 256
AHEAD = 2  # batches that wait for the model; one of 512 px images takes 100 MB
# A terminal shows progress at once; a log after a while, and then seldom.
LOG_PACE = {"delay": 10, "mininterval": 10, "maxinterval": 60}


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

    Raises:
        InputError: An image cannot be read; what was embedded before it is kept.
    """
    images = dataset.images

    def prepare(places: list[int]) -> Any:
        return encoder.preprocess([images.open(place) for place in places])

    keys = [f"image:{images.key(place)}" for place in range(len(dataset))]
    work = _Work("images", IMAGES_AT_ONCE, prepare, encoder.encode_pixels)
    return _rows(encoder, keys, work)


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
    makers = (
        *(str(FORM), encoder.checkpoint.fingerprint, encoder.processor_key),
        *(encoder.dtype, str(encoder.device).partition(":")[0]),
    )
    name = hashlib.sha256("\0".join(makers).encode()).hexdigest()[:32]
    return paths.cache() / "embeddings" / f"{name}.sqlite"


def _rows(encoder: Encoder, keys: list[str], work: _Work) -> Float32[np.ndarray, "row dim"]:
    if not keys:
        return np.empty((0, encoder.dim), np.float32)
    cache = RowCache(cache_file(encoder), dim=encoder.dim)
    places = {key: place for place, key in enumerate(keys)}  # of equal ones, one
    rows = cache.read(list(places))
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

    ahead = closing(_ahead(prepare, [batches[i] for i in order]))
    with _progress(work.things, len(keys)) as progress, ahead as prepared:
        for batch, ready in prepared:
            made = cache.read(batch)
            if ready is not None and len(made) < len(batch):
                made = dict(zip(batch, work.encode(ready), strict=True))
                cache.write(made)
            rows |= made
            progress.update(len(batch))
    return rows


def _ahead(
    prepare: Callable[[list[str]], Any], batches: list[list[str]]
) -> Iterator[tuple[list[str], Any]]:
    """Each batch with what is prepared of it, a few of them before they are asked for."""
    waiting = deque()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as pool:
        try:
            for batch in batches:
                waiting.append((batch, pool.submit(prepare, batch)))
                if len(waiting) > AHEAD:
                    first, future = waiting.popleft()
                    yield first, future.result()
            for first, future in waiting:
                yield first, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _progress(things: str, total: int) -> tqdm:
    pace = {} if sys.stderr.isatty() else LOG_PACE
    return tqdm(total=total, desc=f"embedding {things}", unit=things[:-1], **pace)
