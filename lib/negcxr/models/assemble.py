"""Checkpoints whose text tower is a fetched sentence encoder, put together on request.

The repository holds the part that was trained: image tower, projections and scale. The
encoder is large and not ours, so it is fetched by name, and both are laid into one folder
of the user's cache, which then is a checkpoint like any other. Nothing goes in whose hash
is not the one that was written down; what is there already and right stays.

Limits: a hash says that a part is the one that was trained or published, not that the two
were made for each other; the record of the part names its encoder.
"""

import errno
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors.numpy import load_file, save_file

from negcxr.data.fetch import fetched
from negcxr.data.sources import named
from negcxr.errors import InputError
from negcxr.models.checkpoint import CONFIG, IMAGES, PARTS, POOLING, WEIGHTS, read_json
from negcxr.paths import CHECKPOINTS, cache
from negcxr.reading import file_hash

IMAGE = "image.safetensors"
TOKENIZER = "tokenizer.json"
# What a part consists of, beside its card and how it came to be.
FILES = (IMAGE, CONFIG, IMAGES[0], "tokenizer_config.json", POOLING)
MADE = "assembled.json"  # what a finished folder was made of
READABLE = 0o644  # safetensors leaves a file that only its owner can read
COUNTED = "position_ids"  # a row of numbers that today's BERT counts itself


class Part(NamedTuple):
    """The trained part of a checkpoint.

    Attributes:
        folder: Where it lies.
        encoder: The name by which its text tower is fetched.
        hashes: SHA-256 of each of its files, by name.
    """

    folder: Path
    encoder: str
    hashes: dict[str, str]


def part_record(folder: Path, encoder: str) -> dict:
    """What ``parts.json`` says of a part whose files lie in a folder."""
    hashes = {name: file_hash(folder / name) for name in FILES}
    return {"encoder": encoder, "sha256": hashes}


def assemble(name: str) -> Path:
    """The folder of a whole checkpoint, made if it is not there.

    Args:
        name: Of a folder in ``checkpoints/`` that holds a part.

    Raises:
        InputError: There is no such part, a file of it is another one than was recorded,
            or its encoder has not been fetched.
    """
    part = _read_part(name)
    encoder = fetched(part.encoder)
    out = cache() / "checkpoints" / name
    made_of = {**part.hashes, **_encoder_hashes(part)}
    if not _is_whole(out, made_of):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{name}.") as scratch:
            ready = Path(scratch) / name
            _lay(part, encoder, ready)
            record = {"of": made_of, "sha256": _hashes(ready)}
            (ready / MADE).write_text(json.dumps(record, indent=1), encoding="utf-8")
            _put(ready, out, Path(scratch) / "before")
        if not _is_whole(out, made_of):
            raise InputError(f"{out}: another process changes it; try again")
    return out


def _put(ready: Path, out: Path, before: Path) -> None:
    """Move a finished folder to its place; one that another process put there stays."""
    try:
        if out.exists():
            os.replace(out, before)
        os.replace(ready, out)
    except OSError as error:
        # Between the two steps another process may take the old folder or put its own.
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            raise


def _read_part(name: str) -> Part:
    parts = {path.parent.name: path for path in sorted(CHECKPOINTS.glob(f"*/{PARTS}"))}
    if name not in parts:
        known = ", ".join(parts) or "none"
        raise InputError(f"no checkpoint {name!r} to put together; there is: {known}")
    record = read_json(parts[name])
    part = Part(parts[name].parent, record.get("encoder", ""), record.get("sha256", {}))
    if set(part.hashes) != set(FILES):
        raise InputError(f"{parts[name]}: hashes of {sorted(part.hashes)}, not of {FILES}")
    for file, wanted in part.hashes.items():
        path = part.folder / file
        found = file_hash(path) if path.is_file() else "of no file"
        if found != wanted:
            raise InputError(f"{path}: sha256 {found}, expected {wanted}")
    return part


def _encoder_hashes(part: Part) -> dict[str, str]:
    members = named(part.encoder).members
    return {f"{part.encoder}/{member.name}": member.sha256 for member in members}


def _is_whole(out: Path, made_of: dict[str, str]) -> bool:
    record = read_json(out / MADE) if (out / MADE).is_file() else {}
    return record.get("of") == made_of and record.get("sha256") == _hashes(out)


def _hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder but the record itself, by name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: file_hash(path) for name, path in named.items() if name != MADE}


def _lay(part: Part, encoder: Path, ready: Path) -> None:
    for name in part.hashes:
        if name != IMAGE:
            (ready / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(part.folder / name, ready / name)
    shutil.copyfile(encoder / TOKENIZER, ready / TOKENIZER)
    image = load_file(part.folder / IMAGE)
    weights = {name: value.astype(np.float32) for name, value in image.items()}
    weights |= {
        f"text_model.{name}": value
        for name, value in load_file(encoder / WEIGHTS).items()
        if not name.endswith(COUNTED)
    }
    save_file(weights, ready / WEIGHTS, metadata={"format": "pt"})
    (ready / WEIGHTS).chmod(READABLE)
