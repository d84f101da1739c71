"""Base and fine-tuned checkpoints side by side, opened for those who look inside.

Idea: every look inside needs a text tower, and something for its rows to be near or far
from: images that have a finding and images that have not. The *contrast* of a finding is
the row of the first less the row of the second; the dot product of a text with it says
how much nearer the text lies to images with the finding than to images without it. It is
above zero for "pleural effusion", and below zero for "no pleural effusion" if the denial
is heard.

Limits: a contrast is a mean over the images at hand, so it is of these images; and it is
blind to all in which images with and without the finding do not differ on average.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from negcxr.chapters.galleries import Gallery, reopen
from negcxr.chapters.groups import BASE
from negcxr.chapters.interpolation import load_tuned, method_names
from negcxr.errors import InputError
from negcxr.measure.gallery import MIN_A_SIDE
from negcxr.models.encoder import DualEncoder
from negcxr.models.tower import TextTower
from negcxr.models.towers import open_tower


class Side(NamedTuple):
    """A text tower, and what its rows are compared with.

    Attributes:
        name: ``base``, or the method that fine-tuned it.
        tower: The text tower.
        rows: Unit rows of what is searched, mostly images.
        relevance: 1 has the finding, 0 has it not, NaN is not judged.
        findings: The columns of ``relevance``.
        patients: Of each row, for resampling.
    """

    name: str
    tower: TextTower
    rows: Float[np.ndarray, "image dim"]
    relevance: Float[np.ndarray, "image finding"]
    findings: tuple[str, ...]
    patients: Shaped[np.ndarray, " image"]


def open_sides(gallery: Gallery, results: str, methods: str) -> list[Side]:
    """The base that a gallery was opened by, and this run's fine-tuned checkpoints.

    Args:
        results: The run's folder, below which its checkpoints lie.
        methods: Names, separated by commas; empty for the base alone.

    Raises:
        InputError: A method was not run.
    """
    tuned = load_sides(results, methods, gallery.encoder)
    galleries = {BASE: gallery} | {n: reopen(gallery, e) for n, e in tuned.items()}
    return [_side(name, opened) for name, opened in galleries.items()]


def load_sides(results: str, methods: str, base: DualEncoder) -> dict[str, DualEncoder]:
    """This run's fine-tuned checkpoints by method, in the base's precision and place.

    Args:
        results: The run's folder, below which its checkpoints lie.
        methods: Names, separated by commas; empty for none.

    Raises:
        InputError: A method was not run.
    """
    names = method_names(methods) if methods else []
    return {name: load_tuned(results, name, base) for name in names}


def contrasts(side: Side) -> dict[str, Float[np.ndarray, " dim"]]:
    """By finding, the row of those that have it less the row of those that have it not.

    Each of the two is a mean of unit rows, made a unit row. A finding with too few of
    either is left out.

    Raises:
        InputError: No finding is left.
    """
    found = {}
    for finding, relevant in zip(side.findings, side.relevance.T, strict=True):
        present, absent = side.rows[relevant == 1], side.rows[relevant == 0]
        if min(len(present), len(absent)) >= MIN_A_SIDE:
            found[finding] = _unit_mean(present) - _unit_mean(absent)
    if not found:
        raise InputError(
            f"{side.name}: no finding has {MIN_A_SIDE} images with it and as many without; "
            "measure on more images, or under another policy"
        )
    return found


def read_from(side: Side) -> str:
    """Which token a side's rows are read from, in words; of a mean that there is none."""
    tokens = side.tower.tokens([side.findings[0].lower()])
    place, length = int(tokens.read[0]), int(tokens.lengths[0])
    if place < 0:
        return "a row is the mean over tokens; none is read, and its words stand in"
    where = {0: "first", length - 1: "last"}.get(place, f"{place + 1}th")
    return f"a row is read from the {where} token"


def _side(name: str, gallery: Gallery) -> Side:
    return Side(
        name,
        open_tower(gallery.encoder),
        gallery.rows,
        gallery.relevance,
        tuple(gallery.dataset.findings),
        gallery.patients,
    )


def _unit_mean(rows: Float[np.ndarray, "row dim"]) -> Float[np.ndarray, " dim"]:
    mean = rows.mean(axis=0)
    return mean / np.linalg.norm(mean)
