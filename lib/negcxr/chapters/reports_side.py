"""Whole reports in the place of images, for a text encoder that has no images.

Idea: what a tower's rows are compared with is mostly images that have a finding and images
that have not. A text encoder by itself has none, but reports whose labels people gave do
as well: a report with the finding, and one without. So every look inside that takes a side
can be taken of it.

Limits: a report with a finding names it and one without often denies it in the same
words, so for reports the contrast of a finding is itself a contrast of polarity. And a
report is read as far as the tower reads.
"""

from itertools import islice

import numpy as np
import pandas as pd

from negcxr.chapters.drawn_sentences import can_read
from negcxr.chapters.gold_reports import by_finding
from negcxr.chapters.sides import Side
from negcxr.errors import InputError
from negcxr.models.tower import TextTower

TEXT = "text"  # findings and impression, as one


def reports_side(
    tower: TextTower, reports: pd.DataFrame, gold: pd.DataFrame, *, n: int, seed: int
) -> Side:
    """A side whose rows are reports and whose relevance is what people found in them.

    Args:
        reports: report and text; those without text, or without labels, are left out.
        gold: report, then 0 or 1 a label.
        n: Reports that are drawn; 0 takes all.

    Raises:
        InputError: No report has both text and labels.
    """
    labels = by_finding(gold)
    known = reports[reports["report"].isin(labels.index)]
    known = known[known[TEXT].str.strip() != ""]
    order, texts = np.random.default_rng(seed).permutation(len(known)), known[TEXT].tolist()
    readable = (place for place in order if can_read(tower, texts[place]))
    known = known.iloc[sorted(islice(readable, n or None))]
    if known.empty:
        raise InputError(
            f"{len(reports)} reports, {len(gold)} labelled: none has both text and labels; "
            "allowed: tables whose column report has names in common"
        )
    return Side(
        name=tower.name,
        tower=tower,
        rows=tower.encode_texts(known[TEXT].tolist()).astype(np.float64),
        relevance=labels.loc[known["report"]].to_numpy(dtype=np.float64),
        findings=tuple(labels.columns),
        patients=known["report"].to_numpy(dtype=str),
    )
