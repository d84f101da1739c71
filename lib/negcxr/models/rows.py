"""Rows of unit length: what a tower's output becomes, and what a score is made of."""

import numpy as np
import torch
from jaxtyping import Float
from transformers.modeling_outputs import BaseModelOutputWithPooling

from negcxr.errors import InputError
from negcxr.shapes import checked

LENGTH_TOLERANCE = 1e-3  # half precision rounds unit rows by about this much


def unit_rows(
    features: torch.Tensor | BaseModelOutputWithPooling,
) -> Float[np.ndarray, "row dim"]:
    """What a tower has put out, each row divided by its length, in single precision.

    transformers 5 hands out an object where it used to hand out the tensor.

    Raises:
        InputError: A row is zero or not finite, so it points nowhere.
    """
    if not isinstance(features, torch.Tensor):
        features = features.pooler_output
    rows = features.float()
    lengths = rows.norm(dim=-1, keepdim=True)
    off = torch.nonzero(~(torch.isfinite(lengths) & (lengths > 0)).flatten())
    if len(off):
        raise InputError(
            f"row {int(off[0])} of a batch has length {float(lengths[off[0, 0]])}: it "
            "points nowhere (half precision overflows; try float32)"
        )
    return (rows / lengths).cpu().numpy()


@checked
def require_unit_rows(**matrices: Float[np.ndarray, "_ _"]) -> None:
    """Refuse rows of another length than 1: a product with them is not a cosine.

    Raises:
        InputError: Names the matrix, the row and its length.
    """
    for name, rows in matrices.items():
        lengths = np.linalg.norm(rows, axis=1)
        off = np.flatnonzero(~(np.abs(lengths - 1) <= LENGTH_TOLERANCE))
        if off.size:
            length = lengths[off[0]]
            raise InputError(f"{name} row {off[0]} has length {length:.3g}, not 1")
