"""Which weights, exactly: a local folder, or a hub checkpoint held to one commit.

A name on the hub may mean other weights tomorrow; a commit cannot. What a checkpoint
consists of is hashed file by file, so that a number can be traced to its weights whatever
the folder is called. Everything that can be checked without opening the weights is
checked here, before any model is built.

Limits: a fingerprint says that two checkpoints are the same, not where they come from;
the order of keys in a JSON file moves it although it moves no number.
"""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from negcxr.errors import InputError
from negcxr.models.hub import snapshot
from negcxr.models.hub_lock import agreed, hold
from negcxr.paths import at_root
from negcxr.reading import file_hash

# Values of model_type; SigLIP 2 of fixed size says siglip.
FAMILIES = ("clip", "siglip", "vision-text-dual-encoder")
CONFIG, WEIGHTS = "config.json", "model.safetensors"
INDEX = WEIGHTS + ".index.json"
PARTS = "parts.json"  # of a folder that is a part, see negcxr.models.assemble
IMAGES = ("preprocessor_config.json", "processor_config.json")
VOCABULARIES = (
    *("tokenizer.json", "vocab.json", "vocab.txt", "spiece.model", "tokenizer.model"),
)
POOLING = "1_Pooling/config.json"  # how tokens become a row, where it is not the usual way
SETTINGS = (
    *("merges.txt", "tokenizer_config.json"),
    *("special_tokens_map.json", "added_tokens.json", POOLING),
)
SHARDS = "model-*-of-*.safetensors"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
HUB = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)(@(?P<revision>.*))?", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{40}")


class Form(NamedTuple):
    """What a folder of a kind of models holds.

    Attributes:
        families: Values of ``model_type`` that are read.
        needs: Names of files, one of which must be there, and what they are.
        holds: The same in words.
    """

    families: tuple[str, ...]
    needs: tuple[tuple[tuple[str, ...], str], ...]
    holds: str


DUAL = Form(
    FAMILIES,
    ((IMAGES, "image processor"), (VOCABULARIES, "tokenizer")),
    f"{CONFIG}, {WEIGHTS}, {IMAGES[0]} and a tokenizer",
)


@dataclass(frozen=True)
class Checkpoint:
    """Weights with all that they need, and a hash of both.

    Attributes:
        name: The folder's own name, or the name on the hub.
        folder: Where it lies.
        family: ``model_type`` of its config.
        fingerprint: SHA-256 over weights, config, tokenizer and processor.
        revision: The commit on the hub; empty for a local folder.
    """

    name: str
    folder: Path
    family: str
    fingerprint: str
    revision: str = ""


def resolve(checkpoint: str) -> Checkpoint:
    """The checkpoint of a folder (taken from the project's root), or of the hub.

    A folder never touches the network. ``org/name`` or ``org/name@commit`` is fetched once,
    and stays at the revision that the project keeps for it (`negcxr.models.hub_lock`).

    Raises:
        InputError: Nothing of this name is there, or what is there cannot be used; the
            message names the folder and what it must hold.
    """
    folder = at_root(checkpoint)
    if folder.is_dir():
        return read_folder(folder.resolve(), DUAL)
    hub = HUB.fullmatch(checkpoint)
    if hub and COMMIT.fullmatch(hub["revision"] or ""):
        return _of_the_hub(hub["name"], hub["revision"])
    # Where its first part is a folder here, a name is a path, and one that is mistyped.
    if hub and hub["revision"] is None and not folder.parent.is_dir():
        return _of_the_hub(checkpoint, "")
    raise InputError(
        f"checkpoint {checkpoint!r}: {folder} is no folder; allowed: a folder that holds "
        f"{DUAL.holds}, or a name on the hub, org/name or org/name@<commit of 40 "
        "hexadecimal digits>"
    )


def read_folder(folder: Path, form: Form) -> Checkpoint:
    """The checkpoint in a folder, which must be of this form.

    Raises:
        InputError: Something is missing, or of another form; names what.
    """
    if not (folder / CONFIG).is_file():
        raise InputError(f"{folder}: no {CONFIG}; a checkpoint folder holds {form.holds}")
    family = read_json(folder / CONFIG).get("model_type")
    if family not in form.families:
        raise InputError(
            f"{folder / CONFIG}: model_type {family!r}; allowed: {', '.join(form.families)}"
        )
    if (folder / "adapter_config.json").exists():
        raise InputError(
            f"{folder}: holds an adapter (adapter_config.json), which changes weights "
            "that it does not hold; merge it into the weights and save those"
        )
    files = _weights(folder, form) + _companions(folder, form)
    return Checkpoint(folder.name, folder, family, _fingerprint(folder, files))


def read_json(path: Path) -> dict:
    """The object in a JSON file.

    Raises:
        InputError: The file is missing, or holds something else.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable JSON file ({error})") from None
    if not isinstance(values, dict):
        raise InputError(f"{path}: holds {type(values).__name__}; allowed: one JSON object")
    return values


def _weights(folder: Path, form: Form) -> list[str]:
    if (folder / WEIGHTS).is_file():
        return [WEIGHTS]
    if not (folder / INDEX).is_file():
        _refuse_without_weights(folder, form)
    shards = sorted(set(read_json(folder / INDEX).get("weight_map", {}).values()))
    for shard in shards:
        inside = Path(shard).name == shard and Path(shard).match(SHARDS)
        if not inside or not (folder / shard).is_file():
            raise InputError(
                f"{folder / INDEX}: names {shard!r}, which is not among the folder's "
                f"{SHARDS}"
            )
    return [INDEX, *shards]


def _refuse_without_weights(folder: Path, form: Form) -> None:
    if (folder / PARTS).is_file():
        raise InputError(
            f"{folder}: the part of a checkpoint that was trained; put it together with "
            f"its text tower: negcxr checkpoint assemble {folder.name}"
        )
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLES)
    if pickles:
        raise InputError(
            f"{folder}: weights only as {pickles[0]}, a pickle, which can run code when "
            f"it is opened; allowed: {WEIGHTS}"
        )
    raise InputError(f"{folder}: no {WEIGHTS}; a checkpoint folder holds {form.holds}")


def _companions(folder: Path, form: Form) -> list[str]:
    for needed, what in form.needs:
        if not any((folder / name).is_file() for name in needed):
            raise InputError(f"{folder}: no {what}; allowed: {' or '.join(needed)}")
    names = (CONFIG, *IMAGES, *VOCABULARIES, *SETTINGS)
    return [name for name in names if (folder / name).is_file()]


def _fingerprint(folder: Path, files: list[str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{file_hash(folder / name)}\n".encode())
    return digest.hexdigest()


def _of_the_hub(name: str, revision: str) -> Checkpoint:
    wanted = [CONFIG, WEIGHTS, INDEX, SHARDS, *IMAGES, *VOCABULARIES, *SETTINGS]
    needs = [(CONFIG,), IMAGES, VOCABULARIES, (WEIGHTS, INDEX)]
    folder, commit = snapshot(name, agreed(name, revision), wanted, needs)
    found = replace(read_folder(folder, DUAL), name=name, revision=commit)
    weights = {*_weights(folder, DUAL)} - {INDEX}
    hold(name, commit, {file: file_hash(folder / file) for file in weights})
    return found
