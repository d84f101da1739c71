"""What benchmarks/scale.py measures, each in a process of its own.

Run by it: ``python benchmarks/scale_ways.py WHAT FOLDER`` prints one row as JSON.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from worlds import FINDINGS, prompts, read_world, write_world

from negcxr.chapters.at_size import asked_by
from negcxr.data.labels import relevance
from negcxr.measure.asked import spread
from negcxr.measure.at_size import draws_at_size, evaluate_at_size
from negcxr.measure.binned import SHARES
from negcxr.measure.retrieval import evaluate, metric_draws
from negcxr.measure.streaming import scored

N_PROMPTS, N_QUERIES, N_RESAMPLES, K = 2_000, 42, 1_000, 10
N_BINNED, FEW_RESAMPLES = 6, 50  # queries of many relevant images; whole rankings are slow
POLICY = "blank-absent"
THREADS = int(os.environ.get("OMP_NUM_THREADS") or len(os.sched_getaffinity(0)))


def measured(what: str, folder: Path) -> dict[str, object]:
    """Time, work and peak of one thing, and what it found itself."""
    if what.startswith("write "):
        write_world(folder, int(what.removeprefix("write ")))
        return {}
    start, work = time.perf_counter(), time.process_time()
    found = WAYS[what](folder)
    return {
        "seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds": round(time.process_time() - work, 1),
        "peak_mib": round(_peak_mib()),
        **found,
    }


def _values(folder: Path, dtype: str = "float32") -> dict[str, object]:
    world, (asked, rows) = read_world(folder, dtype), prompts(N_PROMPTS)
    judged = asked_by(asked, FINDINGS, relevance(world.labels, POLICY))
    how = {"k": K, "n_resamples": 0, "seed": 0, "threads": THREADS}
    draws = draws_at_size(world.images, rows, judged, world.patients, **how)
    np.save(folder / f"auroc-{dtype}.npy", draws["auroc"])
    return {"queries": N_PROMPTS, "resamples": 0}


def _scores(folder: Path) -> dict[str, object]:
    world, (_, rows) = read_world(folder), prompts(N_PROMPTS)
    for _ in scored(world.images, rows):
        pass  # each block of scores is used up by the next
    return {"queries": N_PROMPTS, "resamples": 0, "dim": rows.shape[1]}


def _half(folder: Path) -> dict[str, object]:
    found = _values(folder, "float16")
    both = [np.load(folder / f"auroc-{dtype}.npy") for dtype in ("float32", "float16")]
    return {**found, "auroc_moved": float(np.nanmax(np.abs(both[0] - both[1])))}


def _intervals(folder: Path) -> dict[str, object]:
    world, (asked, rows) = read_world(folder), prompts(N_QUERIES)
    judged = asked_by(asked, FINDINGS, relevance(world.labels, POLICY))
    how = {"k": K, "n_resamples": N_RESAMPLES, "seed": 0, "threads": THREADS}
    table = evaluate_at_size(world.images, rows, judged, world.patients, **how)
    table.to_csv(folder / "intervals.csv", index=False)
    return {"queries": N_QUERIES, "resamples": N_RESAMPLES}


def _in_memory(folder: Path) -> dict[str, object]:
    world, (asked, rows) = read_world(folder), prompts(N_QUERIES)
    judged = asked_by(asked, FINDINGS, relevance(world.labels, POLICY))
    scores = (rows @ np.asarray(world.images).T).astype(float)
    sides = judged.wanted, judged.unwanted
    wanted, unwanted = (np.stack([spread(judged.judged[row]) for row in s]) for s in sides)
    how = {"k": K, "n_resamples": N_RESAMPLES, "seed": 0}
    table = evaluate(scores, wanted, unwanted, world.patients, **how)
    other = pd.read_csv(folder / "intervals.csv")
    ends = ["value", "low", "high"]
    gap = float((table[ends] - other[ends]).abs().max(axis=None))
    return {"queries": N_QUERIES, "resamples": N_RESAMPLES, "largest_gap": gap}


def _binned(folder: Path) -> dict[str, object]:
    world, (asked, rows) = read_world(folder), prompts(N_QUERIES)
    judged = asked_by(asked, FINDINGS, relevance(world.labels, POLICY))
    many = np.sum(judged.judged[judged.wanted] == 1, axis=1) > SHARES
    few = np.flatnonzero(many)[:N_BINNED]
    asks = judged._replace(wanted=judged.wanted[few], unwanted=judged.unwanted[few])
    how = {"k": K, "n_resamples": FEW_RESAMPLES, "seed": 0}
    ours = draws_at_size(world.images, rows[few], asks, world.patients, **how)
    scores = np.concatenate(
        [each for _, each in scored(world.images, rows[few])], dtype=float
    )
    wanted = np.stack([spread(judged.judged[row]) for row in asks.wanted])
    gaps = [
        np.abs(
            metric_draws(name, scores.astype(float), wanted, world.patients, **how) - own
        )
        for name, own in ours.items()
        if name in ("auroc", "average_precision")
    ]
    found = {"queries": len(few), "resamples": FEW_RESAMPLES}
    return {**found, "largest_gap": float(np.max(gaps))}


WAYS: dict[str, Callable[[Path], dict[str, object]]] = {
    "values": _values,
    "scores alone": _scores,
    "half precision": _half,
    "intervals": _intervals,
    "in memory": _in_memory,
    "binned": _binned,
}


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # bytes or KiB


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], Path(sys.argv[2]))))
