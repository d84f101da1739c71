"""Multiple choice under each policy, and how many of its keys the truth contradicts.

Idea: an item needs labels that say which of its options are true, so a policy that guesses
makes items whose answer is a guess; where the truth is known, those can be counted.

Limits: items are drawn anew for each policy, so their accuracies are not paired.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool

from negcxr.chapters.choices import asked_items, choice_table
from negcxr.chapters.galleries import Sampling
from negcxr.chapters.policies import SCORERS, TRUTH, Policies
from negcxr.text.choices import Item, Option, four_way_items
from negcxr.text.vocabulary import Words


def answer_table(
    policies: Policies, words: Mapping[str, Words], sampling: Sampling, *, n_items: int
) -> pd.DataFrame:
    """Accuracy of four-way choice by the type of the true option, under each policy.

    Returns:
        labels, policy, scorer, type, value, low, high, n, chance, note, wrong_key (share
        of the items with another answer by the truth, NaN where nobody knows it).
    """
    parts = []
    for one in policies.compared:
        findings = one.gallery.dataset.findings
        items = four_way_items(
            one.gallery.relevance, findings, words, n=n_items, seed=sampling.seed
        )
        for scorer in SCORERS:
            table = choice_table(asked_items(one.gallery, items, scorer), sampling)
            about = {"labels": one.labels, "policy": one.policy, "scorer": scorer}
            wrong = [_wrong(items, policies, kind) for kind in table["type"]]
            parts.append(table.assign(**about, wrong_key=wrong))
    columns = ["labels", "policy", "scorer", "type", "value", "low", "high", "n", "chance"]
    return pd.concat(parts, ignore_index=True)[[*columns, "note", "wrong_key"]]


def _wrong(items: Sequence[Item], policies: Policies, kind: str) -> float:
    """Share of the items of a type for which the truth has another answer, or two."""
    known = policies.reference
    asked = [item for item in items if kind in ("all", item.type)]
    if known.labels != TRUTH or not asked:
        return float("nan")
    column = {name: i for i, name in enumerate(known.gallery.dataset.findings)}
    wrong = 0
    for item in asked:
        has = known.gallery.relevance[item.row] == 1
        true = [_so(option, has, column) for option in item.options]
        wrong += true != [place == item.answer for place in range(len(true))]
    return wrong / len(asked)


def _so(option: Option, has: Bool[np.ndarray, " finding"], column: dict[str, int]) -> bool:
    first, *rest = (bool(has[column[name]]) for name in option.findings)
    match option.type:
        case "affirmed":
            return first and all(rest)
        case "denied":
            return not first
    return first and not any(rest)
