"""Directions of the joint space that travel as files.

What one chapter finds (the way from affirmed to denied, a probe's normal) another can
steer by, without importing how it was found. A file is JSON, ``{"about": ...,
"direction": [...]}``, or safetensors with the tensor ``direction``.

Limits: a direction means something in the space of its own checkpoint, and of those that
were fine-tuned from it with the image tower held; that it has the right length is all
that can be checked.
"""

import json
from pathlib import Path

import numpy as np
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.numpy import load_file

from negcxr.errors import InputError
from negcxr.models.rows import require_unit_rows
from negcxr.paths import at_root
from negcxr.runs import write_whole
from negcxr.shapes import checked

KEY = "direction"


@checked
def write_direction(
    path: str | Path, direction: Float[np.ndarray, " dim"], *, about: str
) -> Path:
    """Write a unit direction as JSON; the file is there whole or as it was.

    Args:
        path: From the project's root if relative.
        about: What it leads to, and what it was found from.

    Raises:
        InputError: It is not of unit length.
    """
    path = at_root(path)
    require_unit_rows(direction=direction[None])
    text = json.dumps({"about": about, KEY: direction.tolist()})
    write_whole(path, text.encode() + b"\n")
    return path


def read_direction(path: str | Path, *, dim: int) -> Float[np.ndarray, " dim"]:
    """The direction in a file, made unit.

    Args:
        path: From the project's root if relative.
        dim: How long a row of the encoder is.

    Raises:
        InputError: The file cannot be read, holds no direction, or one of another space.
    """
    path = at_root(path)
    row = np.asarray(_content(path), dtype=np.float64)
    if row.shape != (dim,):
        shape = " x ".join(map(str, row.shape)) or "one number"
        raise InputError(f"{path}: its direction is {shape}; allowed: {dim}, as the rows")
    length = np.linalg.norm(row)
    if not (np.isfinite(length) and length > 0):
        raise InputError(f"{path}: its direction has length {length}; allowed: above 0")
    return row / length


def _content(path: Path) -> object:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)[KEY].astype(np.float64)
        values = json.loads(path.read_text(encoding="utf-8"))[KEY]
        return np.array(values, dtype=np.float64)
    except (KeyError, TypeError, ValueError, OSError, SafetensorError) as error:
        cause = " ".join(str(error).split())
        raise InputError(
            f"{path}: no direction to read ({type(error).__name__}: {cause}); allowed: "
            f'JSON {{"{KEY}": [...]}}, or safetensors with the tensor {KEY}'
        ) from None
