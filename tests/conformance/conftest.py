"""A data set, real sentences and a cache that all checkpoints of these tests share."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from tests import sentence_folder
from tests.conformance.chapters import Way, undrawn
from tests.conformance.folders import FORMS

from negcxr.chapters import real_text
from negcxr.models import load_encoder
from negcxr.models.encoder import DualEncoder

FINDINGS = ("Edema", "Pleural Effusion", "Pneumothorax")
PARTS = {"train": 160, "test": 80}
AFFIRMS = ("There is {}.", "Evidence of {}.", "A left {} is seen.", "The {} is large.")
DENIES = ("No {}.", "There is no {}.", "No evidence of {}.", "Negative for {}.")


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """What all checkpoints share: a cache, and what would else be fetched."""
    root = tmp_path_factory.mktemp("shared")
    sentence_folder.bert(root / "minilm")
    return root


@pytest.fixture(scope="module", autouse=True)
def world(shared):
    """One thread, a cache of our own, and invented text in the place of what is fetched."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEGCXR_CACHE", str(shared / "cache"))
        patch.setattr(real_text.fetch, "is_there", lambda name: True)
        patch.setattr(real_text.fetch, "fetched", lambda name: shared / name)
        patch.setattr(real_text.openi, "read_reports", lambda path: reports())
        patch.setattr(real_text.openi, "read_gold", lambda folder: gold())
        patch.setattr(real_text.openi, "read_negex", lambda folder: judged())
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def images(tmp_path_factory) -> Path:
    """A data set in a folder: noise, wide and tall, with three findings and their sides."""
    root, rng = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    n = sum(PARTS.values())
    labels = (rng.random((n, len(FINDINGS))) < 0.5).astype(int)
    table = pd.DataFrame(labels, columns=FINDINGS)
    sides = np.where(labels == 1, rng.choice(["left", "right", "both"], labels.shape), "")
    table = table.join(pd.DataFrame(sides, columns=[f"side:{name}" for name in FINDINGS]))
    table["view"] = np.where(rng.random(n) < 0.5, "AP", "PA")
    table["split"] = np.repeat([*PARTS], [*PARTS.values()])
    table["patient"] = [f"p{place}" for place in range(n)]
    table["image"] = [f"{place}.png" for place in range(n)]
    for place, name in enumerate(table["image"]):
        size = (24, 32) if place % 2 else (32, 24)
        Image.fromarray(rng.integers(0, 256, size, dtype=np.uint8)).save(root / name)
    table.to_csv(root / "manifest.csv", index=False)
    return root


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The checkpoint folder of a form, made once."""
    root, made = tmp_path_factory.mktemp("checkpoints"), {}

    def get(form: str) -> Path:
        if form not in made:
            made[form] = FORMS[form](root / form)
        return made[form]

    return get


@pytest.fixture(scope="module")
def encoder(folder):
    """The encoder of a form, loaded once a file."""
    loaded = {}

    def get(form: str) -> DualEncoder:
        if form not in loaded:
            loaded[form] = load_encoder(str(folder(form)))
        return loaded[form]

    return get


@pytest.fixture(scope="module")
def way(tmp_path_factory, folder, images):
    """The chapters of a form without their charts, each run when first asked for."""
    root, ways = tmp_path_factory.mktemp("runs"), {}

    def get(form: str) -> Way:
        if form not in ways:
            ways[form] = Way(folder(form), images, root / form, around=undrawn)
        return ways[form]

    return get


def reports() -> pd.DataFrame:
    """Reports of two sentences, in which each finding is affirmed and denied in turn."""
    rows = [
        {
            "findings": affirms.format(one.lower()),
            "impression": denies.format(other.lower()),
        }
        for affirms in AFFIRMS
        for denies in DENIES
        for one, other in zip(FINDINGS, FINDINGS[1:] + FINDINGS[:1], strict=True)
    ]
    table = pd.DataFrame(rows)
    table.insert(0, "report", [f"CXR{number}" for number in range(len(table))])
    return table.assign(indication="", text=table["findings"] + " " + table["impression"])


def gold() -> pd.DataFrame:
    """What each of them says that there is, by NegBio's names."""
    names = {"Edema": "Edema", "Effusion": "effusion", "Pneumothorax": "pneumothorax"}
    said = reports()
    table = pd.DataFrame({"report": said["report"]})
    for name, word in names.items():
        table[name] = said["findings"].str.contains(word, case=False).astype(int)
    return table


def judged() -> pd.DataFrame:
    """Sentences of which people have said whether they deny."""
    told = {"No edema.": "Negated", "There is edema.": "Affirmed", "Edema?": "Affirmed"}
    rows = [(text, "edema", said) for text, said in told.items()]
    return pd.DataFrame(rows, columns=["sentence", "concept", "negation"])
