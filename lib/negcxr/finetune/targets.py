"""Where a statement should lie, told by the base checkpoint and the parsing rule alone.

The rule scores an image by s(what is affirmed) - s(what is denied). One row ranks images
in the same way: the base's row of what is affirmed less that of what is denied. An
encoder that puts its statements there hears denial without a parser, on exactly the level
of the rule, and its affirmed prompts stay where they were.

Limits: it is as good as the base's affirmed prompts, and no image can correct it.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from torch import Tensor, as_tensor

from negcxr.finetune.statements import WANTS
from negcxr.models.encoder import DualEncoder
from negcxr.text.prompts import Prompt

Row = Float[np.ndarray, " dim"]


class Targets:
    """The target row of every statement of a pool.

    An affirmed statement's target is its own row in the base. Any other's is made of
    prototypes, the mean row of a finding's affirmed statements: minus that of a finding
    it wants absent, plus that of one it wants present.
    """

    def __init__(self, base: DualEncoder, statements: Sequence[Prompt]) -> None:
        """Read the base's rows, before anything of it is trained."""
        plain = [s for s in statements if s.polarity == "affirmed"]
        self._own = dict(
            zip(
                [s.text for s in plain],
                base.encode_texts([s.text for s in plain]),
                strict=True,
            )
        )
        self._prototypes = {
            finding: _unit(
                np.mean([self._own[s.text] for s in plain if s.finding == finding], axis=0)
            )
            for finding in dict.fromkeys(s.finding for s in plain)
        }
        self._device = base.device

    def of(self, statements: Sequence[Prompt]) -> Float[Tensor, "text dim"]:
        """A unit row a statement."""
        rows = np.stack([self._row(statement) for statement in statements])
        return as_tensor(rows, device=self._device)

    def _row(self, statement: Prompt) -> Row:
        if statement.polarity == "affirmed":
            return self._own[statement.text]
        wants = WANTS.get(statement.polarity, (0, None))
        named = zip((statement.finding, statement.other), wants, strict=True)
        parts = [
            (2 * want - 1) * self._prototypes[name]
            for name, want in named
            if want is not None
        ]
        return _unit(np.sum(parts, axis=0))


def _unit(row: Row) -> Row:
    return (row / np.linalg.norm(row)).astype(np.float32)
