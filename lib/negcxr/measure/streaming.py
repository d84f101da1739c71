"""Scores of very many images, a block at a time.

Idea: a score is used once, to rank, and can be made again by a matrix product. So the
scores of all queries never exist together: some queries at a time are scored against
every image, in blocks of images that are read from a memory-mapped table.

Limits: scores have single precision, as the rows have. A product of other blocks may
differ in its last digit, so two images whose scores differ by less may change places.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.measure.polarity import require_unit_rows

SCORES_AT_ONCE = 2**26  # single precision: 256 MiB, 177 queries of 377,110 images
IMAGES_AT_ONCE = 2**14  # of 512 numbers each 32 MiB, enough for a product at full speed

Scores = Float[np.ndarray, "query image"]


def scored(
    images: Float[np.ndarray, "image dim"], queries: Float[np.ndarray, "query dim"]
) -> Iterator[tuple[slice, Scores]]:
    """Yield the scores of some queries at a time, and which queries they are.

    Args:
        images: A unit row an image, of any precision; may be memory-mapped.
        queries: A row a query; the mean of its prompts' rows, where it has several.

    Raises:
        InputError: A row of an image is not of unit length, or a query's row is not
            finite.
    """
    for query in np.flatnonzero(~np.isfinite(queries).all(axis=1))[:1]:
        raise InputError(f"queries row {query} has a number that is not finite")
    wanted = queries.astype(np.float32)
    at_once = max(1, SCORES_AT_ONCE // max(1, len(images)))
    for first in range(0, len(queries), at_once):
        which = slice(first, min(first + at_once, len(queries)))
        yield which, _scores(images, wanted[which], checked=first > 0)


def _scores(images: np.ndarray, queries: np.ndarray, *, checked: bool) -> np.ndarray:
    scores = np.empty((len(queries), len(images)), np.float32)
    for start in range(0, len(images), IMAGES_AT_ONCE):
        block = np.asarray(images[start : start + IMAGES_AT_ONCE], np.float32)
        if not checked:
            _require_unit(block, start)
        np.matmul(queries, block.T, out=scores[:, start : start + len(block)])
    return scores


def _require_unit(block: np.ndarray, start: int) -> None:
    try:
        require_unit_rows(images=block)
    except InputError as error:
        raise InputError(f"{error} (counted from image {start})") from None
