"""Whether shares of tokens can be believed: three questions to any method of attribution.

*Agreement*: do methods that have nothing in common put the tokens in the same order?
*Deletion*: when the tokens that are said to carry the target are blanked first, is it gone
sooner than in any order? *Randomisation*: does the answer change when what the model has
learnt is destroyed, layer by layer from the top, and at last what lies around the layers?
A method that answers the same about a model that knows nothing shows the sentence, and not
the model.

Limits: agreeing methods can err together. Deletion asks texts with blanks, and favours
methods that use blanks themselves: leaving out, and most of all Shapley values, which are
made of the very combinations that deletion asks. That an answer changes does not make it
right.

References: Samek et al. (2017), https://arxiv.org/abs/1509.06321; Adebayo et al. (2018),
https://arxiv.org/abs/1810.03292.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import chain
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from scipy.stats import rankdata

from negcxr.models.tower import TextTower
from negcxr.probe.attribution import unchecked_gradients
from negcxr.probe.perturbation import Combinations
from negcxr.probe.places import OUTSIDE, token_words
from negcxr.shapes import checked

MIN_WORDS = 3  # two tokens agree or disagree wholly, and one has no order
POINTS = np.linspace(0, 1, 11)  # shares of the words that are blank
ROUGH_STEPS = 64  # a rank needs no exact sum


class Deletion(NamedTuple):
    """What is left of a target while words become blank, from the whole down to 0.

    Attributes:
        left: In the order of the shares, at each of `POINTS`.
        by_chance: The mean over all orders.
    """

    left: Float[np.ndarray, " point"]
    by_chance: Float[np.ndarray, " point"]

    @property
    def area(self) -> float:
        """The area between the two, in the unit of the target: above zero is sooner."""
        return float(np.trapezoid(self.by_chance - self.left, POINTS))


@checked
def rank_agreement(
    first: Float[np.ndarray, " token"], second: Float[np.ndarray, " token"]
) -> float:
    """Spearman's rank correlation of two methods over the word tokens of one text.

    1 is the same order and -1 the opposite one; chance is 0. NaN where there are fewer
    than three tokens, or all tokens of a method are equal.

    Example:
        >>> rank_agreement(np.array([0.1, 0.2, 0.9]), np.array([1.0, 2.0, 3.0]))
        1.0
    """
    if len(first) < MIN_WORDS or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1].round(12))


@checked
def deletion(found: Combinations, values: Float[np.ndarray, " token"]) -> Deletion:
    """What is left of the target with words blanked in the order of their shares.

    First goes the word that carries most of the target in the direction that the whole
    has: of a target below zero, the one with the share farthest below. (By size alone, a
    word that holds against the others would go first, and its loss *raise* the target.)

    Returns:
        The target less that of all words blank, with the sign of the whole: from its size
        down to 0, but not always between the two.
    """
    n, whole = len(found.places), found.scores[-1] - found.scores[0]
    sign = np.copysign(1.0, whole)
    lost = np.argsort(-sign * values[found.places], kind="stable")
    kept = np.ones((n + 1, n), dtype=bool)
    for step, word in enumerate(lost, start=1):
        kept[step:, word] = False
    left = [found.score(row) for row in kept]
    sizes = found.kept.sum(axis=1)
    chance = [found.scores[sizes == n - step].mean() for step in range(n + 1)]
    at = np.linspace(0, 1, n + 1)
    curves = (sign * (np.array(c) - found.scores[0]) for c in (left, chance))
    return Deletion(*(np.interp(POINTS, at, curve) for curve in curves))


def randomised(tower: TextTower, seed: int) -> Iterator[TextTower]:
    """A copy of the tower with the weights of its top layer dealt anew, then of two, ...

    After all layers come, in one last step, the embeddings and what lies behind the last
    layer, so that nothing that was learnt is left. Each matrix keeps its numbers and loses
    their places. The one copy is changed from step to step; the tower itself is not
    touched.
    """
    copy = deepcopy(tower)
    generator = torch.Generator().manual_seed(seed)
    for modules in (*([layer.module] for layer in reversed(copy.layers)), copy.outer):
        for module in modules:
            _deal(module, generator)
        yield copy


def _deal(module: torch.nn.Module, generator: torch.Generator) -> None:
    with torch.no_grad():
        for weights in module.parameters():
            order = torch.randperm(weights.numel(), generator=generator)
            dealt = weights.flatten()[order.to(weights.device)]
            weights.copy_(dealt.view_as(weights))


@checked
def randomisation_check(
    tower: TextTower,
    texts: Sequence[str],
    vectors: Float[np.ndarray, "text dim"],
    *,
    seed: int,
) -> Float[np.ndarray, "step text"]:
    """How alike the sizes of the shares stay while the tower is randomised from the top.

    Returns:
        Rank correlation over word tokens with the trained tower's, in [-1, 1]: row 0 is
        the trained tower itself, row n has n layers randomised, and the last one all else
        as well. NaN as `rank_agreement`.
    """
    words = [np.array(token_words(tower, text)) != OUTSIDE for text in texts]

    def sizes(model: TextTower) -> list[np.ndarray]:
        found = unchecked_gradients(model, texts, vectors, most_steps=ROUGH_STEPS)
        return [abs(s.values[own]) for s, own in zip(found, words, strict=True)]

    trained = sizes(tower)
    later = (sizes(model) for model in randomised(tower, seed))
    return np.array(
        [
            [rank_agreement(*pair) for pair in zip(trained, found, strict=True)]
            for found in chain([trained], later)
        ]
    )
