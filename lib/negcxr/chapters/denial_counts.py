"""How often real reports deny, by which cues, and what.

Idea: what a model hears of denial depends on what it has read. So the cues of reports are
counted, and what they deny; shares are over sentences, and their intervals resample whole
reports, since the sentences of one report are written by one hand in one style.

Limits: a cue is counted where it stands, whether or not it denies a finding; and what is
denied are the findings that the study has words for.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.queries import as_estimate
from negcxr.chapters.readings import FINDERS, missing
from negcxr.measure.intervals import summarise
from negcxr.measure.resampling import resampled
from negcxr.results import Estimate
from negcxr.text.denials import NEGSPACY, OURS, readers

NO_REPORTS = "not evaluable: no reports"
DENYING = ("sentences_deny", "reports_deny")


def cue_sets(sentences: pd.DataFrame) -> dict[str, list[tuple[str, ...]]]:
    """By reader that is there, the cues of every sentence, one that recurs read once."""
    found = {}
    for name in readers():
        of = {text: FINDERS[name](text) for text in dict.fromkeys(sentences["sentence"])}
        found[name] = [of[text] for text in sentences["sentence"]]
    return found


def cue_table(cues: dict[str, list[tuple[str, ...]]]) -> pd.DataFrame:
    """Each cue of each reader: reader, cue, n sentences, share of those that deny."""
    rows = []
    for name, each in cues.items():
        counts = Counter(cue for some in each for cue in set(some))
        deny = sum(map(bool, each))
        rows += [[name, cue, n, n / deny] for cue, n in counts.most_common()]
    return pd.DataFrame(rows, columns=["reader", "cue", "n", "share"])


def count_numbers(
    reports: pd.DataFrame,
    sentences: pd.DataFrame,
    cues: dict[str, list[tuple[str, ...]]],
    sampling: Sampling,
) -> dict[str, Estimate]:
    """How many reports and sentences there are, how long, and how many of them deny.

    Returns:
        ``reports``, ``sentences``, ``words`` (median of a report that has any);
        ``sentences_deny_<reader>`` and ``reports_deny_<reader>``, shares.
    """
    words = reports["text"].str.split().str.len()
    median = float(words[words > 0].median()) if (words > 0).any() else None
    found = {
        "reports": Estimate(value=len(reports), n=len(reports)),
        "sentences": Estimate(value=len(sentences), n=len(sentences)),
        "words": _or_none(median, len(reports)),
    }
    for name in (OURS, NEGSPACY):
        shares = dict.fromkeys(DENYING, missing(len(sentences), NO_REPORTS))
        if len(sentences) and name in cues:
            shares = _denying(sentences, cues[name], sampling)
        found |= {f"{k}_{name.replace(' ', '_')}": share for k, share in shares.items()}
    return found


def denied_table(mentions: pd.DataFrame, sampling: Sampling, reading: str) -> pd.DataFrame:
    """What is denied: finding, n mentions, value (share denied) and its ends.

    The most often denied finding comes first.
    """
    rows = []
    for finding, block in mentions.groupby("finding", sort=False):
        denied = block[reading].to_numpy(dtype=bool)
        draws = _share_draws(block["report"], denied, sampling)
        rows.append([finding, len(block), denied.sum(), *summarise(draws)])
    columns = ["finding", "n", "denied", "value", "low", "high"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["denied", "finding"], ascending=[False, True])


def disagreements(mentions: pd.DataFrame) -> pd.DataFrame:
    """Mentions that one reader alone takes as denied, by that reader's cues.

    Returns:
        denied_by, cue, n mentions; no row where a reader is missing.
    """
    rows = []
    if {OURS, NEGSPACY} <= set(mentions.columns):
        for one, other in ((OURS, NEGSPACY), (NEGSPACY, OURS)):
            alone = mentions.loc[mentions[one] & ~mentions[other], "sentence"]
            counts = Counter(cue for text in alone for cue in set(FINDERS[one](text)))
            rows += [[one, cue, n] for cue, n in counts.most_common()]
    return pd.DataFrame(rows, columns=["denied_by", "cue", "n"])


def agreeing(mentions: pd.DataFrame) -> Estimate:
    """Share of mentions on which both readers agree."""
    if not len(mentions) or not {OURS, NEGSPACY} <= set(mentions.columns):
        return missing(len(mentions), NO_REPORTS)
    return Estimate(
        value=float((mentions[OURS] == mentions[NEGSPACY]).mean()), n=len(mentions)
    )


def _denying(
    sentences: pd.DataFrame, cues: Sequence[tuple[str, ...]], sampling: Sampling
) -> dict[str, Estimate]:
    """The shares of sentences and of reports with a cue, by the names in ``DENYING``."""
    denies, of = np.array([bool(some) for some in cues]), sentences["report"]
    reports = pd.Series(denies).groupby(of.to_numpy()).any()
    each = (of, denies), (reports.index, reports.to_numpy())
    return {
        name: as_estimate(_share_draws(*pair, sampling), n=len(pair[1]))
        for name, pair in zip(DENYING, each, strict=True)
    }


def _share_draws(
    reports: Sequence[str], holds: Bool[np.ndarray, " item"], sampling: Sampling
) -> np.ndarray:
    """Share of items of which something holds, whole reports resampled."""
    names, codes = np.unique(np.asarray(reports, dtype=str), return_inverse=True)
    if len(names) < 2:
        return np.r_[holds.mean(), np.full(sampling.n_resamples, np.nan)]
    hits, items = np.bincount(codes, holds), np.bincount(codes)
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    return resampled(lambda w: (w @ hits) / (w @ items), names, **how)


def _or_none(value: float | None, n: int) -> Estimate:
    return Estimate(value=value, n=n, note="" if value is not None else NO_REPORTS)
