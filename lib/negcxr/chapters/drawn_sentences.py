"""Real sentences drawn in pairs, an affirmed and a denied one about one finding.

Idea: reports affirm some findings and deny others, so sentences drawn at random would
differ in what they speak of, and not only in polarity. Here every denied sentence is
matched with an affirmed one about the same finding; each names one of the findings
alone, and both readers agree on how.

Limits: sentences that name one finding are the plain ones. Those that differ in case, space
or their last stop alone are one. What a reader of cues gets wrong is wrong here too.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.denial_counts import NO_REPORTS
from negcxr.chapters.mentioned import reading_names
from negcxr.chapters.sides import Side
from negcxr.errors import InputError
from negcxr.models.tower import TextTower
from negcxr.results import Estimate

N_EACH = 150  # sentences of each polarity
COLUMNS = ("report", "sentence", "finding", "affirmed")
BOTH = pd.MultiIndex.from_product(
    [("report", "sentence"), (True, False)], names=[None, "affirmed"]
)


def candidates(mentions: pd.DataFrame, findings: Sequence[str]) -> pd.DataFrame:
    """Different sentences that name one of the findings alone.

    Returns:
        report, sentence, finding, affirmed (by the first reader), agreed (by all readers).
    """
    known = mentions[mentions["finding"].isin(findings)]
    key = known["sentence"].str.lower().str.split().str.join(" ").str.rstrip(" .")
    known = known.assign(key=key)
    alone = known.groupby(["report", "key"])["finding"].transform("nunique") == 1
    known = known[alone].drop_duplicates("key").reset_index(drop=True)
    readings = known[reading_names(mentions)[1:]].astype(bool)
    known["affirmed"] = ~readings.iloc[:, 0]
    known["agreed"] = readings.nunique(axis=1) == 1
    return known[[*COLUMNS, "agreed"]]


def draw_sentences(
    found: pd.DataFrame, sides: Sequence[Side], *, seed: int, n_each: int = N_EACH
) -> pd.DataFrame:
    """Affirmed and denied sentences, as many of each about each finding.

    Args:
        found: As from `candidates`; only agreed ones are drawn, and only those that every
            side's tower can read.
        n_each: At most so many of each polarity.

    Returns:
        report, sentence, finding, affirmed; by finding.
    """
    rng = np.random.default_rng(seed)
    agreed = found[found["agreed"]]
    readable = [all(can_read(s.tower, t) for s in sides) for t in agreed["sentence"]]
    agreed = agreed[np.array(readable, dtype=bool)]
    mixed = agreed.iloc[rng.permutation(len(agreed))]
    place = mixed.groupby(["finding", "affirmed"]).cumcount().rename("pair")
    both = mixed.assign(pair=place).pivot(
        index=["finding", "pair"], columns="affirmed", values=["report", "sentence"]
    )
    both = both.reindex(columns=BOTH).dropna()
    chosen = both.iloc[np.sort(rng.permutation(len(both))[:n_each])]
    rows = chosen.stack("affirmed", future_stack=True).reset_index()
    return rows[list(COLUMNS)].astype({"affirmed": bool}).rename_axis(columns=None)


def drawn_table(found: pd.DataFrame, drawn: pd.DataFrame) -> pd.DataFrame:
    """By finding, how many different sentences affirm and deny it, and how many were drawn.

    Returns:
        finding, affirmed, denied, drawn of each.
    """
    agreed = found[found["agreed"]]
    groups = agreed.groupby("finding", sort=False)["affirmed"]
    table = pd.DataFrame({"affirmed": groups.sum(), "denied": groups.count()})
    table["denied"] -= table["affirmed"]
    taken = drawn.groupby("finding")["affirmed"].sum()
    table["drawn of each"] = taken.reindex(table.index, fill_value=0)
    return table.reset_index().astype(dict.fromkeys(table.columns, int))


def can_read(tower: TextTower, text: str) -> bool:
    """Whether a tower reads a text at all; some refuse a sign that they do not know."""
    try:
        tower.tokens([text])
    except InputError:
        return False
    return True


def draw_numbers(found: pd.DataFrame, drawn: pd.DataFrame) -> dict[str, Estimate]:
    """How many sentences there are to draw from, and how many were drawn.

    Returns:
        ``candidates``; ``agreed``, the share of them on which the readers agree;
        ``drawn``, of both polarities.
    """
    n, agreed = len(found), float(found["agreed"].mean()) if len(found) else None
    return {
        "candidates": Estimate(value=n, n=n),
        "agreed": Estimate(value=agreed, n=n, note="" if n else NO_REPORTS),
        "drawn": Estimate(value=len(drawn), n=len(drawn)),
    }
