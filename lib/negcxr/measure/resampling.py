"""Drawing the patients again, as weights.

Idea: what a number would have been had other patients come is found by drawing the
patients of the sample again, with replacement, and measuring again. All images of a
drawn patient come along: two films of one person are not two witnesses. (Each phantom
is its own patient.)

A resample is a row of weights, how often each image was drawn. So no image is copied,
and every scorer, prompt and checkpoint can be measured on the very same resamples.
A *draw* is one value of a measure: number 0 is the sample itself, the rest resamples.

Limits: no resample shows what the sample lacks (another hospital, another labeller).

Reference: Davison & Hinkley (1997), *Bootstrap Methods and their Application*, ch. 2, 3.
"""

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np
from jaxtyping import Float, Shaped

from negcxr.errors import InputError
from negcxr.shapes import checked

# Weights in memory at once: 2**16 are half a MiB and stay in a core's own cache (with
# four times as many, AUROC took two to three times as long), but at least so many resamples
# that the work on a chunk outweighs the call.
CHUNK_CELLS, CHUNK_ROWS = 2**16, 16

Weights = Float[np.ndarray, "resample image"]


def resample_weights(
    patients: Shaped[np.ndarray, " image"], n_resamples: int, seed: int
) -> Iterator[Weights]:
    """Yield how often each image was drawn, a chunk of resamples at a time.

    Every resample draws as many patients as there are. The order of the images does not
    matter, and the same seed gives the same resamples whatever is measured on them.

    Raises:
        InputError: Fewer than two patients, or a negative number of resamples.
    """
    names, codes = np.unique(patients, return_inverse=True)
    size = max(CHUNK_ROWS, CHUNK_CELLS // max(1, len(codes)))
    for counts in patient_counts(len(names), n_resamples, seed, at_once=size):
        yield counts[codes].T


def patient_counts(
    n_patients: int, n_resamples: int, seed: int, *, at_once: int
) -> Iterator[Float[np.ndarray, "patient resample"]]:
    """Yield how often each patient was drawn, ``at_once`` resamples at a time.

    One seed gives the same resamples however many are taken at once.

    Raises:
        InputError: Fewer than two patients, or a negative number of resamples.
    """
    if n_patients < 2:
        raise InputError(f"patients: {n_patients} in all, an interval needs at least 2")
    if n_resamples < 0:
        raise InputError(f"n_resamples is {n_resamples}, allowed is 0 or more")
    rng = np.random.default_rng(seed)
    for start in range(0, n_resamples, at_once):
        yield _patient_counts(rng, min(at_once, n_resamples - start), n_patients)


def _patient_counts(
    rng: np.random.Generator, rows: int, n_patients: int
) -> Float[np.ndarray, "patient resample"]:
    # Patient-major, so that measures, which sort images, move whole contiguous rows.
    drawn = rng.integers(n_patients, size=(rows, n_patients))
    cells = drawn * rows + np.arange(rows)[:, None]
    counts = np.bincount(cells.ravel(), minlength=n_patients * rows)
    return counts.reshape(n_patients, rows).astype(float)


@checked
def resampled(
    statistic: Callable[[Weights], np.ndarray],
    patients: Shaped[np.ndarray, " image"],
    *,
    n_resamples: int,
    seed: int,
) -> Float[np.ndarray, "*query draw"]:
    """Draws of any statistic of weights: the sample itself first, then the resamples.

    Args:
        statistic: Weights in, values out; the resamples are its last axis.

    Returns:
        In the unit of the statistic, ``1 + n_resamples`` draws along the last axis.
    """
    sample = np.ones((1, len(patients)))
    weights = chain([sample], resample_weights(patients, n_resamples, seed))
    return np.concatenate([statistic(chunk) for chunk in weights], axis=-1)


@checked
def over_seeds(
    draws: Float[np.ndarray, "training draw"], seed: int
) -> Float[np.ndarray, " draw"]:
    """Draws of the mean over trainings, resampling the trainings with the patients.

    A model that is trained anew comes out a little different, as other patients do. Each
    draw takes as many trainings as there are, with replacement, all on one resample of
    the patients. From one training its own draws come back.

    Too narrow for few trainings: the spread among S of them is understated by a factor of
    sqrt((S - 1) / S), and never found in one.

    Args:
        draws: A row a training, all on the same resamples of the same patients.
        seed: Draws the trainings; the same number of them gets the same ones each time,
            so that what is compared stays paired.

    Returns:
        In the unit of the draws; draw 0 is the mean over all trainings.
    """
    taken = np.random.default_rng(seed).integers(len(draws), size=draws.shape)
    taken[:, 0] = np.arange(len(draws))
    return np.take_along_axis(draws, taken, axis=0).mean(axis=0)
