"""Texts in the space of a side, with what is known of each.

Idea: a text is about a finding, has a polarity and a wording. Its *wording* is its cue, or
its template where nothing denies: "no edema" and "there is no edema" are one wording, since
whoever reads the cue alone takes them for one.

Limits: wordings that share a word, such as "no" and "no evidence of", count as two.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.sides import Side
from negcxr.errors import InputError
from negcxr.text.prompts import Prompt

POLES = ("affirmed", "denied")


class Texts(NamedTuple):
    """Texts in the space of a side.

    Attributes:
        table: A row a text: finding, polarity, wording and text.
        rows: Unit rows.
    """

    table: pd.DataFrame
    rows: Float[np.ndarray, "text dim"]

    def column(self, name: str) -> np.ndarray:
        """A column of the table as an array."""
        return self.table[name].to_numpy(dtype=str)

    @property
    def affirmed(self) -> Bool[np.ndarray, " text"]:
        """Which texts affirm."""
        return self.column("polarity") == "affirmed"

    def of(self, polarities: Sequence[str]) -> "Texts":
        """The texts of some polarities, in their order."""
        chosen = np.isin(self.column("polarity"), polarities)
        return Texts(self.table[chosen].reset_index(drop=True), self.rows[chosen])


def placed(side: Side, prompts: Sequence[Prompt], polarities: Sequence[str]) -> Texts:
    """The prompts of some polarities in the space of a side.

    Raises:
        InputError: There is no such prompt.
    """
    asked = [prompt for prompt in prompts if prompt.polarity in polarities]
    if not asked:
        raise InputError(f"no prompt is {' or '.join(polarities)}; add some to the set")
    table = pd.DataFrame(
        {
            "finding": prompt.finding,
            "polarity": prompt.polarity,
            "wording": f"{prompt.polarity}: {prompt.cue or prompt.template}",
            "text": prompt.text,
        }
        for prompt in asked
    )
    return Texts(table, side.tower.encode_texts(list(table["text"])).astype(np.float64))


def how(sampling: Sampling) -> dict[str, int]:
    """How draws are made, for the functions that make them."""
    return {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
