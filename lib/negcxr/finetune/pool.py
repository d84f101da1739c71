"""All that batches of fine-tuning are drawn from: images, labels and statements.

What is true of an image, what may be its caption and what is opposed to that are asked of
the pool, so that a pool with other captions makes batches of the same kind.

Limits: where images are many, each draw looks among some of them alone.
"""

from collections.abc import Mapping, Sequence
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

    def truth(
        self, statements: Sequence[Prompt], images: Sequence[int]
    ) -> Float[np.ndarray, "image statement"]:
        """Whether each statement is true of each image: 1, 0, or NaN where unknown."""
        return truth(statements, self.judged.take(images))

    def caption(
        self, image: int, true: Bool[np.ndarray, " statement"], rng: np.random.Generator
    ) -> Prompt | None:
        """A true statement of a polarity drawn by its share, or of the next, if any is.

        Args:
            true: Which of the pool's statements are true of the image.
        """
        names, shares = list(self.shares), np.array(list(self.shares.values()))
        first = names[rng.choice(len(names), p=shares / shares.sum())]
        for name in [first, *(name for name in names if name != first)]:
            places = np.flatnonzero(true & self.of_polarity[name])
            if len(places):
                return self.statements[rng.choice(places)]
        return None

    def opposed(self, caption: Prompt) -> list[int]:
        """Places of the statements that say the opposite of a caption."""
        asked = caption.polarity, caption.finding, caption.other, caption.side
        if asked not in self._opposed:
            self._opposed[asked] = oppositions(caption, self.statements)
        return self._opposed[asked]

    @cached_property
    def _opposed(self) -> dict[tuple[str, ...], list[int]]:
        return {}  # filled as captions ask

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
