"""All measures of an encoder, and what fine-tuning changed of each.

Idea: a method is judged by a dozen numbers, each a mean over queries of one polarity,
taken before and after on the same resampled patients: what both find hard cancels, and a
change is known better than either of the two.

A query takes all wordings of a finding together. Where it is asked whether a wording is
understood that training did or did not see, each cue or wording stands alone, since one
that is not heard hides among those that are.

Limits: a change says that a number moved, not why; and a mean may hide a finding that got
worse, which the tables by finding and by cue show.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.choices import asked_items
from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.queries import as_estimate, ask, compare
from negcxr.chapters.readers import Reader, can_read
from negcxr.finetune.statements import held_out
from negcxr.measure.choice import accuracy_draws, choice_credit
from negcxr.measure.gallery import MIN_A_SIDE
from negcxr.measure.intervals import (
    holm,
    mean_over,
    paired_difference,
    smallest_detectable_difference,
    summarise,
)
from negcxr.results import Estimate
from negcxr.text.choices import Item
from negcxr.text.prompts import Prompt
from negcxr.text.statements import TYPES

Draws = Float[np.ndarray, " draw"]
RETRIEVED = (
    *("affirmed", "affirmed-held-out"),
    *("denied", "denied-trained", "denied-held-out"),
    *("composite", "equivalent", "scope", "double-negation"),
)
CHOSEN = tuple(f"choice-{kind}" for kind in TYPES)
MEASURES = (*RETRIEVED, *CHOSEN)
CHANCES = dict.fromkeys(RETRIEVED, 0.5) | dict.fromkeys(CHOSEN, 0.25)
BY = ("polarity", "finding", "other")  # what tells queries apart
ALONE = {  # measures whose wordings are asked one at a time
    "affirmed-held-out": ("polarity", "finding", "template"),
    "denied-trained": ("polarity", "finding", "cue"),
    "denied-held-out": ("polarity", "finding", "cue"),
}


def questions(prompts: Sequence[Prompt]) -> dict[str, list[Prompt]]:
    """The prompts of each measure of retrieval.

    Denied prompts are parted by whether training sees their cue, and affirmed ones that
    it never sees stand apart once more; the rest go by polarity.
    """
    unseen = list(zip(prompts, held_out(prompts), strict=True))
    asked = {name: [p for p in prompts if p.polarity == name] for name in RETRIEVED}
    for name, out in (("denied-trained", False), ("denied-held-out", True)):
        asked[name] = [
            p for p, is_out in unseen if p.polarity == "denied" and is_out == out
        ]
    asked["affirmed-held-out"] = [
        p for p, out in unseen if p.polarity == "affirmed" and out
    ]
    return asked


def battery(
    gallery: Gallery,
    prompts: Sequence[Prompt],
    items: Sequence[Item],
    sampling: Sampling,
    *,
    name: str | Reader = "encoder",
) -> dict[str, Draws]:
    """Every measure of one scorer: on the sample first, then on each resample.

    Args:
        items: Four-way items.
        name: The scorer, a key of ``SCORERS``, or a reader of texts.

    Returns:
        Mean AUROC over queries, and accuracy by the type of the true option, in [0, 1].
        NaN throughout where the prompt set has no such prompt, where the labels make too
        few items of a type, and for choice by a scorer that does not read texts.
    """
    found = {}
    for measure, asked in questions(prompts).items():
        by = ALONE.get(measure, BY)
        queries = ask(gallery, asked, by, sampling=sampling, name=name)
        found[measure] = mean_over(queries.draws)
    return found | _choice(gallery, items, sampling, name)


def _choice(
    gallery: Gallery, items: Sequence[Item], sampling: Sampling, name: str | Reader
) -> dict[str, Draws]:
    kinds = np.array([item.type for item in items], dtype=str)
    enough = [kind for kind in TYPES if np.sum(kinds == kind) >= MIN_A_SIDE]
    nothing = np.full(1 + sampling.n_resamples, np.nan)
    found = dict.fromkeys(CHOSEN, nothing)
    if not can_read(name) or not enough:
        return found
    asked = asked_items(gallery, items, name)
    credit = choice_credit(asked.scores, asked.answers)
    rows = np.stack([np.where(kinds == kind, credit, np.nan) for kind in enough])
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    draws = accuracy_draws(rows, asked.patients, **how)
    return found | {f"choice-{k}": row for k, row in zip(enough, draws, strict=True)}


def changes(
    before: Mapping[str, Draws], after: Mapping[str, Draws], n: int
) -> pd.DataFrame:
    """What became of each measure, paired on the same resamples.

    Args:
        n: Images that were asked of.

    Returns:
        A row a measure: before, after and change, each with its ends (``change_low``,
        ``change_high``), p (two-sided), p_holm (corrected over the rows), detectable,
        chance, n.
    """
    table = pd.DataFrame(
        {"measure": name, **paired(before[name], after[name])} for name in before
    )
    chance = [CHANCES.get(name, np.nan) for name in before]
    return corrected(table).assign(chance=chance, n=n)


def numbers(
    before: Mapping[str, Draws], after: Mapping[str, Draws], n: int
) -> dict[str, Estimate]:
    """Each measure before and after, and its paired change, as numbers of a result.

    Returns:
        ``<measure>_before``, ``_after`` and ``_change``, dashes as underscores.
    """
    found = {}
    for name in before:
        stem, chance = name.replace("-", "_"), CHANCES.get(name)
        found[f"{stem}_before"] = as_estimate(before[name], n=n, chance=chance)
        found[f"{stem}_after"] = as_estimate(after[name], n=n, chance=chance)
        found[f"{stem}_change"] = compare(after[name][None], before[name][None], n)
    return found


def standings(scorers: Mapping[str, Mapping[str, Draws]]) -> pd.DataFrame:
    """Several scorers by measure, a row a value with its interval, for a chart."""
    return pd.DataFrame(
        {"measure": measure, "scorer": scorer, **summarise(draws)._asdict()}
        | {"chance": CHANCES.get(measure, np.nan)}
        for measure in next(iter(scorers.values()))
        for scorer, found in scorers.items()
        for draws in [found[measure]]
    )


def draws_table(scorers: Mapping[str, Mapping[str, Draws]]) -> pd.DataFrame:
    """Draws of several scorers, to be kept: measure, draw (0 is the sample), scorers."""
    parts = [
        pd.DataFrame(
            {"measure": measure, "draw": np.arange(len(draws), dtype=np.int32)}
            | {name: found[measure].astype(np.float32) for name, found in scorers.items()}
        )
        for measure, draws in next(iter(scorers.values())).items()
    ]
    return pd.concat(parts, ignore_index=True)


def paired(before: Draws, after: Draws) -> dict[str, float]:
    """A value before and after and their change, each with its ends; p and detectable.

    ``detectable`` is the smallest change that this sample would find in 80 of 100 tries.
    """
    found = paired_difference(after, before)
    return {
        **_ends("before", before),
        **_ends("after", after),
        **{"change": found.value, "change_low": found.low, "change_high": found.high},
        "p": found.p,
        "detectable": smallest_detectable_difference(found.standard_error),
    }


def corrected(table: pd.DataFrame) -> pd.DataFrame:
    """A table of tests with ``p_holm``, which is p corrected over its rows."""
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))


def _ends(name: str, draws: Draws) -> dict[str, float]:
    return dict(zip((name, f"{name}_low", f"{name}_high"), summarise(draws), strict=True))
