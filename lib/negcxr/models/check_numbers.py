"""Whether a checkpoint computes as it should: norms, the same twice, and by hand.

A row must not depend on what else is in its batch, nor on when it is asked for, beyond
rounding; and the text tower must give what its weights and config give when written out
(`negcxr.models.by_hand`). What differs by more was read wrongly, and no number is to be
believed.

Limits: three sentences and two pictures of noise, which no model was made for; the image
tower is not written out.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from PIL.Image import Image, fromarray

from negcxr.errors import InputError
from negcxr.models.by_hand import text_row
from negcxr.models.check_text import SENTENCES
from negcxr.models.encoder import DualEncoder
from negcxr.models.rows import unit_rows

# What rounding may do to an element of a unit row; half precision keeps three digits.
ALLOWED = {"float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1}
SELF_TEST = SENTENCES[:2]


class Side(NamedTuple):
    """What one tower computes.

    Attributes:
        shortest: The smallest length of its features, before they are made unit.
        longest: The largest.
        twice: Largest difference between elements of the same unit row, asked twice.
        batch: The same between a row that was computed alone and together with others.
    """

    shortest: float
    longest: float
    twice: float
    batch: float


class Numbers(NamedTuple):
    """What both towers compute, and the text tower beside itself written out.

    Attributes:
        texts: Of ``SENTENCES``.
        images: Of pictures of noise.
        by_hand: Largest difference between elements of unit rows, the model's own and
            those written out; None where the design has what is not written out.
        why: Why it is None.
    """

    texts: Side
    images: Side
    by_hand: float | None
    why: str = ""


def numbers(encoder: DualEncoder) -> Numbers:
    """What a loaded checkpoint computes of a few sentences and pictures.

    Raises:
        InputError: A row points nowhere.
    """
    tokens = encoder.token_rows(SENTENCES)
    pixels = encoder.preprocess(_noise(encoder)).to(encoder.device, encoder.model.dtype)

    def texts(which: slice) -> torch.Tensor:
        return encoder.text_features(encoder.stacked(tokens[which]))

    def images(which: slice) -> torch.Tensor:
        found = encoder.model.get_image_features(pixel_values=pixels[which])
        return getattr(found, "pooler_output", found)  # transformers 4 gave the tensor

    with torch.inference_mode():
        return Numbers(_side(texts), _side(images), *_by_hand(encoder))


def faults(found: Numbers, dtype: str) -> list[str]:
    """What of these is more than rounding, a line each; none where all is well."""
    allowed = ALLOWED[dtype]
    differences = {
        "the same sentence twice": found.texts.twice,
        "a sentence alone and in a batch": found.texts.batch,
        "the same picture twice": found.images.twice,
        "a picture alone and in a batch": found.images.batch,
        "the text tower and the same written out": found.by_hand or 0.0,
    }
    return [
        f"{what}: rows differ by {value:.1g}; allowed: {allowed:g}"
        for what, value in differences.items()
        if not value <= allowed  # so that NaN is told as well
    ]


def _side(features: Callable[[slice], torch.Tensor]) -> Side:
    alone, again, together = (features(slice(0, stop)) for stop in (1, 1, None))
    lengths = together.float().norm(dim=-1)
    rows = [unit_rows(part) for part in (alone, again, together)]
    twice, batch = (np.abs(rows[0][0] - other[0]).max() for other in rows[1:])
    return Side(float(lengths.min()), float(lengths.max()), float(twice), float(batch))


def _by_hand(encoder: DualEncoder) -> tuple[float | None, str]:
    try:
        rows = [text_row(encoder, text).numpy() for text in SELF_TEST]
    except InputError as error:
        return None, str(error)
    return float(np.abs(encoder.encode_texts(SELF_TEST) - rows).max()), ""


def _noise(encoder: DualEncoder) -> list[Image]:
    size = encoder.model.config.vision_config.image_size
    rng = np.random.default_rng(0)
    return [fromarray(rng.integers(0, 256, (size, size), dtype=np.uint8)) for _ in range(2)]
