"""A sweep of all heads: ours beside a plain loop, on one model and the same prompts.

The plain loop is how heads are mostly ablated: a hook on one layer, and the whole model
run again, on rows padded in full, for each head and each way of taking it away. Ours
computes what lies below a layer once, takes all its heads away side by side, and leaves
out padding where no token sees it. Both make the same rows; "apart" is how far those of
one head differ at most.

The model has random weights in the shape of CLIP ViT-B's text tower. The plain loop is
timed on one head of each layer, since it takes as long for any, or on all of them with
``all`` as an argument; then ours is also timed with its padding kept, as in a tower in
which every token sees every other one (SigLIP). "moved" is how far taking heads away
moves the rows at most, beside which being apart is to be seen.

Memory is the peak of a process of its own that does nothing but the sweep.

Run: ``python benchmarks/heads.py [all]``
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from plain_heads import plain_loop
from stand_ins import own_cache, vit_b_text
from transformers.utils.logging import disable_progress_bar

from negcxr.models import load_encoder
from negcxr.models.dual_tower import DualTower
from negcxr.models.encoder import DualEncoder
from negcxr.probe.heads import all_heads, head_sweep
from negcxr.probe.replacements import KINDS
from negcxr.text.prompts import load_prompt_set

N_PROMPTS, MANY_PROMPTS = 16, 200
LEAST_RATIO, MOST_APART, MOST_GIB = 6.0, 1e-5, 3.0
FINDINGS = ["Cardiomegaly", "Edema", "Pleural Effusion", "Pneumothorax", "Consolidation"]


def main() -> None:
    """Time both, print the table, and fail where a bound is missed."""
    if len(sys.argv) > 3:  # in a process of its own
        print(json.dumps(_memory(Path(sys.argv[2]), int(sys.argv[3]))))
        return
    disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder, own_cache(Path(folder)):
        checkpoint = vit_b_text(Path(folder) / "vit-b-text-shape")
        peaks = {n: _in_own_process(checkpoint, n) for n in (N_PROMPTS, MANY_PROMPTS)}
        table = _measure(load_encoder(str(checkpoint)), 8 if "all" in sys.argv else 1)
    print(f"{torch.get_num_threads()} threads; {N_PROMPTS} prompts, {len(KINDS)} kinds")
    print(table.to_string(index=False, float_format=lambda x: f"{x:.3g}"))
    for n, (seconds, peak) in peaks.items():
        print(f"ours, {n} prompts: {seconds:.1f} s, peak memory {peak:.2f} GiB")
    _refuse(table, max(peak for _, peak in peaks.values()))


def _refuse(table: pd.DataFrame, peak: float) -> None:
    """End with an error where a bound is missed."""
    plain = table.iloc[1]
    missed = []
    if plain["to_ours"] < LEAST_RATIO:
        missed.append(f"the plain loop takes {plain['to_ours']:.2f} times as long, not 6")
    if not plain["apart"] <= MOST_APART:
        missed.append(f"rows are {plain['apart']:.1e} apart, more than {MOST_APART:.0e}")
    if peak > MOST_GIB:
        missed.append(f"peak memory is {peak:.2f} GiB, more than {MOST_GIB:g}")
    if missed:
        sys.exit("missed: " + "; ".join(missed))


def _measure(encoder: DualEncoder, heads_a_layer: int) -> pd.DataFrame:
    tower, texts = DualTower(encoder), _prompts(N_PROMPTS)
    intact = tower.encode_texts(texts)  # which warms
    every = all_heads(tower)
    some = [head for head in every if head[1] < heads_a_layer]
    ours, seconds = _timed(lambda: _ours(tower, texts))
    rows = [("ours", len(every), seconds, 0.0, np.abs(ours - intact).max())]
    plain, seconds = _timed(lambda: list(plain_loop(tower, texts, some)))
    apart = max(np.abs(r - ours[KINDS.index(kind), *head]).max() for head, kind, r in plain)
    moved = max(np.abs(r - intact).max() for *_, r in plain)
    rows.append(("plain loop", len(some), seconds, apart, moved))
    if len(some) == len(every):
        _keep_padding(encoder)
        padded, seconds = _timed(lambda: _ours(tower, texts))
        apart, moved = (np.abs(padded - other).max() for other in (ours, intact))
        rows.append(("ours, padding kept", len(every), seconds, apart, moved))
    table = pd.DataFrame(rows, columns=["way", "heads", "seconds", "apart", "moved"])
    table["ms_a_head"] = 1000 * table["seconds"] / table["heads"] / len(KINDS)
    table["to_ours"] = table["ms_a_head"] / table["ms_a_head"][0]
    return table


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    made = run()
    return made, time.perf_counter() - start


def _ours(tower: DualTower, texts: list[str]) -> np.ndarray:
    """Rows by kind, layer, head and text."""
    return np.stack(list(head_sweep(tower, texts)), axis=1)


def _keep_padding(encoder: DualEncoder) -> None:
    whole = encoder.text_length
    encoder.stacked = lambda tokens: torch.tensor(
        [[*ids, *[ids[-1]] * (whole - len(ids))] for ids in tokens]
    )


def _prompts(n: int) -> list[str]:
    """The longest prompts of the study's set: they gain least from leaving padding out."""
    texts = {prompt.text for prompt in load_prompt_set("chest", FINDINGS)}
    return sorted(texts, key=lambda text: (-len(text.split()), text))[:n]


def _in_own_process(checkpoint: Path, n: int) -> tuple[float, float]:
    command = [sys.executable, __file__, "memory", str(checkpoint), str(n)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return tuple(json.loads(done.stdout.splitlines()[-1]))


def _memory(checkpoint: Path, n: int) -> tuple[float, float]:
    """Seconds and GiB of a sweep whose rows are all kept."""
    disable_progress_bar()
    tower = DualTower(load_encoder(str(checkpoint)))
    _, seconds = _timed(lambda: _ours(tower, _prompts(n)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return seconds, peak / (2**30 if sys.platform == "darwin" else 2**20)


if __name__ == "__main__":
    main()
