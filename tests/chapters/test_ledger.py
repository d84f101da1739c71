"""The chapter on the ledger: its lines, and what it is worth to have seen an image."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from tests.chapters.conftest import FINDINGS, make_labels

from negcxr.chapters import open_gallery
from negcxr.chapters.ledger import (
    Sides,
    counted,
    exposures,
    in_words,
    open_both,
    worth,
    worth_numbers,
    worth_table,
)
from negcxr.chapters.membership import fit
from negcxr.chapters.training_record import Met, met_by
from negcxr.errors import InputError
from negcxr.models.ledger import ledger, names

N = len(ledger().data_sets)


def test_the_runs_own_lines_stand_first_and_every_pair_stands_once():
    lines = exposures("checkpoints/phantom-web", "phantoms")
    assert list(lines["checkpoint"][:N]) == ["phantom-web"] * N
    assert not lines[["checkpoint", "data set"]].duplicated().any()
    assert len(lines) == len(names()) * N


def test_a_checkpoint_that_the_ledger_lacks_has_lines_of_its_own():
    lines = exposures("mine/renamed", "nih")
    assert len(lines) == (len(names()) + 1) * N
    assert set(lines["state"][:N]) == {"unknown"}


def test_in_words_the_lines_of_the_same_state_stand_together_and_none_is_lost():
    said = {"split": "", "source": "a card", "note": ""}
    pairs = [("A__b", "nih"), ("A__c", "nih"), ("d", "nih"), ("d", "mimic"), ("e", "nih")]
    states = ["seen", "seen", "seen", "seen", "unknown"]
    lines = pd.DataFrame(
        {"checkpoint": one, "data set": name, "state": state, **said}
        for (one, name), state in zip(pairs, states, strict=True)
    )
    words = in_words(lines)[["checkpoint", "data set", "state", "note"]]
    assert words.to_numpy().tolist() == [
        ["A__* (2)", "nih", "seen", "none"],
        ["d", "nih, mimic", "seen", "none"],
        ["e", "nih", "unknown", "none"],
    ]


def test_the_states_of_all_pairs_of_the_ledger_add_up():
    found = counted()
    assert sum(one.value for one in found.values()) == len(names()) * N
    assert {one.n for one in found.values()} == {len(names()) * N}
    assert found["pairs_seen"].value >= 3  # of phantoms alone


def test_an_image_fits_what_it_has_as_a_plain_loop_says(hearing, prompts):
    affirmed = [prompt for prompt in prompts if prompt.polarity == "affirmed"]
    expected = []
    for row, has in zip(hearing.rows[:20], hearing.relevance[:20], strict=True):
        cosine = [float(hearing.texts([p.text])[0] @ row) for p in affirmed]
        kinds = [has[FINDINGS.index(p.finding)] for p in affirmed]
        there, not_there = (
            [c for c, kind in zip(cosine, kinds, strict=True) if kind == wanted]
            for wanted in (1, 0)
        )
        both = there and not_there
        expected.append(np.mean(there) - np.mean(not_there) if both else np.nan)
    np.testing.assert_allclose(fit(hearing, prompts)[:20], expected, atol=1e-6)


MET = Met(images=160, seed=0, times=2.5)


@pytest.fixture
def sides(hearing, make_gallery):
    """An encoder that knows every image it was trained on, and the others dimly."""
    return Sides("by hand", MET, (hearing, make_gallery(hears=True, noise=1.0)))


def test_what_was_learnt_by_heart_is_worth_something_and_is_found_out(
    sides, prompts, sampling
):
    found = worth([sides], prompts, sampling)["by hand"]
    assert found["affirmed seen"][0] == 1
    assert found["affirmed difference"][0] == pytest.approx(1 - found["affirmed other"][0])
    assert found["affirmed difference"][0] > 0.05
    assert found["membership"][0] > 0.6


def test_two_sets_of_the_same_images_are_worth_the_same_and_cannot_be_told_apart(
    hearing, prompts, sampling
):
    found = worth([Sides("by hand", MET, (hearing, hearing))], prompts, sampling)["by hand"]
    assert found["affirmed difference"][0] == 0
    assert found["denied difference"][0] == 0
    assert found["membership"][0] == 0.5


def test_exchanging_the_two_sets_turns_every_difference_round(sides, prompts, sampling):
    turned = Sides("by hand", MET, sides.galleries[::-1])
    first, second = (worth([s], prompts, sampling)["by hand"] for s in (sides, turned))
    assert second["membership"][0] == pytest.approx(1 - first["membership"][0])
    for name in ("affirmed difference", "denied difference"):
        assert second[name][0] == pytest.approx(-first[name][0])


def test_the_table_and_the_numbers_say_the_same(sides, prompts, sampling):
    found = worth([sides], prompts, sampling)
    table = worth_table(found).set_index("measure")
    numbers = worth_numbers(sides, found["by hand"])
    assert numbers.pop("times_met").value == 2.5
    assert {number.n for number in numbers.values()} == {320}
    for name, number in numbers.items():
        row = table.loc[name.replace("_", " ")]
        assert (row["value"], row["low"]) == (number.value, number.low)
        assert np.isnan(row["chance"]) == (number.chance is None)


def test_a_checkpoint_without_a_recipe_says_that_nothing_can_be_evaluated(
    tmp_path, prompts, sampling
):
    side = open_both(str(tmp_path / "mine"), n=20, training_seed=0, seed=0)
    found = worth([side], prompts, sampling)
    assert worth_table(found)["value"].isna().all()
    numbers = worth_numbers(side, found["mine"])
    assert numbers["times_met"].value is numbers["membership"].value is None
    assert numbers["affirmed_difference"].note.startswith("not evaluable: no recipe")


def recipe(folder, **fields):
    folder.mkdir()
    known = {"images": 100, "seed": 0, "steps": 30, "batch": 10} | fields
    (folder / "recipe.json").write_text(json.dumps(known))
    return str(folder)


def test_thirty_steps_of_ten_meet_a_hundred_phantoms_three_times(tmp_path):
    assert met_by(recipe(tmp_path / "one")) == Met(100, 0, 3.0)


@pytest.mark.parametrize(("seed", "times"), [(0, 5.0), (1, 2.0)])
def test_what_a_base_met_is_added_where_it_was_the_same_phantoms(tmp_path, seed, times):
    base = recipe(tmp_path / "base", seed=seed)
    assert met_by(recipe(tmp_path / "on", start=base, steps=20)).times == times


def test_a_recipe_without_steps_is_refused_by_its_path(tmp_path):
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "recipe.json").write_text('{"images": 5, "seed": 0}')
    with pytest.raises(InputError, match=r"one/recipe.json: no recipe .*steps"):
        met_by(str(folder))


def test_few_patients_of_a_credentialed_set_are_not_told_of(hearing, prompts, sampling):
    from negcxr.chapters import ask

    labels = np.zeros_like(make_labels())
    labels[:60, 0] = 1
    names = [*(f"patient-{i % 4}" for i in range(60)), *(f"other-{i}" for i in range(100))]
    table = hearing.dataset.table.assign(patient=names)
    changed = {"table": table, "labels": labels, "shows_images": False}
    asked = [p for p in prompts if (p.polarity, p.finding) == ("affirmed", FINDINGS[0])]
    for credentialed, told in ((False, True), (True, False)):
        dataset = dataclasses.replace(
            hearing.dataset, credentialed=credentialed, sides=None, **changed
        )
        gallery = open_gallery(hearing.encoder, dataset)
        found = ask(gallery, asked, ["polarity", "finding"], sampling=sampling)
        assert np.isfinite(found.draws[0, 0]) == told
