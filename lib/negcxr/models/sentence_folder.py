"""Folders of sentence encoders, and what in them is another model than we compute.

Weights alone do not say how tokens become a row. The files of such a folder often do, so
they are asked before anything is loaded: what pools otherwise, adds a layer behind the
mean, or counts positions otherwise would give rows that look right and are not.

Limits: a folder that says nothing of its pooling is taken for one of the mean.
"""

import sys
from pathlib import Path

from negcxr.errors import InputError
from negcxr.models.checkpoint import (
    CONFIG,
    WEIGHTS,
    Checkpoint,
    Form,
    read_folder,
    read_json,
)

TOKENIZER = "tokenizer.json"
SENTENCE = Form(
    ("bert",), (((TOKENIZER,), "tokenizer"),), f"{CONFIG}, {WEIGHTS} and {TOKENIZER}"
)
MEAN = "pooling_mode_mean_tokens"


def read_sentence_folder(folder: Path) -> Checkpoint:
    """The sentence encoder in a folder; no weight is opened.

    Raises:
        InputError: A file is missing, or says something that is not computed here.
    """
    found = read_folder(folder, SENTENCE)
    _refuse_other_positions(folder / CONFIG)
    _refuse_other_pooling(folder)
    return found


def text_length(folder: Path) -> int:
    """How many tokens of a text the folder says are read; as good as no end if nothing."""
    path = folder / "sentence_bert_config.json"
    return (read_json(path).get("max_seq_length") if path.is_file() else 0) or sys.maxsize


def _refuse_other_positions(path: Path) -> None:
    values = read_json(path)
    positions = values.get("position_embedding_type", "absolute")
    if positions != "absolute" or values.get("is_decoder"):
        raise InputError(
            f"{path}: position_embedding_type {positions!r}, is_decoder "
            f"{bool(values.get('is_decoder'))}; allowed: 'absolute' and False"
        )


def _refuse_other_pooling(folder: Path) -> None:
    path = folder / "1_Pooling" / CONFIG
    modes = read_json(path) if path.is_file() else {MEAN: True}
    used = [
        mode for mode, on in modes.items() if mode.startswith("pooling_") and on is True
    ]
    if used != [MEAN]:
        raise InputError(f"{path}: {', '.join(used) or 'no mode'}; allowed: {MEAN} alone")
    behind = sorted(path.name for path in folder.glob("[0-9]*_Dense"))
    if behind:
        raise InputError(f"{folder}: {behind[0]} behind the mean; allowed: nothing")
