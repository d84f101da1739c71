"""Two scorers on the same queries, tested together."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.queries import Queries
from negcxr.measure.intervals import holm, mean_difference


def holm_table(first: Queries, second: Queries, polarities: Sequence[str]) -> pd.DataFrame:
    """Mean AUROC of the first scorer minus the second, a row a polarity.

    Both are resampled together; p is two-sided and corrected over the rows by Holm.
    """
    rows = []
    for polarity in polarities:
        both = (queries.where(polarity=polarity) for queries in (first, second))
        found = mean_difference(*both)
        if np.isfinite(found.value):
            rows.append({"polarity": polarity, **found._asdict()})
    table = pd.DataFrame(rows, columns=["polarity", "value", "low", "high", "p"])
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))
