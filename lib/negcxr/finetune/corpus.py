"""Phantoms with their reports, and the batches that pretraining sees.

A batch is a function of seed and step alone, so that a run that was killed goes on with
the very batch that would have come next.
"""

import json
import math
from collections.abc import Sequence, Sized
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, UInt8

from negcxr.data import phantoms
from negcxr.data.claims import TruthTable, holds, tabulate
from negcxr.data.rationing import rationed
from negcxr.data.reports import Bias, Report, Statement, write_report
from negcxr.data.truth import Truth
from negcxr.errors import InputError
from negcxr.finetune.recipe import Recipe

# Streams of their own for what else is drawn, beside the batches' [seed, 0, step].
REPORTS, ORDER = 1, 2


class Corpus(NamedTuple):
    """The training phantoms: pixels, truths and one report each."""

    pixels: UInt8[np.ndarray, "image size size"]
    truths: TruthTable
    reports: list[Report]


class Batch(NamedTuple):
    """Images, texts, and which text is true of which image."""

    pixels: UInt8[np.ndarray, "image size size"]
    texts: list[str]
    true: Bool[np.ndarray, "image text"]


def load_corpus(recipe: Recipe) -> Corpus:
    """Render the phantoms, or find them in the cache, and write their reports."""
    size = recipe.vision["image_size"]
    drawn = phantoms.Recipe("train", recipe.images, recipe.seed, size)
    known, written = _written(recipe.images, recipe.seed, json.dumps(recipe.bias))
    return Corpus(drawn.pixels(), known, rationed(written, recipe.ration()))


@lru_cache(maxsize=2)  # recipes that differ in their rations alone share what is written
def _written(n: int, seed: int, bias: str) -> tuple[TruthTable, list[Report]]:
    known = phantoms.Recipe("train", n, seed).truths()
    return tabulate(known), write_reports(known, Bias(**json.loads(bias)))


def write_reports(truths: Sequence[Truth], bias: Bias, seed: int = 0) -> list[Report]:
    """One report a truth, each from a random stream of its own."""
    return [
        write_report(truth, bias, np.random.default_rng([seed, REPORTS, i]))
        for i, truth in enumerate(truths)
    ]


def rates(reports: Sequence[Report], caption_of: int = 0) -> dict[str, float]:
    """How often reports deny: share of statements, of sentences and of captions.

    Args:
        caption_of: Sentences drawn from a report for a caption; 0 takes all of them.
    """
    deny = [
        [any(s.polarity == "denied" for s in one.statements) for one in report.sentences]
        for report in reports
        if report.sentences
    ]
    statements = [s.polarity == "denied" for report in reports for s in report.statements]
    return {
        "statement": float(np.mean(statements)),
        "sentence": float(np.mean([one for row in deny for one in row])),
        "caption": float(np.mean([_share_denying(row, caption_of) for row in deny])),
    }


def _share_denying(sentences: Sequence[bool], n: int) -> float:
    """Share of the captions of ``n`` of these sentences in which one denies."""
    drawn = min(n, len(sentences)) or len(sentences)
    plain = math.comb(sentences.count(False), drawn)
    return 1 - plain / math.comb(len(sentences), drawn)


def rows_of_step(recipe: Recipe, step: int, n: int) -> np.ndarray:
    """The images of one step: none twice in a round, whose remainder is left out."""
    per_epoch = n // recipe.batch
    epoch, within = divmod(step, per_epoch)
    order = np.random.default_rng([recipe.seed, ORDER, epoch]).permutation(n)
    return np.sort(order[within * recipe.batch : (within + 1) * recipe.batch])


def statements_batch(corpus: Corpus, recipe: Recipe, step: int) -> Batch:
    """All distinct statements of the images' reports, judged by the truth of each image.

    Raises:
        InputError: The reports of this batch state nothing.
    """
    rows = rows_of_step(recipe, step, len(corpus.reports))
    said: dict[str, Statement] = {
        claim.text: claim
        for row in rows
        for claim in corpus.reports[row].statements
        if claim.polarity != "hedged"  # a hedge has no truth
    }
    _refuse_silence(said, step)
    known = corpus.truths.take(rows)
    true = np.stack([holds(claim, known) for claim in said.values()], axis=1)
    rng = np.random.default_rng([recipe.seed, 0, step])
    return Batch(_shift(corpus.pixels[rows], recipe.augment, rng), list(said), true)


def captions_batch(corpus: Corpus, recipe: Recipe, step: int) -> Batch:
    """One caption an image, sentences of its report; only the own one counts as true.

    Raises:
        InputError: The reports of this batch are all empty.
    """
    rows = rows_of_step(recipe, step, len(corpus.reports))
    rows = np.array([row for row in rows if corpus.reports[row].sentences])
    _refuse_silence(rows, step)
    rng = np.random.default_rng([recipe.seed, 0, step])
    texts = [_caption(corpus.reports[row], recipe.sentences, rng) for row in rows]
    pixels = _shift(corpus.pixels[rows], recipe.augment, rng)
    return Batch(pixels, texts, np.eye(len(rows), dtype=bool))


def _refuse_silence(said: Sized, step: int) -> None:
    if not len(said):
        raise InputError(
            f"bias: no report says anything in the batch of step {step}; allowed: a bias "
            "under which some do"
        )


BATCHES = {"statements": statements_batch, "captions": captions_batch}


def _caption(report: Report, n: int, rng: np.random.Generator) -> str:
    chosen = rng.permutation(len(report.sentences))[:n]
    return " ".join(f"{report.sentences[i].text}." for i in sorted(chosen))


def _shift(pixels: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    size = pixels.shape[1]
    padded = np.pad(pixels, ((0, 0), (most, most), (most, most)), mode="edge")
    offsets = rng.integers(0, 2 * most + 1, size=(len(pixels), 2))
    cut = zip(padded, offsets, strict=True)
    return np.stack([image[y : y + size, x : x + size] for image, (y, x) in cut])
