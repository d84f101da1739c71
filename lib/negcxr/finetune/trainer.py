"""Fine-tuning: from a checkpoint, a method and labelled images to a checkpoint.

The text tower is trained and the images stand still, as in CoN-CLIP, so their rows come
from the cache. The distinct sentences of a batch are read once, without the padding that
changes nothing. Wordings of training, on images of patients that training never sees,
decide when to stop and which weights are kept.

Limits: with both towers trained, images are read in every step, and nothing is cached.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from negcxr.data import reports
from negcxr.errors import InputError
from negcxr.finetune.adapt import close_weights, layer_weights
from negcxr.finetune.batches import Batch
from negcxr.finetune.interpolate import interpolated
from negcxr.finetune.methods import Method
from negcxr.finetune.objectives import Rows
from negcxr.finetune.sources import Sources, TrainingData, gather
from negcxr.finetune.statements import wordings
from negcxr.finetune.tuned_card import card_text
from negcxr.finetune.tuning import Tuning
from negcxr.models import load_encoder
from negcxr.models.checkpoint import POOLING, read_json
from negcxr.models.device import usable
from negcxr.models.encoder import DualEncoder
from negcxr.models.lineage import data_of, record_of
from negcxr.runs import write_whole

__all__ = ["MadeOtherwise", "TrainingData", "finetune", "finetune_anew", "small_batch"]

PRECISIONS = ("float32", "bfloat16")
FORM = 1  # raise it when a change of the code gives other weights
RECORD = "method.json"
WORDS = {"labels": (), "reports": (reports.FILE,)}  # of captions, beside those of training
READERS = (".json", ".txt", ".model")  # files of tokenizer and image processor
OWN = {  # what tells of the base's weights and their making
    *("config.json", "model.safetensors.index.json"),
    *("recipe.json", "training.json", RECORD),
}


class MadeOtherwise(InputError):
    """A folder holds a checkpoint of ours that something else decided."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(
            f"{folder / RECORD} is of another {what}; finish it as it was begun, or remove "
            f"{folder}"
        )
        self.folder = folder


def finetune(
    method: Method,
    checkpoint: str,
    out: Path,
    *,
    data: TrainingData,
    seed: int,
    steps: int = 0,
    lr: float = 0.0,
    device: str = "cpu",
    dtype: str = "float32",
) -> Path:
    """Fine-tune a checkpoint into ``out``, or go on with an unfinished one.

    Args:
        checkpoint: A folder, or a hub's id with its revision.
        seed: Draws the batches, and first weights where a method adds any.
        steps, lr: In place of the method's own; 0 keeps those.
        dtype: Of the forward pass; weights are single precision throughout.

    Returns:
        ``out``, a checkpoint that every notebook and plain ``transformers`` can load.

    Raises:
        InputError: ``out`` holds something else, or checkpoint or data cannot be used.
        FloatingPointError: The loss is no number or has exploded; the last good state is
            kept.
    """
    for name, value in (("steps", steps), ("lr", lr)):
        if value < 0:
            raise InputError(f"{name} is {value}; allowed: 0 for the method's own, or more")
        method = method.model_copy(update={name: value}) if value else method
    if dtype not in PRECISIONS:  # float16 has no room for small gradients
        raise InputError(f"dtype is {dtype}; to train, allowed: {', '.join(PRECISIONS)}")
    usable(device, dtype)  # refused before anything is loaded
    encoder = load_encoder(checkpoint, device=device)
    order = _order(method, encoder, data) | {"seed": seed, "dtype": dtype}
    out = Path(os.path.abspath(out))
    partly = out.with_name(out.name + ".partial")
    if out.exists():
        _refuse_other(out, order)
        if (partly / RECORD).is_file():  # left by a kill just before the end
            _remove(partly)
        tqdm.write(f"{out} is finished; nothing to do")
        return out
    _claim(partly, order)
    sources = gather(encoder, data, method)
    run = Tuning(method, encoder, sources, at=partly, seed=seed, dtype=dtype)
    run.begin()
    run.train(run.batch)
    _finish(run, checkpoint, out)
    return out


def finetune_anew(
    method: Method, checkpoint: str, out: Path, *, data: TrainingData, seed: int, **how: Any
) -> Path:
    """As ``finetune``, but a checkpoint in ``out`` that was made otherwise is replaced.

    For the folder of a run, where a checkpoint is out of date when its making changed.
    """
    try:
        return finetune(method, checkpoint, out, data=data, seed=seed, **how)
    except MadeOtherwise as stale:
        tqdm.write(f"{stale.folder} was made otherwise and is made anew")
        _remove(stale.folder)
        return finetune_anew(method, checkpoint, out, data=data, seed=seed, **how)


def _remove(folder: Path) -> None:
    """Remove a folder so that one which is killed leaves nothing under its name."""
    gone = folder.with_name(f".{folder.name}.gone")
    shutil.rmtree(gone, ignore_errors=True)
    folder.rename(gone)
    shutil.rmtree(gone)


def small_batch(
    method: Method, encoder: DualEncoder, sources: Sources, *, seed: int, pairs: int = 6
) -> tuple[Rows, Batch]:
    """A few pairs as a method gets them, and their rows, through which gradients flow.

    The encoder's weights are opened for the method, as its training does.
    """
    few = method.model_copy(update={"batch": pairs})
    run = Tuning(few, encoder, sources, at=Path(), seed=seed)
    batch = run.batch(0)
    return run.rows(batch), batch


def _order(method: Method, encoder: DualEncoder, data: TrainingData) -> dict[str, object]:
    """What decides the weights, beside seed and precision, as it stands in the folder."""
    base = encoder.checkpoint
    return {
        "method": method.model_dump(exclude={"about", "source"}),
        "layers": layer_weights(method.layers, len(encoder.text_layers())),
        "base": {
            **{"name": base.name, "fingerprint": base.fingerprint},
            **record_of(base.folder),
        },
        "data": data._asdict() | data_of(data.dataset, data.root),
        "words": wordings(*WORDS[method.text]),
        "form": FORM,
    }


def _claim(partly: Path, order: dict[str, object]) -> None:
    """Begin a folder, or make sure that what was begun in it is the same."""
    if partly.exists() and any(partly.glob("[!.]*")):  # hidden: a record half written
        _refuse_other(partly, order)
    write_whole(partly / RECORD, (json.dumps(order, indent=1) + "\n").encode())


def _refuse_other(folder: Path, order: dict[str, object]) -> None:
    path = folder / RECORD
    if not path.is_file():
        raise InputError(f"{folder} holds no {RECORD} of ours; name another folder")
    known = read_json(path)
    for name, asked in order.items():
        if known.get(name) != asked:
            raise MadeOtherwise(folder, name)


def _finish(run: Tuning, checkpoint: str, out: Path) -> None:
    """Lay the checkpoint beside its place, whole, then move it there."""
    run.take_best()
    tuned, method = run.encoder, run.method
    close_weights(tuned, method)
    if method.share < 1:
        tuned = interpolated(load_encoder(checkpoint), tuned, method.share)
    ready = run.at / "checkpoint"
    tuned.model.save_pretrained(ready)
    for path in tuned.checkpoint.folder.iterdir():
        if path.suffix in READERS and path.name not in OWN:
            shutil.copy(path, ready / path.name)
    if (pooling := tuned.checkpoint.folder / POOLING).is_file():
        (ready / POOLING).parent.mkdir()
        shutil.copy(pooling, ready / POOLING)
    pd.DataFrame(run.log).to_parquet(ready / "training.parquet", index=False)
    shutil.copy(run.at / RECORD, ready / RECORD)
    (ready / "README.md").write_text(card_text(run, tuned, out.name), encoding="utf-8")
    ready.rename(out)
    _remove(run.at)
