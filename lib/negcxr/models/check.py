"""One look at a checkpoint: what it is, what it hears, and what will work on it.

A checkpoint that loads is not yet one to be measured. So before hours are spent it is
loaded once, asked a few sentences and pictures, held against what is known of its name and
against its own text tower written out, and all of it is told together.

Limits: a few sentences; whether it is any good is what the chapters are for.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import psutil
import torch
from safetensors import safe_open

from negcxr.models import load_encoder
from negcxr.models.catalogue import Entry, entry_of
from negcxr.models.check_numbers import Numbers, faults, numbers
from negcxr.models.check_text import Hearing, Reading, hearing, readings
from negcxr.models.check_works import Work, works
from negcxr.models.checkpoint import CONFIG, Checkpoint, read_json
from negcxr.models.cost import Cost, Tower, estimate
from negcxr.models.encoder import DualEncoder
from negcxr.models.expected import differences
from negcxr.models.ledger import Exposure, exposure, ledger


class Part(NamedTuple):
    """One of the two towers, as its config and weights have it."""

    layers: int
    heads: int
    width: int
    parameters: int


class Sizes(NamedTuple):
    """How large a checkpoint is.

    Attributes:
        image: The image tower.
        text: The text tower.
        image_size: Pixels of a side.
        text_length: Tokens that are read.
        dim: The length of a row.
        scale: What a cosine is multiplied by.
        bias: What is added to it.
        precisions: Of the numbers in the files, such as ``F16``.
        bytes: Of the files of weights.
    """

    image: Part
    text: Part
    image_size: int
    text_length: int
    dim: int
    scale: float
    bias: float
    precisions: tuple[str, ...]
    bytes: int


class Known(NamedTuple):
    """What is known of a checkpoint's name.

    Attributes:
        entry: Of the catalogue; None where it has no such name.
        differences: Between the entry and the config, a line each.
        exposures: What the ledger says, by data set.
    """

    entry: Entry | None
    differences: list[str]
    exposures: dict[str, Exposure]


class Check(NamedTuple):
    """All that was found.

    Attributes:
        checkpoint: What was loaded.
        sizes: How large it is.
        known: What its name says.
        readings: What is read of a few sentences.
        hearing: What of a denial reaches the model.
        numbers: What it computes.
        faults: Why no number of it is to be believed; none where all is well.
        works: What becomes of each chapter.
        cost: Of a run, estimated.
        peak: Bytes of memory that this took at the most, the libraries included.
    """

    checkpoint: Checkpoint
    sizes: Sizes
    known: Known
    readings: tuple[Reading, ...]
    hearing: Hearing
    numbers: Numbers
    faults: list[str]
    works: list[Work]
    cost: Cost
    peak: int


def check(name: str, *, device: str = "cpu", dtype: str = "float32") -> Check:
    """Look at a checkpoint.

    Raises:
        InputError: It cannot be loaded, or a sentence or picture cannot be embedded.
    """
    encoder = load_encoder(name, device=device, dtype=dtype)
    image, text = _towers(encoder)
    heard, computed = hearing(encoder), numbers(encoder)
    return Check(
        checkpoint=encoder.checkpoint,
        sizes=_sizes(encoder),
        known=_known(name, encoder.checkpoint),
        readings=readings(encoder),
        hearing=heard,
        numbers=computed,
        faults=faults(computed, encoder.dtype),
        works=works(encoder, heard, text),
        cost=estimate(image, text),
        peak=_peak(encoder),
    )


def _known(name: str, checkpoint: Checkpoint) -> Known:
    entry = entry_of(checkpoint.name)
    config = read_json(checkpoint.folder / CONFIG)
    told = {data: exposure(name, data) for data in ledger().data_sets}
    return Known(entry, differences(entry, config) if entry else [], told)


def _sizes(encoder: DualEncoder) -> Sizes:
    vision, text = (_part(encoder, side) for side in ("vision", "text"))
    files = sorted(encoder.checkpoint.folder.glob("model*.safetensors"))
    return Sizes(
        *(vision, text, encoder.model.config.vision_config.image_size),
        *(encoder.text_length, encoder.dim, encoder.scale, encoder.bias),
        tuple(sorted({kind for file in files for kind in _precisions(file)})),
        sum(file.stat().st_size for file in files),
    )


def _part(encoder: DualEncoder, side: str) -> Part:
    config = getattr(encoder.model.config, f"{side}_config")
    model = getattr(encoder.model, f"{side}_model")
    return Part(
        config.num_hidden_layers,
        config.num_attention_heads,
        config.hidden_size,
        sum(weights.numel() for weights in model.parameters()),
    )


def _precisions(file: Path) -> set[str]:
    with safe_open(file, framework="numpy") as weights:
        return {str(weights.get_slice(name).get_dtype()) for name in weights.keys()}


def _towers(encoder: DualEncoder) -> tuple[Tower, Tower]:
    """The towers as `negcxr.models.cost` counts them."""
    vision, text = (
        getattr(encoder.model.config, f"{s}_config") for s in ("vision", "text")
    )
    patches = (vision.image_size // vision.patch_size) ** 2
    table = text.vocab_size * text.hidden_size
    return (
        Tower(vision.num_hidden_layers, vision.hidden_size, patches),
        Tower(text.num_hidden_layers, text.hidden_size, encoder.text_length, table),
    )


def _peak(encoder: DualEncoder) -> int:
    if encoder.device.type == "cuda":
        return torch.cuda.max_memory_allocated(encoder.device)
    try:
        import resource  # no part of Python on Windows
    except ImportError:
        return int(psutil.Process().memory_info().peak_wset)  # of Windows alone
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found if sys.platform == "darwin" else found * 1024  # Linux counts kibibytes
