"""Batches of fine-tuning: images, true captions, oppositions, and images of those.

Each image of a batch gets a caption that is true of it, the caption's semantic
opposition, which is false of it, and a distractor: an image of another patient of which
the opposition is true. All three are looked up in the labels; where the labels do not
say, the image is left out of the batch.

A batch is a function of seed and step alone, so that a training that was killed goes on
with the very batch that would have come next.

Limits: which statements of a batch are unknown of an image depends on the policy; under
``explicit`` most pairs of report labels are.

Reference:
    Oppositions and distractors: Singh et al. (2024), https://arxiv.org/abs/2403.20312.
    Distractors of which the opposition is *true* are our reading of its third term.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from negcxr.errors import InputError
from negcxr.finetune.statements import Judged, oppositions, training_statements, truth
from negcxr.text.prompts import Prompt

ORDER, STEP = 1, 2  # streams of random numbers, beside others of the same seed
LOOKED_AT = 2048  # images among which a distractor and a neighbour are looked for
OPTIONS = 4  # of a multiple choice


class Batch(NamedTuple):
    """One step's images and statements; a pair is an image with its caption.

    Attributes:
        images: Rows of the data set, one a pair.
        distractors: Rows of the data set: of another patient, the opposition is true.
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


@dataclass(frozen=True)
class Pool:
    """All that batches are drawn from.

    Attributes:
        judged: What is judged of the images.
        patients: The patient of each image.
        rows: The images in the encoder's space, where neighbours are looked for.
        statements: Every statement that may be a caption or an opposition.
        shares: Share of each polarity among the captions.
    """

    judged: Judged
    patients: Shaped[np.ndarray, " image"]
    rows: Float[np.ndarray, "image dim"]
    statements: list[Prompt]
    shares: Mapping[str, float]

    @cached_property
    def opposed(self) -> list[list[int]]:
        """For each statement the places of its oppositions."""
        return [oppositions(statement, self.statements) for statement in self.statements]

    @cached_property
    def of_polarity(self) -> dict[str, Bool[np.ndarray, " statement"]]:
        """For each polarity that captions have, which statements are of it."""
        polarities = np.array([statement.polarity for statement in self.statements])
        return {name: polarities == name for name in self.shares}


def make_pool(
    judged: Judged,
    patients: Shaped[np.ndarray, " image"],
    rows: Float[np.ndarray, "image dim"],
    *,
    shares: Mapping[str, float],
) -> Pool:
    """The pool of a data set's training images.

    Raises:
        InputError: The labels make no statement of any of these polarities true.
    """
    given = {name: share for name, share in shares.items() if share > 0}
    pool = Pool(judged, patients, rows, training_statements(judged.findings), given)
    some = truth(pool.statements, judged.take(range(min(LOOKED_AT, len(rows)))))
    if not any((some[:, chosen] == 1).any() for chosen in pool.of_polarity.values()):
        raise InputError(
            f"no training image has a true statement that is {' or '.join(given)}: "
            "its labels are blank for all findings under this policy"
        )
    return pool


def draw_batch(
    pool: Pool, n: int, *, seed: int, step: int, images: str = "random"
) -> Batch:
    """The batch of one step: about ``n`` pairs, fewer where labels leave some out.

    Args:
        images: ``random``, or ``neighbours``: half of them each the nearest neighbour of
            one of the others, of another patient.

    Raises:
        InputError: The labels leave fewer than two pairs.
    """
    rng = np.random.default_rng([seed, STEP, step])
    chosen = IMAGES[images](pool, n, seed, step)
    known = truth(pool.statements, pool.judged.take(chosen))
    captions = [_caption(pool, row == 1, rng) for row in known]
    opposed = [
        _opposition(pool, caption, row == 0, rng)
        for caption, row in zip(captions, known, strict=True)
    ]
    distractors = _distractors(pool, chosen, opposed, rng)
    whole = np.flatnonzero(distractors >= 0)  # without an opposition, no distractor
    if len(whole) < 2:
        raise InputError(
            f"step {step}: {len(whole)} of {n} images have a caption, an opposition and "
            "a distractor; allowed: labels that judge presence and absence of findings"
        )
    statements = [
        pool.statements[places[i]] for places in (captions, opposed) for i in whole
    ]
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
    """Half of the images at random, and of each its nearest neighbour."""
    first = _random(pool, max(1, n // 2), seed, step)
    rng = np.random.default_rng([seed, ORDER, STEP, step])
    others = _some(pool, rng)
    near = pool.rows[first] @ pool.rows[others].T
    near[pool.patients[first][:, None] == pool.patients[others]] = -np.inf
    return np.concatenate([first, others[near.argmax(axis=1)]])


IMAGES = {"random": _random, "neighbours": _neighbours}


def _some(pool: Pool, rng: np.random.Generator) -> Int[np.ndarray, " image"]:
    total = len(pool.rows)
    return rng.choice(total, min(total, LOOKED_AT), replace=False)


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
    opposed: Sequence[int],
    rng: np.random.Generator,
) -> Int[np.ndarray, " image"]:
    """For each opposition an image of another patient where it is true; -1 if none is."""
    others = _some(pool, rng)
    places = sorted({place for place in opposed if place >= 0})
    holds = truth([pool.statements[i] for i in places], pool.judged.take(others)) == 1
    found = np.full(len(rows), -1)
    for pair, (row, place) in enumerate(zip(rows, opposed, strict=True)):
        if place >= 0:
            fit = holds[:, places.index(place)]
            can = others[fit & (pool.patients[others] != pool.patients[row])]
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
