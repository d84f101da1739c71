"""What a loss pulls and pushes: signs by hand, the sphere, truth, and false negatives."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn.functional import normalize

from negcxr.chapters.pulls import batch_images, false_negatives, pull_table, pulls
from negcxr.finetune.objectives import OBJECTIVES
from negcxr.finetune.rows import Rows

NAN = float("nan")
EAST, NORTH = [1.0, 0.0], [0.0, 1.0]


def unit(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return normalize(torch.randn(*shape, generator=generator, dtype=torch.float64), dim=-1)


def batch(**fields):
    known = {
        "images": unit(3, 5, seed=1),
        "texts": unit(3, 5, seed=2),
        "opposed": unit(3, 5, seed=3),
        "distractors": unit(3, 5, seed=4),
        "scale": torch.tensor(4.0, dtype=torch.float64),
        "true": (torch.arange(36).reshape(6, 6) % 3 == 0).double(),
        "labels": torch.tensor([[1.0, 0.0]] * 3 + [[0.0, NAN]] * 3),
    }
    return Rows(**known | fields)


def two():
    """Two images on two axes, each with a text that lies between them."""
    between = normalize(torch.tensor([[1.0, 1.0], [1.0, 1.0]]), dim=-1)
    return Rows(torch.tensor([EAST, NORTH]), between, torch.tensor(1.0))


def test_infonce_pulls_a_pair_together_and_pushes_the_others_apart():
    found = pulls({"con1": 1.0}, two())
    assert (np.sign(found) == [[1, -1], [-1, 1]]).all()
    np.testing.assert_allclose(found, found.T, atol=1e-6)


def test_a_small_step_moves_the_cosine_by_the_step_times_the_pull():
    rows, step = batch(), 1e-6
    texts = rows.texts.clone().requires_grad_(True)
    OBJECTIVES["con1"](rows._replace(texts=texts)).backward()
    moved = normalize(rows.texts - step * texts.grad, dim=-1)
    change = (moved - rows.texts) @ rows.images.T / step
    np.testing.assert_allclose(pulls({"con1": 1.0}, rows)[:3], change, atol=1e-4)


def test_what_the_loss_does_not_look_at_is_left_alone():
    found = pulls({"con1": 1.0}, batch())
    assert (found[3:] == 0).all() and (found[:3] != 0).any()


def test_oppositions_are_moved_by_a_loss_that_has_them():
    assert (pulls({"con2": 1.0}, batch())[3:] != 0).any()


def test_terms_add_up_by_their_weights():
    alone = [pulls({name: 1.0}, batch()) for name in ("con1", "con2-images")]
    both = pulls({"con1": 2.0, "con2-images": 0.5}, batch())
    np.testing.assert_allclose(both, 2 * alone[0] + 0.5 * alone[1])


def test_a_batch_without_oppositions_has_captions_alone():
    assert pulls({"con1": 1.0}, batch(opposed=None)).shape == (3, 3)


def test_rows_that_carry_a_gradient_are_left_as_they_are():
    texts = unit(3, 5, seed=2).requires_grad_(True)
    pulls({"con1": 1.0}, batch(texts=texts))
    assert texts.grad is None and texts.requires_grad


def test_a_table_has_a_row_a_pair_with_its_truth():
    true = torch.zeros(6, 6)
    true[0, 4], true[2, 0] = 1, NAN
    names = ["a", "b", "c", "not a", "not b", "not c"]
    rows = batch(true=true)
    table = pull_table({"con2": 1.0}, rows, names)
    assert len(table) == 18
    assert table["group"].tolist() == ["captions"] * 9 + ["oppositions"] * 9
    picked, both = table.set_index(["text", "image"]), ["group", "truth"]
    assert picked.loc[("not b", "1"), both].tolist() == [
        "oppositions",
        "true",
    ]
    assert picked.loc[("a", "3"), both].tolist() == ["captions", "unknown"]
    assert picked.loc[("c", "2"), "truth"] == "false"
    assert picked.loc[("c", "2"), "pull"] == pulls({"con2": 1.0}, rows)[2, 1]


def test_shares_are_of_the_strongest_pull_and_keep_the_sign():
    table = pull_table({"con2": 1.0}, batch(), list("abcdef"))
    assert table["share"].abs().max() == pytest.approx(1)
    assert (np.sign(table["share"]) == np.sign(table["pull"])).all()
    half = table["pull"].abs() / table["pull"].abs().max()
    np.testing.assert_allclose(table["share"] ** 2, half)


def test_the_images_of_a_batch_are_told_by_what_they_have():
    labels = torch.tensor([[1.0, 1.0], [0.0, NAN], [0.0, 1.0]] + [[1.0, 1.0]] * 3)
    told = batch_images(batch(labels=labels), ["Edema", "Nodule"])
    expected = {"image": list("123"), "has": ["Edema, Nodule", "none of them", "Nodule"]}
    pd.testing.assert_frame_equal(told, pd.DataFrame(expected), check_dtype=False)


def test_false_negatives_are_the_true_pairs_off_the_diagonal():
    first = np.array([[1.0, 1.0], [0.0, 1.0]])
    second = np.array([[1.0, NAN], [1.0, 1.0]])
    found = false_negatives([first, second])  # 1, 0 and 1 are known
    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)


def test_labels_that_know_no_pair_say_so():
    blank = np.where(np.eye(3, dtype=bool), 1.0, NAN)
    assert false_negatives([blank]).note == "not evaluable: the labels know no pair"
    assert false_negatives([]).value is None
