"""Trainings taken together, methods side by side, claims and goals judged."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from negcxr.chapters.comparison import landing, measures_of, prices, wide
from negcxr.chapters.contrasts import (
    DIRECTION,
    GOAL,
    PAPER,
    Contrast,
    contrast_numbers,
    contrast_table,
    difference,
    verdict,
)
from negcxr.chapters.groups import (
    BASE,
    RULE,
    groups_of,
    listed,
    read_trained,
    rewritten,
)
from negcxr.chapters.methods import MEASURES, draws_table
from negcxr.chapters.search import ablations, against, goals, ranked
from negcxr.errors import InputError
from negcxr.measure.intervals import Difference
from negcxr.provenance import CheckpointRecord, DatasetRecord, now, provenance
from negcxr.results import Result

DRAWS = 41
KNOWN = {
    **{"dataset": "phantoms", "split": "test", "n_images": 100, "prompt_set": "chest"},
    **{"n_items": 12, "n_resamples": DRAWS - 1, "seed": 0},
}


def draws(value, spread=0.01, seed=0):
    noise = np.random.default_rng(seed).normal(0, spread, DRAWS)
    noise[0] = 0
    return value + noise


def scorer(value, spread=0.002, **other):
    """Draws of every measure, all of one value but for those named."""
    values = {name: other.get(name.replace("-", "_"), value) for name in MEASURES}
    return {
        name: draws(each, spread, seed) for seed, (name, each) in enumerate(values.items())
    }


@cache
def made():
    """What made all of these results, but for checkpoint and data."""
    return provenance({}, started=now(), encoder=None, dataset=None, policy="truth")


@pytest.fixture
def train(tmp_path):
    """Writes what a training of a method leaves in a run's folder."""

    def write(run, method, after, *, base="phantom-web", seed=0, **parameters):
        folder = tmp_path / run
        folder.mkdir(parents=True, exist_ok=True)
        known = KNOWN | {"training_seed": seed} | parameters
        weights = CheckpointRecord(name=base, family="clip", fingerprint="0")
        images = {"kind": "phantoms", "fingerprint": "0", "n_images": 100, "terms": "ours"}
        data = DatasetRecord(name="phantoms", n_patients=100, **images)
        update = {"checkpoint": weights, "dataset": data}
        result = Result(
            notebook=f"20_{method}",
            run=folder.name,
            parameters=known,
            provenance=made().model_copy(update=update),
            scalars={},
            tables={"draws": f"20_{method}.draws.parquet"},
        )
        scorers = {"before": scorer(0.2, affirmed=0.95), "after": after}
        scorers["rule"] = scorer(0.9, affirmed=0.95)
        scorers["rewritten"] = {name: row + 0.02 for name, row in after.items()}
        table = draws_table(scorers)
        table.to_parquet(folder / f"20_{method}.draws.parquet")
        path = folder / f"20_{method}.json"
        path.write_text(result.model_dump_json())
        return path

    return write


def about(value):
    """What single precision leaves of a number."""
    return pytest.approx(value, abs=1e-6)


AGAIN = rewritten("no-price")
CON1 = scorer(0.4, affirmed=0.94)
CON2 = scorer(0.7, affirmed=0.93)
OURS = scorer(0.95, affirmed=0.95)


@pytest.fixture
def groups(train, tmp_path):
    """A run with two methods, and kept ones: two seeds on web, one on clinic."""
    train("live", "con1", CON1)
    train("live", "con2", CON2)
    for seed, more in ((0, 0.0), (1, 0.1)):
        for method, after in (("con1", CON1), ("con2", CON2), ("no-price", OURS)):
            moved = {name: row + more for name, row in after.items()}
            train(f"kept/web-{seed}", method, moved, seed=seed)
    train("kept/clinic-0", "con1", CON1, base="phantom-clinic")
    live = read_trained(tmp_path / "live", ["con1", "con2"])
    return groups_of(live, read_trained(tmp_path / "kept"), order=["con2", "con1"])


def test_our_method_stands_once_more_on_prompts_that_were_rewritten(groups):
    first, again = (groups[1].scorers[name] for name in ("no-price", AGAIN))
    for name in MEASURES:
        assert again[name][0] == about(first[name][0] + 0.02)
    assert AGAIN not in groups[0].scorers  # it was not trained there


def test_names_are_listed_with_commas():
    assert listed("con1, con2,,no-price ") == ["con1", "con2", "no-price"]
    assert listed("") == []


def test_a_folder_that_is_missing_holds_no_training(tmp_path):
    assert read_trained(tmp_path / "none") == []


def test_only_methods_that_are_named_are_read(train, tmp_path):
    train("live", "con1", CON1)
    train("live", "old", CON1)
    assert [t.method for t in read_trained(tmp_path / "live", ["con1", "soft"])] == ["con1"]
    assert len(read_trained(tmp_path / "live")) == 2


def test_what_jobs_run_on_is_no_training(train, tmp_path):
    train("live", "con1", CON1)
    (tmp_path / "live" / "parameters").mkdir()
    (tmp_path / "live" / "parameters" / "20_con1.json").write_text("{}")
    assert len(read_trained(tmp_path / "live")) == 1


def test_groups_are_the_run_shown_and_each_base_of_those_kept(groups):
    assert [group.name for group in groups] == [
        "phantom-web, this run",
        "phantom-web, seeds 0, 1",
        "phantom-clinic, seed 0",
    ]
    assert [group.n for group in groups] == [100] * 3
    names = [BASE, RULE, "con2", "con1", "no-price", AGAIN]
    assert list(groups[1].scorers) == names
    assert groups[1].methods == ["con2", "con1", "no-price"]
    assert groups[0].methods == ["con2", "con1"]


def test_a_group_of_seeds_is_their_mean_and_of_one_its_own_draws(groups):
    assert groups[1].scorers["con1"]["denied"][0] == about(0.45)
    known = CON1["denied"].astype(np.float32).astype(float)
    np.testing.assert_array_equal(groups[0].scorers["con1"]["denied"], known)


def test_seeds_that_differ_widen_the_interval(groups):
    table = measures_of(groups).set_index(["group", "scorer", "measure"])
    one, two = (
        table.loc[(name, "con1", "denied")]
        for name in ("phantom-web, this run", "phantom-web, seeds 0, 1")
    )
    assert two["high"] - two["low"] > 2 * (one["high"] - one["low"])


def test_runs_that_were_measured_otherwise_are_not_taken_together(train, tmp_path):
    train("kept/web-0", "con1", CON1)
    train("kept/web-1", "con1", CON1, n_images=50)
    with pytest.raises(InputError, match="web-1/20_con1.json: n_images is 50, not 100 as"):
        groups_of([], read_trained(tmp_path / "kept"))


def test_kept_runs_of_other_images_than_those_shown_are_left_out(train, tmp_path):
    train("live", "con1", CON1, dataset="nih")
    train("kept/web-0", "con1", CON1)
    live, kept = (read_trained(tmp_path / name) for name in ("live", "kept"))
    assert [group.name for group in groups_of(live, kept)] == ["phantom-web, this run"]
    assert len(groups_of([], kept)) == 1


def test_no_run_at_all_makes_no_group_and_empty_tables():
    assert groups_of([], []) == []
    assert measures_of([]).empty and landing([]).empty
    assert wide(measures_of([]), ["denied"]).empty
    assert prices(measures_of([]), "denied").empty
    assert contrast_table(PAPER, [], DIRECTION).empty
    assert ranked([], measures_of([])).empty and ablations(measures_of([])).empty


def test_every_scorer_has_every_measure_with_its_change(groups):
    table = measures_of(groups)
    assert len(table) == len(MEASURES) * (4 + 3 + 6)
    row = table[(table["scorer"] == "con2") & (table["measure"] == "denied")].iloc[0]
    assert row["value"] == about(0.7) and row["change"] == about(0.5)
    base = table[table["scorer"] == BASE]
    assert (base["change"] == 0).all() and (base["seeds"] == 0).all()
    assert table.loc[table["group"].str.contains("0, 1"), "seeds"].max() == 2


def test_a_wide_table_has_a_row_a_scorer_and_a_column_a_measure(groups):
    table = wide(measures_of(groups), ["denied", "choice-hybrid"])
    assert len(table) == 4 + 3 + 6
    row = table.iloc[2]
    assert (row["group"], row["scorer"]) == ("phantom-web, this run", "con2")
    assert row["denied_low"] < row["denied"] < row["denied_high"]
    assert row["denied"] == about(0.7)
    changed = wide(measures_of(groups), ["denied"], "change")
    assert changed.iloc[2]["denied"] == about(0.5)


def test_prices_are_changes_with_a_number_a_scorer_and_none_for_the_base(groups):
    table = prices(measures_of(groups), "denied", ["x", RULE, "con1", "con2"])
    assert BASE not in set(table["method"])
    numbers = dict(zip(table["method"], table["number"], strict=True))
    assert numbers == {RULE: "1", "con1": "2", "con2": "3", "no-price": "4", AGAIN: "5"}
    row = table[table["method"] == "con1"].iloc[0]
    assert (row["price"], row["gain"]) == about((-0.01, 0.2))
    assert row["price_low"] <= row["price"] <= row["price_high"]


def test_the_landing_page_shows_few_scorers_on_the_most_trainings_of_each_base(groups):
    table = landing(groups)
    assert list(zip(table["base"], table["scorer"], table["seeds"], strict=True)) == [
        ("phantom-web", BASE, "none"),
        ("phantom-web", RULE, "none"),
        ("phantom-web", "con2", "2"),
        ("phantom-web", "con1", "2"),
        ("phantom-web", "no-price", "2"),
        ("phantom-web", AGAIN, "2"),
        ("phantom-clinic", BASE, "none"),
        ("phantom-clinic", RULE, "none"),
        ("phantom-clinic", "con1", "1"),
    ]
    assert table["choice"].iloc[-1] == about(0.4)
    assert {"held-out cues", "held-out cues_low", "denied_high"} <= set(table.columns)


ABOVE = Contrast("a", "a", ("x", "denied"), ("y", "denied"))
BELOW = ABOVE._replace(side=-1, bound=0.1)


@pytest.mark.parametrize(
    ("contrast", "low", "high", "said"),
    [
        (ABOVE, 0.01, 0.2, "met"),
        (ABOVE, -0.2, -0.01, "not met"),
        (ABOVE, -0.1, 0.1, "undecided"),
        (ABOVE._replace(bound=-0.2), -0.1, 0.1, "met"),
        (BELOW, 0.0, 0.05, "met"),
        (BELOW, 0.11, 0.2, "not met"),
        (BELOW, 0.0, 0.2, "undecided"),
        (ABOVE, float("nan"), float("nan"), "not evaluable"),
    ],
)
def test_a_claim_is_borne_out_where_the_whole_interval_lies_on_its_side(
    contrast, low, high, said
):
    found = Difference((low + high) / 2, low, high, 0.1, 0.1)
    assert verdict(contrast, found, GOAL) == said


def test_a_difference_is_paired_and_missing_where_a_scorer_is():
    scorers = {"x": CON1, "y": {name: row - 0.1 for name, row in CON1.items()}}
    found = difference(ABOVE, scorers)
    assert (found.value, found.low, found.high) == about((0.1, 0.1, 0.1))
    assert np.isnan(difference(ABOVE, {"x": CON1}).value)


def test_room_is_how_far_a_value_lies_on_the_right_side(groups):
    for contrast, room in (
        (Contrast("p", "p", ("con1", "affirmed"), (BASE, "affirmed"), -0.005), -0.005),
        (Contrast("p", "p", ("con1", "affirmed"), (BASE, "affirmed"), side=-1), 0.01),
    ):
        table = contrast_table([contrast], groups[:1], GOAL)
        assert table["room"].item() == about(room)


def test_the_papers_claims_agree_with_methods_made_to_agree(groups):
    table = contrast_table(PAPER, groups[:1], DIRECTION)
    assert len(table) == len(PAPER)
    said = dict(zip(table["name"], table["verdict"], strict=True))
    assert said["con2_minus_con1_denied"] == "direction agrees"
    assert said["con1_denied_change"] == "direction agrees"
    values = dict(zip(table["name"], table["value"], strict=True))
    assert values["con2_affirmed_change"] == about(-0.02)
    assert values["base_gap"] == about(0.75)


def test_a_group_that_lacks_a_method_is_not_asked_of_it(groups):
    table = contrast_table(PAPER, [groups[2]], DIRECTION)
    assert not table["name"].str.startswith("con2").any()


def test_numbers_are_of_every_base_and_of_the_run_showns_own(groups):
    found = contrast_numbers(PAPER, groups)
    assert found["con1_denied_change"] == found["con1_denied_change_web"]
    # Two seeds lie 0.1 apart: the mean of the seeds is taken, not the run shown.
    assert found["con1_denied_change"].value == about(0.25)
    assert found["con1_denied_change"].note.startswith("phantom-web, seeds 0, 1; ")
    assert found["con1_denied_change_clinic"].value == about(0.2)
    missing = found["con2_minus_con1_denied_clinic"]
    assert (missing.value, missing.note) == (None, "not evaluable: no run of this method")


def test_numbers_without_any_run_say_so():
    found = contrast_numbers(PAPER, [])
    assert set(found) == {contrast.name for contrast in PAPER}
    assert {known.note for known in found.values()} == {
        "not evaluable: no run of this method"
    }


def test_goals_are_met_by_a_method_made_to_meet_them(groups):
    table = contrast_table(goals(), groups[1:2], GOAL).set_index("name")
    assert len(table) == len(goals()) == 12
    assert table.loc["rule_scope", "verdict"] == "met"
    assert table.loc["held_out_gap", "verdict"] == "met"
    assert table.loc["price", "bound"] == -0.005
    assert contrast_table(goals(), groups[:1], GOAL).empty  # it was not trained there


def test_one_scorer_is_held_against_another_by_measure():
    (contrast,) = against("no-price", "con2", ["choice-denied"])
    assert contrast.name == "no_price_minus_con2_choice_denied"
    assert contrast.first == ("no-price", "choice-denied")
    assert contrast.second == ("con2", "choice-denied")


@pytest.fixture
def search(train, tmp_path):
    """Three candidates on two bases: dear and best, free and good, free and poor."""
    found = {"dear": (0.99, 0.9), "good": (0.9, 0.95), "poor": (0.5, 0.95)}
    for base in ("phantom-web", "phantom-clinic"):
        for method, (value, affirmed) in found.items():
            after = scorer(value, affirmed=affirmed)
            train(f"search/{base}", method, after, base=base, split="validation")
    return groups_of([], read_trained(tmp_path / "search"))


def test_the_best_of_those_without_a_price_is_picked(search):
    table = ranked(search, measures_of(search))
    assert table["method"].tolist() == ["good", "poor", "dear"]
    assert table["picked"].tolist() == [True, False, False]
    assert table["free"].tolist() == [True, True, False]
    assert table["score"].tolist() == about([0.9, 0.5, 0.99])
    assert (table["bases"] == 2).all()


def test_a_price_on_one_base_is_a_price(search, train, tmp_path):
    dear = scorer(0.9, affirmed=0.9)
    train("search/phantom-clinic", "good", dear, base="phantom-clinic", split="validation")
    again = groups_of([], read_trained(tmp_path / "search"))
    table = ranked(again, measures_of(again)).set_index("method")
    assert not table.loc["good", "free"] and table.loc["poor", "picked"]


def test_a_candidate_of_one_base_alone_is_not_picked(search, train, tmp_path):
    best = scorer(0.99, affirmed=0.95)
    train("search/phantom-web", "best", best, split="validation")
    again = groups_of([], read_trained(tmp_path / "search"))
    assert ranked(again, measures_of(again)).iloc[-1]["method"] == "best"


def test_ablations_are_named_after_what_they_lack_something_of(groups):
    ours = groups[1]
    lacking = {"no-price-mirror": CON1, "no-prices": CON1}
    more = ours._replace(scorers={**ours.scorers, **lacking})
    table = ablations(measures_of([more]))
    assert list(dict.fromkeys(table["scorer"])) == ["no-price", "no-price-mirror"]


def test_what_was_kept_is_what_is_read_back(groups):
    known = pd.Series(groups[0].scorers["con2"]["scope"])
    np.testing.assert_allclose(known, CON2["scope"], atol=1e-7)


def test_held_out_cues_do_not_choose(search, train, tmp_path):
    worse = scorer(0.9, affirmed=0.95, denied_held_out=0.1)
    for base in ("phantom-web", "phantom-clinic"):
        train(f"search/{base}", "good", worse, base=base, split="validation")
    again = groups_of([], read_trained(tmp_path / "search"))
    row = ranked(again, measures_of(again)).iloc[0]
    assert (row["method"], row["score"]) == ("good", about(0.9))


def test_of_candidates_that_score_alike_the_first_in_order_is_picked(
    search, train, tmp_path
):
    for base in ("phantom-web", "phantom-clinic"):
        a_little_better = scorer(0.904, affirmed=0.95)
        train(f"search/{base}", "later", a_little_better, base=base, split="validation")
    again = groups_of([], read_trained(tmp_path / "search"), order=["good", "later"])
    table = ranked(again, measures_of(again)).set_index("method")
    assert table.loc["later", "score"] > table.loc["good", "score"]
    assert table.index[table["picked"]].tolist() == ["good"]
