"""Every measure of many queries against very many images, and intervals of some.

Idea: `retrieval` holds the scores of all queries and sorts them once for each measure,
which is right for thousands of images. Here scores are made when they are needed (see
``streaming``), all measures of a query come from one pair of sorts (``steps``), and
resamples are measured bin by bin (``binned``). The measures, their names and the form of
the table are those of `retrieval`; on a small gallery so are the values.

Values on the sample are exact, and so are all draws of the measures of the first k.
Draws of AUROC and average precision are within about 1e-4 of exact; ``binned`` has the
bound, proved on the sample and known for each draw. The resamples are those that one seed
gives everywhere, so all of it is paired with what else was measured.

Limits: a ranking by single-precision scores; see ``streaming``.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from negcxr.measure.asked import NOT_JUDGED, Asked, Fact, facts, refuse_other_shapes
from negcxr.measure.intervals import summarise
from negcxr.measure.ladders import Counts, Ladder, Patients
from negcxr.measure.ranking import METRICS
from negcxr.measure.resampling import patient_counts
from negcxr.measure.steps import auroc_of, average_precision_of, hits_among_first, steps
from negcxr.measure.streaming import scored
from negcxr.shapes import checked

RESAMPLES_AT_ONCE = 50  # of 65,000 patients in two precisions 40 MB, and fastest by trial

Rows = Float[np.ndarray, "image dim"]
Means = Float[np.ndarray, "query dim"]
Names = Shaped[np.ndarray, " image"]
Pair = tuple[np.ndarray, np.ndarray]  # judgements for and against a query
Draws = dict[str, Float[np.ndarray, "query draw"]]


@checked
def draws_at_size(
    images: Rows,
    queries: Means,
    asked: Asked,
    patients: Names,
    *,
    k: int = 10,
    n_resamples: int,
    seed: int,
    threads: int = 1,
) -> Draws:
    """Draws of each measure by its name: on the sample, then on each resample.

    As `negcxr.measure.retrieval.metric_draws`, for all measures at once; a query that is
    not evaluable is NaN throughout.

    Args:
        images: A unit row an image, of any precision; may be memory-mapped.
        queries: A row a query; the mean of its prompts' rows, where it has several.
        patients: Who is drawn again, with all of their images.
        n_resamples: 0 gives values alone, in a fraction of the time.
        threads: Queries that are ranked at once; matrix products have their own threads.

    Raises:
        InputError: A row is not as it must be, ``asked`` names a row that there is not,
            ``k`` is outside 1 to n, or there are fewer than two patients.
    """
    refuse_other_shapes(images, queries, asked, k)
    people = Patients.numbered(patients)
    draws = {m: np.full((len(queries), 1 + n_resamples), np.nan) for m in METRICS}
    for which, scores in scored(images, queries):
        block = {measure: values[which] for measure, values in draws.items()}
        _measure(block, scores, asked.rows(which), k=k, threads=threads)
        if n_resamples:
            rows = asked.rows(which)
            _resample(block, scores, rows, people, k=k, seed=seed, threads=threads)
    for (query, measure), fact in facts(asked, k).items():
        if fact.note:
            draws[measure][query] = np.nan
    return draws


@checked
def evaluate_at_size(
    images: Rows,
    queries: Means,
    asked: Asked,
    patients: Names,
    *,
    k: int = 10,
    n_resamples: int,
    seed: int,
    threads: int = 1,
) -> pd.DataFrame:
    """Every measure of every query, in the form of `negcxr.measure.retrieval.evaluate`.

    Args:
        images: As for `draws_at_size`, as are all others.

    Returns:
        A row a (query, measure): query (its row), measure, value, low, high, n (judged
        images), prevalence, chance, note (why there is no value).

    Raises:
        InputError: As `draws_at_size`.
    """
    how = {"k": k, "n_resamples": n_resamples, "seed": seed, "threads": threads}
    draws = draws_at_size(images, queries, asked, patients, **how)
    rows = [
        _report(query, measure, draws[measure][query], fact)
        for (query, measure), fact in facts(asked, k).items()
    ]
    return pd.DataFrame(rows)


def _report(query: int, measure: str, draws: np.ndarray, fact: Fact) -> dict[str, object]:
    lost = int(np.isnan(draws[1:]).sum())
    told = f"{lost} of {len(draws) - 1} resamples left out: a side was empty"
    return {
        "query": query,
        "measure": measure,
        **summarise(draws)._asdict(),
        **fact._asdict(),
        "note": fact.note or (told if lost else ""),
    }


def _measure(
    block: Draws, scores: np.ndarray, rows: list[Pair], *, k: int, threads: int
) -> None:
    """Fill draw 0 of each query, which is exact."""

    def measured(query: int) -> None:
        for measure, value in _values(scores[query], *rows[query], k).items():
            block[measure][query, 0] = value

    _each(measured, len(rows), threads)


def _values(
    scores: np.ndarray, wanted: np.ndarray, unwanted: np.ndarray, k: int
) -> dict[str, float]:
    """Every measure that has a value: where both sides have an image, and k fits."""
    values = {}
    ranking = steps(scores, wanted)
    n_hits, n = int(np.sum(wanted == 1)), int(np.sum(wanted != NOT_JUDGED))
    if 0 < n_hits < n:
        values["auroc"] = auroc_of(ranking)
        values["average_precision"] = average_precision_of(ranking)
    if n_hits and k <= n:
        hits = hits_among_first(k, scores, wanted)
        values |= {"precision_at_k": hits / k, "recall_at_k": hits / n_hits}
    if k <= np.sum(unwanted != NOT_JUDGED):
        values["contradiction_at_k"] = hits_among_first(k, scores, unwanted) / k
    return values


def _resample(
    block: Draws,
    scores: np.ndarray,
    rows: list[Pair],
    people: Patients,
    *,
    k: int,
    seed: int,
    threads: int,
) -> None:
    """Fill the draws of the resamples, those of AUROC and average precision by bins."""
    ladders: dict[int, Ladder] = {}

    def ready(query: int) -> None:
        ladders[query] = Ladder.of(scores[query], *rows[query], people)

    _each(ready, len(rows), threads)
    n_resamples, done = block["auroc"].shape[1] - 1, 1
    chunks = patient_counts(people.n, n_resamples, seed, at_once=RESAMPLES_AT_ONCE)
    for counts in chunks:
        small, to = counts.astype(np.float32), done + counts.shape[1]

        def measured(
            query: int, small: Counts = small, at: slice = slice(done, to)
        ) -> None:
            for measure, values in ladders[query].measured(small, k).items():
                block[measure][query, at] = values

        _each(measured, len(rows), threads)
        done = to


def _each(work: Callable[[int], None], n: int, threads: int) -> None:
    """Do the work for 0 to n - 1, some at once; what one raises is raised."""
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(n)):
            pass
