"""Bootstrap of AUROC: ours beside scipy.stats.bootstrap over scikit-learn's AUROC.

Both in one run on the same scores. Each is timed on as many resamples as it gets through
in reasonable time; what is compared is the time of one resample of one finding. Memory
is the peak of the process, so ours is measured first.

Run: ``python benchmarks/bootstrap.py``
"""

import resource
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.stats
from sklearn.metrics import roc_auc_score

from negcxr.measure.intervals import interval
from negcxr.measure.retrieval import auroc_draws

N_IMAGES, N_FINDINGS, PREVALENCE = 2_000, 8, 0.2
OUR_RESAMPLES = 10_000
THEIR_RESAMPLES = 2_000  # of one finding: a few seconds


class Timing(NamedTuple):
    """What one way took."""

    way: str
    resamples: int
    findings: int
    seconds: float
    low: float
    high: float
    peak_mib: float


def main() -> None:
    """Time both and print them as a table, with ratios."""
    rng = np.random.default_rng(0)
    relevance = (rng.random((N_FINDINGS, N_IMAGES)) < PREVALENCE).astype(float)
    scores = relevance + rng.normal(size=relevance.shape)
    before = _peak_mib()
    table = pd.DataFrame(
        [
            _timed("negcxr", OUR_RESAMPLES, N_FINDINGS, lambda: _ours(scores, relevance)),
            _timed("scipy", THEIR_RESAMPLES, 1, lambda: _theirs(scores, relevance)),
        ]
    )
    table["us_per_resample"] = (
        1e6 * table["seconds"] / table["resamples"] / table["findings"]
    )
    table["ratio"] = table["us_per_resample"] / table["us_per_resample"][0]
    print(f"{N_IMAGES} images; peak memory before the first row {before:.0f} MiB")
    print(table.to_string(index=False, float_format=lambda value: f"{value:.4g}"))


def _timed(
    way: str, resamples: int, findings: int, run: Callable[[], tuple[float, float]]
) -> Timing:
    start = time.perf_counter()
    low, high = run()
    seconds = time.perf_counter() - start
    return Timing(way, resamples, findings, seconds, low, high, _peak_mib())


def _ours(scores: np.ndarray, relevance: np.ndarray) -> tuple[float, float]:
    patients = np.arange(scores.shape[1])
    draws = auroc_draws(scores, relevance, patients, n_resamples=OUR_RESAMPLES, seed=0)
    return interval(draws[0, 1:])


def _theirs(scores: np.ndarray, relevance: np.ndarray) -> tuple[float, float]:
    found = scipy.stats.bootstrap(
        (relevance[0], scores[0]),
        roc_auc_score,
        paired=True,
        vectorized=False,
        n_resamples=THEIR_RESAMPLES,
        method="percentile",
        rng=0,
    )
    return tuple(found.confidence_interval)


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # bytes or KiB


if __name__ == "__main__":
    main()
