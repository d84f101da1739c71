"""Cells of a table as labels: each must be one that somebody said the meaning of.

A data set may hold hundreds of thousands of rows of fourteen labels, and a handful of
different cells, so each different cell is looked up once a column.

Limits: a cell is compared letter for letter; "1.00" is not "1.0".
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.data.labels import ABSENT, ALLOWED, PRESENT, UNCERTAIN, UNMENTIONED
from negcxr.errors import InputError

VALUES = {
    "present": PRESENT,
    "absent": ABSENT,
    "uncertain": UNCERTAIN,
    "unmentioned": UNMENTIONED,
}


def four_values(
    table: pd.DataFrame,
    means: Mapping[str, float],
    *,
    source: str,
    first_row: int = 0,
    allowed: str = ALLOWED,
) -> Float[np.ndarray, "image finding"]:
    """Labels of cells, a column a finding.

    Args:
        means: Every cell that may stand there, and its value.
        allowed: The same in words, for the message.

    Raises:
        InputError: Names the first column's first cell that means nothing.
    """
    labels = np.empty(table.shape)
    for column, name in enumerate(table):
        codes, cells = pd.factorize(table[name])
        unknown = [code for code, cell in enumerate(cells) if cell not in means]
        if unknown:
            row = int(np.isin(codes, unknown).argmax())
            raise InputError(
                f"{source}, row {first_row + row}, {name}: label {cells[codes[row]]!r}; "
                f"allowed: {allowed}"
            )
        labels[:, column] = np.array([means[cell] for cell in cells])[codes]
    return labels


def meanings(written: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """The value of each cell, given the cells of each of ``VALUES``."""
    return {cell: VALUES[value] for value, cells in written.items() for cell in cells}


def in_words(written: Mapping[str, Sequence[str]]) -> str:
    """The cells that may stand there, as a message lists them."""
    return "; ".join(f"{value} {' '.join(map(repr, c))}" for value, c in written.items())
