"""AUROC on resamples of wordings and patients, on rows made by hand; no tower is asked."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from negcxr.chapters.head_agreement import rank_correlation
from negcxr.chapters.head_auroc import asked_of, drawn, mean_auroc, mean_effect
from negcxr.chapters.head_orders import halves
from negcxr.chapters.heads import beside_null, largest
from negcxr.chapters.sides import Side
from negcxr.errors import InputError
from negcxr.measure.ranking import auroc
from negcxr.text.prompts import Prompt

FINDINGS = ("Edema", "Pneumonia")
N, DIM, TEXTS = 200, 4, 4  # wordings of a finding and polarity


def prompts_of(findings=FINDINGS):
    return [
        Prompt(id=f"{f}/{p}/{i}", finding=f, polarity=p, text=f"{p} {f} {i}")
        for f in findings
        for p in ("affirmed", "denied", "hedged")
        for i in range(TEXTS)
    ]


@pytest.fixture
def side():
    """An axis a finding, on which images that have it lie higher."""
    rng = np.random.default_rng(0)
    relevance = (rng.random((N, 2)) < 0.4).astype(float)
    relevance[:20, 1] = np.nan
    rows = rng.normal(size=(N, DIM))
    rows[:, :2] += np.nan_to_num(relevance)
    patients = np.array([f"p{i // 2}" for i in range(N)])
    return Side("base", None, rows, relevance, FINDINGS, patients)


@pytest.fixture
def rows(side):
    """Rows of two ways: a denial points away from its finding, or hardly."""
    rng, texts = np.random.default_rng(1), asked_of(side, prompts_of()).texts
    made = rng.normal(0, 0.5, (2, len(texts), DIM))
    for i, text in enumerate(texts):
        axis = FINDINGS.index(text.split()[1])
        made[0, i, axis] += 1 if text.startswith("affirmed") else -1
        made[1, i, axis] += 1 if text.startswith("affirmed") else 0.2
    return made


def slow(side, asked, rows, images, texts):
    """Mean AUROC of the denied, one query and one resample at a time."""
    total = np.zeros(len(images))
    for block in asked.blocks:
        if block.polarity == "denied":
            for place in block.places:
                values = auroc(side.rows @ rows[place], block.relevant, images)
                total += values * texts[:, place]
    return total


def test_the_sample_is_the_mean_of_the_rankings(side, rows):
    asked = asked_of(side, prompts_of())
    found = mean_auroc(asked, rows, drawn(asked, 0, 0))["denied"]
    once, share = np.ones((1, N)), np.full((1, len(asked.texts)), 1 / (2 * TEXTS))
    each = [slow(side, asked, way, once, share)[0] for way in rows]
    assert found.shape == (2, 1)
    assert found[:, 0] == pytest.approx(each, abs=1e-5)


def test_resamples_are_close_to_those_done_one_at_a_time(side, rows):
    asked = asked_of(side, prompts_of())
    again = drawn(asked, 200, 0)
    found = mean_auroc(asked, rows, again)["denied"][0, 1:]
    exact = slow(side, asked, rows[0], again.images.astype(float), again.texts)
    assert np.corrcoef(found, exact)[0, 1] > 0.99
    assert found.std() == pytest.approx(exact.std(), rel=0.1)


def test_an_effect_is_the_difference_of_two_values_on_the_same_resamples(side, rows):
    asked = asked_of(side, prompts_of())
    again = drawn(asked, 700, 0)  # more than one chunk
    effect = mean_effect(asked, rows[0], rows, again)
    values = mean_auroc(asked, rows, again)
    for polarity, found in effect.items():
        both = values[polarity]
        assert (found[0] == 0).all()
        assert found[1] == pytest.approx(both[0] - both[1], abs=1e-5)
    assert effect["denied"][1, 0] > 0.2


def test_wordings_and_patients_are_both_drawn(side, rows):
    asked = asked_of(side, prompts_of())
    again = drawn(asked, 400, 0)
    share = np.full_like(again.texts, 1 / (2 * TEXTS))
    ways = [
        again,
        again._replace(texts=share),
        again._replace(images=np.ones_like(again.images)),
    ]
    both, patients, wordings = (
        mean_auroc(asked, rows, way)["denied"][0, 1:].std() for way in ways
    )
    assert both > max(patients, wordings) > min(patients, wordings) > 0
    # Two crossed factors of texts are drawn, so a little more than apart.
    assert 0.95 < both / np.hypot(patients, wordings) < 1.3


def test_both_images_of_a_patient_come_along_and_wordings_count_one_in_all(side):
    asked = asked_of(side, prompts_of())
    again = drawn(asked, 50, 0)
    assert (again.images[:, ::2] == again.images[:, 1::2]).all()
    assert again.texts[:, asked.places("denied")].sum(axis=1) == pytest.approx(1)


def test_wordings_are_drawn_apart_from_patients(side):
    few = side._replace(patients=np.array([f"p{i % (2 * TEXTS)}" for i in range(N)]))
    again = drawn(asked_of(few, prompts_of()), 5, 0)
    texts = np.rint(again.texts[:, : 2 * TEXTS] * 2 * TEXTS)
    assert not any((again.images[:, : 2 * TEXTS] == texts).all(axis=1))


def test_only_affirmed_and_denied_prompts_of_known_findings_are_asked(side):
    asked = asked_of(side, prompts_of((*FINDINGS, "Edentulism")))
    assert len(asked.texts) == 2 * 2 * TEXTS
    assert [block.polarity for block in asked.blocks] == ["denied"] * 2 + ["affirmed"] * 2


def test_a_finding_with_too_few_images_is_left_out(side):
    few = side.relevance.copy()
    few[5:, 0] = 0
    asked = asked_of(side._replace(relevance=few), prompts_of())
    assert len(asked.blocks) == 2
    with pytest.raises(
        InputError, match="base: no affirmed or denied prompt .* 200 images"
    ):
        asked_of(side._replace(relevance=0 * few), prompts_of())


def test_a_polarity_without_prompts_has_no_value(side, rows):
    some = [prompt for prompt in prompts_of() if prompt.polarity == "denied"]
    asked = asked_of(side, some)
    found = mean_auroc(asked, rows[:, : len(some)], drawn(asked, 3, 0))
    assert np.isnan(found["affirmed"]).all() and np.isfinite(found["denied"]).all()


def test_halves_share_no_patient(side):
    first, second = halves(side, prompts_of(), 0)
    assert not set(first.patients) & set(second.patients)
    assert len(first.images) + len(second.images) == N
    assert first.texts == second.texts


def test_rank_correlation_is_spearmans_and_open_where_all_heads_are_equal():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 4, (2, 9, 5)).astype(float)
    second[:, 4] = 1
    found = rank_correlation(first, second)
    for i in range(4):
        assert found[i] == pytest.approx(spearmanr(first[:, i], second[:, i]).statistic)
    assert np.isnan(found[4])


def test_an_effect_stands_beside_the_nulls_of_its_own_layer_and_kind():
    keys = {"polarity": "denied", "layer": 1}
    effects = pd.DataFrame(
        [{**keys, "kind": kind, "value": -0.3} for kind in ("mean", "zero")]
    )
    values = np.linspace(-0.4, 0.4, 9)
    nulls = pd.DataFrame({"value": values, **keys})
    far = pd.DataFrame({"value": values + 9, **keys}).assign(layer=2)
    found = beside_null(effects, pd.concat([nulls, far]), "mean")
    assert found.loc[0, "null_share"] == pytest.approx(4 / 9)
    assert found.loc[0, "null_low"] == pytest.approx(-0.38)
    assert np.isnan(found.loc[1, "null_share"])


def test_the_largest_effects_are_those_farthest_from_zero_side_by_side():
    table = pd.DataFrame(
        [
            {"side": side, "polarity": "denied", "kind": "mean", "head": head, "value": v}
            for side, values in (("con2", (0.1, -0.3, 0.2)), ("base", (0.5, 0.0, np.nan)))
            for head, v in enumerate(values, start=1)
        ]
    )
    found = largest(table, "mean", 2)
    assert list(found["side"]) == ["con2", "con2", "base", "base"]
    assert list(found["head"]) == [2, 3, 1, 2]
    assert largest(table, "zero").empty
