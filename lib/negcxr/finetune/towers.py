"""Rows of a batch through which gradients flow, for as little reading as they need.

Distinct sentences are read once, without the padding that changes nothing, and images
only where their tower moves; else their rows are those that were made once.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, as_tensor
from torch.nn.functional import normalize

from negcxr.finetune.sources import Sources
from negcxr.models.device import DTYPES
from negcxr.models.encoder import DualEncoder
from negcxr.shapes import checked


class Towers:
    """An encoder in training, beside the kept rows of the images.

    Attributes:
        encoder: Whose weights change.
        sources: The training images and their kept rows.
        moving: Whether the image tower is trained too.
    """

    def __init__(
        self, encoder: DualEncoder, sources: Sources, *, moving: bool, dtype: str
    ) -> None:
        self.encoder, self.sources, self.moving = encoder, sources, moving
        self._cast = {"dtype": DTYPES[dtype], "enabled": dtype != "float32"}
        self._tokens: dict[str, list[int]] = {}
        if encoder.device.type == "cpu":  # there, in bfloat16, twice as fast as sdpa
            encoder.model.set_attn_implementation("eager")

    @checked
    def texts(self, texts: Sequence[str]) -> Float[Tensor, "text dim"]:
        """Unit rows of texts; equal ones are read once, with the padding that counts."""
        distinct = list(dict.fromkeys(texts))
        new = [text for text in distinct if text not in self._tokens]
        self._tokens.update(zip(new, self.encoder.token_rows(new), strict=True))
        distinct.sort(key=lambda text: len(self._tokens[text]))  # long ones pad short ones
        half = len(distinct) // 2
        parts = [part for part in (distinct[:half], distinct[half:]) if part]
        rows = torch.cat([self._read(part) for part in parts])
        place = {text: i for i, text in enumerate(distinct)}
        return normalize(rows.float(), dim=-1)[[place[text] for text in texts]]

    @checked
    def images(self, places: Int[np.ndarray, " image"]) -> Float[Tensor, "image dim"]:
        """Unit rows of training images: kept ones, or read anew where their tower moves."""
        device = self.encoder.device
        if not self.moving:
            return as_tensor(self.sources.pool.rows[places], device=device)
        opened = [self.sources.images.open(int(place)) for place in places]
        pixels = self.encoder.preprocess(opened).to(device)
        with torch.autocast(device.type, **self._cast):
            rows = self.encoder.model.get_image_features(pixel_values=pixels).pooler_output
        return normalize(rows.float(), dim=-1)

    def _read(self, texts: Sequence[str]) -> Tensor:
        ids = self.encoder.stacked([self._tokens[text] for text in texts])
        with torch.autocast(self.encoder.device.type, **self._cast):
            return self.encoder.text_features(ids)
