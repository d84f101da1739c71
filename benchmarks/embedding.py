"""Embedding throughput: ours beside two usual ways, on one model and the same files.

The usual ways, a plain loop over transformers and an evaluation harness's loader, are
written out in ``usual_ways.py``. They keep nothing, so each run does all of it again;
ours does it once ("cold") and then reads it ("cached"). The last column is how far the
rows are apart.

Two models are measured: the study's default, small, where preparing an image counts; and
random weights in the shape of a ViT-B/16 at 224 px with few layers, where the model does.

Run: ``python benchmarks/embedding.py [CHECKPOINT]``
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
import usual_ways
from PIL import Image
from stand_ins import DEFAULT, own_cache, vit_b_16
from transformers.utils.logging import disable_progress_bar

from negcxr import paths
from negcxr.data.files import FileImages
from negcxr.embed import embed_images, embed_texts
from negcxr.models import load_encoder
from negcxr.models.encoder import DualEncoder
from negcxr.text.prompts import load_prompt_set

N_IMAGES, REPEATS = 64, 2
FINDINGS = ["Cardiomegaly", "Edema", "Pneumothorax"]
LAYERS = 2  # of a ViT-B/16's twelve: a sixth of the time, the same proportions


class Films(NamedTuple):
    """Files as a data set of ours; opened and hashed anew in each run."""

    files: list[Path]

    @property
    def images(self) -> FileImages:
        """The images behind the files."""
        return FileImages(self.files)

    def __len__(self) -> int:
        """How many files there are."""
        return len(self.files)


def main() -> None:
    """Measure both models, or the one whose folder is given, and print the ratios."""
    disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder, own_cache(Path(folder)):
        films = _films(Path(folder))
        prompts = [(p.finding, p.text) for p in load_prompt_set("chest", FINDINGS)]
        checkpoints = sys.argv[1:] or [
            str(DEFAULT),
            str(vit_b_16(Path(folder) / "vit-b-16-shape", layers=LAYERS, vocabulary=598)),
        ]
        tables = [_measure(load_encoder(name), films, prompts) for name in checkpoints]
    print(f"{torch.get_num_threads()} threads; the fastest of {REPEATS} runs each")
    print(pd.concat(tables).to_string(index=False, float_format=lambda x: f"{x:.3g}"))


def _measure(
    encoder: DualEncoder, films: Films, prompts: list[tuple[str, str]]
) -> pd.DataFrame:
    texts = [text for _, text in prompts]
    ways = {
        ("images", "ours, cold"): lambda: embed_images(encoder, films),
        ("images", "ours, cached"): lambda: embed_images(encoder, films),
        ("images", "plain loop"): lambda: usual_ways.loop_images(encoder, films.files),
        ("images", "harness"): lambda: usual_ways.harness_images(encoder, films.files),
        ("texts", "ours, cold"): lambda: embed_texts(encoder, texts),
        ("texts", "ours, cached"): lambda: embed_texts(encoder, texts),
        ("texts", "plain loop"): lambda: usual_ways.loop_texts(encoder, texts),
        ("texts", "harness"): lambda: usual_ways.harness_texts(encoder, prompts),
    }
    encoder.encode_images([Image.new("L", (256, 256))])  # warm
    rows, first = [], {}
    for (things, way), run in ways.items():
        seconds, made = _fastest(run, way)
        reference = first.setdefault(things, (seconds, made))
        apart = np.abs(made - reference[1]).max()
        ratio = seconds / reference[0]
        shown = (encoder.checkpoint.name, things, way, len(made), seconds, ratio, apart)
        rows.append(shown)
    columns = ["model", "things", "way", "n", "seconds", "to_ours_cold", "apart"]
    return pd.DataFrame(rows, columns=columns)


def _fastest(run: Callable[[], np.ndarray], way: str) -> tuple[float, np.ndarray]:
    taken = []
    for _ in range(REPEATS):
        if way == "ours, cold":
            shutil.rmtree(paths.cache(), ignore_errors=True)
        start = time.perf_counter()
        made = run()
        taken.append(time.perf_counter() - start)
    return min(taken), made


def _films(folder: Path) -> Films:
    files = sorted((paths.films() / "images").glob("*.png"))[:N_IMAGES]
    if not files:
        rng = np.random.default_rng(0)
        files = [folder / f"{i}.png" for i in range(N_IMAGES)]
        for file in files:
            Image.fromarray(rng.integers(0, 256, (256, 256), dtype=np.uint8)).save(file)
    return Films(files)


if __name__ == "__main__":
    main()
