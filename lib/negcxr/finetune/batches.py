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

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from negcxr.errors import InputError
from negcxr.finetune.pool import Pool
from negcxr.finetune.statements import truth
from negcxr.text.prompts import Prompt

ORDER, STEP = 1, 2  # streams of random numbers, beside others of the same seed
OPTIONS = 4  # of a multiple choice


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
    known = truth(pool.statements, pool.judged.take(chosen))
    pairs = np.array([_pair(pool, row, rng) for row in known])
    distractors = _distractors(pool, chosen, pairs, rng)
    whole = np.flatnonzero(distractors >= 0)  # without an opposition, no distractor
    if len(whole) < 2:
        raise InputError(
            f"step {step}: {len(whole)} of {n} images have a caption, an opposition and "
            "a distractor; allowed: labels that judge presence and absence of findings"
        )
    statements = [pool.statements[place] for place in pairs[whole].T.flat]
    rows, others = chosen[whole], distractors[whole]
    true = truth(statements, pool.judged.take([*rows, *others]))
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
    pool: Pool, known: Float[np.ndarray, " statement"], rng: np.random.Generator
) -> tuple[int, int]:
    """A caption and its opposition, as places among the statements; -1 where none is."""
    caption = _caption(pool, known == 1, rng)
    return caption, _opposition(pool, caption, known == 0, rng)


def _caption(
    pool: Pool, true: Bool[np.ndarray, " statement"], rng: np.random.Generator
) -> int:
    """A true statement of a polarity drawn by its share, or of the next; -1 if none is."""
    names, shares = list(pool.shares), np.array(list(pool.shares.values()))
    first = names[rng.choice(len(names), p=shares / shares.sum())]
    for name in [first, *(name for name in names if name != first)]:
        places = np.flatnonzero(true & pool.of_polarity[name])
        if len(places):
            return int(rng.choice(places))
    return -1


def _opposition(
    pool: Pool,
    caption: int,
    false: Bool[np.ndarray, " statement"],
    rng: np.random.Generator,
) -> int:
    """An opposition of the caption that is false of the image; -1 if none is."""
    can = [] if caption < 0 else [place for place in pool.opposed[caption] if false[place]]
    return int(rng.choice(can)) if can else -1


def _distractors(
    pool: Pool,
    rows: Int[np.ndarray, " image"],
    pairs: Int[np.ndarray, "image 2"],
    rng: np.random.Generator,
) -> Int[np.ndarray, " image"]:
    """For each pair an image of another patient that turns it round; -1 if none does.

    Of such an image the opposition is true and the caption is false. The latter need not
    follow: "no left effusion" and "no right effusion" are both true of many.
    """
    others = pool.some(rng)
    places = np.unique(pairs[pairs >= 0])
    known = truth([pool.statements[place] for place in places], pool.judged.take(others))
    found = np.full(len(rows), -1)
    for pair in np.flatnonzero(pairs[:, 1] >= 0):
        caption, opposed = known[:, np.searchsorted(places, pairs[pair])].T
        other = pool.patients[others] != pool.patients[rows[pair]]
        can = others[(caption == 0) & (opposed == 1) & other]
        found[pair] = rng.choice(can) if len(can) else -1
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
