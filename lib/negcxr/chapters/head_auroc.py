"""Mean AUROC of rows made in many ways, on resamples of prompts and patients together.

Idea: each text is a query by itself, and findings, wordings and patients are each a sample
of what there is. So all three are drawn anew, at once: texts about one finding go
together, and so do texts of one wording, and neither are as many witnesses as there are
texts. As AUROC is nearly a sum over images (see `negcxr.measure.components`), all ways
and all resamples are a few products of matrices.

Limits: findings are few, so intervals are somewhat too narrow; wordings of one set are no
random draw of a language. What two images give only together is left out.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped, UInt8

from negcxr.chapters.sides import Side
from negcxr.errors import InputError
from negcxr.measure.components import Components, auroc_components, side_weights
from negcxr.measure.crossed import crossed_weights, factor, shares
from negcxr.measure.gallery import not_evaluable
from negcxr.measure.resampling import resample_weights
from negcxr.shapes import checked
from negcxr.text.prompts import Prompt

POLARITIES = ("denied", "affirmed")
RESAMPLES_AT_ONCE = 500  # a chunk of these by a thousand images is 2 MB

Draws = Float[np.ndarray, "variant draw"]  # draw 0 is the sample
Rows = Float[np.ndarray, "variant text dim"]


class Block(NamedTuple):
    """Queries that ask for the same images.

    Attributes:
        relevant: 1 is asked for, 0 is not, NaN is not judged.
        places: Of their texts among all.
    """

    polarity: str
    relevant: Float[np.ndarray, " image"]
    places: list[int]


class Asked(NamedTuple):
    """Affirmed and denied prompts, and images that they are asked of.

    Attributes:
        findings: That each text is about.
        wordings: The template of each text.
        blocks: What each of the texts asks for.
        images: Unit rows.
        patients: Of each image, for resampling.
    """

    texts: list[str]
    findings: Shaped[np.ndarray, " text"]
    wordings: Shaped[np.ndarray, " text"]
    blocks: list[Block]
    images: Float[np.ndarray, "image dim"]
    patients: Shaped[np.ndarray, " image"]

    def places(self, polarity: str) -> list[int]:
        """The texts of a polarity that can be evaluated."""
        return [
            i for block in self.blocks if block.polarity == polarity for i in block.places
        ]


class Resamples(NamedTuple):
    """How often each image was drawn, and how much each text counts in its polarity."""

    images: UInt8[np.ndarray, "resample image"]
    texts: Float[np.ndarray, "resample text"]


def asked_of(side: Side, prompts: Sequence[Prompt]) -> Asked:
    """Prompts that affirm or deny a finding of a side, each a query by itself.

    A finding with too few images of either kind is asked for by none.

    Raises:
        InputError: None of them is left.
    """
    known = [p for p in prompts if p.polarity in POLARITIES and p.finding in side.findings]
    blocks = []
    for polarity in POLARITIES:
        for finding, present in zip(side.findings, side.relevance.T, strict=True):
            own = (polarity, finding)
            places = [i for i, p in enumerate(known) if (p.polarity, p.finding) == own]
            relevant = present if polarity == "affirmed" else 1 - present
            if places and not not_evaluable("auroc", relevant, 1):
                blocks.append(Block(polarity, relevant, places))
    if not blocks:
        raise InputError(
            f"{side.name}: no affirmed or denied prompt can be evaluated on these "
            f"{len(side.rows)} images; take more of them, or another prompt set"
        )
    images = side.rows.astype(np.float32)
    texts, findings, wordings = zip(
        *((p.text, p.finding, p.template) for p in known), strict=True
    )
    names = np.array(findings), np.array(wordings)
    return Asked(list(texts), *names, blocks, images, side.patients)


def drawn(asked: Asked, n_resamples: int, seed: int) -> Resamples:
    """Resamples of patients and, apart from them, of findings and of wordings."""
    images = [
        w.astype(np.uint8) for w in resample_weights(asked.patients, n_resamples, seed)
    ]
    counts = np.zeros((n_resamples, len(asked.texts)), np.float32)
    for polarity in POLARITIES:
        places = np.array(asked.places(polarity), dtype=int)
        ways = (factor(asked.findings[places]), factor(asked.wordings[places]))
        again = np.ones((n_resamples, len(places)))
        if len(places) > 1:
            how = {"n_resamples": n_resamples, "seed": seed + 1}
            again = crossed_weights(*ways, **how).weights[1:]
        counts[:, places] = shares(again)
    nothing = np.empty((0, len(asked.images)), np.uint8)
    return Resamples(np.concatenate([nothing, *images]), counts)


@checked
def mean_auroc(asked: Asked, rows: Rows, again: Resamples) -> dict[str, Draws]:
    """Mean AUROC of the texts of each polarity, for each way of making their rows.

    Returns:
        By polarity, in [0, 1]; NaN throughout where a polarity has no text.
    """
    parts = (
        (block, _components(asked, block, rows[:, block.places])) for block in asked.blocks
    )
    return _over_resamples(parts, asked, again, len(rows))


@checked
def mean_effect(
    asked: Asked,
    intact: Float[np.ndarray, "text dim"],
    rows: Rows,
    again: Resamples,
) -> dict[str, Draws]:
    """Mean AUROC of intact rows less that of each way of changing them.

    Above zero where the change harms. On the same resamples, and to the bit zero where a
    change moves no image past another.

    Returns:
        By polarity, in [-1, 1]; NaN throughout where a polarity has no text.
    """
    return _over_resamples(_lost(asked, intact, rows), asked, again, len(rows))


def _lost(
    asked: Asked, intact: np.ndarray, rows: np.ndarray
) -> Iterator[tuple[Block, Components]]:
    for block in asked.blocks:
        whole = _components(asked, block, intact[None, block.places])
        found = _components(asked, block, rows[:, block.places])
        placements = np.tile(whole.placements, (len(rows), 1)) - found.placements
        yield block, Components(np.tile(whole.auroc, len(rows)) - found.auroc, placements)


def _components(asked: Asked, block: Block, rows: np.ndarray) -> Components:
    """Of every variant and text of a block, variant by variant."""
    scores = rows.reshape(-1, rows.shape[-1]).astype(np.float32) @ asked.images.T
    return auroc_components(scores, block.relevant)


def _over_resamples(
    parts: Iterator[tuple[Block, Components]], asked: Asked, again: Resamples, n: int
) -> dict[str, np.ndarray]:
    """Mean over the texts of each polarity: on the sample, then on each resample."""
    size = 1 + len(again.images)
    found = {name: np.zeros((n, size), np.float32) for name in POLARITIES}
    for block, components in parts:
        draws = found[block.polarity]
        each = components.auroc.reshape(n, -1)
        draws[:, 0] += each.sum(axis=1) / len(asked.places(block.polarity))
        for start in range(0, size - 1, RESAMPLES_AT_ONCE):
            chunk = slice(start, start + RESAMPLES_AT_ONCE)
            parted = side_weights(block.relevant, again.images[chunk].astype(np.float32))
            near = (components.placements @ parted.T).reshape(*each.shape, -1)
            near -= each[..., None]
            counts = again.texts[chunk][:, block.places]
            draws[:, 1:][:, chunk] += np.einsum("vtr,rt->vr", near, counts)
    for name in POLARITIES:
        if not asked.places(name):
            found[name][:] = np.nan
    return found
