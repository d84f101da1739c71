"""What an objective sees of a batch: unit rows, and what is known of them.

An objective takes nothing else, so that each is a plain function that can be checked by
hand, and a method can add up any of them. Rows come from a tower at each step and are
not measured here; shapes are.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from jaxtyping import Float, Int
from torch import Tensor

from negcxr.errors import InputError


class Rows(NamedTuple):
    """One batch in the encoder's space. Rows are of unit length; a pair has one number.

    A place among the texts counts on into the oppositions, and a place among the images
    into the distractors, written [T; T~] and [I; I~] in the equations.

    Attributes:
        images: I.
        texts: T; T[k] is true of I[k].
        scale: s, what a cosine is multiplied by: exp of the model's logit scale.
        bias: b, what ``sigmoid`` adds.
        opposed: T~; T~[k] is the semantic opposition of T[k], and false of I[k].
        distractors: I~; I~[k] is an image of another patient of which T~[k] is true.
        true: Of [I; I~] by [T; T~]: 1 true, 0 false, NaN unknown.
        options: For I[k] places in [T; T~]: first one that is true of it, then others
            that are false of it.
        candidates: For T[k] places in [I; I~]: first one of which it is true, then others
            of which it is false.
        labels: Of [I; I~]: 1 present, 0 absent, NaN unknown.
        targets: For [T; T~] the unit rows that ``mirror`` wants them to be.
    """

    images: Float[Tensor, "pair dim"]
    texts: Float[Tensor, "pair dim"]
    scale: Tensor
    bias: Tensor | None = None
    opposed: Float[Tensor, "pair dim"] | None = None
    distractors: Float[Tensor, "pair dim"] | None = None
    true: Float[Tensor, "image text"] | None = None
    options: Int[Tensor, "pair option"] | None = None
    candidates: Int[Tensor, "pair option"] | None = None
    labels: Float[Tensor, "image finding"] | None = None
    targets: Float[Tensor, "text dim"] | None = None


def needs(*fields: str) -> Callable[[Callable[..., Tensor]], Callable[..., Tensor]]:
    """Marks an objective that needs these fields of a batch, and refuses one without.

    Raises:
        InputError: A field is None; the message names objective and field.
    """

    def mark(objective: Callable[..., Tensor]) -> Callable[..., Tensor]:
        @wraps(objective)
        def checking(rows: Rows, **settings: Any) -> Tensor:
            for field in fields:
                if getattr(rows, field) is None:
                    name = objective.__name__.replace("_", "-")
                    raise InputError(
                        f"objective {name}: the batch has no {field}; allowed: a batch "
                        f"with {', '.join(fields)}"
                    )
            return objective(rows, **settings)

        return checking

    return mark
