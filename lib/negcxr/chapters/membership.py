"""An observer who sees nothing but scores guesses which images a model was trained on.

Idea: what was learnt by heart fits its own findings better than a model's skill explains.

Limits: one score of an image. Who knows the weights guesses better.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.measure.retrieval import auroc_draws
from negcxr.text.prompts import Prompt


def membership(
    galleries: Sequence[Gallery], prompts: Sequence[Prompt], sampling: Sampling
) -> Float[np.ndarray, " draw"]:
    """AUROC of a guess by how much better an image fits what it has than what it lacks.

    Args:
        galleries: Images that were trained on, and others; chance is 0.5.
    """
    fits = [fit(gallery, prompts) for gallery in galleries]
    scores = np.concatenate(fits)
    trained = np.repeat([1.0, 0.0], [len(part) for part in fits])
    known = np.isfinite(scores)
    patients = np.arange(len(scores)).astype(str)
    return auroc_draws(
        scores[known][None],
        trained[known][None],
        patients[known],
        n_resamples=sampling.n_resamples,
        seed=sampling.seed,
    )[0]


def fit(gallery: Gallery, prompts: Sequence[Prompt]) -> Float[np.ndarray, " image"]:
    """Mean cosine to the findings that an image has, less that to those it lacks.

    NaN for an image that has all of them, or none.
    """
    affirmed = [prompt for prompt in prompts if prompt.polarity == "affirmed"]
    cosines = gallery.cosines([prompt.text for prompt in affirmed])
    place = [gallery.dataset.findings.index(prompt.finding) for prompt in affirmed]
    has = gallery.relevance.T[place] == 1
    lacks = gallery.relevance.T[place] == 0
    sums = [np.where(part, cosines, 0).sum(axis=0) for part in (has, lacks)]
    counts = [part.sum(axis=0).astype(float) for part in (has, lacks)]
    first, second = (
        np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
        for total, count in zip(sums, counts, strict=True)
    )
    return first - second
