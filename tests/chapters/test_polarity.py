"""A prompt and its denial: opposed for who hears, the same for who is deaf."""

import numpy as np
import pytest

from negcxr.chapters.polarity import hedge_places, mean_rows, polarity_mean, polarity_table
from negcxr.errors import InputError


def test_a_mean_row_is_the_unit_mean_of_unit_rows(hearing, prompts):
    rows = mean_rows(hearing, prompts, "affirmed")
    texts = [p.text for p in prompts if (p.finding, p.polarity) == ("Edema", "affirmed")]
    mean = np.mean([hearing.texts([text])[0] for text in texts], axis=0)
    np.testing.assert_allclose(rows[0], mean / np.linalg.norm(mean))
    np.testing.assert_allclose(rows[:, :4], np.eye(4), atol=2e-3)


def test_who_hears_sets_a_prompt_against_its_denial(hearing, prompts, sampling):
    table = polarity_table(hearing, prompts, sampling)
    assert table["finding"].tolist() == list(hearing.dataset.findings)
    np.testing.assert_allclose(table["row_cosine"], -1, atol=1e-4)
    for name in ("sign_correctness", "flip_rate"):
        np.testing.assert_array_equal(table[name], 1)
        np.testing.assert_array_equal(table[f"{name}_low"], 1)


def test_who_is_deaf_takes_a_prompt_and_its_denial_for_one(deaf, prompts, sampling):
    table = polarity_table(deaf, prompts, sampling)
    np.testing.assert_allclose(table["row_cosine"], 1, atol=1e-6)
    np.testing.assert_allclose(table["flip_rate"], 0, atol=1e-3)


def test_intervals_hold_their_value(deaf, prompts, sampling):
    others = [p for p in prompts if p.polarity != "denied"]
    blind = [
        p.model_copy(update={"polarity": "denied", "id": f"{p.id}/", "finding": other})
        for p in prompts
        for other in deaf.dataset.findings
        if (p.polarity, p.finding) == ("affirmed", "Lung Lesion")
    ]
    table = polarity_table(deaf, others + blind, sampling)
    for name in ("sign_correctness", "flip_rate"):
        inside = (table[f"{name}_low"] <= table[name]) & (
            table[name] <= table[f"{name}_high"]
        )
        assert inside.all()
    assert (table["flip_rate"][:3] > 0.2).all()  # a denial that asks for something else


def test_a_finding_without_a_denied_prompt_is_refused_by_name(hearing, prompts, sampling):
    rest = [p for p in prompts if (p.finding, p.polarity) != ("Pneumothorax", "denied")]
    with pytest.raises(InputError, match="no denied prompt for Pneumothorax"):
        polarity_table(hearing, rest, sampling)


def test_a_finding_that_is_not_judged_has_no_rates(make_gallery, prompts, sampling):
    labels = np.zeros((160, 4))
    labels[:, 1], labels[:80, 0] = np.nan, 1
    table = polarity_table(make_gallery(labels=labels), prompts, sampling)
    assert np.isnan(table.loc[1, "flip_rate"])
    assert np.isnan(table.loc[1, "sign_correctness"])
    assert table.loc[0, "flip_rate"] > 0.5
    assert np.isfinite(table.loc[1, "row_cosine"])  # needs no image


def test_a_mean_over_findings_leaves_out_those_not_judged(hearing, prompts, sampling):
    table = polarity_table(hearing, prompts, sampling)
    table.loc[:, "flip_rate"] = [0.2, np.nan, 0.4, 0.6]
    found = polarity_mean(table, "flip_rate", 160)
    assert found.value == pytest.approx(0.4)
    assert (found.n, found.chance) == (160, 0.5)
    assert "mean over findings" in found.note
    assert polarity_mean(table, "row_cosine", 160).chance is None


def test_a_mean_over_no_finding_says_why_there_is_none(hearing, prompts, sampling):
    table = polarity_table(hearing, prompts, sampling).assign(flip_rate=np.nan)
    found = polarity_mean(table, "flip_rate", 160)
    assert (found.value, found.note) == (None, "not evaluable: no finding is judged")


def test_a_hedge_heard_as_an_affirmation_lies_at_one(hearing, prompts):
    table = hedge_places(hearing, prompts)
    assert table["cue"].tolist() == ["possible", "cannot exclude", "cannot be excluded"]
    np.testing.assert_allclose(table["place"], 1, atol=1e-3)
    np.testing.assert_allclose(table["spread"], 0, atol=1e-3)


def test_a_hedge_has_no_place_where_denial_and_affirmation_are_one(make_gallery, prompts):
    gallery = make_gallery(hears=False)
    same = [
        p.model_copy(update={"text": f"{p.finding} x"})
        for p in prompts
        if p.polarity in ("affirmed", "denied", "hedged")
    ]
    table = hedge_places(gallery, same)
    assert len(table) == 3
    assert table[["place", "spread"]].isna().all(axis=None)


def test_a_set_without_hedges_has_an_empty_table(hearing, prompts):
    plain = [p for p in prompts if p.polarity != "hedged"]
    assert hedge_places(hearing, plain).columns.tolist() == ["cue", "place", "spread"]
    assert len(hedge_places(hearing, plain)) == 0
