"""The card's measures, on encoders whose AUROC is known, and what it says of itself."""

import numpy as np
import pytest
import torch

from negcxr.data import phantoms
from negcxr.data.claims import tabulate
from negcxr.data.phantoms import truths
from negcxr.data.reports import words
from negcxr.data.truth import FINDINGS, World
from negcxr.finetune import card, tuned_card
from negcxr.finetune.card import Measures, validate
from negcxr.finetune.corpus import Corpus, write_reports
from negcxr.finetune.recipe import Recipe
from negcxr.text.cues import parse

pytestmark = pytest.mark.model

N = 120
RECIPE = Recipe(
    name="tiny",
    about="Of a test.",
    objective="captions",
    sentences=1,
    bias={"deny": 0.3},
    images=N,
    vision={"image_size": 64},
    text={"hidden_size": 32},
    steps=4,
    lr=0.001,
    matrix_lr=0.02,
)


@pytest.fixture(autouse=True)
def numbered_images(monkeypatch):
    """Each validation phantom is one pixel that holds its number."""
    monkeypatch.setattr(card, "VALIDATION_IMAGES", N)
    monkeypatch.setattr(card, "RESAMPLES", 20)
    monkeypatch.setattr(card, "BATCH", 50)
    numbers = np.arange(N, dtype=np.uint8).reshape(N, 1, 1)
    monkeypatch.setattr(phantoms.Recipe, "pixels", lambda _: numbers)


def embed_images(pixels):
    """+1 on the axis of each finding that a phantom has, -1 on the others."""
    present = tabulate(truths(0, "val", range(N), World())).present
    rows = np.where(present[pixels[:, 0, 0]], 1.0, -1.0) / np.sqrt(len(FINDINGS))
    return torch.from_numpy(rows)


def ears(hears):
    def embed_texts(texts):
        rows = np.zeros((len(texts), len(FINDINGS)))
        for row, text in zip(rows, texts, strict=True):
            for i, finding in enumerate(FINDINGS):
                phrase, parsed = words()["findings"][finding]["phrase"], parse(text)
                row[i] = (phrase in parsed.affirmed) + hears * (phrase in parsed.denied)
        return torch.from_numpy(rows)

    return embed_texts


@pytest.mark.parametrize(
    ("hears", "denied"),
    [pytest.param(-1, 1, id="hears the denial"), pytest.param(1, 0, id="deaf to it")],
)
def test_denials_are_measured_by_the_absence_of_their_finding(hears, denied):
    found = validate(RECIPE, embed_images, ears(hears))
    np.testing.assert_array_equal(found.affirmed, 1)
    np.testing.assert_array_equal(found.denied, denied)
    assert found.affirmed.shape == (8, 21)
    assert found.means() == {"affirmed": 1, "denied": denied}


def test_findings_keep_their_order():
    def sees_edema_only(pixels):
        rows = embed_images(pixels)
        rows[:, [i for i, f in enumerate(FINDINGS) if f != "Edema"]] = 0.1
        return rows

    values = validate(RECIPE, sees_edema_only, ears(-1)).affirmed[:, 0]
    assert values[FINDINGS.index("Edema")] == 1
    assert (np.delete(values, FINDINGS.index("Edema")) == 0.5).all()


def test_a_finding_that_cannot_be_measured_leaves_the_mean():
    draws = np.array([[0.5, 0.5], [np.nan, np.nan], [0.9, 0.9]])
    assert Measures(draws, 1 - draws).means() == pytest.approx(
        {"affirmed": 0.7, "denied": 0.3}
    )


def told(recipe=RECIPE, device="cpu"):
    known = truths(0, "train", range(N), World())
    blank = np.zeros((N, 1, 1), dtype=np.uint8)
    corpus = Corpus(blank, tabulate(known), write_reports(known, recipe.reporting()))
    draws = np.full((8, 3), 0.25)
    return card.text(recipe, corpus, Measures(1 - draws, draws), seconds=90, device=device)


def test_numbers_stand_beside_their_intervals():
    assert "| Edema | 0.750 [0.750, 0.750] | 0.250 [0.250, 0.250] |" in told()
    assert "| mean | 0.750 [0.750, 0.750] | 0.250 [0.250, 0.250] |" in told()


@pytest.mark.parametrize(
    ("draws", "words"),
    [
        pytest.param([0.5, 0.25, 0.25], "0.500 [0.250, 0.250]", id="as it is"),
        pytest.param([-1e-4] * 3, "0.000 [0.000, 0.000]", id="zero has no minus sign"),
        pytest.param(
            [-0.1] * 3, "-0.100 [-0.100, -0.100]", id="what is below zero has one"
        ),
        pytest.param([0.5, np.nan, np.nan], "0.500", id="no interval"),
        pytest.param([np.nan] * 3, "not evaluable", id="no value"),
    ],
)
@pytest.mark.parametrize("of", [card, tuned_card], ids=["pretrained", "tuned"])
def test_a_cell_of_either_card_is_words_for_a_value_and_its_interval(of, draws, words):
    assert of.cell(np.array(draws)) == words


def test_denials_are_counted_in_captions_as_they_are_drawn():
    def share(text):
        return float(text.split("per sentence, ")[1].split("%")[0])

    whole = told(RECIPE.model_copy(update={"objective": "statements"}))
    assert share(told()) < share(whole) / 1.5  # a caption here is one sentence of several


def test_the_device_is_named():
    assert "| 2 minutes on cuda |" in told(device="cuda")
    assert "CPU cores |" in told()


def test_an_example_is_a_report_that_says_something():
    quiet = RECIPE.model_copy(update={"bias": {"mention": 0.2, "normal": 0.0}})
    assert 'A report it was trained on: "' in told(quiet)
    assert 'trained on: ""' not in told(quiet)
