"""Multiple choice by hand on two pairs; the order of options does not count."""

import math

import pytest
import torch
from jaxtyping import TypeCheckError
from tests.finetune.loops import PAIRS, random_rows

from negcxr.finetune.choice import choice, image_choice
from negcxr.finetune.contrast import con1, con2_images, con2_texts
from negcxr.finetune.rows import Rows

pytestmark = pytest.mark.model

E = math.e
PAIR, TURNED = torch.eye(2), torch.eye(2).flip(0)
# Images and captions at their own, oppositions at the other's, distractors opposite.
BATCH = Rows(PAIR, PAIR, torch.tensor(1.0), opposed=TURNED, distractors=-PAIR)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        # Image 1 is at cosines 1, 0, 0, 1 to captions 1, 2 and oppositions 1, 2.
        pytest.param([[0, 1, 2], [1, 0, 3]], math.log(E + 2) - 1, id="the own is nearest"),
        pytest.param([[0, 3], [1, 2]], math.log(2), id="as near as the own"),
        pytest.param([[2, 0], [3, 1]], math.log(1 + E), id="the other is nearer"),
        pytest.param(
            [[0, 1, 2], [1, 2, 0]],
            (math.log(E + 2) + math.log(2 * E + 1)) / 2 - 1,
            id="one of each",
        ),
        pytest.param([[0], [1]], 0, id="nothing to choose from"),
    ],
)
def test_choice_by_hand(options, expected):
    got = choice(BATCH._replace(options=torch.tensor(options)))
    assert got.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        # Caption 1 is at cosines 1, 0, -1, 0 to images 1, 2 and distractors 1, 2.
        pytest.param([[0, 2], [1, 3]], math.log(E + 1 / E) - 1, id="from its distractor"),
        pytest.param([[0, 1, 2], [1, 3, 2]], math.log(E + 1 + 1 / E) - 1, id="from two"),
    ],
)
def test_image_choice_by_hand(candidates, expected):
    got = image_choice(BATCH._replace(candidates=torch.tensor(candidates)))
    assert got.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("objective", "field"), [(choice, "options"), (image_choice, "candidates")]
)
def test_the_order_of_the_false_ones_does_not_count(objective, field):
    rows = random_rows(0)
    turned = getattr(rows, field)[:, [0, 2, 1]]
    same = objective(rows).item()
    assert objective(rows._replace(**{field: turned})).item() == pytest.approx(same)


@pytest.mark.parametrize(
    ("objective", "field"), [(choice, "options"), (image_choice, "candidates")]
)
def test_which_one_is_true_counts(objective, field):
    rows = random_rows(0)
    turned = getattr(rows, field)[:, [1, 0, 2]]
    other = objective(rows._replace(**{field: turned})).item()
    assert other != pytest.approx(objective(rows).item(), abs=1e-3)


@pytest.mark.parametrize(
    ("objective", "field", "contrasted"),
    [(choice, "options", con2_images), (image_choice, "candidates", con2_texts)],
)
def test_a_choice_among_all_of_the_batch_is_the_contrast(objective, field, contrasted):
    rows, own = random_rows(0), torch.arange(PAIRS)
    others = [[k for k in range(2 * PAIRS) if k != place] for place in range(PAIRS)]
    every = torch.cat([own[:, None], torch.tensor(others)], dim=1)
    got = objective(rows._replace(**{field: every})).item()
    assert got == pytest.approx(contrasted(rows).item())


def test_choices_both_ways_among_captions_and_images_are_con1():
    rows = random_rows(0)._replace(opposed=None, distractors=None)
    every = torch.tensor(
        [[(k + step) % PAIRS for step in range(PAIRS)] for k in range(PAIRS)]
    )
    rows = rows._replace(options=every, candidates=every)
    both = (choice(rows) + image_choice(rows)) / 2
    assert both.item() == pytest.approx(con1(rows).item())


def test_there_must_be_options_for_each_image():
    rows = random_rows(0)
    with pytest.raises(TypeCheckError):
        choice(rows._replace(options=rows.options[1:]))
