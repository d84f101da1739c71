"""Small worlds to train in, and the truth of a statement told once more, slowly."""

import math

import numpy as np
import pandas as pd
import torch
from PIL import Image

from negcxr.data.labels import relevance
from negcxr.finetune.methods import Method
from negcxr.finetune.pool import make_pool
from negcxr.finetune.recipe import Recipe
from negcxr.finetune.statements import OPPOSED, Judged

NAN = math.nan
FINDINGS = ("Edema", "Pleural Effusion", "Pneumothorax")
PIXELS = 16
TOWER = {"hidden_size": 32, "intermediate_size": 48}
TOWER |= {"num_hidden_layers": 2, "num_attention_heads": 2}
# What makes a pretraining small: 48 pictures, and a state kept after step two of four.
SHRUNK = {
    **{"vision": {**TOWER, "image_size": 64, "patch_size": 32}, "text": TOWER},
    **{"images": 48, "projection": 16, "vocab_size": 300, "precision": "float32"},
    **{"steps": 4, "batch": 12, "warmup": 2, "keep_every": 2},
}


class Killed(BaseException):
    """Stands for a process that is ended; nothing may catch it."""


def tiny_recipe(**changes):
    """A pretraining from random weights, shrunk."""
    fields = {"name": "tiny", "about": "Trained by a test.", "objective": "statements"}
    fields |= {"bias": {"mention": 0.9, "deny": 0.1, "detail": 0.2}}
    fields |= {"lr": 0.01, "matrix_lr": 0.02}
    return Recipe(**{**SHRUNK, **fields, **changes})


def assert_equal_to_the_bit(one, other):
    """The same tensors by the same names."""
    assert one.keys() == other.keys()
    for name in one:
        assert torch.equal(one[name], other[name]), name


def tiny_method(**changes):
    """A method of six short steps, validated after every second one."""
    fields = {"name": "tiny", "about": "Of a test.", "terms": {"con2": 1.0}}
    fields |= {"lr": 0.003, "steps": 6, "batch": 8, "warmup": 2, "validate_every": 2}
    return Method(**{**fields, **changes})


def labels_of(n, *, seed=0, blank=0.0, uncertain=0.0):
    """Labels drawn by the odds; present and absent are as frequent as each other."""
    rng = np.random.default_rng(seed)
    told = (1 - blank - uncertain) / 2
    chances = (told, told, uncertain, blank)
    return rng.choice([1.0, 0.0, -1.0, NAN], size=(n, len(FINDINGS)), p=chances)


def sides_of(labels, *, seed=0):
    """A side of each finding that is present; of some it is not known."""
    drawn = np.random.default_rng(seed).choice(["left", "right", "both", ""], labels.shape)
    return np.where(labels == 1, drawn, "")


def a_pool(n=120, *, policy="explicit", shares=None, sides=True, **labels):
    """A pool of random labels in which each patient has three images."""
    drawn = labels_of(n, **labels)
    judged = Judged(FINDINGS, relevance(drawn, policy), sides_of(drawn) if sides else None)
    patients = np.array([f"patient {image // 3}" for image in range(n)])
    angles = np.random.default_rng(1).uniform(0, 2 * np.pi, n)
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    shares = shares or dict.fromkeys(OPPOSED, 1.0)
    return make_pool(judged, patients, rows, shares=shares)


def make_folder(folder, n=240, **labels):
    """A data set in a folder: two images a patient, all to be trained on."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn, rng = labels_of(n, **labels), np.random.default_rng(0)
    pixels = rng.integers(0, 256, (n, PIXELS, PIXELS), dtype=np.uint8)
    names = [f"{place:03d}.png" for place in range(n)]
    for name, image in zip(names, pixels, strict=True):
        Image.fromarray(image).save(folder / name)
    table = pd.DataFrame(drawn, columns=FINDINGS)
    table.insert(0, "image", names)
    table.insert(1, "patient", [f"p{place // 2}" for place in range(n)])
    table.insert(2, "split", "train")
    table.to_csv(folder / "manifest.csv", index=False)
    return folder


def slow_truth(statement, judged, image):
    """Whether a statement is true of one image: 1, 0 or NaN, by cases."""
    known = dict(zip(judged.findings, judged.relevance[image], strict=True))
    has, other = known[statement.finding], known.get(statement.other)
    match statement.polarity:
        case "affirmed" | "double-negation":
            return has
        case "denied" | "equivalent":
            return not_(has)
        case "composite":
            return and_(has, not_(other))
        case "scope":
            return and_(not_(has), not_(other))
        case "side":
            return side_denied(statement, judged, image, has)


def side_denied(statement, judged, image, has):
    if has == 0:
        return 1.0
    if judged.sides is None or math.isnan(has):
        return NAN
    side = judged.sides[image, judged.findings.index(statement.finding)]
    if side == "":
        return NAN
    return 0.0 if side in (statement.side, "both") else 1.0


def not_(value):
    return NAN if math.isnan(value) else 1.0 - value


def and_(one, other):
    if one == 0 or other == 0:
        return 0.0
    return NAN if math.isnan(one) or math.isnan(other) else 1.0
