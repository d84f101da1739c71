"""What the chapter on policies found, as numbers of a result.

Idea: what is called lowest and highest among policies is taken over the queries that all
of them share, so that it tells of labels read otherwise and not of other findings asked.

Limits: a largest or lowest value among policies was chosen by looking, so its interval,
which is that of the one chosen, is a little too narrow for what it is used for.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from negcxr.chapters.policies import ASKED, MEASURES, TRUTH
from negcxr.chapters.policy_means import NO_QUERY
from negcxr.chapters.policy_tables import BETTER, NO_VALUE, OPEN, WORSE
from negcxr.results import Estimate

ALPHA = 0.05  # below it, corrected, a move is told
NO_INTERVAL = "no interval: too few resamples"
NO_DENIAL = "not evaluable: no finding whose denials may be counted is denied anywhere"
NO_MOVE = "not evaluable: no policy can be held against the reference"
NO_HABIT = "not evaluable: labels were given, and not written by a reporter of ours"
ENDS = ("value", "low", "high")
HABITS = {"lot": "by lot", "sick": "denies about the sick"}  # told of side by side


def policy_numbers(tables: Mapping[str, pd.DataFrame], n: int) -> dict[str, Estimate]:
    """The numbers that the chapter tells, and every policy's own.

    Args:
        tables: means, common, moves, orders, signs and first, as the chapter's functions
            give them for the first labelling; moves for all. Common has the means over
            the queries that all policies share.
        n: Images.
    """
    moves = tables["moves"]
    own, shared = _encoder(tables["means"]), _encoder(tables["common"])
    found = {
        f"{row['policy']}_{row['measure']}": _estimate(row, n)
        for row in own.to_dict("records")
    }
    for measure in MEASURES:
        known = shared[shared["measure"] == measure]
        found[f"least_{measure}"] = _chosen(known.nsmallest(1, "value"), n)
        found[f"most_{measure}"] = _chosen(known.nlargest(1, "value"), n)
        moved = moves[moves["measure"] == measure]
        order = moved["value"].abs().sort_values(ascending=False, na_position="last")
        found[f"largest_move_{measure}"] = _chosen(moved.loc[order.index[:1]], n)
    found |= _shares(own, shared) | _counts(tables, shared)
    found |= _moves(moves) | _by_habit(moves, n)
    return found | _precisions(tables["first"], n)


def factor_numbers(counts: pd.DataFrame, n: int) -> dict[str, Estimate]:
    """The least and the most by which blanks multiply a finding's denials.

    Args:
        counts: As `negcxr.chapters.policy_labels.count_table` gives them; what it hides
            is in no number.
        n: Images.
    """
    known = counts.dropna(subset=["factor"]).sort_values("factor")
    if not len(known):
        nothing = Estimate(value=None, n=n, note=NO_DENIAL)
        return {"factor_least": nothing, "factor_most": nothing}
    rows = known.to_dict("records")
    least, most = (
        Estimate(value=row["factor"], n=n, note=row["finding"])
        for row in (rows[0], rows[-1])
    )
    return {"factor_least": least, "factor_most": most}


def _encoder(table: pd.DataFrame) -> pd.DataFrame:
    """The encoder's rows of the first labelling."""
    labels = table["labels"].iloc[0]
    return table[(table["scorer"] == "encoder") & (table["labels"] == labels)]


def _estimate(row: Mapping[str, object], n: int, note: str = "") -> Estimate:
    value, low, high = (float(row[end]) for end in ENDS)
    if not np.isfinite(value):
        note = row["note"] or NO_QUERY
    elif not np.isfinite(low):
        note = note or NO_INTERVAL
    chance = float(row["chance"])
    known = {"chance": chance} if np.isfinite(chance) else {}
    return Estimate(value=value, low=low, high=high, n=n, note=note, **known)


def _chosen(rows: pd.DataFrame, n: int) -> Estimate:
    for row in rows.to_dict("records"):
        return _estimate(row, n, f"under {row['policy']}, {row['labels']}")
    return Estimate(value=None, n=n, note=NO_QUERY)


def _shares(own: pd.DataFrame, shared: pd.DataFrame) -> dict[str, Estimate]:
    """How many queries all policies share, of those that any of them can ask."""
    return {
        f"shared_{measure}": Estimate(
            value=int(shared.loc[shared["measure"] == measure, "queries"].max()),
            n=int(own.loc[own["measure"] == measure, "queries"].max()),
        )
        for measure in ASKED
    }


def _counts(
    tables: Mapping[str, pd.DataFrame], shared: pd.DataFrame
) -> dict[str, Estimate]:
    """How many policies, findings and orders differ."""
    gaps = shared[shared["measure"] == "gap"].dropna(subset=["value"])
    signs = tables["signs"].drop(columns=["finding", TRUTH], errors="ignore")
    said = [{*row} - {NO_VALUE} for row in signs.to_numpy()]
    turned = sum({WORSE, BETTER} <= row for row in said)
    undecided = sum(OPEN in row and len(row) > 1 for row in said)
    denied = tables["orders"][lambda table: table["measure"] == "denied"]
    denied = denied[denied["labels"] == shared["labels"].iloc[0]]
    denied = denied[denied["order"] != NO_VALUE]
    return {
        "gaps_above_zero": Estimate(value=int((gaps["low"] > 0).sum()), n=len(gaps)),
        "findings_turned": Estimate(value=turned, n=len(signs)),
        "findings_undecided": Estimate(value=undecided, n=len(signs)),
        "orders": Estimate(value=denied["order"].nunique(), n=len(denied)),
    }


def _moves(moves: pd.DataFrame) -> dict[str, Estimate]:
    """How many moves are told from none, and what it was worth to measure them paired."""
    tested = moves.dropna(subset=["p"])
    n, widths = len(tested), tested["high"] - tested["low"]
    share = (widths / tested["apart"].where(tested["apart"] > 0)).median()
    note = "" if np.isfinite(share) else NO_MOVE
    return {
        "moves_told": Estimate(value=int((tested["p_holm"] < ALPHA).sum()), n=n),
        "width_share": Estimate(value=share, n=n, note=note),
    }


def _by_habit(moves: pd.DataFrame, n: int) -> dict[str, Estimate]:
    """How far explicit labels move a mean, where who denies does so by lot or not."""
    found = {}
    explicit = moves[moves["policy"] == "explicit"].set_index(["labels", "measure"])
    for name, habit in HABITS.items():
        for measure in MEASURES:
            known = (habit, measure) in explicit.index
            found[f"{name}_move_{measure}"] = (
                _estimate(explicit.loc[(habit, measure)], n)
                if known
                else Estimate(value=None, n=n, note=NO_HABIT)
            )
    return found


def _precisions(first: pd.DataFrame, n: int) -> dict[str, Estimate]:
    """The encoder's share among the first images, under each policy."""
    found = {}
    for row in _encoder(first).to_dict("records"):
        known = _estimate(row | {"chance": row["prevalence"], "note": ""}, n)
        common = {"prevalence": known.chance}
        found[f"{row['policy']}_precision"] = known.model_copy(update=common)
    return found
