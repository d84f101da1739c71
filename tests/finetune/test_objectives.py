"""Every objective against its loop, and what holds of all of them; the pairwise by hand."""

import math

import pytest
import torch
from jaxtyping import TypeCheckError
from tests.finetune.loops import DIM, LOOPS, PAIRS, random_rows

from negcxr.errors import InputError
from negcxr.finetune.objectives import OBJECTIVES, Rows, mirror, sigmoid

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("one_thread")]

ONE, ZERO = torch.tensor(1.0), torch.tensor(0.0)
EAST, NORTH = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
PAIR = torch.stack([EAST, NORTH])
OWN = torch.eye(2)
VECTORS = ("images", "texts", "opposed", "distractors")
LEARNT = (*VECTORS, "scale", "bias")
NEEDS = {
    "con1": [],
    "con1-multi": ["true"],
    "con2": ["opposed", "distractors"],
    "con2-images": ["opposed"],
    "con2-texts": ["distractors"],
    "con2-distractors": ["opposed", "distractors"],
    "hard-captions": ["opposed"],
    "choice": ["options"],
    "image-choice": ["candidates"],
    "sigmoid": ["bias", "true"],
    "soft": ["labels"],
    "mirror": ["targets"],
}

every_objective = pytest.mark.parametrize("name", OBJECTIVES)


def changed(rows, change):
    """The rows with some fields changed, each by its function."""
    return rows._replace(
        **{name: make(getattr(rows, name)) for name, make in change.items()}
    )


def gradients(loss, rows):
    leaves = changed(rows, {name: lambda x: x.clone().requires_grad_() for name in LEARNT})
    loss(leaves).backward()
    return {name: getattr(leaves, name).grad for name in LEARNT}


def permuted(rows, order):
    """The same batch with its pairs in another order."""
    back = torch.argsort(order)
    both = torch.cat([order, order + PAIRS])
    placed = torch.cat([back, back + PAIRS])
    return rows._replace(
        **{name: getattr(rows, name)[order] for name in VECTORS},
        true=rows.true[both][:, both],
        options=placed[rows.options][order],
        candidates=placed[rows.candidates][order],
        labels=rows.labels[both],
        targets=rows.targets[both],
    )


def close(one, other):
    assert one.item() == pytest.approx(other.item(), abs=1e-9)


def test_every_objective_has_a_loop_and_a_list_of_what_it_needs():
    assert OBJECTIVES.keys() == LOOPS.keys() == NEEDS.keys()


@every_objective
@pytest.mark.parametrize("seed", range(4))
def test_a_value_is_that_of_the_loop_from_the_equation(name, seed):
    rows = random_rows(seed)
    close(OBJECTIVES[name](rows), LOOPS[name](rows))


@every_objective
@pytest.mark.parametrize("seed", range(2))
def test_a_gradient_is_that_of_the_loop_from_the_equation(name, seed):
    rows = random_rows(seed)
    fast, slow = (gradients(of[name], rows) for of in (OBJECTIVES, LOOPS))
    for field in LEARNT:
        assert (fast[field] is None) == (slow[field] is None), field
        if fast[field] is not None:
            torch.testing.assert_close(fast[field], slow[field], msg=field)


@every_objective
def test_a_gradient_is_that_of_small_changes(name):
    rows = random_rows(5, pairs=2)

    def loss(*learnt):
        return OBJECTIVES[name](rows._replace(**dict(zip(LEARNT, learnt, strict=True))))

    leaves = tuple(getattr(rows, field).requires_grad_() for field in LEARNT)
    assert torch.autograd.gradcheck(loss, leaves)


@every_objective
def test_the_order_of_pairs_does_not_count(name):
    rows = random_rows(0)
    close(
        OBJECTIVES[name](permuted(rows, torch.tensor([2, 0, 3, 1]))), OBJECTIVES[name](rows)
    )


@every_objective
def test_which_pair_is_which_counts(name):
    rows, turn = random_rows(0), torch.tensor([2, 0, 3, 1])
    other = rows._replace(texts=rows.texts[turn], opposed=rows.opposed[turn])
    one, two = OBJECTIVES[name](other).item(), OBJECTIVES[name](rows).item()
    assert one != pytest.approx(two, abs=1e-3)


@every_objective
def test_the_space_may_be_turned(name):
    rows = random_rows(0)
    turn, _ = torch.linalg.qr(torch.randn(DIM, DIM, dtype=torch.float64))
    turned = changed(rows, {field: lambda x: x @ turn for field in (*VECTORS, "targets")})
    close(OBJECTIVES[name](turned), OBJECTIVES[name](rows))


@every_objective
def test_single_precision_is_near_double(name):
    rows = random_rows(0)
    floats = {f: torch.Tensor.float for f in (*LEARNT, "true", "labels", "targets")}
    single = OBJECTIVES[name](changed(rows, floats))
    assert single.dtype == torch.float32
    assert single.item() == pytest.approx(OBJECTIVES[name](rows).item(), rel=1e-5)


@every_objective
def test_the_largest_scale_leaves_loss_and_gradient_finite(name):
    rows = random_rows(0)._replace(scale=torch.tensor(1e4, dtype=torch.float64))
    assert torch.isfinite(OBJECTIVES[name](rows))
    for gradient in gradients(OBJECTIVES[name], rows).values():
        assert gradient is None or torch.isfinite(gradient).all()


@every_objective
def test_the_batch_is_left_as_it_was(name):
    rows, same = random_rows(0), random_rows(0)
    OBJECTIVES[name](rows)
    for one, other in zip(rows, same, strict=True):
        torch.testing.assert_close(one, other, equal_nan=True)


@pytest.mark.parametrize(
    ("name", "field"), [(name, field) for name in NEEDS for field in NEEDS[name]]
)
def test_a_batch_without_what_an_objective_needs_is_refused(name, field):
    message = f"objective {name}: the batch has no {field}; allowed: .*{field}"
    with pytest.raises(InputError, match=message):
        OBJECTIVES[name](random_rows(0)._replace(**{field: None}))


@pytest.mark.parametrize("name", ["con1", "con1-multi", "con2", "hard-captions", "soft"])
def test_what_an_objective_does_not_need_it_does_not_see(name):
    rows = random_rows(0)
    needed = (*Rows._fields[:3], *NEEDS[name])
    bare = Rows(**{field: getattr(rows, field) for field in needed})
    close(OBJECTIVES[name](bare), OBJECTIVES[name](rows))


@pytest.mark.parametrize(
    ("true", "bias", "expected"),
    [
        # Cosines are 1 on the diagonal and 0 off it.
        pytest.param(OWN, 0.0, (math.log(1 + 1 / math.e) + math.log(2)) / 2, id="own"),
        pytest.param(1 - OWN, 0.0, (math.log(1 + math.e) + math.log(2)) / 2, id="turned"),
        pytest.param(
            OWN.masked_fill(OWN == 0, torch.nan),
            0.0,
            math.log(1 + 1 / math.e),
            id="others unknown",
        ),
        pytest.param(OWN, -0.5, math.log(1 + math.exp(-0.5)), id="a bias between the two"),
    ],
)
def test_sigmoid_loss_by_hand(true, bias, expected):
    got = sigmoid(Rows(PAIR, PAIR, ONE, bias=torch.tensor(bias), true=true))
    assert got.item() == pytest.approx(expected, abs=1e-6)


def test_sigmoid_loss_of_logits_at_zero_is_log_two_whatever_is_true():
    rows = random_rows(0)
    none = torch.tensor(0.0, dtype=torch.float64)
    got = sigmoid(rows._replace(scale=none, bias=none))
    assert got.item() == pytest.approx(math.log(2))


def test_sigmoid_loss_takes_images_and_texts_of_any_number():
    rows = random_rows(1)._replace(distractors=None)
    rows = rows._replace(opposed=rows.opposed[:3], true=rows.true[:PAIRS, : PAIRS + 3])
    close(sigmoid(rows), LOOPS["sigmoid"](rows))
    alone = rows._replace(opposed=None, true=rows.true[:, :PAIRS])
    close(sigmoid(alone), LOOPS["sigmoid"](alone))


def test_saying_everything_twice_does_not_change_the_sigmoid_loss():
    rows = random_rows(0)._replace(opposed=None, distractors=None)
    rows = rows._replace(true=rows.true[:PAIRS, :PAIRS])
    twice = rows._replace(
        texts=torch.cat([rows.texts] * 2), true=torch.cat([rows.true] * 2, dim=1)
    )
    close(sigmoid(twice), sigmoid(rows))


def test_captions_and_oppositions_may_change_places_in_the_sigmoid_loss():
    rows = random_rows(0)
    turn = torch.arange(2 * PAIRS).roll(PAIRS)
    turned = rows._replace(texts=rows.opposed, opposed=rows.texts, true=rows.true[:, turn])
    close(sigmoid(turned), sigmoid(rows))


def test_truth_must_have_images_down_and_texts_across():
    rows = random_rows(0)._replace(distractors=None)
    with pytest.raises(TypeCheckError):
        sigmoid(rows._replace(true=rows.true[:, :PAIRS]))


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        pytest.param([EAST, NORTH, -EAST, -NORTH], 0.0, id="there"),
        pytest.param([-EAST, -NORTH, EAST, NORTH], 2.0, id="opposite"),
        pytest.param([EAST, EAST, EAST, EAST], 1.0, id="as far to one side as the other"),
        pytest.param([EAST, NORTH, -EAST, EAST], 0.25, id="one of four at a right angle"),
    ],
)
def test_mirror_by_hand(targets, expected):
    got = mirror(Rows(PAIR, PAIR, ONE, opposed=-PAIR, targets=torch.stack(targets)))
    assert got.item() == pytest.approx(expected, abs=1e-6)


def test_mirror_without_oppositions_is_of_the_captions_alone():
    assert mirror(Rows(PAIR, PAIR, ONE, targets=PAIR)).item() == pytest.approx(0)


def test_mirror_needs_a_target_for_each_text():
    with pytest.raises(TypeCheckError):
        mirror(Rows(PAIR, PAIR, ONE, opposed=PAIR, targets=PAIR))
