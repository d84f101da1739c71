"""The general contrastive loss, and its special cases by hand on two pairs."""

import math

import pytest
import torch
from jaxtyping import TypeCheckError
from tests.finetune.loops import random_rows
from torch.nn.functional import cross_entropy

from negcxr.errors import InputError
from negcxr.finetune.contrast import (
    con1,
    con2,
    con2_distractors,
    con2_images,
    con2_texts,
    contrast,
    hard_captions,
)
from negcxr.finetune.rows import Rows

pytestmark = pytest.mark.model

E = math.e
ONE = torch.tensor(1.0)
EAST, NORTH = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
PAIR, TURNED = torch.stack([EAST, NORTH]), torch.stack([NORTH, EAST])
# Images and captions at their own, oppositions at the other's, distractors opposite.
BATCH = Rows(PAIR, PAIR, ONE, opposed=TURNED, distractors=-PAIR)


def random_logits(queries=5, keys=7, seed=0):
    rng = torch.Generator().manual_seed(seed)
    return 5 * torch.randn(queries, keys, generator=rng, dtype=torch.float64)


def shares(queries=5, keys=7, seed=1):
    return random_logits(queries, keys, seed).softmax(dim=1)


def one_hot(places, keys=7):
    return torch.nn.functional.one_hot(torch.tensor(places), keys).to(torch.float64)


def test_contrast_by_hand():
    logits = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    targets = torch.tensor([[0.75, 0.25], [0.0, 1.0]])
    # log(e + 1) less three quarters of 1; and log 2.
    expected = (math.log(E + 1) - 0.75 + math.log(2)) / 2
    assert contrast(logits, targets).item() == pytest.approx(expected)


def test_contrast_with_one_right_key_is_the_usual_cross_entropy():
    places = [3, 0, 6, 3, 1]
    expected = cross_entropy(random_logits(), torch.tensor(places))
    assert contrast(random_logits(), one_hot(places)).item() == pytest.approx(
        expected.item()
    )


def test_contrast_with_shares_is_the_usual_cross_entropy():
    expected = cross_entropy(random_logits(), shares()).item()
    assert contrast(random_logits(), shares()).item() == pytest.approx(expected)


def test_contrast_is_least_at_the_targets_own_logarithms():
    best = contrast(shares().log(), shares())
    entropy = -(shares() * shares().log()).sum(dim=1).mean()
    assert best.item() == pytest.approx(entropy.item())
    for seed in range(3):
        assert contrast(shares().log() + random_logits(seed=seed) / 9, shares()) > best


def test_contrast_does_not_see_what_is_added_to_all_keys_of_a_query():
    more = random_logits() + torch.arange(5.0)[:, None]
    same = contrast(random_logits(), shares()).item()
    assert contrast(more, shares()).item() == pytest.approx(same)


def test_a_key_at_minus_infinity_is_as_if_it_were_not_there():
    logits, targets = random_logits(), one_hot([3, 0, 5, 3, 1])
    logits[:, 6] = -torch.inf
    logits.requires_grad_()
    without = contrast(logits[:, :6], targets[:, :6])
    got = contrast(logits, targets)
    assert got.item() == pytest.approx(without.item())
    got.backward()
    assert torch.isfinite(logits.grad).all()


def test_a_query_without_a_target_is_left_out_of_the_mean_and_gets_no_gradient():
    logits, targets = random_logits(), shares()
    targets[[1, 4]] = 0
    logits[4] = -torch.inf
    logits.requires_grad_()
    kept = [0, 2, 3]
    got = contrast(logits, targets)
    assert got.item() == pytest.approx(contrast(logits[kept], targets[kept]).item())
    got.backward()
    assert (logits.grad[[1, 4]] == 0).all()
    assert (logits.grad[kept] != 0).all()


def test_a_batch_in_which_nothing_is_wanted_is_refused():
    with pytest.raises(InputError, match="no query has a target; allowed: at least one"):
        contrast(random_logits(), 0 * shares())


def test_targets_must_be_of_the_same_queries_and_keys():
    with pytest.raises(TypeCheckError):
        contrast(random_logits(), shares().T)


@pytest.mark.parametrize(
    ("texts", "scale", "expected"),
    [
        # The own cosine is 1, the other 0: log(e + 1) - 1 each way.
        pytest.param(PAIR, 1.0, math.log(E + 1) - 1, id="each at its own"),
        pytest.param(TURNED, 1.0, math.log(E + 1), id="each at the other's"),
        # Images: log 2 twice; texts: log(e + 1) - 1 and log(e + 1).
        pytest.param(
            torch.stack([EAST, EAST]),
            1.0,
            (math.log(2) + math.log(E + 1) - 1 / 2) / 2,
            id="both texts the same",
        ),
        pytest.param(PAIR, 0.0, math.log(2), id="no scale, no difference: log n"),
        pytest.param(PAIR, 50.0, 0.0, id="sure and right"),
        pytest.param(TURNED, 50.0, 50.0, id="sure and wrong"),
    ],
)
def test_con1_by_hand(texts, scale, expected):
    got = con1(Rows(PAIR, texts, torch.tensor(scale)))
    assert got.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        # Image E among captions E, N and oppositions N, E: 1, 0, 0, 1; image N likewise.
        pytest.param(con2_images, math.log(2 * E + 2) - 1, id="con2-images"),
        # Caption E among images E, N and distractors -E, -N: 1, 0, -1, 0.
        pytest.param(con2_texts, math.log(E + 2 + 1 / E) - 1, id="con2-texts"),
        # Distractor -E among oppositions N, E and captions E, N: 0, -1, -1, 0.
        pytest.param(con2_distractors, math.log(2 + 2 / E), id="con2-distractors"),
        pytest.param(
            con2,
            (math.log(2 * E + 2) - 1 + math.log(E + 2 + 1 / E) - 1 + math.log(2 + 2 / E))
            / 3,
            id="con2",
        ),
        # Images as in con2-images, captions as in con1.
        pytest.param(
            hard_captions,
            (math.log(2 * E + 2) - 1 + math.log(E + 1) - 1) / 2,
            id="hard-captions",
        ),
    ],
)
def test_oppositions_and_distractors_by_hand(objective, expected):
    assert objective(BATCH).item() == pytest.approx(expected, abs=1e-6)


def test_images_and_texts_may_change_places_in_con1():
    rows = random_rows(0)
    turned = rows._replace(images=rows.texts, texts=rows.images)
    assert con1(turned).item() == pytest.approx(con1(rows).item())


def test_a_distractor_is_to_oppositions_what_an_image_is_to_captions():
    rows = random_rows(0)
    turned = rows._replace(
        images=rows.distractors,
        distractors=rows.images,
        texts=rows.opposed,
        opposed=rows.texts,
    )
    assert con2_images(turned).item() == pytest.approx(con2_distractors(rows).item())
    assert con2_distractors(turned).item() == pytest.approx(con2_images(rows).item())


@pytest.mark.parametrize("seed", range(3))
def test_oppositions_only_make_con1_harder(seed):
    rows = random_rows(seed)
    assert hard_captions(rows) > con1(rows)


def test_oppositions_that_are_far_from_every_image_leave_con1():
    behind = torch.stack([-EAST - NORTH] * 2) / math.sqrt(2)
    rows = Rows(PAIR, PAIR, torch.tensor(20.0), opposed=behind)
    assert hard_captions(rows).item() == pytest.approx(con1(rows).item(), rel=1e-4)


@pytest.mark.parametrize(
    ("objective", "moved", "slope"),
    [
        # Image E finds the oppositions N, E with shares 1, e of 2e + 2; image N turned.
        pytest.param(
            con2_images, "opposed", [1 / (4 * E + 4), E / (4 * E + 4)], id="oppositions"
        ),
        # Caption E finds the distractors -E, -N with shares 1/e, 1 of e + 2 + 1/e.
        pytest.param(
            con2_texts,
            "distractors",
            [1 / E / 2 / (E + 2 + 1 / E), 1 / 2 / (E + 2 + 1 / E)],
            id="distractors",
        ),
        # Distractor -E finds the captions E, N with shares 1/e, 1 of 2 + 2/e.
        pytest.param(
            con2_distractors,
            "texts",
            [-1 / E / (4 + 4 / E), -1 / (4 + 4 / E)],
            id="captions",
        ),
    ],
)
def test_what_is_wrong_is_driven_from_each_by_how_much_it_is_found(objective, moved, slope):
    leaf = getattr(BATCH, moved).clone().requires_grad_()
    objective(BATCH._replace(**{moved: leaf})).backward()
    expected = torch.tensor([slope, slope[::-1]])
    torch.testing.assert_close(leaf.grad, expected)


@pytest.mark.parametrize("objective", [con1, con2, hard_captions])
def test_pairs_must_line_up(objective):
    rows = random_rows(0)
    with pytest.raises(TypeCheckError):
        objective(rows._replace(texts=torch.cat([rows.texts, rows.texts[:1]])))
