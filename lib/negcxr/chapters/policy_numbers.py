"""What the chapter on policies found, as numbers of a result.

Limits: a largest or lowest value among policies was chosen by looking, so its interval,
which is that of the one chosen, is a little too narrow for what it is used for.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from negcxr.chapters.policies import MEASURES, NO_QUERY
from negcxr.data.check_labels import denial_factor
from negcxr.data.dataset import Dataset
from negcxr.results import Estimate

NO_INTERVAL = "no interval: too few resamples"
NO_DENIAL = "not evaluable: no finding is denied anywhere"
ENDS = ("value", "low", "high")


def policy_numbers(tables: Mapping[str, pd.DataFrame], n: int) -> dict[str, Estimate]:
    """The numbers that the chapter tells, and every policy's own.

    Args:
        tables: means, moves, orders, signs and first, as the chapter's functions give
            them for the first labelling; moves for all.
        n: Images.
    """
    means, moves = tables["means"], tables["moves"]
    own = means[
        (means["scorer"] == "encoder") & (means["labels"] == means["labels"].iloc[0])
    ]
    found = {
        f"{row['policy']}_{row['measure']}": _estimate(row, n)
        for row in own.to_dict("records")
    }
    for measure in MEASURES:
        known = own[own["measure"] == measure]
        found[f"least_{measure}"] = _chosen(known.nsmallest(1, "value"), n)
        found[f"most_{measure}"] = _chosen(known.nlargest(1, "value"), n)
        moved = moves[moves["measure"] == measure]
        order = moved["value"].abs().sort_values(ascending=False, na_position="last")
        found[f"largest_move_{measure}"] = _chosen(moved.loc[order.index[:1]], n)
    return found | _counts(tables, own, moves) | _precisions(tables["first"], n)


def factor_numbers(dataset: Dataset) -> dict[str, Estimate]:
    """The least and the most by which blanks multiply a finding's denials."""
    known = denial_factor(dataset).dropna(subset=["factor"]).sort_values("factor")
    nothing = Estimate(value=None, n=len(dataset), note=NO_DENIAL)
    rows = known.to_dict("records")
    least, most = (
        (
            Estimate(value=row["factor"], n=len(dataset), note=row["finding"])
            for row in (rows[0], rows[-1])
        )
        if rows
        else (nothing, nothing)
    )
    return {"factor_least": least, "factor_most": most}


def _first(table: pd.DataFrame) -> pd.DataFrame:
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


def _counts(
    tables: Mapping[str, pd.DataFrame], own: pd.DataFrame, moves: pd.DataFrame
) -> dict[str, Estimate]:
    """How many policies, findings and orders differ."""
    gaps = own[own["measure"] == "gap"].dropna(subset=["value"])
    signs = tables["signs"].drop(columns="finding")
    known = signs.where(~signs.isin(["not evaluable"]))
    turned = known.nunique(axis=1) > 1
    denied = tables["orders"][lambda table: table["measure"] == "denied"]
    denied = denied[denied["labels"] == own["labels"].iloc[0]]
    evaluable = moves.dropna(subset=["value"])
    off = (evaluable["low"] > 0) | (evaluable["high"] < 0)
    return {
        "gaps_above_zero": Estimate(value=int((gaps["low"] > 0).sum()), n=len(gaps)),
        "findings_turned": Estimate(value=int(turned.sum()), n=len(signs)),
        "orders": Estimate(value=denied["order"].nunique(), n=len(denied)),
        "moves_told": Estimate(value=int(off.sum()), n=len(evaluable)),
    }


def _precisions(first: pd.DataFrame, n: int) -> dict[str, Estimate]:
    """The encoder's share among the first images, under each policy."""
    found = {}
    own = first[
        (first["scorer"] == "encoder") & (first["labels"] == first["labels"].iloc[0])
    ]
    for row in own.to_dict("records"):
        known = _estimate(row | {"chance": row["prevalence"], "note": ""}, n)
        common = {"prevalence": known.chance}
        found[f"{row['policy']}_precision"] = known.model_copy(update=common)
    return found
