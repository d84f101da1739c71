"""Named ways to let several prompts speak as one query.

Idea: "no effusion", "without effusion" and "effusion is absent" ask for the same
images. Averaging them takes the wording's luck out, but there is more than one average,
and papers seldom say which they took:

* normalise-average-normalise: unit rows, their mean, made unit again. The score is a
  cosine; every prompt has one vote.
* average-normalise: the mean of the rows as they come, made unit. A prompt with a longer
  row has more say. With rows of unit length it is the same as the first.
* average-scores: the mean of the cosines. It ranks the images of one query as the first
  does, but prompts that disagree give a smaller score, which moves comparisons *between*
  queries: margins and multiple choice.

Limits: averaging assumes that the prompts mean the same; an average of affirmed and
denied prompts is near the finding and asks for nothing.
"""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.measure.polarity import require_unit_rows
from negcxr.shapes import checked

Images = Float[np.ndarray, "image dim"]
Prompts = Float[np.ndarray, "prompt dim"]
Scores = Float[np.ndarray, " image"]


@checked
def normalise_average_normalise(images: Images, prompts: Prompts) -> Scores:
    """Cosine of each image to the mean of the prompts' unit rows, in [-1, 1].

    Reference:
        Radford et al. (2021), sec. 3.1.4, https://arxiv.org/abs/2103.00020.
    """
    return images @ _unit(_unit(prompts).mean(axis=0))


@checked
def average_normalise(images: Images, prompts: Prompts) -> Scores:
    """Cosine of each image to the mean of the prompts' rows as they come, in [-1, 1]."""
    return images @ _unit(prompts.mean(axis=0))


@checked
def average_scores(images: Images, prompts: Prompts) -> Scores:
    """Mean over the prompts of their cosines to each image, in [-1, 1]."""
    return images @ _unit(prompts).mean(axis=0)


ENSEMBLES: dict[str, Callable[..., np.ndarray]] = {
    "normalise-average-normalise": normalise_average_normalise,
    "average-normalise": average_normalise,
    "average-scores": average_scores,
}


@checked
def ensemble_scores(
    images: Images, prompts: Prompts, queries: Sequence[str], *, ensemble: str
) -> dict[str, Scores]:
    """Score of every image for every query, a query being one or more prompts.

    Args:
        images: A unit row per image.
        prompts: A row per prompt; need not be of unit length.
        queries: The query that each prompt belongs to.
        ensemble: A key of `ENSEMBLES`.

    Returns:
        The scores of each query, in the order in which the queries first appear.

    Raises:
        InputError: An unknown ensemble, image rows that are not unit, or as many
            ``queries`` as there are prompts are not given.
    """
    if ensemble not in ENSEMBLES:
        raise InputError(f"ensemble is {ensemble!r}, allowed are {', '.join(ENSEMBLES)}")
    if len(queries) != len(prompts):
        raise InputError(f"queries has {len(queries)} names for {len(prompts)} prompts")
    require_unit_rows(images=images)
    average, names = ENSEMBLES[ensemble], np.asarray(queries)
    return {
        name: average(images, prompts[names == name]) for name in dict.fromkeys(queries)
    }


def _unit(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    if not np.all(lengths > 0):
        raise InputError("prompts: a row or a mean of rows has length 0, no direction")
    return rows / lengths
