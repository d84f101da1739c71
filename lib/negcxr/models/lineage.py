"""What the record beside weights says of their making, where they were trained here.

Fine-tuning leaves ``method.json``, pretraining ``recipe.json``. Both train on one split
of one data set; fine-tuning begins with a base, whose own record it carries on.

Limits: whoever edits a record is believed; and a base that was trained elsewhere is known
by its name alone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from negcxr.data.about import called
from negcxr.errors import InputError
from negcxr.models.checkpoint import read_json

METHOD, RECIPE = "method.json", "recipe.json"
SPLIT = "train"  # what is trained on, whatever the data set
ENCODERS = {"minilm": "sentence-transformers/all-MiniLM-L6-v2"}  # a recipe's word for them


class Made(NamedTuple):
    """One training.

    Attributes:
        base: The name of the checkpoint that it began with; empty for random weights.
        dataset: What it trained on, as a run names it.
        root: The last part of the data set's folder.
        split: The part that it trained on.
        source: Where this stands, in words.
        before: The training that made its base, where that is recorded too.
        known: What the ledger calls the images, where they lie in a folder whose owner
            says it; else empty.
    """

    base: str
    dataset: str
    root: str
    split: str
    source: str
    before: "Made | None" = None
    known: str = ""

    @property
    def called(self) -> str:
        """What the ledger calls what it trained on."""
        return self.known or self.dataset


def made_in(folder: Path) -> Made | None:
    """How the checkpoint in a folder was trained; None where no record lies there.

    Raises:
        InputError: A record cannot be read.
    """
    if (folder / METHOD).is_file():
        return _fine_tuned(read_json(folder / METHOD), folder / METHOD)
    if (folder / RECIPE).is_file():
        recipe = read_json(folder / RECIPE)
        base = recipe.get("start") or ENCODERS.get(str(recipe.get("encoder", "")), "")
        return Made(base, "phantoms", "", SPLIT, f"{RECIPE} beside its weights")
    return None


def record_of(folder: Path) -> dict[str, Any]:
    """What of a base's record goes into that of a fine-tuning; nothing where it has none.

    Raises:
        InputError: The record cannot be read.
    """
    if not (folder / METHOD).is_file():
        return {}
    known = read_json(folder / METHOD)
    return {"made": {name: known[name] for name in ("base", "data") if name in known}}


def data_of(dataset: str, root: str) -> dict[str, str]:
    """What the record of a fine-tuning says of a data set's folder, which is not where.

    Args:
        dataset: As a run names it.
        root: The folder; may be empty.
    """
    known = called(dataset, root)
    return {"root": Path(root).name} | ({} if known == dataset else {"data_set": known})


def _fine_tuned(record: Mapping[str, Any], path: Path) -> Made:
    try:
        base, data = record["base"], record["data"]
        before = _fine_tuned(base["made"], path) if "made" in base else None
        names = str(base["name"]), str(data["dataset"]), str(data.get("root", ""))
        known = str(data.get("data_set", ""))
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: no record of a fine-tuning ({error!r})") from None
    return Made(*names, SPLIT, f"{METHOD} beside its weights", before, known)
