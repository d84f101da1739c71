"""A prompt and its denial: opposed for who hears, the same for who is deaf."""

import numpy as np
import pytest

from negcxr.chapters.polarity import (
    hedge_places,
    mean_rows,
    polarity_draws,
    polarity_mean,
    polarity_table,
)


def test_a_mean_row_is_the_unit_mean_of_unit_rows(hearing, prompts):
    rows = mean_rows(hearing, prompts, "affirmed", range(4))
    texts = [p.text for p in prompts if (p.finding, p.polarity) == ("Edema", "affirmed")]
    mean = np.mean([hearing.texts([text])[0] for text in texts], axis=0)
    np.testing.assert_allclose(rows[0], mean / np.linalg.norm(mean))
    np.testing.assert_allclose(rows[:, :4], np.eye(4), atol=2e-3)


def test_who_hears_sets_a_prompt_against_its_denial(hearing, prompts, sampling):
    draws = polarity_draws(hearing, prompts, sampling)
    np.testing.assert_allclose(draws["row_cosine"], -1, atol=1e-4)
    np.testing.assert_array_equal(draws["sign_correctness"], 1)
    np.testing.assert_array_equal(draws["flip_rate"], 1)


def test_who_is_deaf_takes_a_prompt_and_its_denial_for_one(deaf, prompts, sampling):
    draws = polarity_draws(deaf, prompts, sampling)
    np.testing.assert_allclose(draws["row_cosine"], 1, atol=1e-6)
    np.testing.assert_allclose(draws["flip_rate"], 0, atol=1e-3)


def test_the_table_has_every_finding_under_every_measure(hearing, prompts, sampling):
    table = polarity_table(hearing, polarity_draws(hearing, prompts, sampling))
    findings = list(hearing.dataset.findings)
    assert table["finding"].tolist() == 3 * findings
    assert table["measure"].unique().tolist() == [
        "row_cosine",
        "sign_correctness",
        "flip_rate",
    ]
    chances = table.groupby("measure", sort=False)["chance"].first()
    assert np.isnan(chances["row_cosine"])
    assert (chances["sign_correctness"], chances["flip_rate"]) == (0.5, 0.5)


def test_intervals_hold_their_value(deaf, prompts, sampling):
    others = [p for p in prompts if p.polarity != "denied"]
    blind = [
        p.model_copy(update={"polarity": "denied", "id": f"{p.id}/", "finding": other})
        for p in prompts
        for other in deaf.dataset.findings
        if (p.polarity, p.finding) == ("affirmed", "Lung Lesion")
    ]
    table = polarity_table(deaf, polarity_draws(deaf, others + blind, sampling))
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    flips = table.loc[table["measure"] == "flip_rate", "value"].to_numpy()
    assert (flips[:3] > 0.2).all()  # a denial that asks for something else


def test_a_finding_without_a_denied_prompt_has_no_value(hearing, prompts, sampling):
    rest = [p for p in prompts if (p.finding, p.polarity) != ("Pneumothorax", "denied")]
    draws = polarity_draws(hearing, rest, sampling)
    place = hearing.dataset.findings.index("Pneumothorax")
    for of_name in draws.values():
        assert np.isnan(of_name[place]).all()
        assert np.isfinite(np.delete(of_name, place, axis=0)).all()


def test_a_set_without_denials_has_no_polarity_at_all(hearing, prompts, sampling):
    affirmed = [p for p in prompts if p.polarity == "affirmed"]
    draws = polarity_draws(hearing, affirmed, sampling)
    assert all(np.isnan(of_name).all() for of_name in draws.values())
    assert len(polarity_table(hearing, draws)) == 12


def test_a_finding_that_is_not_judged_has_no_rates(make_gallery, prompts, sampling):
    labels = np.zeros((160, 4))
    labels[:, 1], labels[:80, 0] = np.nan, 1
    draws = polarity_draws(make_gallery(labels=labels), prompts, sampling)
    assert np.isnan(draws["flip_rate"][1]).all()
    assert np.isnan(draws["sign_correctness"][1]).all()
    assert draws["flip_rate"][0, 0] > 0.5
    assert np.isfinite(draws["row_cosine"][1]).all()  # needs no image


def test_a_mean_over_findings_leaves_out_those_not_judged():
    draws = {"flip_rate": np.array([[0.2] * 3, [np.nan] * 3, [0.4] * 3, [0.6] * 3])}
    found = polarity_mean(draws, "flip_rate", 160)
    assert found.value == pytest.approx(0.4)
    assert (found.n, found.chance) == (160, 0.5)


def test_a_mean_over_no_finding_says_that_there_is_none():
    found = polarity_mean({"flip_rate": np.full((4, 3), np.nan)}, "flip_rate", 160)
    assert found.value is None
    assert "not evaluable" in found.note


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
