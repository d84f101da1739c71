"""Galleries of encoders that can be seen through: an axis a finding, and one for the rest.

An image has +1 on the axis of each finding that it has and -1 on those that it lacks. A
text has +1 on the axis of each finding that it affirms; what it denies has -1 for an
encoder that hears cues and +1 for one that is deaf to them.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from negcxr.chapters import Sampling, open_gallery
from negcxr.data.dataset import Dataset
from negcxr.text.cues import parse
from negcxr.text.prompts import load_prompt_set
from negcxr.text.vocabulary import load_words

FINDINGS = ("Edema", "Pneumothorax", "Pleural Effusion", "Lung Lesion")
WORDS = load_words(FINDINGS)
N = 160


class Encoder:
    """Rows by hand; ``noise`` moves images off their places, the same for all ears."""

    dim, dtype, device, processor_key = len(FINDINGS) + 1, "float32", "cpu", "by hand"

    def __init__(self, labels, *, hears, noise=0.0):
        self.hears = hears
        self.checkpoint = SimpleNamespace(fingerprint=f"{hears} {noise}")
        moved = np.random.default_rng(1).normal(0, noise, labels.shape) if noise else 0
        rows = np.pad(np.sign(labels - 0.5) + moved, ((0, 0), (0, 1)))
        self.images = _unit(rows)

    def preprocess(self, images):
        return [image.getpixel((0, 0)) for image in images]

    def encode_pixels(self, pixels):
        return self.images[pixels].astype(np.float32)

    def encode_texts(self, texts):
        return _unit(np.array([self.place(text) for text in texts])).astype(np.float32)

    def place(self, text):
        row = np.zeros(self.dim)
        row[-1] = 1e-3  # a text that names no finding lies on the axis of the rest
        parsed = parse(text)
        for i, finding in enumerate(FINDINGS):
            words = WORDS[finding]
            row[i] += words.phrase in parsed.affirmed
            row[i] += (words.phrase in parsed.denied) * (-1 if self.hears else 1)
            row[i] -= text in words.equivalents
        return row


class Greys:
    """An image whose grey level is its row."""

    def open(self, row):
        return Image.new("L", (8, 8), row)

    def key(self, row):
        return f"image {row}"


def _unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def make_labels(n=N):
    return (np.random.default_rng(0).random((n, len(FINDINGS))) < 0.4).astype(float)


def make_dataset(labels):
    names = [f"image-{i}" for i in range(len(labels))]
    rng = np.random.default_rng(2)
    sides = rng.choice(["left", "right", "both"], size=labels.shape)
    table = pd.DataFrame({"image": names, "patient": names, "split": "test"})
    table["view"] = np.where(labels[:, 0] == 1, "AP", "PA")  # edema lies in bed
    return Dataset(
        name="by hand",
        kind="images",
        table=table,
        findings=FINDINGS,
        labels=labels,
        policy="explicit",
        images=Greys(),
        terms="ours",
        shows_images=True,
        sides=np.where(labels == 1, sides, ""),
    )


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory):
    """Rows are kept for the tests of one file; an encoder's ears name its rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEGCXR_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def make_gallery(cache):
    """A gallery of 160 images; ``labels`` may have blanks, the images know better."""

    def make(*, hears=True, noise=0.0, labels=None, policy=""):
        encoder = Encoder(make_labels(), hears=hears, noise=noise)
        dataset = make_dataset(make_labels() if labels is None else labels)
        return open_gallery(encoder, dataset, policy)

    return make


@pytest.fixture(scope="module")
def hearing(make_gallery):
    """An encoder that sees every finding and hears every cue."""
    return make_gallery(hears=True)


@pytest.fixture(scope="module")
def deaf(make_gallery):
    """An encoder that sees findings dimly and hears no cue."""
    return make_gallery(hears=False, noise=1.5)


@pytest.fixture(scope="module")
def prompts():
    return load_prompt_set("chest", FINDINGS)


@pytest.fixture(scope="module")
def sampling():
    return Sampling(n_resamples=30, seed=0, k=10)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """24 noise images of as many patients, half of them labelled with one finding."""
    root, rng = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    rows = ["image,patient,split,Pleural Effusion"]
    for i in range(24):
        pixels = rng.integers(0, 255, (64, 64), dtype=np.uint8)
        Image.fromarray(pixels).save(root / f"{i}.png")
        rows.append(f"{i}.png,p{i},test,{i % 2}")
    (root / "manifest.csv").write_text("\n".join(rows) + "\n")
    return root
