"""What a gallery alone decides: prevalence, chance, and whether a query is evaluable.

Idea: before any model is asked, the judged images of a query fix what a blind scorer
would get, and whether there are enough of them to say anything. Every number of the
study stands beside these.
"""

import numpy as np

from negcxr.errors import InputError
from negcxr.measure.ranking import METRICS, Row
from negcxr.shapes import checked

# With ten images on one side, an AUROC of 0.75 has a standard error of 0.09 however
# many are on the other (Hanley & McNeil), and a single image moves it by up to 0.1.
MIN_A_SIDE = 10


@checked
def prevalence(relevant: Row) -> float:
    """Share of relevant images among those judged, in [0, 1]; NaN where none is."""
    judged = relevant[~np.isnan(relevant)]
    return float(judged.mean()) if judged.size else float("nan")


@checked
def chance(measure: str, relevant: Row, k: int) -> float:
    """What a scorer that gives every image the same score gets, in [0, 1].

    AUROC 1/2, recall@k k / n, every other measure the prevalence. A random *order* has
    the same mean, but for average precision, where it lies a little above.

    Args:
        measure: A key of `METRICS`.
        relevant: For contradiction@k, which images contradict the query.
    """
    require_known(measure)
    if measure == "auroc":
        return 0.5
    if measure == "recall_at_k":
        n = np.sum(~np.isnan(relevant))
        return float(k / n) if n else float("nan")
    return prevalence(relevant)


@checked
def not_evaluable(measure: str, relevant: Row, k: int) -> str:
    """Why a query has no value, in words; empty if it has one.

    A side (relevant, not relevant) with fewer than `MIN_A_SIDE` images says too little;
    of fewer than k judged images no first k can be chosen.
    """
    require_known(measure)
    n = int(np.sum(~np.isnan(relevant)))
    word = "contradicting" if measure == "contradiction_at_k" else "relevant"
    found = int(np.sum(relevant == 1))
    if n == 0:
        return "not evaluable: no image is judged"
    if found < MIN_A_SIDE:
        return f"not evaluable: {found} {word}, fewer than {MIN_A_SIDE}"
    if n - found < MIN_A_SIDE:
        return f"not evaluable: {n - found} not {word}, fewer than {MIN_A_SIDE}"
    if uses_k(measure) and k > n:
        return f"not evaluable: k is {k}, above n = {n}, the judged images"
    return ""


def uses_k(measure: str) -> bool:
    """Whether a measure looks at the first k images only."""
    return measure.endswith("_at_k")


def require_known(measure: str) -> None:
    """Refuse a measure that is not in `METRICS`."""
    if measure not in METRICS:
        raise InputError(f"measure is {measure!r}, allowed are {', '.join(METRICS)}")
