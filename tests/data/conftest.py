"""Small data sets that a test can change in one place."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from negcxr.data.dataset import Dataset

NAN = float("nan")


class NamedImages:
    """Images whose key is a letter, so that a test sees which one a row opens."""

    def open(self, row: int) -> Image.Image:
        return Image.new("L", (4, 4), row)

    def key(self, row: int) -> str:
        return "abcdef"[row]


@pytest.fixture
def make_dataset():
    """Six images of four patients in two splits; keywords replace single fields."""

    def make(**changes) -> Dataset:
        table = pd.DataFrame(
            {
                "image": ["a.png", "b.png", "c.png", "d.png", "e.png", "f.png"],
                "patient": ["1", "1", "2", "3", "3", "4"],
                "view": ["PA", "AP", "PA", "PA", "AP", "PA"],
                "split": ["train", "train", "train", "test", "test", "test"],
            }
        )
        labels = np.array([[1, 0], [0, 1], [NAN, -1], [1, 1], [0, 0], [NAN, 0]])
        fields = {
            "name": "six",
            "kind": "images",
            "table": table,
            "findings": ("Edema", "Mass"),
            "labels": labels,
            "policy": "explicit",
            "images": NamedImages(),
            "terms": "ours",
            "shows_images": True,
        }
        return Dataset(**{**fields, **changes})

    return make


@pytest.fixture
def png():
    """The bytes of a small grey PNG; noise keeps them long enough to be cut."""
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
