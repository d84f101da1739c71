"""Folders of sentence encoders, and what in them is another model than we compute.

Weights alone do not say how tokens become a row. The files of such a folder often do, so
they are asked before anything is loaded: what pools otherwise, adds a layer behind the
mean, or counts positions otherwise would give rows that look right and are not.

Limits: a folder that says nothing of its pooling is taken for one of the mean.
"""

import sys
from pathlib import Path

from negcxr.models.bert import refuse_other_bert
from negcxr.models.checkpoint import (
    CONFIG,
    WEIGHTS,
    Checkpoint,
    Form,
    read_folder,
    read_json,
)
from negcxr.models.pooling import says_mean

TOKENIZER = "tokenizer.json"
SENTENCE = Form(
    ("bert",), (((TOKENIZER,), "tokenizer"),), f"{CONFIG}, {WEIGHTS} and {TOKENIZER}"
)


def read_sentence_folder(folder: Path) -> Checkpoint:
    """The sentence encoder in a folder; no weight is opened.

    Raises:
        InputError: A file is missing, or says something that is not computed here.
    """
    found = read_folder(folder, SENTENCE)
    refuse_other_bert(read_json(folder / CONFIG), folder / CONFIG)
    says_mean(folder)  # whoever says nothing is taken for one of the mean
    return found


def text_length(folder: Path) -> int:
    """How many tokens of a text the folder says are read; as good as no end if nothing."""
    path = folder / "sentence_bert_config.json"
    return (read_json(path).get("max_seq_length") if path.is_file() else 0) or sys.maxsize
