"""Rivals and their strengths, for encoders whose rows can be seen through."""

import numpy as np
import pytest

from negcxr.chapters.curves import Validation, asked_along, best_point
from negcxr.chapters.polarity import asked_in
from negcxr.chapters.rivals import (
    families,
    finds_normal,
    fitted_direction,
    mean_and_count,
    rival_numbers,
    transfer,
)
from negcxr.errors import InputError
from negcxr.finetune.statements import training_statements

UP = np.array([0.0, 0.0, 0.0, 0.0, 1.0])  # the axis of the rest, where no finding lies


@pytest.fixture(scope="module")
def statements(prompts):
    return [p for p in prompts if p.polarity in ("affirmed", "denied")]


def test_a_direction_is_fitted_on_the_mean_difference_of_the_findings(hearing, statements):
    # "X" lies at +1 on its finding's axis and "no X" at -1: all differences are alike.
    found = fitted_direction(hearing, statements)
    np.testing.assert_allclose(found, [-0.5, -0.5, -0.5, -0.5, 0], atol=1e-3)


def test_a_direction_is_fitted_on_the_findings_that_are_named(hearing, statements):
    found = fitted_direction(hearing, statements, ["Pneumothorax"])
    np.testing.assert_allclose(found, [0, -1, 0, 0, 0], atol=1e-3)


def test_a_deaf_encoder_has_no_direction_of_denial(deaf, statements):
    with pytest.raises(InputError, match="denied less affirmed rows has length 0"):
        fitted_direction(deaf, statements)


def test_without_statements_of_both_polarities_nothing_is_fitted(hearing, statements):
    affirmed = [s for s in statements if s.polarity == "affirmed"]
    with pytest.raises(InputError, match="no finding has an affirmed and a denied"):
        fitted_direction(hearing, affirmed)


def test_every_family_starts_from_what_changes_nothing_and_can_be_asked(
    hearing, prompts, sampling
):
    validation = Validation(hearing, asked_along(prompts))
    for name, family in families(UP).items():
        curve = family.curve(validation, sampling._replace(n_resamples=2))
        assert list(curve) == list(family.strengths), name
        assert family.strengths[0] == 0, name
        assert list(family.strengths) == sorted(family.strengths), name
        assert best_point(curve) in family.strengths, name


def test_an_encoder_that_hears_is_not_steered(hearing, prompts, sampling):
    curve = families(UP)["steering"].curve(
        Validation(hearing, asked_along(prompts)), sampling._replace(n_resamples=2)
    )
    assert best_point(curve) == 0


def test_steering_by_another_half_does_not_serve_findings_that_share_nothing(
    hearing, prompts, statements, sampling
):
    moved = transfer(hearing, prompts, statements, share=1.0, sampling=sampling)
    # Findings are independent here: the own half's direction holds each finding's own axis
    # beside one other, and the other half's direction does not know it.
    assert moved.own.value > 0.7
    assert abs(moved.other.value - 0.5) < 0.1
    assert moved.change.value == pytest.approx(moved.other.value - moved.own.value)
    assert moved.change.high < 0
    assert moved.cosine.value == pytest.approx(0, abs=1e-3)
    assert moved.own.chance == 0.5


def test_steering_by_another_half_serves_as_well_where_all_denials_share_one_way(
    hearing, prompts, statements, sampling
):
    moved = transfer(hearing, prompts, statements, share=0.0, sampling=sampling)
    assert moved.own.value == moved.other.value == 1
    assert moved.change.value == 0


def test_one_finding_has_no_other_half(hearing, prompts, statements, sampling):
    one = [s for s in statements if s.finding == "Edema"]
    assert len(asked_in(hearing, one, ("affirmed", "denied"))) == 1
    moved = transfer(hearing, prompts, one, share=1.0, sampling=sampling)
    for known in moved:
        assert known.value is None
        assert known.note == "not evaluable: fewer than two findings with both polarities"


def test_a_direction_away_from_all_findings_finds_the_images_without_any(hearing, sampling):
    away = np.array([-0.5, -0.5, -0.5, -0.5, 0])
    found = finds_normal(hearing, away, sampling)
    assert (found.value, found.chance, found.n) == (1, 0.5, 160)
    assert finds_normal(hearing, -away, sampling).value == 0
    assert finds_normal(hearing, UP, sampling).value == 0.5  # tied


def test_images_that_are_not_judged_for_all_are_neither_with_nor_without(
    make_gallery, sampling
):
    labels = np.full((160, 4), np.nan)
    labels[:40] = 0
    found = finds_normal(make_gallery(labels=labels), UP, sampling)
    assert (found.value, found.n) == (None, 40)


def test_where_findings_lift_the_mean_cosine_it_counts_them(make_gallery, sampling):
    noisy = make_gallery(noise=1.0)
    found = mean_and_count(noisy, sampling)
    means = noisy.rows[:, :4].mean(axis=1)  # "X" lies on the axis of X
    expected = np.corrcoef(means, noisy.relevance.sum(axis=1))[0, 1]
    assert found.value == pytest.approx(expected, abs=1e-4)
    assert 0.5 < found.low < found.value < found.high < 1
    assert found.chance == 0


def test_a_mean_that_is_the_same_for_all_counts_nothing(make_gallery, sampling):
    none = make_gallery(labels=np.zeros((160, 4)))
    found = mean_and_count(none, sampling)
    assert found.value is None
    assert mean_and_count(make_gallery(labels=np.full((160, 4), np.nan)), sampling).n == 0


def test_numbers_are_named_by_scorer_and_measure_and_set_against_the_rule():
    rule, cap = (
        {"choice-denied": np.array([0.2, 0.1, 0.3])},
        {"choice-denied": np.array([0.5, 0.5, 0.5])},
    )
    found = rival_numbers({"parsing rule": rule, "cap": cap}, 10)
    assert list(found) == [
        "parsing_rule_choice_denied",
        "cap_choice_denied",
        "cap_choice_denied_gain",
    ]
    assert found["cap_choice_denied"].chance == 0.25
    gain = found["cap_choice_denied_gain"]
    assert gain.value == pytest.approx(0.3)
    assert (gain.low, gain.high) == pytest.approx((0.205, 0.395))


def test_the_wordings_of_training_have_both_polarities_for_a_finding_of_any_name(hearing):
    made = training_statements((*hearing.dataset.findings, "My Finding"))
    for finding in (*hearing.dataset.findings, "My Finding"):
        assert {"affirmed", "denied"} <= {s.polarity for s in made if s.finding == finding}
    direction = fitted_direction(hearing, made)
    assert (direction[:4] < 0).all()
