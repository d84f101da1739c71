"""Two scorers on the same queries, tested together."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.queries import Queries
from negcxr.measure.intervals import bootstrap_p, holm, mean_over, summarise


def holm_table(first: Queries, second: Queries, polarities: Sequence[str]) -> pd.DataFrame:
    """Mean AUROC of the first scorer minus the second, a row a polarity.

    Both are resampled together; p is two-sided and corrected over the rows by Holm.
    """
    rows = []
    for polarity in polarities:
        draws = mean_over(first.where(polarity=polarity)) - mean_over(
            second.where(polarity=polarity)
        )
        if np.isfinite(draws[0]):
            found = summarise(draws)._asdict()
            rows.append({"polarity": polarity, **found, "p": bootstrap_p(draws)})
    table = pd.DataFrame(rows, columns=["polarity", "value", "low", "high", "p"])
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))
