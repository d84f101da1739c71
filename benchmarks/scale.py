"""Every measure at size: how time and memory grow with the images, beside the usual path.

For each size, in a process of its own, since the peak of a process never falls again:

* ``values``: every measure of 2,000 prompts on all images, without intervals;
* ``intervals``: every measure of 14 findings x 3 kinds of queries with 1,000 resamples of
  the patients;
* ``in memory``: the same intervals by `negcxr.measure.retrieval`, where that is bearable;
* ``half precision``: the values again, of rows in half the memory;
* ``scores alone``: the matrix products behind the values, and nothing else.

Run: ``OMP_NUM_THREADS=2 python benchmarks/scale.py`` prints a table up to 100,000 images;
``--full`` goes to the 377,110 of MIMIC-CXR, and ``--write`` puts the table, with machine
and date, into benchmarks/scale.csv, which the book shows, and draws scale.svg beside it.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from worlds import FINDINGS, prompts, read_world, write_world

from negcxr.book.growth import picture
from negcxr.chapters.at_size import asked_by
from negcxr.data.labels import relevance
from negcxr.measure.asked import spread
from negcxr.measure.at_size import draws_at_size, evaluate_at_size
from negcxr.measure.retrieval import evaluate
from negcxr.measure.streaming import scored
from negcxr.provenance import device_name

CSV = Path(__file__).with_suffix(".csv")
SIZES, FULL = (3_000, 10_000, 30_000, 100_000), 377_110
IN_MEMORY, HALF = (3_000, 10_000), (100_000,)  # sizes; the usual path is slow beyond
N_PROMPTS, N_QUERIES, N_RESAMPLES, K = 2_000, 42, 1_000, 10
POLICY = "blank-absent"
THREADS = int(os.environ.get("OMP_NUM_THREADS") or len(os.sched_getaffinity(0)))


def main() -> None:
    """Measure each size in processes of its own, and print or write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="up to 377,110 images")
    parser.add_argument("--write", action="store_true", help="write benchmarks/scale.csv")
    parser.add_argument("--child", nargs=2, help="for the other processes: what, folder")
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_measured(options.child[0], Path(options.child[1]))))
        return
    rows = []
    for n_images in (*SIZES, *([FULL] if options.full else [])):
        for row in _of_size(n_images):
            print(row, flush=True)
            rows.append(row)
    table = pd.DataFrame(rows).assign(**_machine())
    if options.write:
        table.to_csv(CSV, index=False)
        CSV.with_suffix(".svg").write_text(picture(table))
    print(table.to_string(index=False))


def _of_size(n_images: int) -> Iterator[dict[str, object]]:
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, __file__, "--child", f"write {n_images}", scratch]
        subprocess.run(command, check=True, capture_output=True)
        for what in WAYS:
            if n_images in ONLY.get(what, (n_images,)):
                command = [sys.executable, __file__, "--child", what, scratch]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                yield {"images": n_images, "what": what, **json.loads(done.stdout)}


def _measured(what: str, folder: Path) -> dict[str, object]:
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


WAYS: dict[str, Callable[[Path], dict[str, object]]] = {
    "values": _values,
    "scores alone": _scores,
    "half precision": _half,
    "intervals": _intervals,
    "in memory": _in_memory,
}


ONLY = {"scores alone": HALF, "half precision": HALF, "in memory": IN_MEMORY}


def _machine() -> dict[str, object]:
    load = os.getloadavg()[2]
    return {
        "threads": THREADS,
        "processor": device_name("cpu"),
        "system": f"{platform.system()} {platform.machine()}",
        "waiting": round(load, 1),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # bytes or KiB


if __name__ == "__main__":
    main()
