"""Batches of fine-tuning: images, true captions, oppositions, and images of those.

Each image of a batch gets a caption that is true of it, the caption's semantic
opposition, which is false of it, and a distractor: an image of another patient of which
the opposition is true and the caption false. All is looked up in the labels; where they
do not say, the image is left out of the batch.

A batch is a function of seed and step alone, so that a training that was killed goes on
with the very batch that would have come next.

Limits: which statements of a batch are unknown of an image depends on the policy; under
``explicit`` most pairs of report labels are.

Reference:
    Oppositions and distractors: Singh et al. (2024), https://arxiv.org/abs/2403.20312.
    Distractors of which the opposition is *true* are our reading of its third term.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from negcxr.errors import InputError
from negcxr.finetune.pool import Pool
from negcxr.text.prompts import Prompt

ORDER, STEP = 1, 2  # streams of random numbers, beside others of the same seed
OPTIONS = 4  # of a multiple choice

Pair = tuple[Prompt, Prompt]  # a caption and its opposition


class Batch(NamedTuple):
    """One step's images and statements; a pair is an image with its caption.

    Attributes:
        images: Rows of the data set, one a pair.
        distractors: Rows of the data set: of another patient, the opposition is true and
            the caption false.
        statements: The captions, then their oppositions.
        true: Of images then distractors, by statement: 1, 0, NaN unknown.
        options: For each image columns of ``true``: its caption, then statements that are
            false of it.
        candidates: For each caption rows of ``true``: its image, then images of which it
            is false.
    """

    images: Int[np.ndarray, " pair"]
    distractors: Int[np.ndarray, " pair"]
    statements: list[Prompt]
    true: Float[np.ndarray, "image statement"]
    options: Int[np.ndarray, "pair option"]
    candidates: Int[np.ndarray, "pair option"]


def draw_batch(
    pool: Pool, n: int, *, seed: int, step: int, images: str = "random"
) -> Batch:
    """The batch of one step: about ``n`` pairs, fewer where labels leave some out.

    Args:
        images: ``random``, or ``neighbours``: half of them, and of each its nearest
            neighbour of another patient.

    Raises:
        InputError: The labels leave fewer than two pairs.
    """
    rng = np.random.default_rng([seed, STEP, step])
    chosen = IMAGES[images](pool, n, seed, step)
    known = pool.truth(pool.statements, chosen)
    pairs = [_pair(pool, *image, rng) for image in zip(chosen, known, strict=True)]
    distractors = _distractors(pool, chosen, pairs, rng)
    whole = np.flatnonzero(distractors >= 0)  # without an opposition, no distractor
    if len(whole) < 2:
        raise InputError(
            f"step {step}: {len(whole)} of {n} images have a caption, an opposition and "
            "a distractor; allowed: labels that judge presence and absence of findings"
        )
    said = zip(*(pairs[place] for place in whole), strict=True)
    statements = [statement for part in said for statement in part]
    rows, others = chosen[whole], distractors[whole]
    true = pool.truth(statements, [*rows, *others])
    options, candidates = true[: len(rows)], true[:, : len(rows)].T
    return Batch(
        rows, others, statements, true, _choices(options, rng), _choices(candidates, rng)
    )


def _random(pool: Pool, n: int, seed: int, step: int) -> Int[np.ndarray, " image"]:
    """The images of one step: none twice in a round, whose remainder is left out."""
    total = len(pool.rows)
    n = min(n, total)
    epoch, within = divmod(step, total // n)
    order = np.random.default_rng([seed, ORDER, epoch]).permutation(total)
    return np.sort(order[within * n : (within + 1) * n])


def _neighbours(pool: Pool, n: int, seed: int, step: int) -> Int[np.ndarray, " image"]:
    """Half of the images at random, and of each its nearest neighbour among the others.

    A neighbour that two of them share is taken once.
    """
    first = _random(pool, max(1, n // 2), seed, step)
    others = pool.some(np.random.default_rng([seed, ORDER, STEP, step]))
    near = pool.rows[first] @ pool.rows[others].T
    near[pool.patients[first][:, None] == pool.patients[others]] = -np.inf
    near[:, np.isin(others, first)] = -np.inf
    found = others[near.argmax(axis=1)][np.isfinite(near.max(axis=1))]
    return np.concatenate([first, np.unique(found)])


IMAGES = {"random": _random, "neighbours": _neighbours}


def _pair(
    pool: Pool,
    image: int,
    known: Float[np.ndarray, " statement"],
    rng: np.random.Generator,
) -> Pair | None:
    """A caption and an opposition of it that is false of the image, if there are both."""
    caption = pool.caption(image, known == 1, rng)
    opposed = [] if caption is None else pool.opposed(caption)
    can = [place for place in opposed if known[place] == 0]
    return (caption, pool.statements[rng.choice(can)]) if can else None


def _distractors(
    pool: Pool,
    rows: Int[np.ndarray, " image"],
    pairs: Sequence[Pair | None],
    rng: np.random.Generator,
) -> Int[np.ndarray, " image"]:
    """For each pair an image of another patient that turns it round; -1 if none does.

    Of such an image the opposition is true and the caption is false. The latter need not
    follow: "no left effusion" and "no right effusion" are both true of many.
    """
    others = pool.some(rng)
    said = list(dict.fromkeys(statement for pair in pairs if pair for statement in pair))
    known = dict(zip(said, pool.truth(said, others).T, strict=True))
    found = np.full(len(rows), -1)
    for place, pair in enumerate(pairs):
        if pair:
            turned = (known[pair[0]] == 0) & (known[pair[1]] == 1)
            can = others[turned & (pool.patients[others] != pool.patients[rows[place]])]
            found[place] = rng.choice(can) if len(can) else -1
    return found


def _choices(
    true: Float[np.ndarray, "question answer"], rng: np.random.Generator
) -> Int[np.ndarray, "question option"]:
    """For question k the answer k, then others that are false, drawn with replacement."""
    drawn = [
        np.concatenate([[place], rng.choice(np.flatnonzero(row == 0), OPTIONS - 1)])
        for place, row in enumerate(true)
    ]
    return np.array(drawn)
