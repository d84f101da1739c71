"""Levels, what they are trained on, and what their numbers are made of."""

from types import SimpleNamespace

import numpy as np
import pytest
from tests.chapters.conftest import FINDINGS

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.probe_texts import probe_texts
from negcxr.chapters.reporting_bias import (
    Level,
    Setting,
    cues_of,
    levels,
    recipe_of,
    recipes,
    seeds_in,
)
from negcxr.chapters.reporting_bias_measures import (
    INNER,
    OUTER,
    Measured,
    cue_weight,
    denied_choice,
    measured,
    polarity_read,
)
from negcxr.chapters.reporting_bias_numbers import (
    cue_numbers,
    dose_numbers,
    hearing_numbers,
    objective_numbers,
)
from negcxr.chapters.reporting_bias_said import absent_share, said_table
from negcxr.chapters.reporting_bias_tables import (
    SCALE,
    cue_table,
    inner_table,
    on_scale,
    outer_table,
)
from negcxr.errors import InputError
from negcxr.text.choices import four_way_items
from negcxr.text.prompts import load_prompt_set, load_prompt_words

RECIPE = "params/pretrain/reporting-bias.yml"
SMALL = Setting(RECIPE, images=300, steps=5)
ZERO, HIGH = Level("statements", 0.0), Level("statements", 80.0)
ONE_CUE = Level("statements", 20.0, "no")


def training(denied, *, affirmed=0.9, cues=None, inner=1.0):
    """A training whose sample and two resamples have this denied AUROC, give or take."""
    draws = np.array([denied, denied - 0.1, denied + 0.1])
    outer = dict.fromkeys(OUTER, np.full(3, affirmed)) | {"denied AUROC": draws}
    return Measured(outer, cues or {"no": draws}, dict.fromkeys(INNER, inner))


def test_every_objective_has_every_rate_and_single_cues_come_under_the_first():
    found = levels("statements,captions", "0, 80", "no", 20.0)
    assert found == [
        ZERO,
        HIGH,
        Level("captions", 0.0),
        Level("captions", 80.0),
        ONE_CUE,
    ]


def test_a_level_that_is_asked_for_twice_is_one():
    assert levels("statements", "0,0", "all", 0.0) == [ZERO]


def test_rare_cues_make_few_denials_and_do_not_hold_the_word_no():
    assert cues_of("rare") == ("absent", "absence of", "ruled out", "clear of", "lack of")
    assert cues_of("all") == ()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: levels("statements", "101", "", 20.0), "'101'; allowed: percent"),
        (lambda: levels("statements", "few", "", 20.0), "'few'; allowed: percent"),
        (lambda: levels("", "1", "", 20.0), "allowed: one or more of each"),
        (lambda: levels("statements", "1", "never", 20.0), "'never'; choose of all, rare"),
        (lambda: seeds_in("0,x"), "'x'; allowed: whole numbers"),
        (lambda: seeds_in(""), "''; allowed: whole numbers"),
    ],
)
def test_what_cannot_be_asked_is_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()


def test_an_objective_that_is_not_known_is_refused_with_the_recipe():
    with pytest.raises(InputError, match=r"reporting-bias.yml: objective"):
        recipe_of(Level("guessing", 1.0), SMALL, 0)


def test_recipes_of_two_levels_differ_in_what_is_denied_alone():
    one, other = (recipe_of(level, SMALL, 3) for level in (ZERO, ONE_CUE))
    changes = {"keep_denials": 0.2, "cues": ("no",)}
    assert one.model_copy(update=changes) == other
    assert (one.keep_denials, one.seed, one.images, one.steps) == (0.0, 3, 300, 5)


def test_a_setting_of_zeros_takes_the_recipes_own():
    plain = recipe_of(ZERO, Setting(RECIPE), 0)
    assert (plain.images, plain.steps, plain.vision["image_size"]) == (4000, 150, 112)
    assert recipe_of(ZERO, Setting(RECIPE, image_size=224), 0).vision["image_size"] == 224


def test_the_table_of_reports_says_what_was_asked_for():
    asked = levels("statements", "0,20", "without", 20.0)
    table = said_table(recipes(asked, SMALL, [0]))
    # 20 % of about 1,850 absent findings; three standard errors are 2.8 %.
    assert table["denied %"].tolist()[0] == 0
    assert table["denied %"].to_numpy()[1:] == pytest.approx([20, 20], abs=2.8)
    assert table["by"].tolist()[::2] == ["none", "without"]
    assert table["affirmed"].nunique() == 1


def test_the_share_that_is_absent_anyway_is_one_less_the_mean_prevalence():
    # The mean of the world's eight prevalences is 0.2425.
    found = absent_share(recipes([ZERO], Setting(RECIPE), [0]))
    assert found.value == pytest.approx(0.7575, abs=0.01)
    assert found.n == 4000 * 8


@pytest.mark.parametrize(("hears", "denied", "effect"), [(True, 1, 1), (False, 0, 0)])
def test_who_hears_and_who_is_deaf_is_told_by_every_measure(
    make_gallery, hears, denied, effect
):
    gallery = make_gallery(hears=hears)
    words = load_prompt_words("chest", FINDINGS)
    items = four_way_items(gallery.relevance, FINDINGS, words, n=120, seed=0)
    prompts = load_prompt_set("chest", FINDINGS)
    found = measured(gallery, prompts, items, Sampling(5, 0))
    values = {name: draws[0] for name, draws in found.outer.items()}
    assert values["affirmed AUROC"] == 1
    assert values["denied AUROC"] == pytest.approx(denied)
    assert values["gap"] == pytest.approx(1 - denied)
    assert values["cue effect"] == pytest.approx(effect)
    assert values["right signs"] == pytest.approx((1 + denied) / 2)
    assert (values["denied choice"] > 0.9) == hears
    assert {draws[0] for draws in found.cues.values()} == {denied}
    assert found.inner["cosine to denial"] == pytest.approx(-1 if hears else 1, abs=1e-3)
    assert (found.inner["cue weight"] > 1) == hears
    # This encoder has an axis a finding, so a probe of others reads nothing of a new one.
    assert found.inner["polarity read"] == 0.5


def test_a_denial_that_goes_one_way_for_all_findings_is_read_of_one_not_seen():
    prompts = load_prompt_set("chest", FINDINGS)
    texts = probe_texts([p for p in prompts if p.polarity in ("affirmed", "denied")])
    _, finding = np.unique(texts.findings, return_inverse=True)
    one_way = np.where(texts.where("affirmed"), 1.0, -1.0)
    assert polarity_read(np.column_stack([np.eye(4)[finding], one_way]), texts) == 1
    assert polarity_read(np.eye(4)[finding], texts) == 0.5


def test_only_items_whose_true_option_denies_count(make_gallery):
    gallery, words = make_gallery(), load_prompt_words("chest", FINDINGS)
    items = four_way_items(gallery.relevance, FINDINGS, words, n=120, seed=0)
    others = [item for item in items if item.type != "denied"]
    assert np.isnan(denied_choice(gallery, others, Sampling(2, 0))).all()
    assert np.isfinite(denied_choice(gallery, items, Sampling(2, 0))).all()


ROWS = {"no a": [0.0, 1.0], "a": [1.0, 0.0], "no b": [0.6, 0.8], "b": [0.6, 0.8]}


def test_the_weight_of_a_cue_is_worked_out_by_hand():
    texts = lambda asked: np.array([ROWS[text] for text in asked])  # noqa: E731
    prompts = [
        SimpleNamespace(polarity="denied", text=text, template="no")
        for text in ("no a", "no b")
    ]
    # The cue moves a by sqrt(2) and b not at all: 0.7071 on average. "no a" and "no b" lie
    # sqrt(0.36 + 0.04) = 0.6325 apart.
    found = cue_weight(SimpleNamespace(texts=texts), prompts)
    assert found == pytest.approx(0.70711 / 0.63246, abs=1e-4)


FOUND = {
    (ZERO, 0): training(0.2),
    (ZERO, 1): training(0.4),
    (HIGH, 0): training(0.8),
    (HIGH, 1): training(0.9),
}


def test_a_row_has_the_mean_of_seeds_with_their_ends_apart():
    table = outer_table(FOUND).set_index(["rate", "measure"])
    row = table.loc[(0.0, "denied AUROC")]
    assert row["value"] == pytest.approx(0.3)
    # The resamples of the mean are 0.2 and 0.4; the middle 95 % of two is 0.205 to 0.395.
    assert (row["low"], row["high"]) == pytest.approx((0.205, 0.395))
    assert (row["seeds"], row["least"], row["greatest"]) == (2, 0.2, 0.4)


def test_levels_swapped_are_a_table_swapped():
    swap = {ZERO: HIGH, HIGH: ZERO}
    other = {(swap[level], seed): one for (level, seed), one in FOUND.items()}
    tables = [outer_table(each).set_index(["rate", "measure"]) for each in (FOUND, other)]
    for rate, swapped in ((0.0, 80.0), (80.0, 0.0)):
        values = tables[0].loc[rate, "value"], tables[1].loc[swapped, "value"]
        np.testing.assert_array_equal(*values)
    change = [
        dose_numbers(each, 10)["denied_auroc_change"].value for each in (FOUND, other)
    ]
    assert change == pytest.approx([0.55, -0.55])


def test_the_axis_leaves_zero_at_zero_and_single_cues_out():
    table = on_scale(outer_table({**FOUND, (ONE_CUE, 0): training(0.7)}))
    assert sorted(set(table[SCALE])) == pytest.approx([0, np.log10(81)])


def test_texts_alone_have_no_interval():
    table = inner_table(
        {(ZERO, 0): training(0.2, inner=1.0), (ZERO, 1): training(0.2, inner=3)}
    )
    assert not {"low", "high"} & {*table.columns}
    assert set(table["value"]) == {2.0}
    assert (set(table["least"]), set(table["greatest"])) == ({1.0}, {3.0})


@pytest.mark.parametrize(
    ("denied", "heard"),
    [
        ({0.0: 0.2, 5.0: 0.7, 80.0: 0.9}, 5.0),
        ({0.0: 0.9, 5.0: 0.2, 80.0: 0.9}, 80.0),  # what falls back was luck
        ({0.0: 0.7, 5.0: 0.7, 80.0: 0.7}, 0.0),
        ({0.0: 0.2, 80.0: 0.55}, None),  # its interval holds chance
    ],
)
def test_denial_is_heard_from_the_rate_from_which_on_every_rate_is(denied, heard):
    found = {(Level("statements", r), 0): training(value) for r, value in denied.items()}
    numbers = hearing_numbers(found, 10)
    assert numbers["heard_from_statements"].value == heard
    assert "no level of this kind" in numbers["heard_from_captions"].note
    assert "one seed" in numbers["seed_spread"].note


def test_the_spread_of_seeds_is_the_greatest_of_any_level():
    assert hearing_numbers(FOUND, 10)["seed_spread"].value == pytest.approx(0.2)


def test_an_objective_that_was_not_trained_has_no_number_and_says_why():
    numbers = objective_numbers(FOUND, 10)
    assert numbers["statements_denied_auroc"].value == pytest.approx(0.85)
    assert numbers["statements_denied_auroc"].note == "2 seeds: 0.800 to 0.900"
    assert numbers["captions_denied_auroc"].value is None


def test_other_cues_hold_none_that_reports_used():
    draws = {"no": 0.9, "no sign of": 0.8, "absent": 0.3, "lack of": 0.5}
    cues = {cue: np.full(3, value) for cue, value in draws.items()}
    found = cue_numbers(
        {(ZERO, 0): training(0.2), (ONE_CUE, 0): training(0.7, cues=cues)}, 9
    )
    assert found["trained_cues"].value == pytest.approx(0.9)
    assert found["other_cues"].value == pytest.approx(0.4)
    assert found["cue_difference"].value == pytest.approx(0.5)


def test_without_a_level_of_some_cues_there_is_nothing_to_say_of_them():
    assert {one.value for one in cue_numbers(FOUND, 10).values()} == {None}


def test_every_cue_that_is_asked_has_a_row_a_level():
    table = cue_table(FOUND)
    assert table[["rate", "asked"]].to_numpy().tolist() == [[0.0, "no"], [80.0, "no"]]
