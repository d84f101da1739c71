"""Whether the shares of a side can be believed, over its prompts.

Idea: three checks, each with an interval over prompts. Methods that have nothing in common
should put the tokens of a prompt in like order; blanking first what is said to carry the
target should lose it sooner than blanking in any order; and the answer should not outlive
the destruction of what was learnt.

Limits: Shapley values and deletion ask short prompts alone. A check that fails does not say
which method is wrong.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations as pairs_of
from typing import NamedTuple

import numpy as np
import pandas as pd

from negcxr.chapters.attribution import Attributed
from negcxr.chapters.galleries import Sampling
from negcxr.chapters.methods import Draws
from negcxr.measure.effects import effect_draws, mean_draws
from negcxr.measure.intervals import summarise
from negcxr.probe.faithfulness import (
    POINTS,
    Deletion,
    deletion,
    randomisation_check,
    rank_agreement,
)
from negcxr.probe.perturbation import SHORT, combinations, leave_one_out, shapley_values
from negcxr.probe.places import TokenPart

GRADIENTS, LEFT_OUT, SHAPLEY = "gradients", "left out", "Shapley"  # short, for charts
METHODS = (GRADIENTS, LEFT_OUT, SHAPLEY)
CHANCE = 0.0  # of a rank correlation
RANDOMISED = 8  # prompts; each is attributed anew for every layer


class Checked(NamedTuple):
    """The values of every method on one side's prompts; None for a long prompt.

    Attributes:
        found: The prompts and their shares.
        values: By method, for each prompt, its word tokens' values.
        deletions: By method, for each prompt, what is left of its target.
    """

    found: Attributed
    values: dict[str, list[np.ndarray | None]]
    deletions: dict[str, list[Deletion | None]]

    @property
    def findings(self) -> list[str]:
        """The finding that each prompt is about."""
        return self.found.table["finding"].tolist()


def checked_methods(found: Attributed) -> Checked:
    """Every method on the prompts of a side."""
    tower, texts = found.side.tower, [prompt.text for prompt in found.prompts]
    words = [_words(own) for own in found.parts]
    short = [own.sum() <= SHORT for own in words]
    tables = [
        combinations(tower, text, vector) if is_short else None
        for text, vector, is_short in zip(texts, found.vectors, short, strict=True)
    ]
    values = {
        GRADIENTS: [shares.values for shares in found.shares],
        LEFT_OUT: leave_one_out(tower, texts, found.vectors),
        SHAPLEY: [shapley_values(table) if table else None for table in tables],
    }
    deletions = {
        name: [
            deletion(table, row) if table else None
            for table, row in zip(tables, rows, strict=True)
        ]
        for name, rows in values.items()
    }
    inside = {
        name: [
            row if row is None else row[own] for row, own in zip(rows, words, strict=True)
        ]
        for name, rows in values.items()
    }
    return Checked(found, inside, deletions)


def _words(parts: Sequence[TokenPart]) -> np.ndarray:
    return np.array(parts) != "special"


def shapley_sums(checked: Checked, part: TokenPart) -> np.ndarray:
    """What Shapley values give a part of each prompt; NaN for a long prompt."""
    inside = [
        np.array([p for p in parts if p != "special"]) for parts in checked.found.parts
    ]
    rows = zip(inside, checked.values[SHAPLEY], strict=True)
    return np.array([np.nan if v is None else v[own == part].sum() for own, v in rows])


def shapley_measures(checked: Checked, sampling: Sampling) -> dict[str, Draws]:
    """What Shapley values give the cue and the finding of short denied prompts.

    In the unit of the contrast. They walk no line, and see every combination of words.
    """
    denied = (checked.found.table["polarity"] == "denied").to_numpy()
    sums = {part: shapley_sums(checked, part) for part in ("cue", "finding")}
    return {
        f"Shapley {part}": _mean(np.where(denied, own, np.nan), checked.findings, sampling)
        for part, own in sums.items()
    }


def agreement_table(checked: Checked, sampling: Sampling) -> pd.DataFrame:
    """Mean rank correlation of each two methods over prompts, in [-1, 1].

    Returns:
        methods, value with its ends, chance, prompts.
    """
    rows = []
    for pair in pairs_of(METHODS, 2):
        both = zip(*(checked.values[name] for name in pair), strict=True)
        values = [np.nan if b is None else rank_agreement(a, b) for a, b in both]
        ends = summarise(_mean(values, checked.findings, sampling))._asdict()
        count = {"chance": CHANCE, "prompts": int(np.isfinite(values).sum())}
        rows.append({"methods": " / ".join(pair), **ends, **count})
    return pd.DataFrame(rows)


def deletion_table(checked: Checked, sampling: Sampling) -> pd.DataFrame:
    """What is left of the target while words become blank, as a share of the whole.

    A ratio of means over prompts, so that a prompt whose target hardly moves does not
    lead.

    Returns:
        order (a method, or any order), blanked (share of the words), value with its ends.
    """
    rows = []
    for name in METHODS:
        left = _curves(checked, name, "left")
        rows += [*_points(name, left, checked, sampling)]
    by_chance = _curves(checked, SHAPLEY, "by_chance")
    rows += [*_points("any order", by_chance, checked, sampling)]
    return pd.DataFrame(rows)


def deletion_area(checked: Checked, sampling: Sampling, name: str = GRADIENTS) -> Draws:
    """The area between any order and a method's, as a share of the whole.

    0 is no better than any order.
    """
    areas = [np.nan if d is None else d.area for d in checked.deletions[name]]
    return _ratio(np.array([areas]), checked, sampling)[0]


def _curves(checked: Checked, name: str, which: str) -> np.ndarray:
    nothing = np.full(len(POINTS), np.nan)
    rows = [nothing if d is None else getattr(d, which) for d in checked.deletions[name]]
    return np.array(rows).T


def _points(
    order: str, values: np.ndarray, checked: Checked, sampling: Sampling
) -> Iterator[dict[str, object]]:
    for point, draws in zip(POINTS, _ratio(values, checked, sampling), strict=True):
        yield {"order": order, "blanked": point, **summarise(draws)._asdict()}


def randomised_prompts(found: Attributed) -> np.ndarray:
    """The places of the prompts whose shares are asked of randomised towers."""
    return np.flatnonzero(found.table["polarity"] == "denied")[:RANDOMISED]


def randomisation_draws(found: Attributed, sampling: Sampling) -> list[Draws]:
    """Mean rank correlation with the trained tower's sizes, by layers randomised.

    The first row is the trained tower itself; the last has embeddings and projection
    randomised beside all layers.
    """
    asked = randomised_prompts(found)
    texts = [found.prompts[place].text for place in asked]
    how = {"seed": sampling.seed}
    values = randomisation_check(found.side.tower, texts, found.vectors[asked], **how)
    findings = found.table["finding"].iloc[asked].tolist()
    return [_mean(row, findings, sampling) for row in values]


def _mean(
    values: Sequence[float] | np.ndarray, findings: list[str], sampling: Sampling
) -> Draws:
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    return mean_draws(np.array([values], dtype=float), findings, **how)[0]


def _ratio(values: np.ndarray, checked: Checked, sampling: Sampling) -> np.ndarray:
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    wholes = checked.found.table["whole"].abs().to_numpy(dtype=float)
    return effect_draws(values, wholes, checked.findings, **how)
