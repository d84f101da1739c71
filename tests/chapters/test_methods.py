"""All measures of an encoder, and their changes: paired, parted, corrected, explained."""

import numpy as np
import pytest

from negcxr.chapters import Sampling, ask, asked_items, choice_table
from negcxr.chapters.methods import (
    CHANCES,
    CHOSEN,
    MEASURES,
    battery,
    changes,
    draws_table,
    numbers,
    questions,
    standings,
)
from negcxr.chapters.parts import by_view, failures, group_changes, parts, points
from negcxr.finetune.statements import held_out
from negcxr.text.choices import four_way_items
from negcxr.text.vocabulary import load_words


@pytest.fixture(scope="module")
def items(hearing):
    findings = hearing.dataset.findings
    how = {"n": 120, "seed": 0}
    return four_way_items(hearing.relevance, findings, load_words(findings), **how)


@pytest.fixture(scope="module")
def before(deaf, prompts, items, sampling):
    return battery(deaf, prompts, items, sampling)


@pytest.fixture(scope="module")
def after(hearing, prompts, items, sampling):
    return battery(hearing, prompts, items, sampling)


def test_every_measure_has_a_value_and_as_many_draws(before, sampling):
    assert tuple(before) == MEASURES
    assert {draws.shape for draws in before.values()} == {(1 + sampling.n_resamples,)}
    assert all(np.isfinite(draws).all() for draws in before.values())


def test_who_hears_is_right_in_everything(after):
    values = {name: draws[0] for name, draws in after.items()}
    for name in ("affirmed", "denied", "denied-trained", "denied-held-out", "equivalent"):
        assert values[name] == 1
    assert values["double-negation"] > 0.9 and values["composite"] == 1


def test_who_is_deaf_ranks_a_denial_as_the_opposite_of_its_finding(before):
    assert before["denied"][0] == pytest.approx(1 - before["affirmed"][0])


def test_a_measure_is_the_mean_over_its_queries(deaf, prompts, before, sampling):
    asked = [p for p in prompts if p.polarity == "composite"]
    queries = ask(deaf, asked, ["finding", "other"], sampling=sampling)
    assert len(queries.table) == 12
    np.testing.assert_allclose(before["composite"], queries.draws.mean(axis=0))


def test_denied_prompts_are_parted_by_whether_training_sees_their_cue(prompts):
    asked = questions(prompts)
    trained, unseen = asked["denied-trained"], asked["denied-held-out"]
    assert {p.id for p in trained + unseen} == {p.id for p in asked["denied"]}
    assert not {p.cue for p in trained} & {p.cue for p in unseen}
    assert not any(held_out(trained)) and all(held_out(unseen))
    assert "no" in {p.cue for p in trained} and "lack of" in {p.cue for p in unseen}


def test_affirmed_prompts_of_unseen_wordings_stand_apart_once_more(prompts):
    asked = questions(prompts)
    wordings = {p.template for p in asked["affirmed-held-out"]}
    assert wordings < {p.template for p in asked["affirmed"]}
    assert all(held_out(asked["affirmed-held-out"])) and "film-with" in wordings


@pytest.mark.parametrize(
    ("measure", "alone"),
    [
        ("denied-held-out", "cue"),
        ("denied-trained", "cue"),
        ("affirmed-held-out", "template"),
    ],
)
def test_a_wording_that_is_or_is_not_known_is_asked_alone(
    deaf, prompts, before, sampling, measure, alone
):
    asked = questions(prompts)[measure]
    one = {getattr(p, alone) for p in asked}
    each = []
    for wording in one:
        of_it = [p for p in asked if getattr(p, alone) == wording]
        each.append(ask(deaf, of_it, ["finding"], sampling=sampling).draws.mean(axis=0))
    assert len(one) > 1
    np.testing.assert_allclose(before[measure], np.mean(each, axis=0))


def test_choice_is_that_of_the_chapter_on_choice(deaf, items, before, sampling):
    table = choice_table(asked_items(deaf, items), sampling).set_index("type")
    for kind in ("affirmed", "denied", "hybrid"):
        assert before[f"choice-{kind}"][0] == pytest.approx(table.loc[kind, "value"])


def test_what_is_not_asked_or_too_few_is_no_number(deaf, prompts, items):
    plain = [p for p in prompts if p.polarity == "affirmed"]
    found = battery(deaf, plain, items[:5], Sampling(20, 0))
    known = [name for name, draws in found.items() if np.isfinite(draws[0])]
    assert known == ["affirmed", "affirmed-held-out"]
    assert found["choice-denied"].shape == (21,)


def test_a_scorer_that_reads_no_text_has_no_choice(deaf, prompts, items, sampling):
    found = battery(deaf, prompts, items, sampling, name="oracle")
    assert found["denied"][0] == 1
    assert np.isnan([found[name][0] for name in CHOSEN]).all()


def test_a_change_is_after_less_before_draw_by_draw(before, after):
    row = changes(before, after, 160).set_index("measure").loc["denied"]
    gain = after["denied"] - before["denied"]
    assert row["change"] == pytest.approx(gain[0])
    assert row["change_low"] == pytest.approx(np.quantile(gain[1:], 0.025))
    assert row["before"] == before["denied"][0] and row["after"] == after["denied"][0]
    assert (row["p"], row["n"], row["chance"]) == (pytest.approx(2 / 31), 160, 0.5)


def test_swapping_before_and_after_flips_every_change(before, after):
    there, back = changes(before, after, 160), changes(after, before, 160)
    np.testing.assert_allclose(there["change"], -back["change"])
    np.testing.assert_allclose(there["change_low"], -back["change_high"])


def test_what_did_not_change_has_no_change_and_no_p_below_one(before):
    table = changes(before, before, 160)
    assert (table["change"] == 0).all() and (table["p"] == 1).all()


def test_p_is_corrected_over_the_measures(before, after):
    table = changes(before, after, 160)
    assert (table["p_holm"] >= table["p"]).all()
    least = table["p"].idxmin()
    assert table.loc[least, "p_holm"] == pytest.approx(
        min(1, len(MEASURES) * table["p"].min())
    )


def test_numbers_are_named_by_measure_and_say_why_one_is_missing(before, after):
    blank = dict(before) | {"scope": np.full(31, np.nan)}
    found = numbers(blank, after, 160)
    assert len(found) == 3 * len(MEASURES)
    known = found["denied_held_out_change"]
    gain = after["denied-held-out"][0] - before["denied-held-out"][0]
    assert known.value == pytest.approx(gain)
    assert known.note.startswith("two-sided bootstrap p")
    assert found["choice_denied_before"].chance == CHANCES["choice-denied"] == 0.25
    assert found["scope_change"].value is None and found["scope_change"].note


def test_a_scorer_stands_beside_others_by_measure(before, after):
    table = standings({"base": before, "con1": after})
    assert len(table) == 2 * len(MEASURES)
    pair = table[table["measure"] == "denied"]
    assert pair["scorer"].tolist() == ["base", "con1"]
    assert pair["value"].tolist() == [before["denied"][0], after["denied"][0]]


def test_draws_are_kept_in_single_precision_the_sample_first(before, after):
    table = draws_table({"before": before, "after": after})
    assert set(table.dtypes[["before", "after"]].astype(str)) == {"float32"}
    block = table[table["measure"] == "scope"]
    assert block["draw"].tolist() == list(range(31))
    np.testing.assert_array_equal(block["after"], after["scope"].astype(np.float32))


@pytest.fixture(scope="module")
def each(deaf, hearing, prompts, sampling):
    return parts(deaf, hearing, prompts, sampling)


def test_parts_are_findings_cues_and_what_composites_exclude(each):
    assert set(zip(each["polarity"], each["by"], strict=True)) == {
        *(("affirmed", "finding"), ("denied", "finding"), ("equivalent", "finding")),
        *(("denied", "cue"), ("composite", "other")),
    }
    cues = each[each["by"] == "cue"]
    assert len(cues) == cues["part"].nunique() == 12


def test_the_mean_over_parts_is_the_mean_over_all(each, before):
    denied = each[(each["polarity"] == "denied") & (each["by"] == "finding")]
    assert denied["before"].mean() == pytest.approx(before["denied"][0])


def test_a_group_changes_as_its_queries_do(deaf, hearing, prompts, sampling):
    asked = [p for p in prompts if p.polarity == "denied"]
    by = ("polarity", "finding")
    pair = [ask(gallery, asked, by, sampling=sampling) for gallery in (deaf, hearing)]
    table = group_changes(*pair, ["finding"]).set_index("finding")
    gain = [q.where(finding="Edema")[0] for q in pair]
    assert table.loc["Edema", "change"] == pytest.approx(gain[1][0] - gain[0][0])


def test_points_have_both_polarities_of_each_finding_before_and_after(each):
    table = points(each)
    assert table["scorer"].tolist() == ["before"] * 4 + ["after"] * 4
    deaf = table[table["scorer"] == "before"]
    np.testing.assert_allclose(deaf["affirmed"] + deaf["denied"], 1)
    assert (table.loc[table["scorer"] == "after", ["affirmed", "denied"]] == 1).all(
        axis=None
    )


def test_failures_are_all_that_got_worse_and_the_lowest_besides(each):
    ends = {"change": "change", "change_low": "change_high", "change_high": "change_low"}
    turned = each.assign(**{name: -each[other] for name, other in ends.items()})
    worse = failures(turned, least=2)
    assert (worse["change_high"] < 0).sum() == (turned["change_high"] < 0).sum() > 8
    assert worse["change"].is_monotonic_increasing
    assert len(failures(each, least=3)) == 3
    assert failures(each, least=3)["change"].max() <= each["change"].quantile(0.2)


def test_a_part_that_fell_within_its_interval_alone_is_not_among_the_failures(each):
    rows = each.head(3).assign(change=[-0.3, -0.2, -0.1], change_low=-0.5)
    rows = rows.assign(change_high=[-0.1, 0.1, -0.01])
    assert failures(rows, least=0)["change"].tolist() == [-0.3, -0.1]
    assert failures(rows, least=2)["change"].tolist() == [-0.3, -0.2, -0.1]


def test_within_a_view_only_its_images_are_asked(deaf, hearing, prompts, sampling):
    table = by_view(deaf, hearing, prompts, sampling)
    assert list(dict.fromkeys(table["view"])) == ["all views", "AP", "PA"]
    assert set(table["polarity"]) == {"affirmed", "denied", "composite"}
    asked = [p for p in prompts if p.polarity == "denied"]
    queries = ask(deaf, asked, ["finding"], sampling=sampling)
    views = deaf.dataset.table["view"].to_numpy()
    aurocs = []
    for scores, relevance in zip(queries.scores, queries.relevance, strict=True):
        inside = (views == "PA") & ~np.isnan(relevance)
        if 0 < relevance[inside].mean() < 1:  # edema decides the view: one side is empty
            hits, rest = (scores[inside & (relevance == side)] for side in (1, 0))
            aurocs.append((hits[:, None] > rest).mean())
    row = table[(table["view"] == "PA") & (table["polarity"] == "denied")]
    assert len(aurocs) == 3
    assert row["before"].item() == pytest.approx(np.mean(aurocs))


def test_a_change_tells_the_smallest_that_could_have_been_found(before, after):
    row = changes(before, after, 160).set_index("measure").loc["composite"]
    spread = (after["composite"] - before["composite"])[1:].std(ddof=1)
    assert row["detectable"] == pytest.approx(2.8016 * spread, rel=1e-4)
