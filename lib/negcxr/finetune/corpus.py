"""Phantoms with their reports, and the batches that pretraining sees.

A batch is a function of seed and step alone, so that a run that was killed goes on with
the very batch that would have come next.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, UInt8

from negcxr.data import phantoms
from negcxr.data.claims import TruthTable, holds, tabulate
from negcxr.data.reports import Bias, Report, Statement, write_report
from negcxr.data.truth import Truth
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
    known = drawn.truths()
    return Corpus(drawn.pixels(), tabulate(known), write_reports(known, recipe.reporting()))


def write_reports(truths: Sequence[Truth], bias: Bias, seed: int = 0) -> list[Report]:
    """One report a truth, each from a random stream of its own."""
    return [
        write_report(truth, bias, np.random.default_rng([seed, REPORTS, i]))
        for i, truth in enumerate(truths)
    ]


def rates(reports: Sequence[Report]) -> dict[str, float]:
    """How often reports deny: share of statements, of sentences and of captions."""
    denied = [[s.polarity == "denied" for s in report.statements] for report in reports]
    sentences = [
        any(s.polarity == "denied" for s in sentence.statements)
        for report in reports
        for sentence in report.sentences
    ]
    return {
        "statement": float(np.mean([one for row in denied for one in row])),
        "sentence": float(np.mean(sentences)),
        "caption": float(np.mean([any(row) for row in denied])),
    }


def rows_of_step(recipe: Recipe, step: int, n: int) -> np.ndarray:
    """The images of one step: each is seen once before any is seen again."""
    per_epoch = n // recipe.batch
    epoch, within = divmod(step, per_epoch)
    order = np.random.default_rng([recipe.seed, ORDER, epoch]).permutation(n)
    return np.sort(order[within * recipe.batch : (within + 1) * recipe.batch])


def statements_batch(corpus: Corpus, recipe: Recipe, step: int) -> Batch:
    """All distinct statements of the images' reports, judged by the truth of each image."""
    rows = rows_of_step(recipe, step, len(corpus.reports))
    said: dict[str, Statement] = {
        claim.text: claim
        for row in rows
        for claim in corpus.reports[row].statements
        if claim.polarity != "hedged"  # a hedge has no truth
    }
    known = corpus.truths.take(rows)
    true = np.stack([holds(claim, known) for claim in said.values()], axis=1)
    rng = np.random.default_rng([recipe.seed, 0, step])
    return Batch(_shift(corpus.pixels[rows], recipe.augment, rng), list(said), true)


def captions_batch(corpus: Corpus, recipe: Recipe, step: int) -> Batch:
    """One caption an image, sentences of its report; only the own one counts as true."""
    rows = rows_of_step(recipe, step, len(corpus.reports))
    rows = np.array([row for row in rows if corpus.reports[row].sentences])
    rng = np.random.default_rng([recipe.seed, 0, step])
    texts = [_caption(corpus.reports[row], recipe.sentences, rng) for row in rows]
    pixels = _shift(corpus.pixels[rows], recipe.augment, rng)
    return Batch(pixels, texts, np.eye(len(rows), dtype=bool))


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
