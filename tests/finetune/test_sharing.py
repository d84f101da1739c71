"""Targets shared by truth and by labels: by hand, and where they are other objectives."""

import math

import pytest
import torch
from tests.finetune.loops import PAIRS, random_rows
from torch import nan

from negcxr.errors import InputError
from negcxr.finetune.contrast import con1
from negcxr.finetune.rows import Rows
from negcxr.finetune.sharing import con1_multi, soft

pytestmark = pytest.mark.model

E = math.e
PAIR = torch.eye(2)
BATCH = Rows(PAIR, PAIR, torch.tensor(1.0))
ALONE = math.log(E + 1) - 1  # the own cosine is 1, the other 0


def tensor(rows, dtype=torch.float32):
    return torch.tensor(rows, dtype=dtype)


def with_truth(true, rows=BATCH):
    return rows._replace(true=tensor(true, rows.images.dtype))


def with_labels(labels, rows=BATCH):
    return rows._replace(labels=tensor(labels, rows.images.dtype))


@pytest.mark.parametrize(
    ("true", "expected"),
    [
        pytest.param([[1, 0], [0, 1]], ALONE, id="own alone"),
        # Image 1 and text 2 have two each: log(e + 1) - 1/2; the others one.
        pytest.param([[1, 1], [0, 1]], math.log(E + 1) - 3 / 4, id="one more is true"),
        pytest.param([[1, 1], [1, 1]], math.log(E + 1) - 1 / 2, id="all are true"),
        # Image 1 and text 2 have nothing to be told from: 0; the others as ever.
        pytest.param([[1, nan], [0, 1]], ALONE / 2, id="one is unknown"),
        pytest.param([[1, nan], [nan, 1]], 0, id="all but the own are unknown"),
        # Image 2 and text 2 want nothing and are left out of the mean.
        pytest.param([[1, 0], [0, 0]], ALONE, id="nothing is true of one image"),
        pytest.param([[1, 0], [0, nan]], ALONE, id="its own is unknown"),
        pytest.param([[0, 1], [1, 0]], math.log(E + 1), id="the other's alone"),
    ],
)
def test_con1_multi_by_hand(true, expected):
    assert con1_multi(with_truth(true)).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_con1_multi_with_each_text_true_of_its_own_image_alone_is_con1(seed):
    rows = random_rows(seed)
    alone = rows._replace(true=torch.eye(PAIRS, dtype=torch.float64))
    assert con1_multi(alone).item() == pytest.approx(con1(rows).item())


def test_con1_multi_sees_captions_and_their_images_alone():
    rows = random_rows(0)
    block = rows._replace(true=rows.true[:PAIRS, :PAIRS])
    assert con1_multi(block).item() == pytest.approx(con1_multi(rows).item())


def test_con1_multi_draws_a_text_to_every_image_of_which_it_is_true():
    texts = PAIR.clone().requires_grad_()
    rows = with_truth([[1, 1], [0, 1]])._replace(texts=texts)
    (slope,) = torch.autograd.grad(con1_multi(rows), texts)
    (blind,) = torch.autograd.grad(con1(rows), texts)
    # Text 2 is found by image 1, and image 1 by text 2, with 1 / (e + 1) each.
    assert blind[1, 0].item() == pytest.approx(1 / (E + 1) / 2)
    assert slope[1, 0].item() == pytest.approx((1 / (E + 1) - 1 / 2) / 2)


def test_a_batch_of_which_nothing_is_true_is_refused():
    with pytest.raises(InputError, match="no query has a target"):
        con1_multi(with_truth([[0, 0], [nan, 0]]))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        # Agreement 1/2 against 1 for the own: shares e / (e + 1) and 1 / (e + 1).
        pytest.param([[1, 0], [1, 1]], math.log(E + 1) - E / (E + 1), id="one of two"),
        # What is unknown of either does not count: one agrees, of one.
        pytest.param([[1, nan], [1, 1]], math.log(E + 1) - 1 / 2, id="one of one known"),
        pytest.param([[1, 0], [1, 0]], math.log(E + 1) - 1 / 2, id="the same labels"),
        # Agreement 0: shares e^2 / (e^2 + 1) and 1 / (e^2 + 1).
        pytest.param(
            [[1, 0], [0, 1]], math.log(E + 1) - E**2 / (E**2 + 1), id="opposite labels"
        ),
        pytest.param([[1, nan], [nan, 1]], 0, id="nothing known of both"),
        pytest.param([[nan, nan], [1, 1]], 0, id="nothing known of one"),
    ],
)
def test_soft_by_hand(labels, expected):
    got = soft(with_labels(labels), temperature=0.5)
    assert got.item() == pytest.approx(expected, abs=1e-6)


DISTINCT = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1]]


@pytest.mark.parametrize("seed", range(3))
def test_soft_of_distinct_labels_is_con1_at_low_temperature(seed):
    rows = with_labels(DISTINCT, random_rows(seed))
    assert soft(rows, temperature=0.001).item() == pytest.approx(con1(rows).item())
    assert soft(rows, temperature=0.5).item() != pytest.approx(con1(rows).item(), abs=1e-3)


def test_soft_of_equal_labels_is_con1_multi_with_everything_true():
    rows = with_labels([[1, 0, 1]] * PAIRS, random_rows(0))
    true = with_truth([[1.0] * PAIRS] * PAIRS, rows)
    assert soft(rows).item() == pytest.approx(con1_multi(true).item())


def test_soft_of_two_kinds_of_labels_is_con1_multi_within_them_at_low_temperature():
    rows = with_labels([[0, 0], [1, 1], [0, 0], [1, 1]], random_rows(0))
    true = with_truth([[1, 0, 1, 0], [0, 1, 0, 1]] * 2, rows)
    assert soft(rows, temperature=0.001).item() == pytest.approx(con1_multi(true).item())


def test_present_and_absent_may_change_places_in_soft():
    rows = random_rows(0)
    assert soft(rows._replace(labels=1 - rows.labels)).item() == pytest.approx(
        soft(rows).item()
    )


def test_a_finding_that_is_known_of_no_image_does_not_count_in_soft():
    rows = random_rows(0)
    blank = torch.full((2 * PAIRS, 1), nan, dtype=torch.float64)
    more = rows._replace(labels=torch.cat([rows.labels, blank], dim=1))
    assert soft(more).item() == pytest.approx(soft(rows).item())
