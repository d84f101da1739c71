"""An index of neighbours beside the whole product: what it costs, saves and misses.

The first 100 images of each query, on one thread, by:

* ``exact, together``: a product of all queries (`negcxr.measure.streaming`) and its top;
* ``exact, one by one``: a product for each query, as where somebody waits for an answer;
* ``IVF``, one by one: of 2 sqrt(n) cells, a query looks into the ``nprobe`` nearest;
* ``HNSW``, one by one: a graph of 32 links an image; ``efSearch`` candidates are kept.

Recall is the share of the first 10 or 100 of the product that an index finds. Precision
and contradiction are of the first 10 judged images among the 100 found, for the queries
that have 10 there; how far they move is the mean over queries of the absolute difference
from the product's. Times are work, processor time, which other processes disturb least.

The images are phantoms, embedded by the study's default checkpoint and asked for by the
chapters' prompts, and those of ``worlds``, the worst case: rows with hardly a structure.

Run: ``python benchmarks/neighbours.py`` goes up to 100,000 images; ``--full`` goes on to
377,110, and ``--write`` puts the table into benchmarks/neighbours.csv, anew after each
gallery, which the book shows. It needs faiss, which the lock has not; without, it says
how to get it. The first run renders and embeds phantoms, which takes minutes.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from neighbours_ways import THREADS, VERSION, Gallery, measured
from scale_ways import POLICY
from threadpoolctl import threadpool_limits
from worlds import FINDINGS, prompts, read_world, write_world

from negcxr import paths
from negcxr.chapters.at_size import asked_by
from negcxr.data.labels import relevance
from negcxr.data.registry import load_dataset
from negcxr.embed import embed_images, embed_texts
from negcxr.models import load_encoder
from negcxr.provenance import device_name
from negcxr.text.prompts import load_prompt_set
from negcxr.writing import write_whole

CSV = Path(__file__).with_suffix(".csv")
N_PHANTOMS, SIZES, FULL = 8_000, (100_000,), 377_110
N_QUERIES = 420  # of the made-up world: ten wordings of 42
POLARITIES = ("affirmed", "denied", "composite")  # of the phantoms' prompts, as made up


def main() -> None:
    """Measure each gallery, and print or write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="up to 377,110 images")
    parser.add_argument("--write", action="store_true", help="write neighbours.csv")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    run = _machine()
    for gallery in _galleries((*SIZES, *([FULL] if options.full else []))):
        with threadpool_limits(THREADS):
            for row in measured(gallery):
                waiting = {"waiting": round(os.getloadavg()[0], 1)}
                rows.append({**_of(gallery), **row, **waiting, **run})
                print(rows[-1], flush=True)
        if options.write:
            text = pd.DataFrame(rows).to_csv(index=False, float_format="%.5g")
            write_whole(CSV, text.encode())
    print(pd.DataFrame(rows).to_string(index=False))


def _galleries(sizes: tuple[int, ...]) -> Iterator[Gallery]:
    yield _phantoms()
    for n_images in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            write_world(Path(scratch), n_images)
            world, (asked, queries) = read_world(Path(scratch)), prompts(N_QUERIES)
            judged = asked_by(asked, FINDINGS, relevance(world.labels, POLICY))
            yield Gallery("made-up images", np.array(world.images), queries, judged)


def _phantoms() -> Gallery:
    """Rows of phantoms and of prompts, which the cache keeps."""
    images = load_dataset("phantoms", n_images=N_PHANTOMS)
    encoder = load_encoder(str(paths.CHECKPOINTS / "phantom-web"))
    every = load_prompt_set("chest", images.findings)
    asked = [prompt for prompt in every if prompt.polarity in POLARITIES]
    judged = asked_by(asked, images.findings, images.relevance(""), sides=images.sides)
    queries = embed_texts(encoder, [prompt.text for prompt in asked])
    return Gallery("phantoms", np.array(embed_images(encoder, images)), queries, judged)


def _of(gallery: Gallery) -> dict[str, object]:
    n_images, dim = gallery.images.shape
    named = {"gallery": gallery.name, "images": n_images, "dim": dim}
    return {**named, "queries": len(gallery.queries)}


def _machine() -> dict[str, object]:
    """What all rows of one run share, the moment it began among it."""
    now = datetime.now(UTC)
    return {
        "threads": THREADS,
        "processor": device_name("cpu"),
        "faiss": VERSION,
        "date": now.date().isoformat(),
        "run": now.isoformat(timespec="seconds"),
    }


if __name__ == "__main__":
    main()
