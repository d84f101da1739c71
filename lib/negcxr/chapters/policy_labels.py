"""What policies read, and what they make of it: counts of labels, and mistakes.

Limits: counts of pairs of an image and a finding; many films of one patient weigh as many.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from negcxr.chapters.policies import TRUTH, Policies
from negcxr.data.check_labels import denial_factor, label_counts
from negcxr.guard import MINIMUM

VALUES = ("present", "absent", "uncertain", "unmentioned")


def count_table(policies: Policies) -> pd.DataFrame:
    """The first labelling: how often each finding has each value, and what blanks add.

    Of a credentialed data set a finding with a count of a few is left without counts.

    Returns:
        finding, present, absent, uncertain, unmentioned, with blanks (absent or
        unmentioned), factor (the last over absent; NaN where nothing is denied).
    """
    dataset = policies.judged[0].gallery.dataset
    factors = denial_factor(dataset).rename(columns={"with_blanks": "with blanks"})
    table = label_counts(dataset).merge(factors.drop(columns="explicit"), on="finding")
    counts = table.drop(columns=["finding", "factor"])
    few = ((counts > 0) & (counts < MINIMUM)).any(axis=1)
    hidden = table.columns.drop("finding")
    if dataset.credentialed:
        table[hidden] = table[hidden].astype(float).where(~few)
    return table


def factors(counts: Mapping[str, int | list[int]]) -> pd.DataFrame:
    """Published counts of labels by finding, and by what blanks multiply its denials.

    Args:
        counts: By finding: present, absent, uncertain, unmentioned, as layouts have them.

    Returns:
        finding, present, absent, uncertain, unmentioned, with blanks, factor (NaN where
        nothing is denied), the largest factor last.
    """
    table = pd.DataFrame.from_dict(
        {name: row for name, row in counts.items() if isinstance(row, list)},
        orient="index",
        columns=list(VALUES),
    )
    table["with blanks"] = table["absent"] + table["unmentioned"]
    table["factor"] = table["with blanks"] / table["absent"].where(table["absent"] > 0)
    return table.sort_values("factor").rename_axis("finding").reset_index()


def judged_table(policies: Policies) -> pd.DataFrame:
    """How many pairs of image and finding each policy judges, and how many wrongly.

    Returns:
        labels, policy, present, absent, left out (shares of all pairs, adding up to 1),
        present wrong and absent wrong (shares of those, by the truth; NaN where nobody
        knows it).
    """
    truth = policies.reference.gallery.relevance
    if policies.reference.labels != TRUTH:
        truth = np.full_like(truth, np.nan)
    rows = []
    for one in policies.judged:
        judged = one.gallery.relevance
        row: dict[str, object] = {"labels": one.labels, "policy": one.policy}
        for name, value in (("present", 1), ("absent", 0)):
            row[name] = float((judged == value).mean())
            against = np.abs(truth[judged == value] - value)
            row[f"{name} wrong"] = float(against.mean()) if against.size else np.nan
        rows.append(row | {"left out": float(np.isnan(judged).mean())})
    columns = ["labels", "policy", "present", "absent", "left out"]
    return pd.DataFrame(rows)[[*columns, "present wrong", "absent wrong"]]
