"""Maps of texts, several of each, and how much of each map is true.

Idea: t-SNE looks for two-dimensional places that keep near neighbours near. It finds one
answer of many: where it starts, and how many neighbours it minds (perplexity), change the
picture. So every set of rows is mapped from several starts at several perplexities, and
each map says how far it may be believed: *trustworthiness*, whether what lies near on the
map is near in the space, and *continuity*, whether what is near in the space stays near.

The first start is the plane of the two widest directions (PCA); from there t-SNE is the
same each time, whatever the seed. Every further start is a random scatter, so that what
the start decides is seen.

Limits: distances between clusters, their sizes and their emptiness mean nothing; nor do
the axes. What is read off a map must be asked of the space itself (see `geometry`).

Reference: van der Maaten & Hinton (2008), https://jmlr.org/papers/v9/vandermaaten08a.html;
Venna & Kaski (2006), https://doi.org/10.1016/j.neunet.2006.05.014.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import orthogonal_procrustes
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from threadpoolctl import threadpool_limits

from negcxr.errors import InputError
from negcxr.models.rows import require_unit_rows
from negcxr.shapes import checked

MOST = 300  # points on a map: more take minutes, and cannot be told apart on a page
DIMENSIONS = 50  # that the widest directions of the rows are taken down to first
PCA_START = "widest directions"
Points = Float[np.ndarray, "text 2"]


class Map(NamedTuple):
    """One map.

    Attributes:
        start: Where t-SNE started from: the widest directions, or a random scatter.
        perplexity: About how many neighbours of a text it minds.
        points: Within -1 and 1; turned, or mirrored, to lie like the first map.
    """

    start: str
    perplexity: float
    points: Points


@checked
def drawn_points(n: int, seed: int, most: int = MOST) -> Int[np.ndarray, " drawn"]:
    """Which of ``n`` rows are mapped, in order: all, or ``most`` drawn with a seed."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


@checked
def tsne_maps(
    rows: Float[np.ndarray, "text dim"], *, starts: int, perplexities: Sequence[float | int]
) -> Iterator[Map]:
    """Yield a t-SNE map of unit rows for each start and perplexity.

    Near is by cosine, since on unit rows it orders as distance does. On one thread, so
    that one machine makes the same maps each time; another machine may make others.

    Args:
        starts: How many; the first from the widest directions, the rest at random.

    Raises:
        InputError: No start, a perplexity that is not above 0 and below a third of the
            number of rows, more than ``MOST`` rows, rows not of unit length, or all alike.
    """
    _require_mappable(rows, starts, perplexities)
    size = min(DIMENSIONS, *rows.shape)
    first: Points | None = None
    with threadpool_limits(1):
        flat = PCA(size, svd_solver="full").fit_transform(rows)
        for start in range(starts):
            for perplexity in perplexities:
                points = _framed(_tsne(flat, start, perplexity))
                first = points if first is None else first
                turn, _ = orthogonal_procrustes(points, first)
                name = f"random {start}" if start else PCA_START
                yield Map(name, float(perplexity), points @ turn)


@checked
def map_trust(
    rows: Float[np.ndarray, "text dim"], points: Points, k: int
) -> tuple[float, float]:
    """Trustworthiness and continuity of a map, by the ``k`` nearest.

    Trustworthiness falls with texts that lie near on the map and are not near in the
    space, continuity with those that are near in the space and torn apart on the map,
    each by how far off their ranks are. Blind to everything beyond the ``k`` nearest.

    Returns:
        Each in [0, 1]: 1 nothing wrong; about 1/2 for places that mean nothing.

    Raises:
        InputError: ``k`` is not at least 1 and below half the number of texts.
    """
    if not 1 <= k < len(rows) / 2:
        raise InputError(f"k is {k}, allowed is 1 to below n / 2 = {len(rows) / 2:g}")
    return (
        float(trustworthiness(rows, points, n_neighbors=k)),
        float(trustworthiness(points, rows, n_neighbors=k)),
    )


def allowed_perplexities(perplexities: Sequence[float | int], n: int) -> list[float]:
    """Those that ``n`` points allow: above 0 and below a third of their number."""
    return [value for value in perplexities if 0 < value < n / 3]


def _require_mappable(
    rows: np.ndarray, starts: int, perplexities: Sequence[float | int]
) -> None:
    require_unit_rows(rows=rows)
    if starts < 1:
        raise InputError(f"starts is {starts}, allowed is 1 or more")
    if len(rows) > MOST:
        raise InputError(f"{len(rows)} rows to map, allowed are {MOST}; draw some of them")
    for value in perplexities:
        if not allowed_perplexities([value], len(rows)):
            raise InputError(
                f"perplexity is {value:g}, allowed is above 0 and below n / 3 = "
                f"{len(rows) / 3:g}"
            )
    if np.ptp(rows, axis=0).max() < 1e-6:
        raise InputError(f"{len(rows)} rows to map that are all alike: there is no map")


def _tsne(flat: np.ndarray, start: int, perplexity: float) -> Points:
    how = {"learning_rate": "auto", "random_state": start, "perplexity": perplexity}
    made = TSNE(init="random" if start else "pca", **how).fit_transform(flat)
    return made.astype(np.float64)


def _framed(points: Points) -> Points:
    """Around 0 and within 1, since a map has no unit."""
    centred = points - points.mean(axis=0)
    return centred / np.linalg.norm(centred, axis=1).max()
