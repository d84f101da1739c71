"""Attribution on sides: a planted cue is found with its sign, a deaf tower has none."""

import numpy as np
import pandas as pd
import pytest
from tests.planted import EFFUSION, FAMILIES, PNEUMONIA, POLE, planted

from negcxr.chapters import Sampling
from negcxr.chapters.attribution import (
    MEASURES,
    attributed,
    drawn_prompts,
    side_measures,
    target_finding,
)
from negcxr.chapters.attribution_changes import (
    attribution_changes,
    change_numbers,
    completeness_table,
    part_table,
)
from negcxr.chapters.attribution_checks import (
    agreement_table,
    checked_methods,
    deletion_area,
    deletion_table,
    randomisation_draws,
    shapley_measures,
)
from negcxr.chapters.attribution_tables import (
    agreements,
    check_numbers,
    deletions,
    randomisations,
)
from negcxr.chapters.shown_sentences import sentence_table, shown_prompts, token_table
from negcxr.chapters.sides import Side, contrasts
from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.towers import open_tower
from negcxr.text.prompts import Prompt
from negcxr.text.vocabulary import load_words

pytestmark = pytest.mark.model
FINDINGS = ("Effusion", "Pneumonia")
WORDS = load_words(FINDINGS)
SAMPLING = Sampling(n_resamples=40, seed=0)


def prompt(polarity, text, finding, other=""):
    return Prompt(id=text, finding=finding, other=other, polarity=polarity, text=text)


PROMPTS = [
    *(prompt("affirmed", f"evidence of {f.lower()}", f) for f in FINDINGS),
    *(prompt("denied", f"no {f.lower()}", f) for f in FINDINGS),
    *(prompt("denied", f"no evidence of {f.lower()}", f) for f in FINDINGS),
    prompt("composite", "pneumonia no effusion", "Pneumonia", "Effusion"),
    prompt("composite", "effusion no pneumonia", "Effusion", "Pneumonia"),
]


def planted_side(folder, family, name, **how):
    """Images in pairs: with a finding and the pole above zero, without and below it."""
    tower = open_tower(load_encoder(str(planted(folder, family, **how))))
    rows, relevance = [], []
    for axis, has in ((EFFUSION, [1.0, np.nan]), (PNEUMONIA, [np.nan, 1.0])):
        for sign in (1, 0):
            row = np.zeros(tower.encoder.dim)
            row[[axis, POLE]] = (sign, 2 * sign - 1)
            rows += [row / np.linalg.norm(row)] * 12
            relevance += [[value * sign for value in has]] * 12
    patients = np.arange(len(rows)).astype(str)
    return Side(name, tower, np.array(rows), np.array(relevance), FINDINGS, patients)


@pytest.fixture(scope="module", params=FAMILIES)
def sides(request, tmp_path_factory):
    """A deaf base, and a side that hears by one head."""
    folder = tmp_path_factory.mktemp("sides")
    return [
        planted_side(folder / "deaf", request.param, "base", plant=None),
        planted_side(folder / "hears", request.param, "con-1"),
    ]


@pytest.fixture(scope="module")
def found(sides):
    return [attributed(side, PROMPTS, WORDS) for side in sides]


@pytest.fixture(scope="module")
def changes(found):
    measures = {one.side.name: side_measures(one, SAMPLING) for one in found}
    return attribution_changes(measures)


def value(changes, measure, side, column="value"):
    row = changes[(changes["measure"] == measure) & (changes["side"] == side)]
    return float(row[column].iloc[0])


def test_a_planted_cue_has_a_share_against_the_findings_and_a_deaf_one_none(changes):
    assert value(changes, "cue share", "base") == pytest.approx(0, abs=1e-4)
    assert value(changes, "signed cue", "base") == pytest.approx(0, abs=1e-4)
    assert value(changes, "cue effect", "base") == pytest.approx(0, abs=1e-4)
    assert value(changes, "signed cue", "con-1") < -1
    assert value(changes, "cue share", "con-1") > 0.4
    assert value(changes, "cue effect by finding", "con-1") < -1


def test_a_cue_that_turns_the_pole_is_found_in_composites_too(changes):
    assert value(changes, "composite cue effect", "con-1") < -0.5
    assert value(changes, "composite cue effect", "base") == pytest.approx(0, abs=1e-4)


def test_a_composite_is_asked_about_the_finding_that_it_excludes(found):
    for one in found:
        asked = one.table.set_index("text")["finding"]
        assert asked["pneumonia no effusion"] == "Effusion"
        assert asked["no pneumonia"] == "Pneumonia"
        contrast = contrasts(one.side)["Effusion"]
        place = asked.index.get_loc("pneumonia no effusion")
        np.testing.assert_array_equal(one.vectors[place], contrast)


def test_the_cue_effect_is_the_target_less_that_without_the_cue(found):
    for one in found:
        table = one.table
        np.testing.assert_allclose(table["score"] - table["blank"], table["whole"])
        row = table[table["text"] == "no effusion"].iloc[0]
        tower, contrast = one.side.tower, contrasts(one.side)["Effusion"]
        assert row["score"] == pytest.approx(
            float(tower.encode_texts(["no effusion"])[0] @ contrast), abs=1e-5
        )
        whole = row["cue_effect"] + row["finding_effect"]
        assert whole == pytest.approx(row["whole"])
        affirmed = table[table["polarity"] == "affirmed"]
        assert affirmed["cue_effect"].isna().all()


def test_shares_of_the_parts_sum_to_one_and_special_tokens_have_none(found):
    for one in found:
        names = [f"{part}_share" for part in ("cue", "finding", "rest", "special")]
        np.testing.assert_allclose(one.table[names].sum(axis=1), 1)
        assert (one.table["special_share"] == 0).all()
    table = part_table(found, SAMPLING)
    assert len(table) == 3 * 4 * 2
    rows = table[(table["polarity"] == "affirmed") & (table["part"] == "cue")]
    assert rows["value"].tolist() == [0, 0]


def test_changes_are_paired_against_the_base_and_corrected(changes):
    base, other = (changes[changes["side"] == side] for side in ("base", "con-1"))
    assert (
        base[["change", "change_low", "change_high", "p", "p_holm"]].isna().to_numpy().all()
    )
    gap = other["value"].to_numpy() - base["value"].to_numpy()
    np.testing.assert_allclose(other["change"], gap)
    tested = other.dropna(subset=["p"])
    assert (tested["p_holm"] >= tested["p"]).all()
    assert changes["measure"].unique().tolist() == list(MEASURES)


def test_numbers_are_named_by_measure_and_side(changes):
    numbers = change_numbers(changes, PROMPTS)
    assert numbers["signed_cue_con_1"].value == value(changes, "signed cue", "con-1")
    assert numbers["cue_share_change_con_1"].n == 4
    assert numbers["composite_cue_effect_base"].n == 2
    assert numbers["signed_finding_base"].n == 4
    assert "cue_share_change_base" not in numbers
    assert numbers["cue_share_base"].note == ""


def test_the_same_side_again_has_no_change(found):
    measures = side_measures(found[1], SAMPLING)
    table = attribution_changes({"base": measures, "again": measures})
    assert table.loc[table["side"] == "again", "change"].abs().max() == 0


def test_completeness_is_told_by_side(found):
    table = completeness_table(found)
    assert table["side"].tolist() == ["base", "con-1"]
    assert (table["share of its bound"] <= 1).all()
    assert (table["most steps"] >= table["median steps"]).all()


def test_checks_agree_where_only_one_word_does_anything(found):
    checked = checked_methods(found[1])
    table = agreement_table(checked, SAMPLING)
    assert table["prompts"].tolist() == [6, 6, 6]  # two prompts have two words
    assert (table["value"] > 0.4).all()
    assert deletion_area(checked, SAMPLING)[0] > 0
    curve = deletion_table(checked, SAMPLING)
    ends = curve[curve["blanked"].isin([0.0, 1.0])]
    np.testing.assert_allclose(ends["value"].to_numpy(), [1, 0] * 4, atol=1e-6)


def test_shapley_values_find_the_planted_cue_and_none_in_a_deaf_tower(found):
    deaf, hears = (shapley_measures(checked_methods(one), SAMPLING) for one in found)
    assert deaf["Shapley cue"][0] == pytest.approx(0, abs=1e-5)
    assert hears["Shapley cue"][0] < -0.5


def test_long_prompts_are_left_out_of_shapley_values_and_counted(sides):
    text = " ".join(["no evidence of effusion"] * 3)
    long = [*PROMPTS, prompt("denied", text, "Effusion")]
    checked = checked_methods(attributed(sides[1], long, WORDS))
    assert agreement_table(checked, SAMPLING)["prompts"].tolist() == [7, 6, 6]
    asked, one = {"con-1": checked}, {"con-1": checked.found}
    _, areas = deletions(asked, SAMPLING)
    complete = completeness_table([checked.found])
    numbers = check_numbers(
        agreements(asked, SAMPLING), areas, randomisations(one, SAMPLING), complete
    )
    assert numbers["short_prompts_con_1"].value == len(PROMPTS)
    assert numbers["long_prompts_con_1"].value == 1
    assert numbers["long_prompts_con_1"].n == len(long)


def test_randomisation_starts_at_one_and_has_a_row_a_layer_and_one_more(found):
    draws = randomisation_draws(found[1], SAMPLING)
    assert draws[0][0] == 1
    assert len(draws) == 2 + len(found[1].side.tower.layers)
    table = randomisations({"con-1": found[1]}, SAMPLING)
    layers = range(1, len(found[1].side.tower.layers))
    steps = ["nothing", *(f"top {n}" for n in layers), "all layers", "everything"]
    assert table["randomised"].tolist() == steps
    assert table["value"].tolist() == pytest.approx([d[0] for d in draws], nan_ok=True)


def test_tables_of_checks_have_a_row_a_side_and_count_their_prompts(found):
    checked = {one.side.name: checked_methods(one) for one in found}
    agreed = agreements(checked, SAMPLING)
    curves, areas = deletions(checked, SAMPLING)
    sane = randomisations({one.side.name: one for one in found}, SAMPLING)
    assert agreed["side"].tolist() == ["base", "con-1"] * 3
    assert set(areas["prompts"]) == {len(PROMPTS)}
    assert set(sane["prompts"]) == {4}
    numbers = check_numbers(agreed, areas, sane, completeness_table(found))
    assert set(numbers) == {
        f"{name}_{side}"
        for name in (
            *("agreement", "deletion_area", "sanity", "sanity_layers", "largest_delta"),
            *("short_prompts", "long_prompts"),
        )
        for side in ("base", "con_1")
    }
    assert numbers["agreement_con_1"].n == 6
    assert numbers["sanity_con_1"].n == 4
    last = sane[sane["side"] == "con-1"].iloc[-2:]["value"].tolist()
    told = [numbers[f"sanity{which}_con_1"].value for which in ("_layers", "")]
    assert told == pytest.approx(last, nan_ok=True)
    assert numbers["largest_delta_base"].n == len(PROMPTS)
    assert curves.groupby(["side", "order"]).size().eq(11).all()


def test_a_draw_takes_a_third_as_many_of_the_others_and_is_the_same_each_time():
    many = [
        prompt(p, f"{p} {n}", "Effusion", "Pneumonia" if p == "composite" else "")
        for p in ("affirmed", "denied", "composite", "scope")
        for n in range(20)
    ]
    taken = drawn_prompts(many, FINDINGS, n=9, seed=1)
    counts = pd.Series([p.polarity for p in taken]).value_counts().to_dict()
    assert counts == {"denied": 9, "affirmed": 3, "composite": 3}
    assert taken == drawn_prompts(many, FINDINGS, n=9, seed=1)
    assert taken != drawn_prompts(many, FINDINGS, n=9, seed=2)
    assert [p for p in many if p in taken] == taken


def test_prompts_about_findings_without_a_contrast_are_left_out():
    taken = drawn_prompts(PROMPTS, ["Effusion"], n=50, seed=0)
    assert {target_finding(p) for p in taken} == {"Effusion"}
    with pytest.raises(InputError, match="no denied prompt about a finding"):
        drawn_prompts(PROMPTS, ["Edema"], n=50, seed=0)
    with pytest.raises(InputError, match="n_prompts is 0"):
        drawn_prompts(PROMPTS, FINDINGS, n=0, seed=0)


def test_a_prompt_about_an_unknown_finding_is_refused(sides):
    with pytest.raises(InputError, match="'Edema' has no contrast; findings that have one"):
        attributed(sides[0], [prompt("denied", "no edema", "Edema")], load_words(["Edema"]))


def test_shown_sentences_deny_one_finding_before_and_after_and_beside_another():
    texts = [p.text for p in shown_prompts("", "Effusion", WORDS, FINDINGS)]
    assert texts == ["no effusion", "effusion is ruled out", "pneumonia without effusion"]
    alone = shown_prompts("", "", WORDS, FINDINGS[1:])
    assert [p.text for p in alone] == ["no pneumonia", "pneumonia is ruled out"]
    own = shown_prompts("no effusion; clear of effusion;", "", WORDS, FINDINGS)
    assert [p.text for p in own] == ["no effusion", "clear of effusion"]
    assert {target_finding(p) for p in own} == {"Effusion"}
    with pytest.raises(InputError, match="shown_finding is 'Edema'"):
        shown_prompts("", "Edema", WORDS, FINDINGS)


def test_padding_is_shown_as_one_token_with_the_sum(sides):
    shown = shown_prompts("no effusion", "", WORDS, FINDINGS)
    one = attributed(sides[1], shown, WORDS)
    n = len(one.parts[0])
    counted = one._replace(shares=[one.shares[0]._replace(values=np.ones(n))])
    table = token_table([counted])
    folded = table["token"].str.startswith("padding")
    assert table["value"].sum() == n
    assert table.loc[folded, "token"].tolist() == [f"padding ×{n - 3}"] * folded.sum()
    assert (table.loc[~folded, "value"] == 1).all()


def test_tokens_of_shown_sentences_keep_every_share_with_padding_as_one(sides):
    shown = shown_prompts("no effusion", "", WORDS, FINDINGS)
    found = [attributed(side, shown, WORDS) for side in sides]
    table = token_table(found)
    for one in found:
        own = table[table["side"] == one.side.name]
        assert own["value"].sum() == pytest.approx(one.shares[0].values.sum())
        assert own["token"].str.startswith("padding").sum() <= 1
        assert len(own) <= 4
    lines = sentence_table([checked_methods(one) for one in found])
    assert lines["side"].tolist() == ["base", "con-1"]
    for column in ("cue", "cue effect", "Shapley cue"):
        assert lines[column].iloc[0] == pytest.approx(0, abs=1e-4)
        assert lines[column].iloc[1] < -0.5
