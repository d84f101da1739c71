"""Queries: prompts taken together, measured, averaged, compared and dealt anew."""

import numpy as np
import pandas as pd
import pytest

from negcxr.chapters import (
    ask,
    compare,
    extremes,
    group_means,
    measure,
    shuffled_labels,
    shuffled_means,
)
from negcxr.chapters.queries import Queries, as_estimate
from negcxr.chapters.shortcuts import holm_table, mean_within, within_views
from negcxr.errors import InputError
from negcxr.measure.intervals import bootstrap_p
from negcxr.measure.retrieval import METRICS

NAN = float("nan")
BY = ("polarity", "finding", "other", "side")


def of(prompts, *polarities):
    return [p for p in prompts if p.polarity in polarities]


@pytest.fixture(scope="module")
def plain(deaf, prompts, sampling):
    """Affirmed and denied queries of the deaf encoder."""
    asked = of(prompts, "affirmed", "denied")
    return ask(deaf, asked, ("polarity", "finding"), sampling=sampling)


@pytest.fixture(scope="module")
def rule(deaf, prompts, sampling):
    """The same queries by the parsing rule."""
    asked, by = of(prompts, "affirmed", "denied"), ("polarity", "finding")
    return ask(deaf, asked, by, sampling=sampling, name="parsing rule")


def test_prompts_that_share_a_query_are_averaged(deaf, prompts, plain):
    row = plain.table.query("polarity == 'denied' and finding == 'Pneumothorax'")
    texts = [p.text for p in of(prompts, "denied") if p.finding == "Pneumothorax"]
    assert row["prompts"].item() == len(texts) == 14
    assert row["text"].item() == texts[0]
    expected = np.mean([deaf.cosines([text])[0] for text in texts], axis=0)
    np.testing.assert_allclose(plain.scores[row.index[0]], expected, atol=1e-7)


def test_a_query_asks_for_what_its_prompts_claim(deaf, plain):
    for i, row in plain.table.iterrows():
        column = deaf.relevance[:, deaf.dataset.findings.index(row["finding"])]
        wanted = column if row["polarity"] == "affirmed" else 1 - column
        np.testing.assert_array_equal(plain.relevance[i], wanted)
        np.testing.assert_array_equal(plain.contradiction[i], 1 - wanted)


def test_the_order_of_prompts_does_not_matter(deaf, prompts, plain, sampling):
    asked = of(prompts, "affirmed", "denied")[::-1]
    turned = ask(deaf, asked, ("polarity", "finding"), sampling=sampling)
    known = {tuple(row): i for i, row in enumerate(turned.table[list(BY[:2])].to_numpy())}
    order = [known[tuple(row)] for row in plain.table[list(BY[:2])].to_numpy()]
    assert order != sorted(order)
    np.testing.assert_allclose(turned.draws[order], plain.draws, atol=1e-9)


def test_the_first_draw_is_the_sample_itself(plain):
    once = np.ones((1, 160))
    for scores, relevance, draws in zip(
        plain.scores, plain.relevance, plain.draws, strict=True
    ):
        assert draws[0] == METRICS["auroc"](scores, relevance, once)[0]
    assert plain.draws.shape == (8, 31)


@pytest.mark.parametrize(
    ("by", "mixed"),
    [
        (("polarity",), "finding"),
        (("finding",), "polarity"),
        (("polarity", "finding"), "other"),
    ],
)
def test_a_query_of_prompts_that_ask_for_different_images_is_refused(
    deaf, prompts, sampling, by, mixed
):
    asked = of(prompts, "affirmed", "composite", "side")
    with pytest.raises(InputError, match=f"queries by {', '.join(by)} mix .*'{mixed}'"):
        ask(deaf, asked, by, sampling=sampling)


def test_sides_are_told_apart_as_findings_are(deaf, prompts, sampling):
    asked = of(prompts, "side")
    with pytest.raises(InputError, match="mix several of 'side'"):
        ask(deaf, asked, ("polarity", "finding"), sampling=sampling)
    found = ask(deaf, asked, ("polarity", "finding", "side"), sampling=sampling)
    assert found.table["side"].tolist() == ["left", "right"] * 3  # edema has no side


def test_no_prompt_makes_no_query_and_every_number_says_so(deaf, sampling):
    nothing = ask(deaf, [], ("polarity", "finding"), sampling=sampling)
    assert nothing.mean(polarity="denied").note.startswith("not evaluable")
    assert len(measure(nothing, deaf, sampling)) == 0
    assert list(group_means(nothing, ["polarity"]).columns) == [
        "polarity",
        "value",
        "low",
        "high",
        "chance",
        "queries",
        "note",
    ]
    assert extremes(nothing, "finding")[0].value is None
    assert shuffled_means(nothing, sampling).empty


def test_extremes_are_the_lowest_and_the_highest_mean(plain):
    low, high = extremes(plain, "polarity")
    assert low == plain.mean(polarity="denied")
    assert high == plain.mean(polarity="affirmed")


def test_every_polarity_is_dealt_anew_to_chance(plain, sampling):
    table = shuffled_means(plain, sampling)
    assert set(table["polarity"]) == set(plain.table["polarity"])
    assert (abs(table["value"] - 0.5) < 0.05).all()


def test_within_views_only_images_of_that_view_are_judged(plain, deaf, sampling):
    strata = within_views(plain, deaf, sampling)
    views = deaf.dataset.table["view"].to_numpy()
    assert list(strata) == ["all views", *sorted(set(views))]
    for name, found in list(strata.items())[1:]:
        assert np.isnan(found.relevance[:, views != name]).all()
        judged = found.relevance[:, views == name]
        np.testing.assert_array_equal(judged, plain.relevance[:, views == name])
    assert strata["all views"] is plain
    each = [found.mean(polarity="affirmed").value for found in list(strata.values())[1:]]
    assert mean_within(strata, polarity="affirmed").value == pytest.approx(np.mean(each))


def test_an_unknown_scorer_is_refused(deaf, prompts, sampling):
    with pytest.raises(InputError, match="scorer 'x' is not known"):
        ask(deaf, prompts[:1], ("finding",), sampling=sampling, name="x")


def test_the_mean_of_queries_is_the_mean_of_their_aurocs(plain):
    found = plain.mean(polarity="affirmed")
    values = plain.draws[(plain.table["polarity"] == "affirmed").to_numpy(), 0]
    assert found.value == pytest.approx(values.mean())
    assert found.low < found.value < found.high
    assert (found.n, found.chance, found.note) == (160, 0.5, "")


def test_queries_can_be_chosen_by_more_than_one_column(plain):
    one = plain.where(polarity="denied", finding="Edema")
    at = int(np.flatnonzero(plain.table["finding"] == "Edema")[1])
    np.testing.assert_array_equal(one, plain.draws[[at]])


def test_the_mean_of_no_query_says_why_there_is_none(plain):
    found = plain.mean(polarity="scope")
    assert (found.value, found.note) == (None, "not evaluable: too few images")


def test_every_measure_has_its_query_beside_it(deaf, plain, sampling):
    found = measure(plain, deaf, sampling)
    assert len(found) == len(plain.table) * len(METRICS)
    row = found.query("measure == 'auroc' and polarity == 'denied' and finding == 'Edema'")
    at = plain.table.query("polarity == 'denied' and finding == 'Edema'").index[0]
    assert row["value"].item() == plain.draws[at, 0]
    absent = 1 - deaf.dataset.labels[:, 0].mean()
    assert row["prevalence"].item() == pytest.approx(absent)


def test_k_above_the_images_is_refused(deaf, plain, sampling):
    with pytest.raises(InputError, match="k is 1000, allowed is 1 to n = 160"):
        measure(plain, deaf, sampling._replace(k=1000))


def test_means_of_groups_are_those_of_their_queries(plain):
    table = group_means(plain, ["polarity"]).set_index("polarity")
    for polarity in ("affirmed", "denied"):
        expected = plain.mean(polarity=polarity)
        row = table.loc[polarity]
        assert (row["value"], row["low"], row["high"]) == (
            expected.value,
            expected.low,
            expected.high,
        )
        assert (row["queries"], row["chance"], row["note"]) == (4, 0.5, "")


def test_a_group_without_an_evaluable_query_says_so(make_gallery, prompts, sampling):
    labels = np.zeros((160, 4))
    labels[:80, 0] = 1  # edema alone is judged both ways
    gallery = make_gallery(labels=labels)
    asked = ask(gallery, of(prompts, "affirmed"), ("finding",), sampling=sampling)
    table = group_means(asked, ["finding"]).set_index("finding")
    assert table.loc["Edema", "queries"] == 1
    assert table.loc["Lung Lesion", "note"].startswith("not evaluable")
    assert np.isnan(table.loc["Lung Lesion", "value"])
    assert asked.mean().value == pytest.approx(asked.draws[0, 0])


def test_swapping_first_and_second_flips_the_sign(plain):
    groups = plain.where(polarity="affirmed"), plain.where(polarity="denied")
    there, back = compare(*groups, 160), compare(*groups[::-1], 160)
    assert there.value == pytest.approx(-back.value)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.note == back.note
    assert there.value > 0.2


def test_a_difference_is_taken_draw_by_draw():
    # The second is the first and 0.1 throughout, so nothing is left to vary.
    first = np.array([[0.5, 0.6, 0.4, 0.9]])
    found = compare(first + 0.1, first, 7)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert found.n == 7


def test_the_sample_counts_once_among_the_resamples():
    # 9 of 9 resamples lie above zero: 2 (1 + 0) / (9 + 1).
    draws = np.linspace(0.1, 1, 10)[None]
    assert compare(draws, 0 * draws, 7).note == "two-sided bootstrap p 0.2"


def test_a_difference_that_cannot_be_had_says_so():
    missing = compare(np.full((1, 4), NAN), np.ones((1, 4)), 7)
    assert (missing.value, missing.note) == (None, "not evaluable: too few images")
    once = compare(np.ones((1, 1)), np.zeros((1, 1)), 7)
    assert (once.value, once.low) == (1, None)
    assert once.note == "no interval: too few resamples"


@pytest.mark.parametrize(
    ("draws", "value", "note"),
    [
        pytest.param([0.7, 0.6, 0.8], 0.7, "", id="all there"),
        pytest.param([NAN, NAN, NAN], None, "not evaluable: too few images", id="none"),
        pytest.param([0.7], 0.7, "no interval: too few resamples", id="no resample"),
    ],
)
def test_an_estimate_says_what_is_missing(draws, value, note):
    found = as_estimate(np.array(draws), n=5, chance=0.5)
    assert (found.value, found.note, found.n, found.chance) == (value, note, 5, 0.5)


def test_labels_dealt_anew_are_near_chance(plain, sampling):
    found = shuffled_labels(plain, sampling, polarity="affirmed")
    assert found.value == pytest.approx(0.5, abs=0.03)
    assert found.low < 0.5 < found.high
    assert found.chance == 0.5
    assert plain.mean(polarity="affirmed").value > found.high


def test_labels_are_dealt_within_what_is_judged(make_gallery, prompts, sampling):
    labels = np.full((160, 4), NAN)
    labels[:20], labels[20:40] = 1, 0
    gallery = make_gallery(labels=labels)
    asked = ask(
        gallery, of(prompts, "affirmed"), ("polarity", "finding"), sampling=sampling
    )
    found = shuffled_labels(asked, sampling, polarity="affirmed")
    assert found.value == pytest.approx(0.5, abs=0.06)


def test_labels_of_no_query_cannot_be_dealt(plain, sampling):
    found = shuffled_labels(plain, sampling, polarity="scope")
    assert (found.value, found.note) == (None, "not evaluable: too few images")


def made(**draws):
    """Queries of one polarity each, with the draws given."""
    table = {"polarity": list(draws)}
    blank = np.zeros((len(draws), 3))
    values = np.array(list(draws.values()), dtype=float)
    return Queries(pd.DataFrame(table), blank, blank, blank, values)


def test_a_family_of_comparisons_is_corrected_by_holm():
    resamples = np.linspace(-0.05, 0.2, 99)  # a fifth lie below zero
    better = np.array([0.3, *np.full(99, 0.3)])
    first = made(denied=better, composite=[0.1, *resamples], scope=np.full(100, NAN))
    second = made(**{name: np.zeros(100) for name in ("denied", "composite", "scope")})
    table = holm_table(first, second, ("denied", "composite", "scope", "side"))
    assert table["polarity"].tolist() == ["denied", "composite"]
    assert table["value"].tolist() == [0.3, 0.1]
    p = table["p"].tolist()
    assert p[0] == pytest.approx(2 / 100)
    assert p[1] == bootstrap_p(resamples)
    assert 0.3 < p[1] < 0.5
    assert table["p_holm"].tolist() == [2 * p[0], p[1]]


def test_a_family_of_no_comparison_is_empty():
    empty = holm_table(made(denied=[NAN, NAN]), made(denied=[0.0, 0.0]), ("denied",))
    assert list(empty.columns) == [
        "polarity",
        "value",
        "low",
        "high",
        "p",
        "detectable",
        "p_holm",
    ]
    assert len(empty) == 0


def test_the_rule_is_better_than_the_deaf_where_it_is_denied(plain, rule):
    table = holm_table(rule, plain, ("affirmed", "denied")).set_index("polarity")
    affirmed = plain.mean(polarity="affirmed").value
    assert table.loc["denied", "value"] == pytest.approx(2 * affirmed - 1)
    assert table.loc["affirmed", "value"] == pytest.approx(0, abs=1e-9)
    assert table.loc["denied", "p"] == pytest.approx(2 / 31)
