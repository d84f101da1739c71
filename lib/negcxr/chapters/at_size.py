"""Prompts asked of more images than fit into memory beside their scores.

What `negcxr.chapters.queries` does for thousands of images, with the same queries and a
table of the same form. The rows of the images may be memory-mapped, and the rows of
judgements are shared by all queries that ask for the same.

Limits: the encoder is the only scorer, since the others hold a score for every image.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float, Int8, Shaped

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.queries import CLAIM, refuse_mixed
from negcxr.data.dataset import Dataset
from negcxr.embed import Encoder, embed_images, embed_texts
from negcxr.guard import enough
from negcxr.measure.asked import Asked, compact
from negcxr.measure.at_size import evaluate_at_size
from negcxr.text.prompts import Prompt
from negcxr.text.relevance import prompt_contradiction, prompt_relevance


def measure_at_size(
    encoder: Encoder,
    dataset: Dataset,
    prompts: Sequence[Prompt],
    by: Sequence[str],
    *,
    sampling: Sampling,
    policy: str = "",
    threads: int = 1,
) -> pd.DataFrame:
    """Every measure of every query, with interval, n, prevalence and chance.

    Args:
        by: Fields of a prompt that tell queries apart, such as polarity and finding.
        policy: A key of ``POLICIES``; empty for the data set's own.
        threads: Queries that are ranked at once.

    Returns:
        As `negcxr.chapters.queries.measure`.

    Raises:
        InputError: Prompts that share a query do not ask for the same images.
    """
    fields = pd.DataFrame([prompt.model_dump() for prompt in prompts])
    refuse_mixed(fields, by)
    members = list(fields.groupby(list(by), sort=False).indices.values())
    first = [rows[0] for rows in members]
    texts = embed_texts(encoder, [prompt.text for prompt in prompts])
    queries = np.stack([texts[rows].mean(axis=0, dtype=float) for rows in members])
    asked = asked_by(
        [prompts[i] for i in first],
        dataset.findings,
        dataset.relevance(policy),
        sides=dataset.sides,
        dataset=dataset,
    )
    images, patients = embed_images(encoder, dataset), dataset.table["patient"]
    how = {"threads": threads, **sampling._asdict()}
    found = evaluate_at_size(images, queries, asked, patients.to_numpy(dtype=str), **how)
    table = fields.loc[first, [*by, "text"]].reset_index(drop=True)
    table = table.assign(prompts=[len(rows) for rows in members], query=range(len(members)))
    return table.merge(found, on="query").drop(columns="query")


def asked_by(
    prompts: Sequence[Prompt],
    findings: Sequence[str],
    relevance: Float[np.ndarray, "image finding"],
    *,
    sides: Shaped[np.ndarray, "image finding"] | None = None,
    dataset: Dataset | None = None,
) -> Asked:
    """What prompts ask for, each different set of images once.

    Args:
        findings: Names of the columns.
        relevance: 1 present, 0 absent, NaN not judged.
        sides: left, right, both, or blank where no side is known.
        dataset: Whose terms say how few patients a query may tell of; none for no limit.

    Raises:
        InputError: A prompt is for a finding that has no column.
    """
    rows: dict[bytes, int] = {}
    known: dict[tuple[str, ...], tuple[int, int]] = {}

    def row_of(judged: Float[np.ndarray, "_ image"]) -> int:
        judged = judged if dataset is None else enough(judged, dataset)
        return rows.setdefault(compact(judged).tobytes(), len(rows))

    for prompt in prompts:
        claim = tuple(str(getattr(prompt, name)) for name in CLAIM)
        if claim not in known:
            of = [prompt], findings, relevance, sides
            known[claim] = row_of(prompt_relevance(*of)), row_of(prompt_contradiction(*of))
    pairs = [known[tuple(str(getattr(p, name)) for name in CLAIM)] for p in prompts]
    wanted, unwanted = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Asked(_stacked(rows, len(relevance)), wanted, unwanted)


def _stacked(rows: dict[bytes, int], n_images: int) -> Int8[np.ndarray, "row image"]:
    judged = np.empty((len(rows), n_images), np.int8)
    for content, row in rows.items():
        judged[row] = np.frombuffer(content, np.int8)
    return judged
