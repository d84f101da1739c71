"""Real sentences in the spaces of several sides, and what fine-tuning changed of them.

Idea: the same sentences and the same resampled reports on every side, so that a change is
paired and better known than either of the two values.

Limits: the sides share a tokenizer and an image tower; what those cannot do, no method
changes.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.denial_counts import NO_REPORTS
from negcxr.chapters.galleries import Sampling
from negcxr.chapters.groups import BASE
from negcxr.chapters.maps import MADE, POINT, Charted, Maps, mapped
from negcxr.chapters.methods import Draws
from negcxr.chapters.real_sentences import MEASURES, Placed, by_length, measures, place
from negcxr.chapters.side_changes import CHANGE, name_of, side_changes, side_numbers
from negcxr.chapters.sides import Side
from negcxr.measure.intervals import summarise
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt

TOLD = ("finding", "polarity")  # of a point on a map; never a sentence
CHANGED = ("measure", "side", "value", "low", "high", *CHANGE, "p_holm")
Measured = dict[str, dict[str, tuple[Draws, float]]]


def place_all(
    sides: Sequence[Side], drawn: pd.DataFrame, prompts: Sequence[Prompt]
) -> dict[str, Placed]:
    """The drawn sentences in every side's space; none where none was drawn."""
    return {side.name: place(side, drawn, prompts) for side in sides if len(drawn)}


def measure_all(placed: dict[str, Placed], sampling: Sampling) -> Measured:
    """Each measure of each side: its draws and its chance."""
    return {name: measures(each, sampling) for name, each in placed.items()}


def space_table(measured: Measured, n: int) -> pd.DataFrame:
    """Each measure of each side: measure, side, value, low, high, chance, n."""
    rows = [
        {"measure": name, "side": side, **summarise(found[name][0])._asdict()}
        | {"chance": found[name][1], "n": n}
        for name in MEASURES
        for side, found in measured.items()
    ]
    columns = ["measure", "side", "value", "low", "high", "chance", "n"]
    return pd.DataFrame(rows, columns=columns)


def space_changes(measured: Measured) -> pd.DataFrame:
    """What became of each measure against the base, as `side_changes` gives it."""
    if not measured:
        return pd.DataFrame(columns=list(CHANGED))
    return side_changes(
        {
            side: {name: draws for name, (draws, _) in found.items()}
            for side, found in measured.items()
        }
    )


def space_numbers(measured: Measured, n: int) -> dict[str, Estimate]:
    """Each measure of each side and its change against the base, as numbers of a result.

    Returns:
        ``<measure>_<side>`` and ``<measure>_change_<side>``, as `side_numbers` names them;
        the base's, without a value, also where no sentence was drawn.
    """
    none = Estimate(value=None, n=n, note=NO_REPORTS)
    if not measured:
        return {f"{name_of(name)}_{BASE}": none for name in MEASURES}
    chances = {name: chance for name, (_, chance) in measured[BASE].items()}
    table = space_changes(measured)
    return side_numbers(table.assign(chance=table["measure"].map(chances)), n)


def length_number(
    drawn: pd.DataFrame, placed: dict[str, Placed], sampling: Sampling
) -> dict[str, Estimate]:
    """What the number of words alone tells, as ``told_by_length``."""
    if not placed:
        return {"told_by_length": Estimate(value=None, n=0, note=NO_REPORTS)}
    return {"told_by_length": by_length(drawn, placed[BASE], sampling)}


def map_all(
    placed: dict[str, Placed], sampling: Sampling, *, starts: int, perplexity: float
) -> Maps:
    """Maps of the sentences of each side, by polarity, and what each is worth.

    Neighbours are asked among sentences about other findings. No sentence is told.
    """
    made = [
        mapped(side, _charted(each), sampling, starts=starts, perplexities=[perplexity])
        for side, each in placed.items()
    ]
    points = [each.points for each in made] or [pd.DataFrame(columns=[*POINT, *TOLD])]
    numbers = [each.numbers for each in made] or [pd.DataFrame(columns=list(MADE))]
    return Maps(pd.concat(points, ignore_index=True), pd.concat(numbers, ignore_index=True))


def _charted(placed: Placed) -> Charted:
    polarity = np.where(placed.affirmed, "affirmed", "denied")
    told = dict(zip(TOLD, (placed.findings, polarity), strict=True))
    return Charted(placed.rows, pd.DataFrame(told), polarity, placed.findings)
