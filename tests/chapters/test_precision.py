"""What half precision changes is said by the result itself."""

import json

import numpy as np
import pytest
from tests.chapters.conftest import FINDINGS

from negcxr.chapters import precision
from negcxr.chapters.precision import (
    NAMES,
    differences,
    precision_numbers,
    pretraining_precision,
    training_precision,
)
from negcxr.text.prompts import load_prompt_set

PROMPTS = load_prompt_set("chest", FINDINGS)


def test_single_precision_has_nothing_to_say(make_gallery):
    found = precision_numbers(make_gallery(), PROMPTS)
    assert [*found] == [*NAMES]
    assert {one.note for one in found.values()} == {"does not apply: float32"}


def test_the_same_rows_do_not_differ(make_gallery):
    found = differences(make_gallery(noise=0.5), make_gallery(noise=0.5), PROMPTS)
    assert {name: one.value for name, one in found.items()} == dict.fromkeys(NAMES, 0.0)


def test_who_hears_differs_from_who_is_deaf_in_denied_prompts_alone(make_gallery):
    found = differences(make_gallery(hears=True), make_gallery(hears=False), PROMPTS)
    assert found["precision_affirmed_auroc"].value == 0
    assert found["precision_denied_auroc"].value == pytest.approx(1)


def test_the_largest_difference_of_a_cosine_is_found(make_gallery):
    half, single = make_gallery(noise=0.2), make_gallery()
    texts = [prompt.text for prompt in PROMPTS]
    slow = max(
        abs(half.rows[i] @ half.texts([t])[0] - single.rows[i] @ single.texts([t])[0])
        for i in range(0, len(half.rows))
        for t in texts[:5]
    )
    found = differences(half, single, PROMPTS[:5])["precision_cosine"]
    assert found.value == pytest.approx(slow, abs=1e-12)
    assert found.n == len(half.rows)
    assert np.isfinite(slow)


def test_training_in_single_precision_has_nothing_to_say():
    found = training_precision(None, "", None, seed=0, device="cpu", dtype="float32")
    assert (found.value, found.note) == (None, "does not apply: float32")


def test_the_loss_in_half_precision_is_told_relative_to_single_precision(monkeypatch):
    losses = {"bfloat16": 2.2, "float32": 2.0}
    asked = lambda *_, dtype, **__: losses[dtype]  # noqa: E731
    monkeypatch.setattr(precision, "first_loss", asked)
    monkeypatch.setattr(precision, "load_encoder", lambda *_, **__: None)
    how = {"seed": 0, "device": "cpu", "dtype": "bfloat16"}
    assert training_precision(None, "", None, **how).value == pytest.approx(0.1)


def left_behind(folder, value):
    """A checkpoint's folder with what it says of its first loss."""
    folder.mkdir()
    told = {"first_loss_relative_to_float32": value}
    (folder / "precision.json").write_text(json.dumps(told))
    return folder


def test_of_several_pretrainings_the_largest_difference_is_told(tmp_path):
    each = [left_behind(tmp_path / name, x) for name, x in (("a", 0.01), ("b", -0.02))]
    found = pretraining_precision(each, "bfloat16")
    assert (found.value, found.n) == (0.02, 2)


def test_a_pretraining_that_left_nothing_behind_is_not_passed_over(tmp_path):
    each = [left_behind(tmp_path / "a", 0.01), tmp_path]
    found = pretraining_precision(each, "bfloat16")
    assert found.value is None
    assert "trained before the first loss was taken" in found.note


def test_pretraining_in_single_precision_has_nothing_to_say(tmp_path):
    found = pretraining_precision([tmp_path], "float32")
    assert (found.value, found.note) == (None, "does not apply: float32")
