"""Which texts a probe is fitted to, which it is asked, and the task that means nothing.

Idea: prompts are a grid, findings by wordings, and a probe that was fitted to a text's
wording may know it again, whatever it means.

* **finding held out**: every wording is known, and none of the findings asked. Knowing the
  wordings is enough. The *control task* says how far that goes: each wording gets a
  polarity by lot, and a probe is fitted to that. Only what is above the control, the
  *selectivity*, has to do with polarity.
* **cue held out**: every finding is known, and none of the wordings asked. What they were
  given by lot says nothing of others, so the control is at chance by construction. Here a
  reading of absence has to show.
* **both held out**: neither is known. What is still read serves all findings alike.

Limits: a cue that was held out may lie near one that was not, because words of one use lie
near each other in any text encoder; and wordings that share a frame share its words.

Reference: Hewitt & Liang (2019), https://aclanthology.org/D19-1275.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int, Shaped

from negcxr.errors import InputError
from negcxr.shapes import checked

Labels = Bool[np.ndarray, " text"]
Names = Shaped[np.ndarray, " text"]
Folds = Int[np.ndarray, " text"]


class Part(NamedTuple):
    """Texts that a probe is fitted to, and those that it is then asked."""

    fit: Labels
    ask: Labels


@checked
def folds(units: Names, strata: Names, n_folds: int) -> Folds:
    """To which part each text belongs, all texts of a unit to one.

    The units of each stratum are dealt in turn, in the order in which they come. There
    are no more parts than the rarest stratum has units; a single part holds out nothing.

    Raises:
        InputError: Fewer than two parts are asked for.
    """
    if n_folds < 2:
        raise InputError(f"n_folds is {n_folds}, allowed is 2 or more parts")
    dealt = [list(dict.fromkeys(units[strata == s].tolist())) for s in np.unique(strata)]
    n = min(n_folds, *map(len, dealt)) if dealt else 1
    found = np.zeros(len(units), int)
    for stratum, names in zip(np.unique(strata), dealt, strict=True):
        for place, name in enumerate(names):
            found[(strata == stratum) & (units == name)] = place % n
    return found


@checked
def parts(*dealt: Folds, fit: Labels) -> list[Part]:
    """A part to be asked for each combination of folds, and the texts that share none.

    Args:
        dealt: One array of folds, or several of which a text must share none.
        fit: Texts that a probe may be fitted to; all are asked.

    Returns:
        None at all where some folds hold out nothing.
    """
    if any(len(np.unique(each)) < 2 for each in dealt):
        return []
    found = []
    for numbers in sorted(set(zip(*(each.tolist() for each in dealt), strict=True))):
        same = [each == number for each, number in zip(dealt, numbers, strict=True)]
        found.append(Part(fit & ~np.any(same, axis=0), np.all(same, axis=0)))
    return found


@checked
def asked_in(held_out: Sequence[Part], n: int) -> Folds:
    """In which part each text is asked; -1 in none. Scores of two parts do not compare."""
    found = np.full(n, -1)
    for number, part in enumerate(held_out):
        found[part.ask] = number
    return found


@checked
def control_labels(
    labels: Labels, wordings: Names, dealt: Folds, *, n: int, seed: int
) -> Bool[np.ndarray, "control text"]:
    """The control task: each wording gets a polarity by lot, the same for all its texts.

    Polarities are dealt anew among the wordings of each fold, so that every fold has as
    many of each as it had, and what one fold got says nothing of another.

    Args:
        dealt: The folds of wordings.

    Raises:
        InputError: Fewer than one lot is asked for.
    """
    if n < 1:
        raise InputError(f"n_controls is {n}, allowed is 1 or more lots")
    names, first, codes = np.unique(wordings, return_index=True, return_inverse=True)
    own, fold = labels[first], dealt[first]
    rng = np.random.default_rng(seed)
    found = np.empty((n, len(labels)), bool)
    for lot in range(n):
        given = own.copy()
        for number in np.unique(fold):
            given[fold == number] = rng.permutation(own[fold == number])
        found[lot] = given[codes]
    return found
