"""All that batches of fine-tuning are drawn from: images, labels and statements.

Limits: where images are many, each draw looks among some of them alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from negcxr.errors import InputError
from negcxr.finetune.statements import Judged, oppositions, training_statements, truth
from negcxr.text.prompts import Prompt

LOOKED_AT = 2048  # images among which a distractor or a neighbour is looked for


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

    def some(self, rng: np.random.Generator) -> Int[np.ndarray, " image"]:
        """Some images, none twice; all of them where they are few."""
        total = len(self.rows)
        return rng.choice(total, min(total, LOOKED_AT), replace=False)


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
