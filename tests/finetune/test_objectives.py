"""Losses by hand on two pairs, and against loops written from their equations."""

import math

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError
from torch.nn.functional import normalize

from negcxr.finetune.objectives import Rows, con1, sigmoid

pytestmark = pytest.mark.model

ONE = torch.tensor(1.0)
EAST, NORTH = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
PAIR = torch.stack([EAST, NORTH])
TURNED = torch.stack([NORTH, EAST])
OWN = torch.eye(2)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def rows(n, seed, *, dim=5):
    made = np.random.default_rng(seed).normal(size=(n, dim))
    return normalize(torch.from_numpy(made), dim=-1)


def truth(images, texts, seed=0):
    drawn = np.random.default_rng(seed).random((images, texts)) < 0.4
    return torch.from_numpy(drawn.astype(float))


@pytest.mark.parametrize(
    ("texts", "scale", "expected"),
    [
        # The own cosine is 1, the other 0: log(e + 1) - 1 each way.
        pytest.param(PAIR, 1.0, math.log(math.e + 1) - 1, id="each at its own"),
        pytest.param(TURNED, 1.0, math.log(math.e + 1), id="each at the other's"),
        pytest.param(torch.stack([EAST, EAST]), 1.0, None, id="both texts the same"),
        pytest.param(PAIR, 0.0, math.log(2), id="no scale, no difference: log n"),
        pytest.param(PAIR, 50.0, 0.0, id="sure and right"),
        pytest.param(TURNED, 50.0, 50.0, id="sure and wrong"),
    ],
)
def test_infonce_by_hand(texts, scale, expected):
    if expected is None:  # images: log 2 twice; texts: log(e + 1) - 1 and log(e + 1)
        expected = (math.log(2) + math.log(math.e + 1) - 1 / 2) / 2
    got = con1(Rows(PAIR, texts, torch.tensor(scale)))
    assert got.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("true", "bias", "expected"),
    [
        # Cosines are 1 on the diagonal and 0 off it.
        pytest.param(OWN, 0.0, (math.log(1 + 1 / math.e) + math.log(2)) / 2, id="own"),
        pytest.param(1 - OWN, 0.0, (math.log(1 + math.e) + math.log(2)) / 2, id="turned"),
        pytest.param(
            torch.ones(2, 2),
            0.0,
            (math.log(1 + 1 / math.e) + math.log(2)) / 2,
            id="all true",
        ),
        pytest.param(OWN, -0.5, math.log(1 + math.exp(-0.5)), id="a bias between the two"),
    ],
)
def test_sigmoid_loss_by_hand(true, bias, expected):
    got = sigmoid(Rows(PAIR, PAIR, ONE, bias=torch.tensor(bias), true=true))
    assert got.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_infonce_as_a_loop_from_its_equation(seed):
    images, texts, scale = rows(6, seed), rows(6, seed + 100), 7.0
    expected = 0.0
    for i in range(6):
        to_texts = [scale * float(images[i] @ texts[j]) for j in range(6)]
        to_images = [scale * float(texts[i] @ images[j]) for j in range(6)]
        for scores in (to_texts, to_images):
            total = sum(math.exp(score) for score in scores)
            expected -= math.log(math.exp(scores[i]) / total)
    got = con1(Rows(images, texts, torch.tensor(scale))).item()
    assert got == pytest.approx(expected / 12)


@pytest.mark.parametrize("seed", range(5))
def test_sigmoid_loss_as_a_loop_from_its_equation(seed):
    images, texts, true = rows(4, seed), rows(7, seed + 100), truth(4, 7, seed)
    scale, bias, expected = 7.0, -2.0, 0.0
    for i in range(4):
        for j in range(7):
            z = 1 if true[i, j] else -1
            logit = scale * float(images[i] @ texts[j]) + bias
            expected -= math.log(1 / (1 + math.exp(-z * logit)))
    scale, bias = torch.tensor(scale), torch.tensor(bias)
    got = sigmoid(Rows(images, texts, scale, bias=bias, true=true))
    assert got.item() == pytest.approx(expected / 28)


def test_the_gradients_of_infonce_are_those_of_its_values():
    images, texts = (rows(3, seed).requires_grad_() for seed in (0, 1))
    scale = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda *of: con1(Rows(*of)), (images, texts, scale))


def test_the_gradients_of_the_sigmoid_loss_are_those_of_its_values():
    true = truth(3, 4)

    def loss(images, texts, scale, bias):
        return sigmoid(Rows(images, texts, scale, bias=bias, true=true))

    numbers = (torch.tensor(x, dtype=torch.float64) for x in (3.0, -1.0))
    inputs = (rows(3, 0), rows(4, 1), *numbers)
    assert torch.autograd.gradcheck(loss, tuple(x.requires_grad_() for x in inputs))


def test_the_order_of_pairs_does_not_change_infonce():
    images, texts, order = rows(6, 0), rows(6, 1), torch.randperm(6)
    same = con1(Rows(images[order], texts[order], ONE))
    assert same.item() == pytest.approx(con1(Rows(images, texts, ONE)).item())
    assert con1(Rows(images[order.flip(0)], texts[order], ONE)).item() != pytest.approx(
        same.item()
    )


def test_images_and_texts_may_change_places_in_infonce():
    images, texts = rows(6, 0), rows(6, 1)
    assert con1(Rows(texts, images, ONE)).item() == pytest.approx(
        con1(Rows(images, texts, ONE)).item()
    )


def test_the_order_of_images_and_of_texts_does_not_change_the_sigmoid_loss():
    images, texts, true = rows(4, 0), rows(7, 1), truth(4, 7)
    i, j = torch.tensor([2, 0, 3, 1]), torch.tensor([6, 1, 0, 5, 2, 4, 3])
    how = {"scale": torch.tensor(5.0), "bias": ONE}
    same = sigmoid(Rows(images[i], texts[j], **how, true=true[i][:, j]))
    assert same.item() == pytest.approx(
        sigmoid(Rows(images, texts, **how, true=true)).item()
    )


def test_saying_everything_twice_does_not_change_the_sigmoid_loss():
    images, texts, true = rows(4, 0), rows(7, 1), truth(4, 7)
    how = {"scale": torch.tensor(5.0), "bias": ONE}
    texts_twice, true_twice = torch.cat([texts, texts]), torch.cat([true, true], 1)
    twice = sigmoid(Rows(images, texts_twice, **how, true=true_twice))
    assert twice.item() == pytest.approx(
        sigmoid(Rows(images, texts, **how, true=true)).item()
    )


def test_pairs_must_line_up():
    with pytest.raises(TypeCheckError):
        con1(Rows(rows(3, 0), rows(4, 1), ONE))


def test_truth_must_have_images_down_and_texts_across():
    with pytest.raises(TypeCheckError):
        sigmoid(Rows(rows(3, 0), rows(4, 1), ONE, bias=ONE, true=truth(4, 3)))
