"""What fine-tuning changed of the heads, and the chapter's numbers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.groups import BASE
from negcxr.chapters.head_auroc import POLARITIES
from negcxr.chapters.head_orders import ORDERED, Judged
from negcxr.chapters.heads import passing
from negcxr.chapters.methods import corrected
from negcxr.chapters.side_changes import name_of
from negcxr.measure.intervals import paired_difference, summarise
from negcxr.results import Estimate

COLUMNS = ["measure", "side", "value", "low", "high"]
CHANGE = ["change", "change_low", "change_high", "p"]


def head_changes(judged: Sequence[Judged], kind: str) -> pd.DataFrame:
    """The largest head effect and the number of heads that pass, against the base.

    The largest effect is that of `negcxr.chapters.head_orders`: each side's own head,
    chosen on one half of the patients and judged on the other, on the same resamples for
    all sides. A number of heads has no interval, so its change is not tested.

    Returns:
        measure, side, value with its ends, change with its ends, p, p_holm (over the
        rows); NaN where there is none, as in all changes of the base.
    """
    rows = []
    for polarity in POLARITIES:
        draws = {one.swept.side.name: one.top[polarity].draws for one in judged}
        for side, found in draws.items():
            row = {"measure": f"largest head effect on {polarity}", "side": side}
            row |= summarise(found)._asdict()
            if side != BASE and BASE in draws:
                difference = paired_difference(found, draws[BASE])
                row |= dict(zip(CHANGE, difference, strict=False))
            rows.append(row)
    table = pd.DataFrame([*rows, *_counts(judged, kind)])
    return corrected(
        table.reindex(columns=[*COLUMNS, *CHANGE]).astype(dict.fromkeys(CHANGE, float))
    )


def _counts(judged: Sequence[Judged], kind: str) -> list[dict[str, object]]:
    counts = passing([one.swept for one in judged], kind)
    rows = []
    for polarity, block in counts.groupby("polarity", sort=False):
        base = block.loc[block["side"] == BASE, "pass"]
        for side, count in zip(block["side"], block["pass"], strict=True):
            row = {"measure": f"heads that pass on {polarity}", "side": side}
            row["value"] = float(count)
            if side != BASE and len(base):
                row["change"] = float(count - base.iloc[0])
            rows.append(row)
    return rows


def head_numbers(
    judged: Sequence[Judged], changes: pd.DataFrame, curves: pd.DataFrame, kind: str
) -> dict[str, Estimate]:
    """The numbers of the chapter, by side.

    Returns:
        ``heads_<polarity>_<side>`` (how many pass), ``top_head_effect_<side>`` and
        ``affirmed_head_effect_<side>``, each with ``change_of_...``; and on the judging
        half ``<polarity>_<side>``, the AUROC of the whole tower, and
        ``<polarity>_without_all_<side>``, that without any head.
    """
    found, images = {}, {o.swept.side.name: len(o.judging.images) for o in judged}
    for row in passing([one.swept for one in judged], kind).to_dict("records"):
        name = f"heads_{row['polarity']}_{name_of(row['side'])}"
        found[name] = Estimate(value=row["pass"], n=row["heads"])
    return found | _tops(changes, images) | _ends(curves, images)


def _tops(changes: pd.DataFrame, images: dict[str, int]) -> dict[str, Estimate]:
    found = {}
    stems = {"denied": "top_head_effect", "affirmed": "affirmed_head_effect"}
    for polarity, stem in stems.items():
        measure = f"largest head effect on {polarity}"
        for row in changes[changes["measure"] == measure].to_dict("records"):
            side, n = name_of(row["side"]), images[row["side"]]
            found[f"{stem}_{side}"] = _estimate(row, "value", ("low", "high"), n)
            if row["side"] != BASE:
                ends = ("change_low", "change_high")
                found[f"change_of_{stem}_{side}"] = _estimate(row, "change", ends, n)
    return found


def _ends(curves: pd.DataFrame, images: dict[str, int]) -> dict[str, Estimate]:
    """AUROC of each whole tower, and without any head."""
    found = {}
    ordered = curves[curves["order"] == ORDERED]
    for name, count in (("", 0), ("_without_all", ordered["heads"].max())):
        for row in ordered[ordered["heads"] == count].to_dict("records"):
            known = _estimate(row, "value", ("low", "high"), images[row["side"]])
            own = f"{row['polarity']}{name}_{name_of(row['side'])}"
            found[own] = known.model_copy(update={"chance": row["chance"]})
    return found


def _estimate(row: dict[str, float], value: str, ends: tuple[str, str], n: int) -> Estimate:
    low, high = (row[end] for end in ends)
    note = "" if np.isfinite(low) else "no interval: too few resamples"
    note = note if np.isfinite(row[value]) else "not evaluable: too few images"
    return Estimate(value=row[value], low=low, high=high, n=n, note=note)
