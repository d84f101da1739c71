"""The same scores under every policy: what may move, what may not, and how far."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.chapters.conftest import FINDINGS, WORDS, Encoder, make_dataset, make_labels
from tests.data.test_habits import drawn

from negcxr import paths
from negcxr.chapters import Sampling, open_gallery
from negcxr.chapters.policies import MEASURES, TRUTH, ask_policies
from negcxr.chapters.policy_answers import answer_table
from negcxr.chapters.policy_labels import count_table, judged_table
from negcxr.chapters.policy_means import mean_table, move_table, on_common
from negcxr.chapters.policy_numbers import HABITS as TOLD
from negcxr.chapters.policy_numbers import factor_numbers, policy_numbers
from negcxr.chapters.policy_tables import (
    first_images,
    in_short,
    means_side_by_side,
    order_table,
    side_by_side,
    sign_table,
)
from negcxr.data.habits import HABITS
from negcxr.data.labels import POLICIES
from negcxr.results import read_result
from negcxr.run import run_notebook
from negcxr.text.prompts import load_prompt_set
from negcxr.text.vocabulary import load_words

SAMPLING = Sampling(n_resamples=20, seed=0, k=10)


def patchy():
    """Labels of which some are blank and some uncertain; 'Lung Lesion' is never denied."""
    labels, rng = make_labels(), np.random.default_rng(5)
    lot = rng.random(labels.shape)
    labels = np.where(lot < 0.3, np.nan, np.where(lot < 0.4, -1.0, labels))
    labels[labels[:, 3] == 0, 3] = np.nan
    return labels


@pytest.fixture(scope="module")
def films(make_gallery, prompts):
    """A deaf and dim encoder on patchy labels whose truth nobody knows."""
    gallery = make_gallery(hears=False, noise=1.5, labels=patchy())
    return ask_policies(gallery, prompts, SAMPLING)


@pytest.fixture(scope="module")
def phantoms(cache):
    """An encoder that sees the truth of four findings of phantoms, and is deaf."""
    whole = drawn(200)
    columns = [whole.findings.index(finding) for finding in FINDINGS]
    part = replace(whole, findings=FINDINGS, labels=whole.labels[:, columns])
    encoder = Encoder(part.labels, hears=False)
    gallery = open_gallery(encoder, replace(part, images=make_dataset(part.labels).images))
    return ask_policies(gallery, load_prompt_set("chest", FINDINGS), SAMPLING)


def of(policies, policy):
    return next(one for one in policies.first if one.policy == policy)


def test_a_policy_moves_no_score(films):
    first, *others = (one.queries["encoder"].scores for one in films.first)
    for scores in others:
        np.testing.assert_array_equal(scores, first)


def test_there_is_a_row_for_each_policy_and_no_truth_of_films(films):
    assert [one.policy for one in films.compared] == [*POLICIES]
    assert films.reference.policy == "explicit"


def test_without_the_truth_the_reference_is_the_policy_of_the_run(make_gallery, prompts):
    gallery = make_gallery(labels=patchy(), policy="blank-absent")
    moves = move_table(ask_policies(gallery, prompts, SAMPLING))
    own = moves[moves["policy"] == "blank-absent"].dropna(subset=["value"])
    assert len(own) > 0
    assert (own[["value", "low", "high"]] == 0).all(axis=None)


def test_where_nothing_is_blank_or_uncertain_the_policies_agree(make_gallery, prompts):
    found = ask_policies(make_gallery(hears=False, noise=1.5), prompts, SAMPLING)
    moves = move_table(found)
    assert (moves[["value", "low", "high"]] == 0).all(axis=None)
    assert order_table(found.first).groupby("measure")["order"].nunique().eq(1).all()


@pytest.mark.parametrize("policy", POLICIES)
def test_a_mean_is_that_of_auroc_counted_pair_by_pair(films, policy):
    one = of(films, policy)
    relevance = one.gallery.dataset.relevance(policy)
    prompts = [p for p in load_prompt_set("chest", FINDINGS) if p.polarity == "affirmed"]
    values = []
    for column, finding in enumerate(FINDINGS):
        texts = [prompt.text for prompt in prompts if prompt.finding == finding]
        scores = one.gallery.cosines(texts).mean(axis=0)
        has, lacks = (scores[relevance[:, column] == side] for side in (1, 0))
        if min(len(has), len(lacks)) >= 10:
            wins = [(a > b) + 0.5 * (a == b) for a in has for b in lacks]
            values.append(np.mean(wins))
    table = mean_table([one], ["encoder"]).set_index("measure")
    assert table.loc["affirmed", "value"] == pytest.approx(np.mean(values))
    assert table.loc["affirmed", "queries"] == len(values)


def test_of_a_deaf_encoder_denied_is_one_less_affirmed_under_every_policy(films):
    means = mean_table(films.first, ["encoder"]).pivot(
        index="policy", columns="measure", values="value"
    )
    np.testing.assert_allclose(means["denied"], 1 - means["affirmed"])
    np.testing.assert_allclose(means["gap"], 2 * means["affirmed"] - 1)


def test_a_move_is_over_the_queries_of_both_sides(films):
    """Nobody denies lung lesion, so explicit judges three findings of the four."""
    moves = move_table(films).set_index(["policy", "measure"])
    assert moves.loc[("blank-absent", "affirmed"), "queries"] == 3
    one, own = (
        of(films, policy).queries["encoder"] for policy in ("blank-absent", "explicit")
    )
    both = [
        queries.draws[
            (
                (queries.table["polarity"] == "affirmed")
                & (queries.table["finding"] != "Lung Lesion")
            ).to_numpy(),
            0,
        ].mean()
        for queries in (one, own)
    ]
    expected = both[0] - both[1]
    assert moves.loc[("blank-absent", "affirmed"), "value"] == pytest.approx(expected)


def test_labels_that_say_nothing_of_absence_are_explained(make_gallery, prompts):
    labels = np.where(make_labels() == 1, 1.0, np.nan)
    gallery = make_gallery(hears=False, noise=1.5, labels=labels, policy="explicit")
    found = ask_policies(gallery, prompts, SAMPLING)
    means = mean_table([of(found, "explicit")])
    assert means["value"].isna().all()
    assert set(means["note"]) == {"not evaluable: no finding has enough images"}
    assert set(sign_table(found.first)["explicit"]) == {"not evaluable"}
    numbers = policy_numbers(tables_of(found), len(labels))
    assert numbers["explicit_denied"].value is None
    assert numbers["blank-absent_denied"].value is not None
    assert numbers["gaps_above_zero"].n == 3  # the policies that take a blank for absent
    assert numbers["moves_told"].n == 0  # the reference judges nothing
    assert numbers["width_share"].note.startswith("not evaluable")


def tables_of(found):
    return {
        "means": mean_table(found.compared),
        "common": mean_table(on_common(found.compared)),
        "moves": move_table(found),
        "orders": order_table(on_common(found.compared)),
        "signs": sign_table(found.compared),
        "first": first_images(found.compared, SAMPLING),
    }


def test_lowest_and_highest_are_over_the_queries_that_all_policies_share(films):
    """Explicit has no absent lung lesion, so the others are compared without it too."""
    numbers, affirmed = policy_numbers(tables_of(films), 160), []
    for one in films.first:
        table = one.queries["encoder"].table
        chosen = (table["polarity"] == "affirmed") & (table["finding"] != "Lung Lesion")
        affirmed.append(one.queries["encoder"].draws[chosen.to_numpy(), 0].mean())
    assert numbers["least_affirmed"].value == pytest.approx(min(affirmed))
    assert numbers["most_affirmed"].value == pytest.approx(max(affirmed))
    assert (numbers["shared_affirmed"].value, numbers["shared_affirmed"].n) == (3, 4)


def test_a_policy_that_cannot_be_asked_takes_no_query_from_the_others(
    make_gallery, prompts
):
    labels = np.where(make_labels() == 1, 1.0, np.nan)
    found = ask_policies(make_gallery(labels=labels, policy="explicit"), prompts, SAMPLING)
    means = mean_table(on_common(found.first), ["encoder"]).set_index(["policy", "measure"])
    assert means.loc[("blank-absent", "affirmed"), "queries"] == len(FINDINGS)
    assert means.loc[("explicit", "affirmed"), "queries"] == 0


def test_a_mean_over_two_queries_of_four_is_none_and_says_so(make_gallery, prompts):
    labels = make_labels()
    labels[:, :2][labels[:, :2] == 0] = np.nan  # of two findings nothing is denied
    found = ask_policies(make_gallery(labels=labels), prompts, SAMPLING)
    table = mean_table([of(found, "explicit")], ["encoder"]).set_index("measure")
    assert table.loc["denied", "queries"] == 2
    assert np.isnan(table.loc["denied", "value"])
    assert table.loc["denied", "note"].startswith("not evaluable: fewer than 3 queries")


def test_tables_of_means_say_how_many_queries_they_are_over(films):
    wide = means_side_by_side(mean_table(films.first)).set_index(["policy", "scorer"])
    assert wide.loc[("explicit", "encoder"), "findings"] == 3
    assert wide.loc[("blank-absent", "parsing rule"), "findings"] == 4
    assert wide.loc[("blank-absent", "encoder"), "pairs"] == 2


def test_the_gap_and_the_reference_itself_are_no_tests(films):
    moves = move_table(films)
    tested = moves[moves["p"].notna()]
    assert set(tested["measure"]) == {"affirmed", "denied"}  # too few pairs of findings
    assert len(tested) == 5 * 2
    assert "explicit" not in set(tested["policy"])


def test_moves_are_corrected_over_all_that_were_tested(phantoms):
    """By Holm: the least p times as many, the next times one less, never falling."""
    tested = move_table(phantoms).dropna(subset=["p"]).sort_values("p", kind="stable")
    highest, expected = 0.0, []
    for place, p in enumerate(tested["p"]):
        highest = max(highest, min(1.0, p * (len(tested) - place)))
        expected.append(highest)
    np.testing.assert_allclose(tested["p_holm"], expected)
    numbers = policy_numbers(tables_of(phantoms), 200)
    assert numbers["moves_told"].n == len(tested) > 3 * 6 * 2
    assert 0 < numbers["moves_told"].value < len(tested)


def test_a_difference_is_narrower_paired_than_of_different_patients(films):
    """Apart, variances add up: the root of the sum of both widths squared."""
    moves = move_table(films).set_index(["policy", "measure"])
    one = moves.loc[("blank-absent", "denied")]
    both = [
        mean_table(on_common([of(films, "explicit"), of(films, policy)]), ["encoder"])
        .query("measure == 'denied' and policy == @policy")[["low", "high"]]
        .to_numpy()[0]
        for policy in ("explicit", "blank-absent")
    ]
    squares = sum((high - low) ** 2 for low, high in both)
    assert one["apart"] == pytest.approx(np.sqrt(squares))
    assert one["high"] - one["low"] < one["apart"]


def test_the_truth_of_phantoms_is_the_reference_and_stands_among_the_compared(phantoms):
    assert phantoms.reference.labels == phantoms.compared[-1].policy == TRUTH
    assert len(phantoms.first) == len(POLICIES)
    assert len(phantoms.judged) == 3 * len(POLICIES)


def test_who_sees_the_truth_is_perfect_by_the_truth_and_not_by_blanks(phantoms):
    """Explicit labels are all right by lot; a blank may hide a finding that is there."""
    means = mean_table(phantoms.compared, ["encoder"]).set_index(["policy", "measure"])
    assert means.loc[(TRUTH, "affirmed"), "value"] == 1
    assert means.loc[("explicit", "affirmed"), "value"] == 1
    assert means.loc[("blank-absent", "affirmed"), "value"] < 0.99


def test_what_a_policy_judges_wrongly_is_counted_against_the_truth(phantoms):
    one = of(phantoms, "blank-absent-uncertain-present")
    truth, labels = phantoms.reference.gallery.relevance, one.gallery.dataset.labels
    wrong, absent = 0, 0
    for row in range(len(labels)):
        for column in range(len(FINDINGS)):
            if np.isnan(labels[row, column]) or labels[row, column] == 0:
                absent += 1
                wrong += truth[row, column] == 1
    table = judged_table(phantoms)
    row = table[(table["labels"] == "by lot") & (table["policy"] == one.policy)].iloc[0]
    assert row["absent"] == pytest.approx(absent / labels.size)
    assert row["absent wrong"] == pytest.approx(wrong / absent)
    assert row["left out"] == 0


def test_of_films_nothing_is_called_wrong(films):
    table = judged_table(films)
    assert table[["present wrong", "absent wrong"]].isna().all(axis=None)
    np.testing.assert_allclose(table[["present", "absent", "left out"]].sum(axis=1), 1)


def test_a_deaf_encoder_ranks_each_denial_worse_than_its_affirmation(phantoms):
    signs = sign_table(phantoms.compared)
    assert list(signs["finding"]) == list(FINDINGS)
    assert set(signs[TRUTH]) == {"denied worse"}


def test_the_rule_comes_before_a_deaf_encoder_on_denied_prompts(phantoms):
    orders = order_table(phantoms.compared).set_index(["policy", "measure"])["order"]
    order = orders[(TRUTH, "denied")].split(" > ")
    assert order[0] == "parsing rule"
    assert order.index("view alone") < order.index("encoder")


def test_the_first_images_of_a_rule_that_sees_all_lack_what_is_denied(phantoms):
    table = first_images(phantoms.compared, SAMPLING).set_index(["policy", "scorer"])
    assert table.loc[(TRUTH, "parsing rule"), "value"] == 1
    assert table.loc[(TRUTH, "encoder"), "value"] == 0
    truth = phantoms.reference.gallery.relevance
    assert table.loc[(TRUTH, "encoder"), "prevalence"] == pytest.approx((1 - truth).mean())


def test_keys_are_right_by_the_truth_and_wrong_where_blanks_are_guessed(phantoms):
    words = load_words(FINDINGS)
    table = answer_table(phantoms, words, SAMPLING, n_items=120)
    wrong = table[table["type"] == "all"].groupby("policy")["wrong_key"].max()
    assert wrong[TRUTH] == wrong["explicit"] == 0
    assert wrong["blank-absent"] > 0


def test_of_films_no_key_is_called_wrong(films):
    table = answer_table(films, WORDS, SAMPLING, n_items=24)
    assert table["wrong_key"].isna().all()


def test_labels_are_counted_by_value_and_by_what_blanks_add(films):
    labels = films.reference.gallery.dataset.labels
    row = count_table(films).set_index("finding").loc["Edema"]
    assert row["absent"] == (labels[:, 0] == 0).sum()
    assert row["with blanks"] == row["absent"] + np.isnan(labels[:, 0]).sum()
    assert row["factor"] == pytest.approx(row["with blanks"] / row["absent"])


def test_a_few_images_of_a_credentialed_data_set_are_not_counted(films):
    labels = np.where(np.isnan(patchy()), 0.0, patchy())
    labels[labels[:, 0] == -1, 0] = 0.0
    labels[0, 0] = -1.0  # one image is uncertain: too few to be told
    counts = count_table(credentialed(films, labels)).set_index("finding")
    assert counts.loc["Edema"].isna().all()
    assert counts.drop(index="Edema").drop(columns="factor").notna().all(axis=None)


def credentialed(films, labels):
    """The same policies of a data set with these labels, of which no row may be told."""
    data = replace(make_dataset(labels), credentialed=True, shows_images=False, sides=None)
    one = films.judged[0]
    gallery = replace(one.gallery, dataset=data)
    return films._replace(judged=(one._replace(gallery=gallery), *films.judged[1:]))


def test_a_single_denial_of_a_credentialed_data_set_is_in_no_factor(films):
    """Times 160 less the present ones would tell that one image alone was denied."""
    labels = make_labels()
    labels[labels[:, 0] == 0, 0] = np.nan
    labels[np.flatnonzero(np.isnan(labels[:, 0]))[0], 0] = 0.0
    counts = count_table(credentialed(films, labels))
    numbers = factor_numbers(counts, len(labels))
    assert numbers["factor_most"].value == 1
    assert "Edema" not in {numbers[name].note for name in ("factor_least", "factor_most")}


def test_where_every_factor_is_hidden_none_is_told(films):
    labels = np.where(make_labels() == 1, 1.0, np.nan)
    labels[:2][np.isnan(labels[:2])] = 0.0
    numbers = factor_numbers(count_table(credentialed(films, labels)), len(labels))
    assert numbers["factor_most"].value is None
    assert numbers["factor_least"].note.startswith("not evaluable")


def test_the_least_and_the_most_factor_name_their_finding(films):
    numbers = factor_numbers(count_table(films), 160)
    factors = count_table(films).set_index("finding")["factor"]
    assert numbers["factor_most"].value == factors.max()
    assert numbers["factor_most"].note == factors.idxmax() != numbers["factor_least"].note


def by_hand(**signs):
    """Tables of made numbers, as the chapter hands them over."""
    means = pd.DataFrame([row("explicit", measure, 0.6) for measure in MEASURES])
    moves = [
        row(policy, measure, value)
        for measure in MEASURES
        for policy, value in (("a", 0.1), ("b", -0.3))
    ]
    order = {"labels": "x", "measure": "denied", "order": "a > b"}
    return {
        "means": means,
        "common": means,
        "moves": pd.DataFrame(moves).assign(apart=0.03, p=0.01, p_holm=[0.04, 0.08] * 4),
        "orders": pd.DataFrame([order]),
        "signs": pd.DataFrame({"finding": ["Edema"], **signs}),
        "first": means.assign(prevalence=0.5).iloc[:1],
    }


def test_largest_moves_are_by_size_and_not_by_sign():
    numbers = policy_numbers(by_hand(a=["undecided"]), 50)
    assert numbers["largest_move_denied"].value == -0.3
    assert numbers["largest_move_denied"].note == "under b, x"


def test_moves_by_habit_are_those_of_explicit_labels(phantoms):
    moves = move_table(phantoms).set_index(["labels", "policy", "measure"])["value"]
    numbers = policy_numbers(tables_of(phantoms), 200)
    assert numbers["lot_move_denied"].value == moves[("by lot", "explicit", "denied")]


def test_every_habit_that_is_told_of_is_one_that_labels_are_written_by():
    assert {*TOLD.values()} <= {*HABITS}


def test_of_labels_that_were_given_no_habit_is_told(films):
    numbers = policy_numbers(tables_of(films), 160)
    assert numbers["sick_move_denied"].note.startswith("not evaluable: labels were given")


def test_a_move_is_told_by_its_corrected_p():
    numbers = policy_numbers(by_hand(a=["undecided"]), 50)
    assert (numbers["moves_told"].value, numbers["moves_told"].n) == (4, 8)
    assert numbers["width_share"].value == pytest.approx(0.02 / 0.03)


@pytest.mark.parametrize(
    ("one", "other", "turned", "undecided"),
    [
        ("denied worse", "denied better", 1, 0),
        ("denied worse", "undecided", 0, 1),
        ("denied worse", "denied worse", 0, 0),
        ("undecided", "undecided", 0, 0),
        ("denied better", "not evaluable", 0, 0),
    ],
)
def test_to_be_undecided_is_not_to_say_the_opposite(one, other, turned, undecided):
    numbers = policy_numbers(by_hand(a=[one], b=[other]), 50)
    assert numbers["findings_turned"].value == turned
    assert numbers["findings_undecided"].value == undecided


def test_what_the_truth_says_is_no_reading_of_labels():
    signs = {"a": ["denied worse"], TRUTH: ["denied better"]}
    assert policy_numbers(by_hand(**signs), 50)["findings_turned"].value == 0


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_in_short_fits_beside_a_chart(policy):
    """Longer names are broken into a line a word."""
    assert len(in_short(policy)) <= 17
    assert len({in_short(name) for name in POLICIES}) == len(POLICIES)


def test_a_policy_in_short_says_what_blank_and_uncertain_count_as():
    assert in_short("explicit") == "explicit"
    assert in_short("blank-absent-uncertain-present") == "blank 0, -1 as 1"
    assert in_short("truth") == "truth"


def test_measures_stand_side_by_side_with_their_ends():
    table = pd.DataFrame([row("a", "affirmed", 0.6), row("a", "denied", 0.2)])
    (wide,) = side_by_side(table, "measure", ("denied", "affirmed")).to_dict("records")
    assert (wide["denied"], wide["affirmed"]) == (0.2, 0.6)
    assert wide["denied_high"] == pytest.approx(0.21)
    assert wide["policy"] == "a"


def row(policy, measure, value):
    ends = {"value": value, "low": value - 0.01, "high": value + 0.01}
    about = {"labels": "x", "policy": policy, "scorer": "encoder", "measure": measure}
    return about | ends | {"chance": 0.5, "queries": 1, "note": ""}


@pytest.mark.model
def test_the_notebook_runs_on_one_finding_without_blanks(folder, tmp_path):
    values = {
        "dataset": "folder",
        "root": str(folder),
        "n_images": 0,
        "n_resamples": 20,
        "n_items": 24,
        "results": str(tmp_path / "own"),
    }
    name = "41_policies"
    run_notebook(paths.NOTEBOOKS / f"{name}.ipynb", tmp_path / f"{name}.ipynb", values)
    scalars = read_result(tmp_path / "own" / f"{name}.json").scalars
    assert scalars["largest_move_affirmed"].value == 0
    assert scalars["factor_most"].value == 1
    assert "not evaluable" in scalars["explicit_composite"].note
