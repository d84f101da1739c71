"""Which phantoms a statement is true of.

A statement claims a finding, perhaps with a side, a zone, a severity or a kind. It is
true of a phantom that has the finding with every detail named. A denial or an affirmed
equivalent is true of a phantom without the finding. Reports are thus judged by the truth
and not by whose report they are, which no archive of films can do.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Shaped

from negcxr.data.reports import Statement
from negcxr.data.truth import FINDINGS, Sign, Truth
from negcxr.errors import InputError
from negcxr.shapes import checked


class TruthTable(NamedTuple):
    """The truths of many phantoms as arrays."""

    present: Bool[np.ndarray, "image finding"]
    details: dict[str, Shaped[np.ndarray, "image finding"]]  # a field of Sign -> values

    def take(self, rows: Sequence[int]) -> "TruthTable":
        """The truths of these phantoms."""
        details = {name: values[rows] for name, values in self.details.items()}
        return TruthTable(self.present[rows], details)


def tabulate(truths: Sequence[Truth]) -> TruthTable:
    """The truths as arrays, a row a phantom."""
    present = np.array([[truth.has(f) for f in FINDINGS] for truth in truths])
    signs = [[truth.signs.get(f, Sign()) for f in FINDINGS] for truth in truths]
    fields = {
        name: np.array([[getattr(sign, name) for sign in row] for row in signs])
        for name in Sign._fields
    }
    return TruthTable(present, fields)


@checked
def holds(statement: Statement, table: TruthTable) -> Bool[np.ndarray, " image"]:
    """Of which phantoms a statement is true.

    "left" is true of a finding on both sides; "bilateral" is not true of one side.

    Raises:
        InputError: The statement is hedged, and so has no truth.
    """
    column = FINDINGS.index(statement.finding)
    present = table.present[:, column]
    if statement.polarity in ("denied", "equivalent"):
        return ~present
    if statement.polarity != "affirmed":
        raise InputError(f"{statement.text!r} is {statement.polarity} and has no truth")
    true = present.copy()
    for name, told in statement.sign._asdict().items():
        if told:
            values = table.details[name][:, column]
            true &= (values == told) | ((name == "side") & (values == "both"))
    return true
