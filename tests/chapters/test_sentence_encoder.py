"""Every look inside one tower with reports in the place of images, or with none of it."""

import numpy as np
import pandas as pd
import pytest
from tests.planted import EFFUSION, PNEUMONIA, POLE, planted

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.real_text import RealText
from negcxr.chapters.sentence_encoder import (
    Asked,
    findings_of,
    look_inside,
    sentence_sides,
)
from negcxr.chapters.sentence_numbers import (
    TOLD,
    beside,
    encoder_sources,
    look_numbers,
    numbers_of,
)
from negcxr.chapters.sides import Side
from negcxr.data import fetch
from negcxr.models import load_encoder
from negcxr.models.towers import open_tower
from negcxr.results import now, write_result
from negcxr.text.pairs import PAIRS_FILE
from negcxr.text.prompts import load_prompt_set, load_prompt_words

NONE = pd.DataFrame(columns=["report", "sentence", "finding", "affirmed"])
EMPTY = RealText(NONE, NONE, pd.DataFrame(columns=["report"]), NONE)
FINDINGS = ("Pleural Effusion", "Pneumonia")


def asked():
    prompts = load_prompt_set("chest", FINDINGS)
    words = load_prompt_words("chest", FINDINGS)
    return Asked(prompts, words, str(PAIRS_FILE), NONE, n_prompts=4, n_tests=100)


def test_without_an_encoder_all_is_empty_and_what_is_told_says_why(monkeypatch):
    monkeypatch.setattr(fetch, "is_there", lambda name: False)
    sides = sentence_sides(EMPTY, n=10, findings=2, seed=0)
    looks = look_inside(sides, asked(), Sampling(20, 0))
    assert sides == []
    assert all(table.empty for table in looks)
    numbers = look_numbers(looks, sides)
    assert all(numbers[name].value is None and numbers[name].note for name in TOLD)
    assert findings_of(sides, FINDINGS) == list(FINDINGS)


@pytest.mark.parametrize("there", [True, False])
def test_what_is_missing_says_how_to_get_it(monkeypatch, there):
    monkeypatch.setattr(fetch, "is_there", lambda name: there)
    row = encoder_sources(EMPTY).set_index("source").loc["sentence encoder"]
    assert row["there"] == ("yes" if there else "no")
    assert ("negcxr data fetch minilm" in row["get it by"]) is not there


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """A tower that hears "no", among reports that lie on the pole's two sides."""
    folder = tmp_path_factory.mktemp("planted")
    tower = open_tower(load_encoder(str(planted(folder / "clip", "clip"))))
    has = np.random.default_rng(0).random((40, 2)) < 0.5
    rows = np.zeros((len(has), 8))
    rows[:, EFFUSION], rows[:, PNEUMONIA] = np.where(has, 0.5, 0.1).T
    rows[:, POLE] = has.mean(axis=1) - 0.5
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    patients = np.arange(len(has)).astype(str)
    return [Side("base", tower, rows, has.astype(float), FINDINGS, patients)]


@pytest.fixture(scope="module")
def looks(heard):
    return look_inside(heard, asked(), Sampling(20, 0))


@pytest.mark.model
def test_every_look_is_taken_and_named(heard, looks):
    # Of real sentences there is none, so that look has no number.
    assert list(dict.fromkeys(looks.numbers["look"])) == [
        *("retrieval", "attribution", "geometry", "heads", "tracing", "probes")
    ]
    affirmed = numbers_of(looks, "retrieval").set_index("measure").loc["affirmed AUROC"]
    assert affirmed["value"] > 0.8
    numbers = look_numbers(looks, heard)
    assert numbers["retrieval_affirmed_auroc"].value == affirmed["value"]
    assert numbers["reports"].value == numbers["retrieval_affirmed_auroc"].n == 40
    assert numbers["heads_heads_that_pass_on_denied"].n == 8
    for table in looks[1:]:
        assert table["side"].unique().tolist() == ["sentence encoder"]


@pytest.mark.model
def test_the_base_of_the_run_stands_beside_where_its_chapter_was_run(looks, tmp_path):
    ends = {"value": 29.0, "low": 20.0, "high": 40.0}
    rows = [{"measure": "angle", "side": side, **ends} for side in ("base", "con1")]
    how = {"parameters": {}, "scalars": {}, "started": now()}
    write_result(
        tmp_path / "run", "31_geometry", tables={"changes": pd.DataFrame(rows)}, **how
    )
    table = beside(looks, "geometry", str(tmp_path / "run")).set_index("measure")
    assert table.loc["angle", ["base", "base_low", "base_high"]].tolist() == [29, 20, 40]
    assert table["base"].notna().sum() == 1
    assert beside(looks, "probes", str(tmp_path / "run"))["base"].isna().all()
