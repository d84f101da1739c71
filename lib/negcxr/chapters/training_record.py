"""How often a checkpoint met the phantoms that it was trained on, as its record says.

Idea: pretraining leaves its recipe beside the weights: how many phantoms there were, and
how many were shown in how many steps. A recipe that goes on from another checkpoint has
met the same phantoms there already, where that one's record says so.

Limits: an average over phantoms. Which of them a fine-tuning drew is in no recipe, so of
what was fine-tuned nothing is said.
"""

from typing import NamedTuple

from negcxr.errors import InputError
from negcxr.models.checkpoint import read_json
from negcxr.models.lineage import RECIPE
from negcxr.paths import at_root


class Met(NamedTuple):
    """Phantoms of a training: how many, of which seed, and how often each was met."""

    images: int
    seed: int
    times: float


def met_by(checkpoint: str) -> Met | None:
    """What a checkpoint met of the training split; None where no recipe lies beside it.

    Args:
        checkpoint: A folder, from the project's root if relative.

    Raises:
        InputError: The recipe is not one.
    """
    path = at_root(checkpoint.partition("@")[0]) / RECIPE
    if not path.is_file():
        return None
    recipe = read_json(path)
    try:
        images, seed = int(recipe["images"]), int(recipe["seed"])
        times = recipe["steps"] * recipe["batch"] / images
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise InputError(f"{path}: no recipe of a training ({error!r})") from None
    start = recipe.get("start", "")
    before = met_by(start) if start else None
    if before is not None and (before.images, before.seed) == (images, seed):
        times += before.times
    return Met(images, seed, times)
