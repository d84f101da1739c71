"""Between two checkpoints: the weights of one, moved a share of the way to the other.

Idea: what fine-tuning gains and what it costs lie on one way from the base's weights to
the tuned ones, and they need not grow alike along it. So a point between may keep most of
the gain at little of the price, and finding it takes no training.

Limits: it works where the tuned weights were started from the base's; between two models
that were trained apart the way leads through weights that are neither.

Reference:
    WiSE-FT, Wortsman et al. (2022), https://arxiv.org/abs/2109.01903.
"""

import hashlib
from collections.abc import Mapping
from copy import copy, deepcopy
from dataclasses import replace

import torch
from torch import Tensor

from negcxr.errors import InputError
from negcxr.models.checkpoint import Checkpoint
from negcxr.models.encoder import DualEncoder


def interpolated(base: DualEncoder, tuned: DualEncoder, share: float) -> DualEncoder:
    """An encoder with the weights base + share (tuned - base).

    A share of 0 is exactly the base, 1 exactly the tuned one. Its checkpoint names both,
    and its fingerprint is its own, so that cached rows are never another's; the folder is
    the base's, where what is not weights lies.

    Args:
        base: Stays as it is.
        tuned: Stays as it is.
        share: In [0, 1].

    Raises:
        InputError: The two are of other families, shapes, vocabularies or image
            processors, or the share is outside its range.
    """
    require_alike(base, tuned)
    weights = mixed_weights(base.model.state_dict(), tuned.model.state_dict(), share)
    return with_weights(base, tuned, weights, f"{share:g} of the way")


def with_weights(
    base: DualEncoder, tuned: DualEncoder, weights: Mapping[str, Tensor], way: str
) -> DualEncoder:
    """A copy of the base with weights that stem from both.

    Args:
        way: How they were mixed, in words that no other mix of the two has.
    """
    mixed = copy(base)
    mixed.model = deepcopy(base.model)
    mixed.model.load_state_dict(weights)
    mixed.checkpoint = _between(base.checkpoint, tuned.checkpoint, way)
    return mixed


def mixed_weights(
    base: Mapping[str, Tensor], tuned: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    """Each weight a share of the way from the base's to the tuned one; whole numbers stay.

    Raises:
        InputError: A weight is missing or of another shape in one of them, or the share
            is outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise InputError(f"share is {share}; allowed: 0 (the base) to 1 (the tuned one)")
    for name in sorted(base.keys() | tuned.keys()):
        shapes = [tuple(w[name].shape) if name in w else None for w in (base, tuned)]
        if shapes[0] != shapes[1]:
            said = " and ".join("none" if s is None else str(list(s)) for s in shapes)
            raise InputError(f"weight {name}: {said}; allowed: one shape in base and tuned")
    # lerp, not base + share * (tuned - base): only it is exact at both ends.
    return {
        name: torch.lerp(weight, tuned[name].to(weight), share)
        if weight.is_floating_point()
        else weight
        for name, weight in base.items()
    }


def require_alike(base: DualEncoder, tuned: DualEncoder) -> None:
    """Refuse two encoders of other families, vocabularies or image processors.

    Raises:
        InputError: Names both folders and what differs.
    """
    folders = f"{base.checkpoint.folder} and {tuned.checkpoint.folder}"
    if type(base) is not type(tuned):
        families = f"{base.checkpoint.family} and {tuned.checkpoint.family}"
        raise InputError(f"{folders}: are {families}; allowed: two of one family")
    if base.tokenizer.get_vocab() != tuned.tokenizer.get_vocab():
        raise InputError(f"{folders}: have two vocabularies; allowed: base and tuned of it")
    if base.processor_key != tuned.processor_key:
        raise InputError(
            f"{folders}: prepare images in two ways; allowed: one and the same"
        )


def _between(base: Checkpoint, tuned: Checkpoint, way: str) -> Checkpoint:
    parts = ("mixed", base.fingerprint, tuned.fingerprint, way)
    return replace(
        base,
        name=f"{base.name}, {way} to {tuned.name}",
        fingerprint=hashlib.sha256("\0".join(parts).encode()).hexdigest(),
        revision="",
    )
