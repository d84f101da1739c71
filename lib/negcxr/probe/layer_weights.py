"""Layer weights from tracing: a layer may move as far in training as it moves denial.

Idea: what a layer writes carries some share of a cue's effect. Clipped and scaled, so that
the layer of most effect has weight one, the shares are weights for training.

Limits: all that is not exchanged with what the first layer writes is the cue's own
embedding, so its share is near one wherever the layer drowns that. What a later layer
writes differs between the runs because of those before it, so shares do not add up to one.
Weights are a recipe, not a finding.

Reference: Abbasi et al. (2026), https://arxiv.org/abs/2602.12498.
"""

import json
from pathlib import Path

import numpy as np
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.runs import write_whole
from negcxr.shapes import checked

DIGITS = 3  # more would say that the shares are known so well


@checked
def weights_of(effects: Float[np.ndarray, " layer"]) -> list[float]:
    """Effects clipped to [0, 1] and scaled, so that the largest is 1.

    Raises:
        InputError: An effect is not known, or none is above zero.
    """
    clipped = np.clip(effects, 0, 1)
    if not np.isfinite(effects).all() or not clipped.max(initial=0) > 0:
        raise InputError(
            f"effects of layers: {np.round(effects, DIGITS).tolist()}; allowed: numbers of "
            "which one is above 0. A checkpoint that is deaf to denial has nothing to trace"
        )
    return np.round(clipped / clipped.max(), DIGITS).tolist()


def write_weights(path: Path, weights: list[float], *, about: str, checkpoint: str) -> None:
    """Write layer weights whole, in the form that training reads.

    Args:
        path: A new file, or one that was traced in the same checkpoint.
        checkpoint: The checkpoint's name.

    Raises:
        InputError: The file there is of another checkpoint, or was not traced.
    """
    if path.exists():
        _refuse_other(path, checkpoint)
    content = {"about": about, "checkpoint": checkpoint, "layers": weights}
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode())


def _refuse_other(path: Path, checkpoint: str) -> None:
    try:
        made = json.loads(path.read_text(encoding="utf-8")).get("checkpoint")
    except (ValueError, AttributeError, OSError):
        made = None
    if made != checkpoint:
        whose = f"of {made}" if made else "not a file of traced weights"
        raise InputError(
            f"{path} is {whose}; allowed: a new file, or one traced in {checkpoint}"
        )
