"""One line of the ledger: what a checkpoint has seen of a data set, and who says so.

Limits: that a line says *not listed* is as good as the list that its source gives.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

State = Literal["seen", "not listed", "unknown"]


class Strict(BaseModel):
    """A record that has the fields which it names, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Exposure(Strict):
    """What is known of one checkpoint and one data set.

    Attributes:
        state: ``seen`` where a source names the data set among what the model was trained
            on, ``not listed`` where a source lists that and has it not, else ``unknown``.
        source: Where that stands.
        split: The one part that was seen, where the source tells; empty where any part
            may have been.
        note: What else is to be known.
    """

    state: State
    source: str = ""
    split: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.state != "unknown" and not self.source:
            raise ValueError(f"{self.state!r} has no source")
        if not (self.source or self.note):
            raise ValueError("neither a source nor a note")
        if self.split and self.state != "seen":
            raise ValueError(f"{self.state!r} of the split {self.split!r}")
        return self

    def taints(self, split: str) -> bool:
        """Whether images of a split may be among those that the model was trained on.

        Args:
            split: As a run names it; ``all``, or empty where it is not known.
        """
        held_out = self.split and split not in (self.split, "all", "")
        return self.state == "seen" and not held_out
