"""How many labels of each value there are, and what each policy makes of them.

A policy decides what is absent, and so which images a denied prompt may find. These
tables count the images on both sides of that decision before anything is measured, so
that a finding which nobody denied is known as such, and so is one where blanks outweigh
what somebody said.

Limits: counts of labels, not of truths; and of images, not of patients, so many films
of one patient weigh as many.
"""

import numpy as np
import pandas as pd

from negcxr.data.dataset import Dataset
from negcxr.data.labels import ABSENT, POLICIES, PRESENT, UNCERTAIN


def label_counts(dataset: Dataset) -> pd.DataFrame:
    """How often each finding has each of the four values, as the labels stand.

    Returns:
        A row a finding: finding, present, absent, uncertain, unmentioned. The four add
        up to the number of images.

    Example:
        >>> from negcxr.data.registry import load_dataset
        >>> counts = label_counts(load_dataset("phantoms", n_images=20))
        >>> set(counts.drop(columns="finding").sum(axis=1))
        {20}
    """
    labels = dataset.labels
    counts = {
        "present": (labels == PRESENT).sum(axis=0),
        "absent": (labels == ABSENT).sum(axis=0),
        "uncertain": (labels == UNCERTAIN).sum(axis=0),
        "unmentioned": np.isnan(labels).sum(axis=0),
    }
    return pd.DataFrame({"finding": list(dataset.findings), **counts})


def policy_counts(dataset: Dataset) -> pd.DataFrame:
    """How many images have each finding, lack it, or are left out, under every policy.

    Where absent is small, a denied prompt has few images to find, and where it is 0 it
    cannot be asked.

    Returns:
        A row a policy and finding: policy, finding, present, absent, not_judged. The
        three add up to the number of images.
    """
    return pd.concat([_under(dataset, policy) for policy in POLICIES], ignore_index=True)


def denial_factor(dataset: Dataset) -> pd.DataFrame:
    """By what blanks multiply the denials of each finding, if they count as absent.

    1 where every absence is stated. At 100, ninety-nine of a hundred images which a
    denied prompt should find are images of whose finding nobody wrote a word.

    Returns:
        A row a finding: finding, explicit (labels 0), with_blanks (labels 0 and blanks),
        and factor (with_blanks / explicit), NaN where there is no explicit absence.
    """
    counts = label_counts(dataset)
    explicit, blanks = counts["absent"], counts["absent"] + counts["unmentioned"]
    factor = blanks / explicit.where(explicit > 0)
    columns = {"explicit": explicit, "with_blanks": blanks, "factor": factor}
    return counts[["finding"]].assign(**columns)


def _under(dataset: Dataset, policy: str) -> pd.DataFrame:
    judged = dataset.relevance(policy)
    counts = {
        "present": (judged == PRESENT).sum(axis=0),
        "absent": (judged == ABSENT).sum(axis=0),
        "not_judged": np.isnan(judged).sum(axis=0),
    }
    return pd.DataFrame({"policy": policy, "finding": list(dataset.findings), **counts})
