"""Prompts that ask the same, taken together as a query, and measured.

The score of a query is the mean of its prompts' scores (``average-scores`` of
``negcxr.measure.ensembles``): for one query it ranks as the mean of unit rows does, and
it serves scorers that have no rows at all.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.readers import Reader
from negcxr.chapters.scorers import scorer
from negcxr.errors import InputError
from negcxr.guard import enough
from negcxr.measure.gallery import not_evaluable
from negcxr.measure.intervals import mean_difference, mean_over, summarise
from negcxr.measure.retrieval import METRICS, auroc_draws, evaluate
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt
from negcxr.text.relevance import prompt_contradiction, prompt_relevance

Rows = Float[np.ndarray, "query image"]
CHANCE = 0.5  # of AUROC
MEASURED = ("measure", "value", "low", "high", "n", "prevalence", "chance", "note")
CLAIM = ("polarity", "finding", "other", "side")  # fields that decide relevance


class Queries(NamedTuple):
    """Queries of one gallery: who they are, their scores, and what is asked for."""

    table: pd.DataFrame  # a row a query: what it was grouped by, prompts, text of the first
    scores: Rows
    relevance: Rows
    contradiction: Rows
    draws: Float[np.ndarray, "query draw"]  # AUROC: on the sample, then on each resample

    def where(self, **equal: str) -> Float[np.ndarray, "query draw"]:
        """The draws of the queries whose columns equal these values."""
        chosen = np.ones(len(self.table), dtype=bool)
        for column, value in equal.items():
            chosen &= (self.table[column] == value).to_numpy()
        if not chosen.any():
            return np.full((1, self.draws.shape[1]), np.nan)
        return self.draws[chosen]

    def mean(self, **equal: str) -> Estimate:
        """Mean AUROC of those queries, as a number with its interval."""
        draws = self.where(**equal)
        return as_estimate(mean_over(draws), n=self.scores.shape[1], chance=CHANCE)


def ask(
    gallery: Gallery,
    prompts: Sequence[Prompt],
    by: Sequence[str],
    *,
    sampling: Sampling,
    name: str | Reader = "encoder",
) -> Queries:
    """Group prompts into queries and score every image against each.

    Args:
        by: Fields of a prompt that tell queries apart, such as polarity and finding.
        name: The scorer, a key of ``SCORERS``, or a reader of texts.

    Returns:
        No query at all where the prompt set has no such prompt; its means then say so.

    Raises:
        InputError: The scorer is not known, or prompts that share a query do not ask for
            the same images.
    """
    prompts, score = list(prompts), scorer(name)
    if not prompts:
        return _no_queries(gallery, by, sampling)
    fields = pd.DataFrame([prompt.model_dump() for prompt in prompts])
    refuse_mixed(fields, by)
    groups = fields.groupby(list(by), sort=False).indices
    members = list(groups.values())
    first = [rows[0] for rows in members]
    findings, sides = gallery.dataset.findings, gallery.dataset.sides
    asked = [prompts[i] for i in first], findings, gallery.relevance, sides
    each = score(gallery, prompts)
    scores = np.stack([each[rows].mean(axis=0) for rows in members])
    relevance = enough(prompt_relevance(*asked), gallery.dataset)
    table = fields.loc[first, [*by, "text"]].reset_index(drop=True)
    draws = auroc_draws(
        scores,
        relevance,
        gallery.patients,
        n_resamples=sampling.n_resamples,
        seed=sampling.seed,
    )
    table = table.assign(prompts=[len(rows) for rows in members])
    contradiction = enough(prompt_contradiction(*asked), gallery.dataset)
    return Queries(table, scores, relevance, contradiction, draws)


def _no_queries(gallery: Gallery, by: Sequence[str], sampling: Sampling) -> Queries:
    table = pd.DataFrame(columns=[*by, "text", "prompts"])
    none = np.empty((0, len(gallery.rows)))
    return Queries(table, none, none, none, np.empty((0, sampling.n_resamples + 1)))


def refuse_mixed(fields: pd.DataFrame, by: Sequence[str]) -> None:
    """Only the first prompt of a query says what is relevant, so the rest must agree."""
    claims = fields.groupby(list(by), sort=False)[list(CLAIM)].nunique()
    for name in claims.columns[(claims > 1).any()]:
        raise InputError(f"queries by {', '.join(by)} mix several of {name!r}; add it")


def measure(queries: Queries, gallery: Gallery, sampling: Sampling) -> pd.DataFrame:
    """Every measure of every query, with interval, n, prevalence and chance.

    Raises:
        InputError: ``sampling.k`` is above the number of images.
    """
    if queries.table.empty:
        return queries.table.reindex(columns=[*queries.table.columns, *MEASURED])
    found = evaluate(
        queries.scores,
        queries.relevance,
        queries.contradiction,
        gallery.patients,
        k=sampling.k,
        n_resamples=sampling.n_resamples,
        seed=sampling.seed,
    )
    table = queries.table.assign(query=range(len(queries.table)))
    return table.merge(found, on="query").drop(columns="query")


def group_means(queries: Queries, by: Sequence[str]) -> pd.DataFrame:
    """Mean AUROC of the queries that share ``by``, each with its interval."""
    rows = []
    for values, block in queries.table.groupby(list(by), sort=False):
        draws = queries.draws[block.index]
        evaluable = int(np.isfinite(draws[:, 0]).sum())
        rows.append(
            {
                **dict(zip(by, values, strict=True)),
                **summarise(mean_over(draws))._asdict(),
                "chance": CHANCE,
                "queries": evaluable,
                "note": "" if evaluable else _why_not(queries, block.index),
            }
        )
    columns = [*by, "value", "low", "high", "chance", "queries", "note"]
    return pd.DataFrame(rows, columns=columns)


def _why_not(queries: Queries, rows: Sequence[int]) -> str:
    """The reason that holds for every one of some queries, or for the first of them."""
    return not_evaluable("auroc", queries.relevance[rows[0]], 1)


def extremes(queries: Queries, by: str) -> tuple[Estimate, Estimate]:
    """The lowest and the highest mean AUROC of the groups of a column."""
    means = group_means(queries, [by]).dropna(subset=["value"]).sort_values("value")
    names = list(means[by]) or [""]
    return queries.mean(**{by: names[0]}), queries.mean(**{by: names[-1]})


def shuffled_means(queries: Queries, sampling: Sampling) -> pd.DataFrame:
    """``shuffled_labels`` of each polarity, in the form of ``group_means``."""
    rows = []
    for polarity in dict.fromkeys(queries.table["polarity"]):
        dealt = shuffled_labels(queries, sampling, polarity=polarity)
        known = dealt.model_dump(include={"value", "low", "high", "chance", "note"})
        count = int((queries.table["polarity"] == polarity).sum())
        rows.append({"polarity": polarity, **known, "queries": count})
    columns = ["polarity", "value", "low", "high", "chance", "queries", "note"]
    return pd.DataFrame(rows, columns=columns).astype(
        {"value": float, "low": float, "high": float}
    )


def compare(
    first: Float[np.ndarray, "query draw"], second: Float[np.ndarray, "query draw"], n: int
) -> Estimate:
    """Mean AUROC of the first queries minus that of the second, on the same resamples."""
    found = mean_difference(first, second)
    value, low, high = found[:3]
    if not np.isfinite(found.p):
        return as_estimate(mean_over(first) - mean_over(second), n=n)
    note = f"two-sided bootstrap p {found.p:.2g}"
    return Estimate(value=value, low=low, high=high, n=n, note=note)


def shuffled_labels(queries: Queries, sampling: Sampling, **equal: str) -> Estimate:
    """Mean AUROC with the images dealt anew to the labels: what chance gives here.

    The interval is the range of 95 % of the deals, not a bootstrap.
    """
    chosen = np.flatnonzero((queries.table[list(equal)] == equal).all(axis=1))
    rng = np.random.default_rng(sampling.seed)
    once = np.ones((1, queries.scores.shape[1]))
    auroc = METRICS["auroc"]
    deals = []
    for _ in range(min(sampling.n_resamples, 100)):
        order = rng.permutation(queries.scores.shape[1])
        values = [
            auroc(queries.scores[q][order], queries.relevance[q], once)[0]
            for q in chosen
            if np.isfinite(queries.draws[q, 0])
        ]
        deals.append(np.mean(values) if values else np.nan)
    draws = np.array([np.nanmean(deals) if np.isfinite(deals).any() else np.nan, *deals])
    return as_estimate(draws, n=queries.scores.shape[1], chance=CHANCE)


def as_estimate(
    draws: Float[np.ndarray, " draw"], *, n: int, chance: float | None = None
) -> Estimate:
    """Draws as a number with its interval; one that cannot be had says so."""
    value, low, high = summarise(draws)
    note = "" if np.isfinite(low) else "no interval: too few resamples"
    note = note if np.isfinite(value) else "not evaluable: too few images"
    return Estimate(value=value, low=low, high=high, n=n, chance=chance, note=note)
