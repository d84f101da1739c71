"""What a change of policy turns round: orders, signs and first images.

Idea: a number that moves a little matters less than a conclusion that turns. So the
conclusions themselves are tabled, a row a policy: which scorer comes first, for which
findings a denial is ranked worse than its affirmation, how many of the first images fit.

Limits: a sign is called by an interval of its own finding, without correction for the
number of findings.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.policies import (
    ASKED,
    BLIND,
    MEASURES,
    SCORERS,
    Judged,
)
from negcxr.chapters.policy_means import FEWEST, mean_draws
from negcxr.data.labels import POLICIES
from negcxr.measure.gallery import prevalence
from negcxr.measure.intervals import mean_over, summarise
from negcxr.measure.retrieval import metric_draws

MEASURE = "precision_at_k"
NO_VALUE = "not evaluable"
ENDS = ("value", "low", "high")
WORSE, BETTER, OPEN = "denied worse", "denied better", "undecided"


def in_short(policy: str) -> str:
    """A policy in so few letters that a chart has room: ``blank 0, -1 as 1``.

    What is no policy, such as "truth", stays as it is.
    """
    if policy not in POLICIES:
        return policy
    rule = POLICIES[policy]
    blank = "explicit" if np.isnan(rule.blank) else "blank 0"
    return blank if np.isnan(rule.uncertain) else f"{blank}, -1 as {rule.uncertain:.0f}"


def side_by_side(table: pd.DataFrame, name: str, measures: Sequence[str]) -> pd.DataFrame:
    """A long table with a column a measure, its ends beside it, for a page.

    Args:
        name: The column that has the measures.

    Returns:
        labels, policy, scorer, and for each measure its value, ``_low`` and ``_high``.
    """
    rows = []
    about = ["labels", "policy", "scorer"]
    for values, block in table.groupby(about, sort=False):
        row: dict[str, object] = dict(zip(about, values, strict=True))
        known = block.set_index(name)
        for measure in measures:
            for end, column in zip(("", "_low", "_high"), ENDS, strict=True):
                row[f"{measure}{end}"] = known.at[measure, column]
        rows.append(row)
    return pd.DataFrame(rows)


def means_side_by_side(table: pd.DataFrame) -> pd.DataFrame:
    """`side_by_side` of means or moves, and how many queries they are over.

    Returns:
        As `side_by_side`; then findings (queries of affirmed, denied and gap) and pairs
        (of composite).
    """
    about = ["labels", "policy", "scorer"]
    counts = table.pivot(index=about, columns="measure", values="queries")
    counts = counts.rename(columns={"denied": "findings", "composite": "pairs"})
    wide = side_by_side(table, "measure", MEASURES)
    return wide.merge(counts[["findings", "pairs"]].reset_index(), on=about)


def order_table(judged: Iterable[Judged]) -> pd.DataFrame:
    """The scorers from best to worst by mean AUROC, a row a policy and polarity.

    The best may lead by less than an interval; `mean_table` has those.

    Returns:
        labels, policy, measure, order (names joined by " > ").
    """
    rows = []
    for one in judged:
        for polarity in ASKED:
            about = {"labels": one.labels, "policy": one.policy, "measure": polarity}
            rows.append(about | {"order": _order(one, polarity) or NO_VALUE})
    return pd.DataFrame(rows)


def _order(one: Judged, polarity: str) -> str:
    names = (*SCORERS, *BLIND)
    means = {name: mean_draws(one.queries[name], polarity)[0] for name in names}
    known = [name for name in names if np.isfinite(means[name])]
    return " > ".join(sorted(known, key=lambda name: -means[name]))


def sign_table(judged: Sequence[Judged]) -> pd.DataFrame:
    """Whether a finding's denial is ranked worse than its affirmation, under each policy.

    Said where the 95 % interval of the gap, affirmed less denied AUROC, leaves zero out.

    Returns:
        finding, and a column a policy: denied worse, denied better, undecided or not
        evaluable.
    """
    findings = judged[0].gallery.dataset.findings
    columns = {one.policy: [_sign(one, finding) for finding in findings] for one in judged}
    return pd.DataFrame({"finding": findings, **columns})


def _sign(one: Judged, finding: str) -> str:
    affirmed, denied = (
        mean_over(one.queries["encoder"].where(polarity=polarity, finding=finding))
        for polarity in ("affirmed", "denied")
    )
    gap = summarise(affirmed - denied)
    if not np.isfinite(gap.low):
        return NO_VALUE
    return WORSE if gap.low > 0 else BETTER if gap.high < 0 else OPEN


def first_images(judged: Iterable[Judged], sampling: Sampling) -> pd.DataFrame:
    """Share of the first k images that lack what is denied, beside their share of all.

    Precision by each policy's own labels, mean over findings. Its chance is the
    prevalence, which a policy moves: compare how far it lies above, not the share.
    NaN where a policy can ask fewer than `FEWEST` of several.

    Returns:
        labels, policy, scorer, value, low, high, prevalence, queries.
    """
    rows = []
    for one in judged:
        for scorer in SCORERS:
            about = {"labels": one.labels, "policy": one.policy, "scorer": scorer}
            rows.append(about | _first(one, scorer, sampling))
    return pd.DataFrame(rows)


def _first(one: Judged, scorer: str, sampling: Sampling) -> dict[str, object]:
    queries = one.queries[scorer]
    asked = (queries.table["polarity"] == "denied").to_numpy(dtype=bool)
    relevance = queries.relevance[asked]
    draws = metric_draws(
        MEASURE,
        queries.scores[asked],
        relevance,
        one.gallery.patients,
        k=sampling.k,
        n_resamples=sampling.n_resamples,
        seed=sampling.seed,
    )
    counted = np.isfinite(draws[:, 0])
    shares = [prevalence(row) for row in relevance[counted]]
    common = float(np.mean(shares)) if shares else float("nan")
    if len(shares) < min(FEWEST, asked.sum()):
        draws = np.full_like(draws, np.nan)
    found = summarise(mean_over(draws))._asdict()
    return found | {"prevalence": common, "queries": len(shares)}
