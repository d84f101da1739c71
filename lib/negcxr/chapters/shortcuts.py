"""Two scorers on the same queries, tested together; and what the view explains."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.queries import CHANCE, Queries, as_estimate
from negcxr.guard import enough
from negcxr.measure.intervals import (
    holm,
    mean_difference,
    mean_over,
    smallest_detectable_difference,
)
from negcxr.measure.retrieval import auroc_draws
from negcxr.results import Estimate

ALL = "all views"


def holm_table(first: Queries, second: Queries, polarities: Sequence[str]) -> pd.DataFrame:
    """Mean AUROC of the first scorer minus the second, a row a polarity.

    Both are resampled together; p is two-sided and corrected over the rows by Holm.
    ``detectable`` is the smallest difference that this sample would find in 80 of 100
    tries: finding none says nothing of a smaller one.
    """
    rows = []
    for polarity in polarities:
        both = (queries.where(polarity=polarity) for queries in (first, second))
        found = mean_difference(*both)
        if np.isfinite(found.value):
            detectable = smallest_detectable_difference(found.standard_error)
            rows.append({"polarity": polarity, **found._asdict(), "detectable": detectable})
    columns = ["polarity", "value", "low", "high", "p", "detectable"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))


def within_views(
    queries: Queries, gallery: Gallery, sampling: Sampling
) -> dict[str, Queries]:
    """The same queries among all images, and among those of each view alone.

    What a score owes to telling AP from PA is lost within one view.
    """
    views = gallery.dataset.table["view"].to_numpy()
    strata = {ALL: queries}
    for name in sorted({view for view in views if view}):
        within = np.where(views == name, queries.relevance, np.nan)
        relevance = enough(within, gallery.dataset)
        draws = auroc_draws(
            queries.scores,
            relevance,
            gallery.patients,
            n_resamples=sampling.n_resamples,
            seed=sampling.seed,
        )
        strata[name] = queries._replace(relevance=relevance, draws=draws)
    return strata


def mean_within(strata: Mapping[str, Queries], **equal: str) -> Estimate:
    """Mean AUROC over queries asked within one view, all views counted alike."""
    parts = [found.where(**equal) for name, found in strata.items() if name != ALL]
    n = strata[ALL].scores.shape[1]
    nothing = np.full((1, strata[ALL].draws.shape[1]), np.nan)
    return as_estimate(mean_over(np.concatenate(parts or [nothing])), n=n, chance=CHANCE)
