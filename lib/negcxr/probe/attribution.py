"""What each token adds to a target, by integrated gradients along a straight line.

Idea: the target is one number, the product of a text's unit row with a fixed vector: the
contrast of a finding, or the row of an image. Word tokens are faded in from the blank, and
what the target gains on the way is shared out among them. The shares of all tokens sum to
the whole gain, which is checked for every text: what does not sum is refused.

Start, end and padding stay as they are, and so does the place that is read: a baseline
without them would be read elsewhere, and no number of steps could make the shares sum. So
special tokens get nothing by construction. All words may be blank in the baseline, or the
cue alone, against which nothing but the cue can have a share.

Limits: a share is of this target, against this baseline, along this line; between its ends
lie states that no text has. Where two words work together, the line divides what is due to
both, and another path would divide it otherwise.

Reference: Sundararajan, Taly & Yan (2017), https://arxiv.org/abs/1703.01365.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from captum.attr import LayerIntegratedGradients
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.models.tower import TextTower
from negcxr.probe.targets import Aimed, Places, aim, baseline_ids, target_of, wholes
from negcxr.shapes import checked

FEW_STEPS, MANY_STEPS = 32, 4096  # doubled from the first until the shares sum
RELATIVE, ABSOLUTE = 0.01, 1e-4  # of the whole gain; and of a target that hardly moves
TOKENS_AT_ONCE = 4096  # on the line at once; of a base-sized tower about 3 GiB


class Shares(NamedTuple):
    """What each token of one text adds to a target.

    Attributes:
        values: A token each, in the unit of the target; 0 for what the baseline keeps.
        whole: The target of the text less that of the baseline.
        delta: The sum of ``values`` less ``whole``: what the steps have not resolved.
        steps: On the line from the baseline to the text.
    """

    values: Float[np.ndarray, " _"]
    whole: float
    delta: float
    steps: int

    @property
    def bound(self) -> float:
        """The largest ``delta`` that is allowed, either way."""
        return max(RELATIVE * abs(self.whole), ABSOLUTE)


@checked
def integrated_gradients(
    tower: TextTower,
    texts: Sequence[str],
    vectors: Float[np.ndarray, "text dim"],
    blanked: Places | None = None,
) -> list[Shares]:
    """Shares of each text's tokens in the product of its unit row with its vector.

    Above zero where a token brings the text nearer to the vector. Blind to what special
    tokens say by themselves, since the baseline keeps them.

    Args:
        vectors: The contrast of a finding, or the unit row of an image, a text each.
        blanked: For each text, the tokens that are blank in the baseline; all of its
            words if not given.

    Raises:
        InputError: The shares of a text miss its whole gain by more than 1 % of it and
            more than 1e-4, however many steps are taken; or a special token is blanked.
    """
    found = unchecked_gradients(tower, texts, vectors, blanked)
    for text, shares in zip(texts, found, strict=True):
        if not abs(shares.delta) <= shares.bound:  # so that NaN is refused as well
            raise InputError(
                f"{tower.name}, {text!r}: the shares of its tokens miss the whole by "
                f"{shares.delta:.2g} after {shares.steps} steps, allowed is "
                f"{shares.bound:.2g} (half precision is too coarse; try float32)"
            )
    return found


@checked
def unchecked_gradients(
    tower: TextTower,
    texts: Sequence[str],
    vectors: Float[np.ndarray, "text dim"],
    blanked: Places | None = None,
    *,
    most_steps: int = 0,
) -> list[Shares]:
    """As `integrated_gradients`, but what does not sum is given with its delta.

    For models that mean nothing, such as one with its weights dealt anew.
    """
    found: dict[int, Shares] = {}
    for aimed in aim(tower, texts, vectors):
        baseline = baseline_ids(tower, aimed, blanked)
        found |= zip(
            aimed.places, _resolved(tower, aimed, baseline, most_steps), strict=True
        )
    return [found[place] for place in range(len(texts))]


def _resolved(
    tower: TextTower, aimed: Aimed, baseline: torch.Tensor, most_steps: int
) -> list[Shares]:
    """Shares with as many steps as each text needs."""
    whole, rows = wholes(tower, aimed, baseline), list(range(len(baseline)))
    found: dict[int, Shares] = {}
    steps = FEW_STEPS
    while rows and steps <= (most_steps or MANY_STEPS):
        values = _along_line(tower, aimed, baseline, rows=rows, steps=steps)
        for row, own in zip(rows, values, strict=True):
            own = own[: int(aimed.tokens.lengths[row])]
            found[row] = Shares(own, whole[row], float(own.sum()) - whole[row], steps)
        rows = [row for row in rows if not abs(found[row].delta) <= found[row].bound]
        steps *= 2
    return [found[row] for row in range(len(whole))]


def _along_line(
    tower: TextTower, aimed: Aimed, baseline: torch.Tensor, *, rows: list[int], steps: int
) -> Float[np.ndarray, "text token"]:
    ids = aimed.tokens.ids[rows]
    method = LayerIntegratedGradients(target_of(tower), tower.embedding)
    values = method.attribute(
        ids,
        baselines=baseline[rows],
        additional_forward_args=aimed.inputs(rows),
        n_steps=steps,
        internal_batch_size=max(len(rows), TOKENS_AT_ONCE // ids.shape[1]),
    )
    return values.sum(dim=-1).double().cpu().numpy()
