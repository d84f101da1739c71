"""A step of fine-tuning: ours beside a plain loop, on one model and the same batches.

The plain loop, written out in ``usual_ways.py``, is how CoN-CLIP is trained: images and
distractors go through the frozen tower in each step, captions and oppositions through the
other one apart, each padded in full. Its batches are drawn and its pixels prepared before
the clock runs, as if loaders cost nothing; ours draws its batches while it runs.

Ways take turns, step by step, so that whatever else the machine does slows both. The
losses before each step are compared: both start at the same weights, and take the same
steps. "once" is what ours spends before the first step: images drawn, and their rows.

Two models are measured: random weights in the shape of CLIP's ViT-B/16, whole, and the
study's default.

Run: ``python benchmarks/finetuning.py``
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import usual_ways
from stand_ins import DEFAULT, own_cache, vit_b_16
from transformers.utils.logging import disable_progress_bar

from negcxr.finetune.batches import Batch
from negcxr.finetune.methods import Method
from negcxr.finetune.sources import Sources, TrainingData, gather
from negcxr.finetune.tuning import Tuning
from negcxr.models import load_encoder
from negcxr.models.encoder import DualEncoder

# A fifth of the images is set aside. Rows are cached for all; a step sees its pairs alone.
SIZES = {
    "vit-b-16-shape": {"n_images": 160, "batch": 32, "steps": 3},
    "phantom-web": {"n_images": 1000, "batch": 64, "steps": 12},
}
VOCABULARY = 49_408  # of CLIP; every row of it is stepped


def main() -> None:
    """Measure both models and print the ratios."""
    disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder, own_cache(Path(folder)):
        wide = Path(folder) / "vit-b-16-shape"
        vit_b_16(wide, layers=12, vocabulary=VOCABULARY)
        table = pd.concat([_measure(checkpoint) for checkpoint in (wide, DEFAULT)])
    print(f"{torch.get_num_threads()} threads; median seconds of a step")
    print(table.to_string(index=False, float_format=lambda x: f"{x:.3g}"))


def _measure(checkpoint: Path) -> pd.DataFrame:
    sizes = dict(SIZES[checkpoint.name])
    data = TrainingData("phantoms", n_images=sizes.pop("n_images"))
    method = Method(name="con2", about="CoN-CLIP", terms={"con2": 1}, **sizes)
    encoder = load_encoder(str(checkpoint))
    start = time.perf_counter()
    sources = gather(encoder, data, method)
    once = time.perf_counter() - start
    ways = {
        "ours": _ours(Tuning(method, encoder, sources, at=Path(), seed=0)),
        "plain loop": _theirs(load_encoder(str(checkpoint)), sources, method),
    }
    seconds, losses = _in_turn(ways, method.steps)
    return pd.DataFrame(
        {
            "model": checkpoint.name,
            "way": list(ways),
            "pairs": method.batch,
            "steps": method.steps,
            "once": [once, 0.0],
            "step": (medians := np.median(seconds, axis=1)),
            "to_ours": medians / medians[0],
            "apart": np.abs(losses - losses[0]).max(axis=1),
        }
    )


def _in_turn(ways: dict[str, Iterator[float]], steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Seconds and loss of each step of each way."""
    seconds, losses = np.empty((2, len(ways), steps))
    for step in range(steps):
        for way, taken in enumerate(ways.values()):
            start = time.perf_counter()
            losses[way, step] = next(taken)
            seconds[way, step] = time.perf_counter() - start
    return seconds, losses


def _ours(run: Tuning) -> Iterator[float]:
    while True:
        yield run.take_step(run.batch(run.step))


def _theirs(encoder: DualEncoder, sources: Sources, method: Method) -> Iterator[float]:
    drawn = Tuning(method, encoder, sources, at=Path(), seed=0)
    batches = [drawn.batch(step) for step in range(method.steps)]
    pixels = _pixels(encoder, sources, batches)
    return usual_ways.loop_finetune(encoder, batches, pixels, method)


def _pixels(
    encoder: DualEncoder, sources: Sources, batches: list[Batch]
) -> dict[int, torch.Tensor]:
    """Every image of the batches, prepared."""
    places = sorted(
        {int(i) for batch in batches for i in [*batch.images, *batch.distractors]}
    )
    opened = [sources.images.open(place) for place in places]
    return dict(zip(places, encoder.preprocess(opened), strict=True))


if __name__ == "__main__":
    main()
