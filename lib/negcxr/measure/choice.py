"""Multiple choice: which of several sentences an encoder finds nearest to an image.

Idea: an item is an image, some options and the place of the true one. Its credit is 1
if the true option scores highest, and 1/t if it shares that place with t - 1 others, as
a guess between them would earn. So an encoder deaf to the cue, for which "A" and "no A"
tie, gets what guessing gets. The confusions tell whether a wrong choice was a wrong
finding or a wrong polarity.

Limits: the right answer can be found by liking one type of sentence; look at the types
one by one, never at the total alone.

Reference: Alhamoud et al. (2025), https://arxiv.org/abs/2501.09425.
"""

import numpy as np
import pandas as pd
from jaxtyping import Float, Int, Shaped

from negcxr.errors import InputError
from negcxr.measure.gallery import MIN_A_SIDE
from negcxr.measure.intervals import summarise
from negcxr.measure.resampling import Weights, resampled
from negcxr.shapes import checked

# The same text scored twice in float32 can differ in the last bits (6e-8 of the value);
# options nearer to the best than this, per unit of score, are tied with it.
TIE = 1e-6

Scores = Float[np.ndarray, "item option"]
Answers = Int[np.ndarray, " item"]
Types = Shaped[np.ndarray, "item option"]


@checked
def choice_shares(scores: Scores) -> Float[np.ndarray, "item option"]:
    """How much of the choice each option gets: all, or an even share among the tied.

    Args:
        scores: NaN where an item has fewer options than the others.

    Returns:
        In [0, 1]; every item sums to 1.

    Raises:
        InputError: An item has no option.
    """
    empty = np.flatnonzero(np.isnan(scores).all(axis=1))
    if empty.size:
        raise InputError(f"scores item {empty[0]} has no option, every item needs one")
    best = np.nanmax(scores, axis=1, keepdims=True)
    tied = scores >= best - TIE * np.maximum(1, np.abs(best))
    return tied / tied.sum(axis=1, keepdims=True)


@checked
def choice_credit(scores: Scores, answers: Answers) -> Float[np.ndarray, " item"]:
    """Whether the true option scored highest; a tie with t - 1 others earns 1 / t.

    Args:
        scores: NaN where an item has fewer options than the others.
        answers: Place of the true option of each item.

    Returns:
        In [0, 1].

    Raises:
        InputError: An answer is not the place of an option, or an item has none.
    """
    items = np.arange(len(scores))
    outside = (answers < 0) | (answers >= scores.shape[1])
    outside |= np.isnan(scores[items, np.where(outside, 0, answers)])
    for item in np.flatnonzero(outside)[:1]:
        raise InputError(f"answers item {item} is {answers[item]}, which is no option")
    return choice_shares(scores)[items, answers]


@checked
def choice_chance(scores: Scores) -> float:
    """What guessing earns: the mean over items of 1 / number of options, in (0, 1]."""
    return float(np.mean(1 / np.sum(~np.isnan(scores), axis=1)))


@checked
def accuracy(
    credit: Float[np.ndarray, " item"], weights: Float[np.ndarray, "resample item"]
) -> Float[np.ndarray, " resample"]:
    """Mean credit of the drawn items, in [0, 1]; NaN where none was drawn.

    Args:
        credit: As `choice_credit` gives; NaN leaves the item out.
        weights: How often each item was drawn, with its image's patient.
    """
    counted = np.flatnonzero(~np.isnan(credit))
    drawn = weights[:, counted]
    total, nothing = drawn.sum(axis=1), np.full(len(weights), np.nan)
    return np.divide(drawn @ credit[counted], total, out=nothing, where=total > 0)


@checked
def accuracy_draws(
    credit: Float[np.ndarray, "group item"],
    patients: Shaped[np.ndarray, " item"],
    *,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, "group draw"]:
    """Draws of the accuracy of groups of items, all on the same resampled patients.

    Args:
        credit: A row a group, NaN for items outside it.
        patients: The patient of each item's image.
    """

    def on(weights: Weights) -> np.ndarray:
        return np.stack([accuracy(row, weights) for row in credit])

    return resampled(on, patients, n_resamples=n_resamples, seed=seed)


@checked
def choice_accuracy(
    scores: Scores,
    answers: Answers,
    types: Types,
    patients: Shaped[np.ndarray, " item"],
    *,
    n_resamples: int,
    seed: int,
) -> pd.DataFrame:
    """Accuracy over all items and by the type of the true option.

    Args:
        types: The type of each option: affirmed, denied, hybrid.
        patients: The patient of each item's image.

    Returns:
        A row a type, "all" first: type, value, low, high, n (items), chance, note. With
        fewer than `MIN_A_SIDE` items no value is given, and the note says so.
    """
    credit = choice_credit(scores, answers)
    kinds = types[np.arange(len(answers)), answers]
    inside = {"all": np.full(len(answers), True)}
    inside |= {str(kind): kinds == kind for kind in np.unique(kinds)}
    rows = np.stack([np.where(items, credit, np.nan) for items in inside.values()])
    draws = accuracy_draws(rows, patients, n_resamples=n_resamples, seed=seed)
    return pd.DataFrame(
        _report(kind, of_kind, scores[items])
        for (kind, items), of_kind in zip(inside.items(), draws, strict=True)
    )


def _report(kind: str, draws: np.ndarray, scores: Scores) -> dict[str, object]:
    n, note = len(scores), ""
    if n < MIN_A_SIDE:
        draws = np.full_like(draws, np.nan)
        note = f"not evaluable: {n} items, fewer than {MIN_A_SIDE}"
    estimate = summarise(draws)._asdict()
    return {"type": kind, **estimate, "n": n, "chance": choice_chance(scores), "note": note}


@checked
def confusions(scores: Scores, answers: Answers, types: Types) -> pd.DataFrame:
    """Which type was chosen where which type was true; ties share the choice.

    Returns:
        A row a pair of types: answer, chosen, share (of the items with that answer, in
        [0, 1]; the shares of one answer sum to 1), n (items with that answer).
    """
    shares, kinds = choice_shares(scores), types[np.arange(len(answers)), answers]
    names = np.unique(types[~np.isnan(scores)])
    return pd.DataFrame(
        {
            "answer": str(answer),
            "chosen": str(chosen),
            "share": float((shares * (types == chosen))[kinds == answer].sum(1).mean()),
            "n": int(np.sum(kinds == answer)),
        }
        for answer in np.unique(kinds)
        for chosen in names
    )
