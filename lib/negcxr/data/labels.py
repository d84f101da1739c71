"""Four-valued labels, and the named policies that turn them into relevance.

A label says what a report, a reader or a renderer said of one finding in one image:
present 1, absent 0, uncertain -1, unmentioned NaN. Whether an unmentioned finding is
absent is a decision, not a fact, so it is made here alone, under a name that every
number carries.

Limits: no policy knows the truth. On text-mined labels an unmentioned finding may well
be there, so a blank taken as absent puts wrong rows on the absent side; a blank left out
keeps only the images where somebody thought the absence worth a sentence.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.shapes import checked

PRESENT, ABSENT, UNCERTAIN = 1.0, 0.0, -1.0
UNMENTIONED = NOT_JUDGED = float("nan")
ALLOWED = "1 present, 0 absent, -1 uncertain, blank (NaN) unmentioned"


class Policy(NamedTuple):
    """What an unmentioned and an uncertain finding count as; NaN leaves the image out."""

    blank: float
    uncertain: float
    meaning: str


POLICIES: dict[str, Policy] = {
    "explicit": Policy(NOT_JUDGED, NOT_JUDGED, "present 1, absent 0, all else left out"),
    "explicit-uncertain-present": Policy(
        NOT_JUDGED, PRESENT, "present 1 or -1, absent 0, blank left out"
    ),
    "explicit-uncertain-absent": Policy(
        NOT_JUDGED, ABSENT, "present 1, absent 0 or -1, blank left out"
    ),
    "blank-absent": Policy(
        ABSENT, NOT_JUDGED, "present 1, absent 0 or blank, uncertain left out"
    ),
    "blank-absent-uncertain-present": Policy(
        ABSENT, PRESENT, "present 1 or -1, absent 0 or blank"
    ),
    "blank-absent-uncertain-absent": Policy(
        ABSENT, ABSENT, "present 1, absent 0, -1 or blank"
    ),
}


def named_policy(policy: str) -> Policy:
    """The policy of this name.

    Raises:
        InputError: No policy has this name; the message lists those that exist.
    """
    if policy not in POLICIES:
        known = ", ".join(POLICIES)
        raise InputError(f"policy {policy!r} is not known; choose one of: {known}")
    return POLICIES[policy]


@checked
def relevance(
    labels: Float[np.ndarray, "image finding"], policy: str
) -> Float[np.ndarray, "image finding"]:
    """Whether each image has each finding, as ``policy`` reads the labels.

    An image that is not judged for a finding leaves the gallery of that finding's
    prompts. What the labeller missed is not seen here: relevance is no truer than labels.

    Returns:
        1 present, 0 absent, NaN not judged.

    Raises:
        InputError: The policy is not known, or a label is none of the four values.

    Example:
        >>> relevance(np.array([[1.0, 0.0, -1.0, np.nan]]), "blank-absent")
        array([[ 1.,  0., nan,  0.]])
    """
    rule = named_policy(policy)
    refuse_unknown_labels(labels)
    judged = np.array(labels, dtype=np.float64)
    judged[np.isnan(labels)] = rule.blank
    judged[labels == UNCERTAIN] = rule.uncertain
    return judged


@checked
def refuse_unknown_labels(
    labels: Float[np.ndarray, "image finding"],
    findings: Sequence[str] = (),
    *,
    source: str = "labels",
) -> None:
    """Refuse a label that is none of the four values.

    Args:
        findings: Names of the columns, for the message; numbers stand in without them.
        source: What the message calls the table: a file, or the data set's name.

    Raises:
        InputError: Names the first such label by row, finding and value.
    """
    known = np.isnan(labels) | np.isin(labels, (PRESENT, ABSENT, UNCERTAIN))
    if known.all():
        return
    row, column = np.argwhere(~known)[0]
    finding = findings[column] if len(findings) else f"column {column}"
    value = f"{labels[row, column]:g}"
    raise InputError(f"{source}, row {row}, {finding}: label {value}; allowed: {ALLOWED}")
