"""Every measure at size: how time and memory grow with the images, beside the usual path.

For each size, in a process of its own, since the peak of a process never falls again:

* ``values``: every measure of 2,000 prompts on all images, without intervals;
* ``intervals``: every measure of 14 findings x 3 kinds of queries with 1,000 resamples of
  the patients;
* ``in memory``: the same intervals by `negcxr.measure.retrieval`, where that is bearable;
* ``binned``: draws of few queries with many relevant images, held against whole rankings;
* ``half precision``: the values again, of rows in half the memory;
* ``scores alone``: the matrix products behind the values, and nothing else.

Run: ``OMP_NUM_THREADS=2 python benchmarks/scale.py`` prints a table up to 100,000 images;
``--full`` goes to the 377,110 of MIMIC-CXR, and ``--write`` puts the table, with machine
and date, into benchmarks/scale.csv, which the book shows, and draws scale.svg beside it.
It is written anew after every row, with how many there are to be, so a run that is
stopped keeps what it has, and the book says that it was stopped. ``--minutes`` stops it.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from scale_ways import THREADS, WAYS

from negcxr.book.growth import picture
from negcxr.provenance import device_name
from negcxr.writing import write_whole

CSV = Path(__file__).with_suffix(".csv")
CHILD = Path(__file__).with_name("scale_ways.py")
SIZES, FULL = (3_000, 30_000, 100_000), 377_110
ONLY = {  # at which sizes; each at one, to keep the whole within minutes
    "in memory": (3_000,),
    "binned": (30_000,),
    "half precision": (30_000,),
    "scores alone": (100_000,),
}


def main() -> None:
    """Measure each size in processes of its own, and print or write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="up to 377,110 images")
    parser.add_argument("--write", action="store_true", help="write benchmarks/scale.csv")
    parser.add_argument("--minutes", type=float, default=9, help="after which it stops")
    options = parser.parse_args()
    plan = _plan((*SIZES, *([FULL] if options.full else [])))
    rows: list[dict[str, object]] = []
    end = time.monotonic() + 60 * options.minutes
    run = _machine(sum(map(len, plan.values())))
    try:
        for row in _rows(plan, end):
            rows.append({**row, **run})
            print(row, flush=True)
            if options.write:
                write_whole(CSV, pd.DataFrame(rows).to_csv(index=False).encode())
    except subprocess.TimeoutExpired:
        sys.exit(f"stopped after {options.minutes} minutes: {len(rows)} of {run['rows']}")
    if options.write:
        write_whole(CSV.with_suffix(".svg"), picture(pd.DataFrame(rows)).encode())
    print(pd.DataFrame(rows).to_string(index=False))


def _plan(sizes: tuple[int, ...]) -> dict[int, list[str]]:
    """What is measured at each size."""
    return {n: [what for what in WAYS if n in ONLY.get(what, (n,))] for n in sizes}


def _rows(plan: dict[int, list[str]], end: float) -> Iterator[dict[str, object]]:
    for n_images, ways in plan.items():
        with tempfile.TemporaryDirectory() as scratch:
            _child(f"write {n_images}", scratch, end)
            for what in ways:
                row = {"images": n_images, "what": what, **_child(what, scratch, end)}
                yield {**row, "waiting": round(os.getloadavg()[0], 1)}  # of a minute


def _child(what: str, scratch: str, end: float) -> dict[str, object]:
    command = [sys.executable, str(CHILD), what, scratch]
    left = max(0, end - time.monotonic())
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=left)
    return json.loads(done.stdout)


def _machine(n_rows: int) -> dict[str, object]:
    """What all rows of one run share, the moment it began among it."""
    return {
        "threads": THREADS,
        "processor": device_name("cpu"),
        "system": f"{platform.system()} {platform.machine()}",
        "date": datetime.now(UTC).date().isoformat(),
        "run": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": n_rows,
    }


if __name__ == "__main__":
    main()
