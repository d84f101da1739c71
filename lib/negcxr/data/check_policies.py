"""Which prompts a data set can be asked, policy by policy.

A denied prompt is judged by telling images that lack a finding from those that have it,
and so is an affirmed one. With few images on either side the answer is chance, so a
finding is *askable* under a policy only if both sides have enough.

Limits: what can be asked is not what is true. Under a policy that takes blanks for
absences nearly everything can be asked, of labels that nobody gave.
"""

from itertools import permutations

import numpy as np
import pandas as pd

from negcxr.data.check_labels import policy_counts
from negcxr.data.dataset import Dataset
from negcxr.data.labels import ABSENT, POLICIES, PRESENT


def askable(dataset: Dataset, least: int) -> pd.DataFrame:
    """Whether affirmed and denied prompts of each finding can be judged, by policy.

    Args:
        least: Images that each side, present and absent, must have.

    Returns:
        policy, finding, present, absent, not_judged, and lacks: "" where the finding is
        askable, else what there is too little of ("present", "absent" or both).
    """
    counts = policy_counts(dataset)
    few = {side: counts[side] < least for side in ("present", "absent")}
    lacks = [
        " and ".join(side for side in few if few[side].iloc[row])
        for row in range(len(counts))
    ]
    return counts.assign(lacks=lacks)


def verdicts(dataset: Dataset, least: int) -> pd.DataFrame:
    """What each policy lets be asked, and what it does not.

    A composite "A without B" is asked among images that have A, so it needs enough of
    them that lack B, and enough that have it.

    Args:
        least: Images that each side must have.

    Returns:
        policy; askable (findings whose affirmed and denied prompts can be judged);
        pairs (composites that can); too_few_absent and too_few_present: findings that
        lack the one or the other, with commas between.
    """
    table = askable(dataset, least)
    rows = []
    for policy in POLICIES:
        part = table[table["policy"] == policy]
        lack = [
            ", ".join(part["finding"][part["lacks"].str.contains(side)])
            for side in ("absent", "present")
        ]
        n_askable = int((part["lacks"] == "").sum())
        rows.append([policy, n_askable, _pairs(dataset, policy, least), *lack])
    columns = ["policy", "askable", "pairs", "too_few_absent", "too_few_present"]
    return pd.DataFrame(rows, columns=columns)


def _pairs(dataset: Dataset, policy: str, least: int) -> int:
    judged = dataset.relevance(policy)
    has = (judged == PRESENT).astype(np.float32)  # exact up to 16 million images
    without = has.T @ (judged == ABSENT).astype(np.float32)
    both = has.T @ has
    enough = (without >= least) & (both >= least)
    pairs = permutations(range(len(dataset.findings)), 2)
    return sum(bool(enough[a, b]) for a, b in pairs)
