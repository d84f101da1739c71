"""What half precision changes of a pretraining, said before its first step.

Idea: weights of a training in half precision cannot be held against those of one in single
precision without training twice. Its first loss can: the same batch through the same
weights, once in each precision. It lies beside the weights that came of it.

Limits: how far weights lie apart after thousands of steps it does not say.
"""

import json
from collections.abc import Callable
from pathlib import Path

import torch

from negcxr.finetune.corpus import Batch
from negcxr.finetune.training import ImageTraining
from negcxr.writing import write_whole

PRECISION = "precision.json"
RELATIVE = "first_loss_relative_to_float32"
SINGLE = "float32"


def keep_precision(run: ImageTraining, first_batch: Callable[[], Batch]) -> None:
    """Write how far the first loss lies from that in float32, beside the kept state.

    Nothing is written in single precision, nor where steps have been taken: the first
    weights are gone by then.
    """
    path = run.at / PRECISION
    if run.precision == SINGLE or run.step or path.exists():
        return
    batch, own = first_batch(), run.precision
    half, single = (_loss(run, batch, precision) for precision in (own, SINGLE))
    run.precision = own
    told = {"precision": own, RELATIVE: (half - single) / single}
    write_whole(path, json.dumps(told, indent=1).encode())


def _loss(run: ImageTraining, batch: Batch, precision: str) -> float:
    run.precision = precision
    with torch.no_grad():
        return run.loss(batch).item()


def kept_precision(folder: Path) -> float | None:
    """The relative difference that lies in a checkpoint; nothing where none was written."""
    path = folder / PRECISION
    return json.loads(path.read_text())[RELATIVE] if path.is_file() else None
