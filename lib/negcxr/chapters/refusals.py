"""What goes wrong on a first afternoon: each fault made on purpose, and what is then said.

A table of messages that somebody typed is soon out of date. So each fault is made here,
in a copy of a folder that works, and the message that stands beside it is the one that
the library gives.

Limits: the commonest faults, one at a time; what the hub says needs a network, and is on
the page on running it yourself.
"""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from PIL import Image
from safetensors.numpy import load_file, save_file

from negcxr.data.registry import load_dataset
from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.checkpoint import CONFIG, WEIGHTS

PROCESSOR = "preprocessor_config.json"
MANIFEST = "image,patient,split,Edema\n0.png,p0,train,1\n1.png,p1,test,0\n"


class Fault(NamedTuple):
    """One thing that goes wrong.

    Attributes:
        cause: What is wrong, in words.
        mend: What to do.
        make: Makes it, in a folder that works.
    """

    cause: str
    mend: str
    make: Callable[[Path], None]


def _set(name: str, key: str, value: object) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        values = json.loads((folder / name).read_text("utf-8")) | {key: value}
        (folder / name).write_text(json.dumps(values), "utf-8")

    return make


def _pickled(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder / "pytorch_model.bin")


def _without_a_weight(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    weights.pop(sorted(weights)[-1])
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})


def _without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _manifest(before: str, after: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        path = folder / "manifest.csv"
        path.write_text(path.read_text("utf-8").replace(before, after, 1), "utf-8")

    return make


CHECKPOINTS = (
    Fault(
        "the folder is one too high, or the download broke off",
        "name the folder that holds config.json; an interrupted download goes on",
        _without(CONFIG),
    ),
    Fault(
        "the weights are a pickle, which may run code when it is opened",
        "on a machine that you can spare, load it by transformers and save it again with "
        "safe_serialization=True",
        _pickled,
    ),
    Fault(
        "the tokenizer was not saved with the weights",
        "copy its files from the checkpoint that training began with",
        _without("spiece.model"),
    ),
    Fault(
        "another architecture",
        "a family of its own is one module; CONTRIBUTING.md says how",
        _set(CONFIG, "model_type", "blip"),
    ),
    Fault(
        "weights were saved in part",
        "save the whole model; an adapter must be merged into the weights first",
        _without_a_weight,
    ),
    Fault(
        "the image processor is another checkpoint's",
        "take the preprocessor_config.json that came with the weights",
        _set(PROCESSOR, "size", {"height": 64, "width": 64}),
    ),
)
DATA = (
    Fault(
        "a label is none of the four values",
        "write 1, 0, -1, or leave it blank; a probability needs a threshold of your own",
        _manifest("p1,test,0", "p1,test,2"),
    ),
    Fault(
        "one patient stands in two splits",
        "split by patient; what a model saw of a patient is no test on the same one",
        _manifest("p1,test", "p0,test"),
    ),
    Fault(
        "a file is missing, or has another name",
        "negcxr data check lists every one of them at once",
        _without("1.png"),
    ),
    Fault(
        "a column that everybody needs is missing",
        "name the columns as the page on running it yourself has them",
        _manifest("patient", "subject"),
    ),
)


def refusal_table(folder: Path) -> pd.DataFrame:
    """What the library says of each fault, as it is now, and what to do.

    Args:
        folder: A checkpoint that works; faults are made in copies of it.

    Returns:
        said, cause, what to do.
    """
    rows = [_row(fault, folder, _load) for fault in CHECKPOINTS]
    with tempfile.TemporaryDirectory() as scratch:
        images = _images(Path(scratch, "images"))
        rows += [_row(fault, images, _read) for fault in DATA]
    return pd.DataFrame(rows, columns=["said", "cause", "what to do"])


def _images(folder: Path) -> Path:
    """Two images with a manifest."""
    folder.mkdir()
    (folder / "manifest.csv").write_text(MANIFEST, "utf-8")
    for row in range(2):
        Image.new("L", (8, 8), 100 * row).save(folder / f"{row}.png")
    return folder


def _load(folder: Path) -> None:
    load_encoder(str(folder))


def _read(folder: Path) -> None:
    load_dataset("folder", root=str(folder), split="all")


def _row(fault: Fault, folder: Path, use: Callable[[Path], None]) -> tuple[str, str, str]:
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, folder.name)
        shutil.copytree(folder, copy)
        fault.make(copy)
        said = _said(use, copy)
    return said.replace(f"{scratch}/", "").replace(scratch, ""), fault.cause, fault.mend


def _said(use: Callable[[Path], None], folder: Path) -> str:
    try:
        use(folder)
    except InputError as error:
        return str(error)
    return "nothing: it is taken as it is"
