"""Scorers of all runs by the few measures that every run has, as tables for a page.

Limits: a prevalence is the mean over findings, and is told where a run of the same images
under the same policy has its chapter on retrieval.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.side_by_side import FIT, About, Found
from negcxr.chapters.side_by_side_scores import CHANCE, MEASURES, Scored
from negcxr.chapters.side_by_side_tables import marked
from negcxr.errors import InputError
from negcxr.guard import MINIMUM
from negcxr.results import read_table

RETRIEVAL = "10_retrieval"


def scores_table(rows: Sequence[Scored], found: Sequence[Found]) -> pd.DataFrame:
    """Every scorer of every run by measure, with what it is to be read against.

    Returns:
        run, found in, scorer, measure, value, low, high, n, prevalence (mean over the
        findings; of affirmed and denied prompts alone), chance, checkpoint, data, policy,
        device, made, state (``fit``, or why the result is stale).
    """
    shares = _prevalences(found)
    told = [
        {
            **{"run": f"{one.run}{marked([one.found])}", "found in": one.found.where},
            **{"scorer": one.scorer, "measure": measure},
            **one.numbers[measure]._asdict(),
            **_read_against(one.found.about, measure, shares),
            "state": one.found.stale or FIT,
        }
        for one in rows
        for measure in MEASURES
    ]
    columns = ["run", "found in", "scorer", "measure", "value", "low", "high", "n"]
    columns += ["prevalence", "chance", "checkpoint", "data", "policy", "device", "made"]
    return pd.DataFrame(told, columns=[*columns, "state"])


def _read_against(
    about: About, measure: str, shares: Mapping[tuple[str, str], float]
) -> dict[str, object]:
    """What stands beside a number; of a denied prompt, those without are relevant."""
    share = shares.get((about.sample, about.policy), np.nan)
    n, known = int(about.n or 0), {"affirmed": share, "denied": 1 - share}
    if min(n * share, n * (1 - share)) < MINIMUM:
        known = {}  # a share of so few is not told of data that may not be passed on
    return {
        **{"n": n, "prevalence": known.get(measure, np.nan)},
        "chance": CHANCE[measure],
        **{name: getattr(about, name) for name in ("checkpoint", "data", "policy")},
        **{"device": about.device, "made": about.date},
    }


def _prevalences(found: Iterable[Found]) -> dict[tuple[str, str], float]:
    """Of images under a policy, the mean prevalence of the findings, where it is told."""
    shares: dict[tuple[str, str], float] = {}
    for one in found:
        if one.job == RETRIEVAL and one.result:
            try:
                table = read_table(one.path, "measures")
                affirmed = table[table["polarity"] == "affirmed"]
                share = affirmed.drop_duplicates("finding")["prevalence"].mean()
            except (InputError, OSError, ValueError, KeyError, TypeError):
                continue  # a broken table leaves a dash; its result stands nevertheless
            shares.setdefault((one.about.sample, one.about.policy), float(share))
    return shares


def wide(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """A long table with a column a measure, its ends beside it, in the order of rows."""
    rows = []
    for _, block in table.groupby(list(keys), sort=False, dropna=False):
        row = block.iloc[0][list(keys)].to_dict()
        for one in block.to_dict("records"):
            name = one["measure"]
            row |= {name: one["value"], f"{name}_low": one["low"]}
            row |= {f"{name}_high": one["high"]}
        rows.append(row)
    ends = [f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=[*keys, *ends])
