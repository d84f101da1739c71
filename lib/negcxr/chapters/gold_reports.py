"""Labels of whole reports, read from their sentences and held against those of people.

Idea: a report has a finding if a sentence names it and does not deny it. Against labels
that people gave, this says what reading a denial is worth: the same without that step
takes every finding that is named for present, as an encoder that is deaf to "no" does.

Limits: "no effusion, pneumothorax" is one sentence with two findings; a hedge counts as
present; and a finding in words that we do not know is missed by every reading alike.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.mentioned import MENTION, label_matrix, reading_names
from negcxr.chapters.queries import as_estimate
from negcxr.chapters.readings import missing
from negcxr.measure.agreement import MEASURES, agreement_draws, chance_of_agreement
from negcxr.measure.intervals import holm, mean_over, paired_difference, summarise
from negcxr.results import Estimate
from negcxr.text.denials import NEGSPACY, OURS

# NegBio's labels whose names are others than the study's.
RENAMED = {"Effusion": "Pleural Effusion", "Pleural_Thickening": "Pleural Thickening"}
NO_LABELS = "not evaluable: no labelled reports"
F1 = MEASURES.index("f1")
SHOWN = ("precision", "sensitivity", "f1")
READINGS = (MENTION, OURS, NEGSPACY)


class Graded(NamedTuple):
    """What each reading says of each report, held against the labels of people.

    Attributes:
        findings: The labels, by the study's names.
        truth: Which reports have them, by people.
        said: By reading, which reports have them.
        draws: By reading, each of ``MEASURES`` of each finding.
    """

    findings: tuple[str, ...]
    truth: Bool[np.ndarray, "report finding"]
    said: dict[str, Bool[np.ndarray, "report finding"]]
    draws: dict[str, Float[np.ndarray, "finding measure draw"]]

    def mean_f1(self, reading: str) -> Float[np.ndarray, " draw"]:
        """Mean of F1 over the findings, draw by draw."""
        return mean_over(self.draws[reading][:, F1])


def by_finding(gold: pd.DataFrame) -> pd.DataFrame:
    """Labels under the study's names; "normal", and what no report has, are left out.

    Args:
        gold: report, then 0 or 1 a label.
    """
    labels = gold.drop(columns=["report", "normal"], errors="ignore")
    labels = labels.loc[:, (labels == 1).any()].rename(columns=RENAMED)
    return labels.set_index(pd.Index(gold["report"], name="report"))


def grade(
    mentions: pd.DataFrame, reports: pd.DataFrame, gold: pd.DataFrame, sampling: Sampling
) -> Graded:
    """Hold every reading against the labels, on reports that have both text and labels.

    Args:
        gold: report, then 0 or 1 a finding; no row where there are no labels.
    """
    labels = by_finding(gold[gold["report"].isin(reports["report"])])
    findings, names = tuple(labels.columns), labels.index.tolist()
    truth = labels.to_numpy(dtype=float) == 1
    said = {
        reading: label_matrix(mentions, names, findings, reading)
        for reading in reading_names(mentions)
    }
    draws = _draws(said, truth, sampling) if len(names) > 1 and findings else {}
    return Graded(findings, truth, said, draws)


def gold_table(graded: Graded) -> pd.DataFrame:
    """Precision, sensitivity and F1 of each finding by each reading.

    Returns:
        finding, reading, n, prevalence, then each measure with its ends, chance (the F1
        of taking all reports for it), not_named (share of reports with it that name it
        nowhere).
    """
    rows = []
    for f, finding in enumerate(graded.findings if graded.draws else ()):
        has = graded.truth[:, f]
        for reading, draws in graded.draws.items():
            row = {"finding": finding, "reading": reading, "n": len(has)}
            row["prevalence"] = has.mean()
            for name in SHOWN:
                value = summarise(draws[f, MEASURES.index(name)])
                keys = (name, f"{name}_low", f"{name}_high")
                row |= dict(zip(keys, value, strict=True))
            row["chance"] = chance_of_agreement(has.mean())["f1"]
            rows.append(row | {"not_named": _not_named(graded, f)})
    ends = [f"{name}{end}" for name in SHOWN for end in ("", "_low", "_high")]
    columns = ["finding", "reading", "n", "prevalence", *ends, "chance", "not_named"]
    return pd.DataFrame(rows, columns=columns)


def gain_table(graded: Graded) -> pd.DataFrame:
    """What reading denials adds to the mean F1, and which reader adds more.

    Returns:
        first, second, value (first minus second) with its ends, p, p_holm.
    """
    pairs = [(OURS, MENTION), (NEGSPACY, MENTION), (OURS, NEGSPACY)]
    rows = [
        [*pair, *paired_difference(*map(graded.mean_f1, pair))[:4]]
        for pair in pairs
        if set(pair) <= graded.draws.keys()
    ]
    columns = ["first", "second", "value", "low", "high", "p"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))


def gold_numbers(graded: Graded) -> dict[str, Estimate]:
    """Mean F1 by reading, what a reader adds to it, and what no reading can find.

    Returns:
        ``gold_f1_mention_alone``, ``_our_cues``, ``_negspacy``; ``gold_gain_our_cues``,
        ``gold_gain_negspacy``; ``gold_not_named``.
    """
    n = len(graded.truth) if graded.draws else 0
    none, found = missing(n, NO_LABELS), {"gold_not_named": missing(0, NO_LABELS)}
    for reading in READINGS:
        name, mean = reading.replace(" ", "_"), none
        if reading in graded.draws:
            mean = as_estimate(graded.mean_f1(reading), n=n)
        found[f"gold_f1_{name}"] = mean
    for reader in (OURS, NEGSPACY):
        name, gain = reader.replace(" ", "_"), none
        if reader in graded.draws:
            gain = as_estimate(graded.mean_f1(reader) - graded.mean_f1(MENTION), n=n)
        found[f"gold_gain_{name}"] = gain
    if n:
        lost, total = graded.truth & ~graded.said[MENTION], int(graded.truth.sum())
        found["gold_not_named"] = Estimate(value=lost.sum() / total, n=total)
    return found


def _draws(said: dict, truth: np.ndarray, sampling: Sampling) -> dict[str, np.ndarray]:
    readings, n_findings = list(said), truth.shape[1]
    asked = np.concatenate([said[name].T for name in readings])
    draws = agreement_draws(
        asked,
        np.concatenate([truth.T] * len(readings)),
        np.arange(len(truth)),
        n_resamples=sampling.n_resamples,
        seed=sampling.seed,
    )
    parts = draws.reshape(len(readings), n_findings, *draws.shape[1:])
    return dict(zip(readings, parts, strict=True))


def _not_named(graded: Graded, finding: int) -> float:
    has = graded.truth[:, finding]
    return float((~graded.said[MENTION][has, finding]).mean()) if has.any() else np.nan
