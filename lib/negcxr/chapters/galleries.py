"""A data set in a checkpoint's space, ready to be asked."""

import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Shaped

from negcxr.data.dataset import Dataset
from negcxr.data.labels import POLICIES
from negcxr.embed import embed_images, embed_texts
from negcxr.errors import InputError
from negcxr.models.encoder import DualEncoder


class Sampling(NamedTuple):
    """How a chapter resamples: all of its intervals come from the same resamples."""

    n_resamples: int
    seed: int
    k: int = 10


@dataclass(frozen=True, eq=False)
class Gallery:
    """Images as unit rows, and what is judged of them under one policy."""

    encoder: DualEncoder
    dataset: Dataset
    policy: str
    rows: Float[np.ndarray, "image dim"]
    relevance: Float[np.ndarray, "image finding"]

    @property
    def patients(self) -> Shaped[np.ndarray, " image"]:
        """The patient of each image, whom intervals resample."""
        return self.dataset.table["patient"].to_numpy(dtype=str)

    def texts(self, texts: list[str]) -> Float[np.ndarray, "text dim"]:
        """Texts as unit rows in the same space."""
        return embed_texts(self.encoder, texts).astype(np.float64)

    def cosines(self, texts: list[str]) -> Float[np.ndarray, "text image"]:
        """Cosine of each text to each image."""
        return self.texts(texts) @ self.rows.T

    def truth(self, row: int) -> str:
        """What an image is judged to have, in words."""
        has = self.relevance[row] == 1
        return ", ".join(
            f for f, here in zip(self.dataset.findings, has, strict=True) if here
        )


def open_gallery(encoder: DualEncoder, dataset: Dataset, policy: str = "") -> Gallery:
    """Embed a data set, or find its rows in the cache, and judge it under a policy.

    Args:
        policy: A key of ``POLICIES``; empty for the data set's own.
    """
    policy = policy or dataset.policy
    if policy not in POLICIES:
        raise InputError(f"policy {policy!r} is not known; choose of {', '.join(POLICIES)}")
    rows = embed_images(encoder, dataset).astype(np.float64)
    return Gallery(encoder, dataset, policy, rows, dataset.relevance(policy))


def reopen(gallery: Gallery, encoder: DualEncoder) -> Gallery:
    """The same images in the space of another encoder.

    Their rows are taken over where its image tower is the same to the bit, as it is where
    the text tower alone was fine-tuned; else they are embedded anew.
    """
    if not _same_images(gallery.encoder, encoder):
        return open_gallery(encoder, gallery.dataset, gallery.policy)
    return dataclasses.replace(gallery, encoder=encoder)


def _same_images(first: DualEncoder, second: DualEncoder) -> bool:
    """Whether both turn every image into the same row."""
    ways = [(e.processor_key, e.dtype, str(e.device)) for e in (first, second)]
    towers = [
        {name: weight for name, weight in e.model.state_dict().items() if _sees(name)}
        for e in (first, second)
    ]
    return (
        ways[0] == ways[1]
        and towers[0].keys() == towers[1].keys()
        and all(torch.equal(weight, towers[1][name]) for name, weight in towers[0].items())
    )


def _sees(name: str) -> bool:
    """Whether a weight is of the image tower or of its way into the common space."""
    return name.startswith(("vision_model.", "visual_projection."))
