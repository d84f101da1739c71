"""The ways to the first images that benchmarks/neighbours.py measures, and what they find.

The rows of the images and of the queries, and what is judged of them, make a gallery.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from negcxr.measure.asked import NOT_JUDGED, Asked
from negcxr.measure.steps import top
from negcxr.measure.streaming import scored

try:
    import faiss
except ModuleNotFoundError:
    sys.exit(
        "faiss is missing; it goes beside .venv/, not into it: .venv/bin/pip install "
        "--no-deps --target _build/faiss faiss-cpu==1.15.1, then PYTHONPATH=_build/faiss"
    )

K, DEEP, THREADS = 10, 100, 1
INDICES = {  # faiss's name for it, its knob, and the settings of that
    "IVF": ("IVF{cells},Flat", "nprobe", (4, 16, 64)),
    "HNSW": ("HNSW32,Flat", "efSearch", (128, 512, 2_048)),
}
VERSION = faiss.__version__
faiss.omp_set_num_threads(THREADS)


class Gallery(NamedTuple):
    """What is searched, and what for."""

    name: str
    images: np.ndarray
    queries: np.ndarray
    asked: Asked


def measured(gallery: Gallery) -> Iterator[dict[str, object]]:
    """A row a way; the product comes first, as all are held against it."""
    true, work = _timed(_together, gallery)
    yield {"how": "exact, together", **_held(true, true, work, gallery)}
    found, work = _timed(_one_by_one, gallery)
    yield {"how": "exact, one by one", **_held(found, true, work, gallery)}
    for how, (spec, knob, settings) in INDICES.items():
        index, build = _timed(_index, spec, gallery.images)
        mib = faiss.serialize_index(index).nbytes / 2**20
        for setting in settings:
            faiss.ParameterSpace().set_index_parameter(index, knob, setting)
            found, work = _timed(_searched, index, gallery)
            row = {"how": how, "knob": knob, "setting": setting, "build_s": build}
            yield {**row, **_held(found, true, work, gallery), "mib": mib}


def _timed(do: Callable, *what: object) -> tuple:
    start = time.process_time()
    return do(*what), time.process_time() - start


def _together(gallery: Gallery) -> np.ndarray:
    blocks = scored(gallery.images, gallery.queries)
    return np.stack([_first(scores) for _, block in blocks for scores in block])


def _one_by_one(gallery: Gallery) -> np.ndarray:
    return np.stack([_first(gallery.images @ query) for query in gallery.queries])


def _first(scores: np.ndarray) -> np.ndarray:
    near = top(DEEP, scores, np.zeros(len(scores), np.int8))
    return near[np.argsort(-scores[near], kind="stable")][:DEEP]


def _index(spec: str, images: np.ndarray) -> faiss.Index:
    name = spec.format(cells=round(2 * len(images) ** 0.5))
    index = faiss.index_factory(images.shape[1], name, faiss.METRIC_INNER_PRODUCT)
    index.train(images)
    index.add(images)
    return index


def _searched(index: faiss.Index, gallery: Gallery) -> np.ndarray:
    return np.concatenate([index.search(q[None], DEEP)[1] for q in gallery.queries])


def _held(
    found: np.ndarray, true: np.ndarray, work: float, gallery: Gallery
) -> dict[str, object]:
    """What a way takes, and what it finds beside the product."""
    row = {"ms": 1000 * work / len(found), "mib": gallery.images.nbytes / 2**20}
    row |= {f"recall_{k}": _recall(found, true, k) for k in (K, DEEP)}
    sides = {"precision": gallery.asked.wanted, "contradiction": gallery.asked.unwanted}
    for name, rows in sides.items():
        judged = gallery.asked.judged[rows]
        ours, _ = _share(found, judged)
        theirs, there = _share(true, judged)
        moved = float(np.abs(ours - theirs)[there].mean())
        row |= {name: float(theirs[there].mean()), f"{name}_moved": moved}
        row |= {f"{name}_queries": int(there.sum())}
    return row


def _recall(found: np.ndarray, true: np.ndarray, k: int) -> float:
    pairs = zip(found[:, :k], true[:, :k], strict=True)
    return float(np.mean([np.isin(theirs, ours).mean() for ours, theirs in pairs]))


def _share(found: np.ndarray, judged: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of 1 in the first K judged images found, and which queries have K of them."""
    values = np.take_along_axis(judged, found, axis=1)
    values[found < 0] = NOT_JUDGED  # a place that an index leaves empty
    counted = (values != NOT_JUDGED) & (np.cumsum(values != NOT_JUDGED, axis=1) <= K)
    return np.sum((values == 1) & counted, axis=1) / K, counted.sum(axis=1) == K
