"""Differences of runs that share images, and the same asked on two machines."""

import numpy as np
import pandas as pd
import pytest
from tests.chapters.runs_made import frame, write

from negcxr.chapters.side_by_side import find_runs
from negcxr.chapters.side_by_side_answers import scores_table, wide
from negcxr.chapters.side_by_side_pairs import NO_DRAWS, PAIRED, differences
from negcxr.chapters.side_by_side_same import differing, same_asked, same_numbers
from negcxr.chapters.side_by_side_scores import scored
from negcxr.chapters.side_by_side_tables import run_numbers

# Denied AUROC on the sample and on four resamples; the second run is 0.1 higher but once.
ONE = [0.40, 0.30, 0.50, 0.45, 0.35]
OTHER = [0.50, 0.40, 0.60, 0.55, 0.65]
AFTER = {
    "affirmed_after": (0.9, 0.85, 0.95),
    "denied_after": (0.4, 0.35, 0.45),
    "composite_after": (0.6, 0.55, 0.65),
    "choice_affirmed_after": (0.8,),
    "choice_denied_after": (0.5,),
    "choice_hybrid_after": (0.2,),
}


def method(folder, denied, **more):
    draws = {"after": {"denied": denied, "affirmed": [0.9] * len(denied)}}
    return write(folder, "20_con1", AFTER, draws=draws, **more)


@pytest.fixture
def results(tmp_path):
    method(tmp_path / "one", ONE)
    method(tmp_path / "other", OTHER)
    return tmp_path


def pairs(results, against):
    return differences(scored(find(results)), against)


def find(results):
    return find_runs(str(results), "", results / "one")


def row(table, measure="denied", scorer="con1"):
    (known,) = table[(table["measure"] == measure) & (table["scorer"] == scorer)].to_dict(
        "records"
    )
    return known


def test_a_difference_is_taken_resample_by_resample(results):
    known = row(pairs(results, "one"))
    assert (known["run"], known["how"], known["resamples"]) == ("other", PAIRED, 4)
    assert known["value"] == pytest.approx(0.1)
    # Of 0.1, 0.1, 0.1 and 0.3, the middle 95 % by straight lines between neighbours.
    assert known["low"] == pytest.approx(0.1)
    assert known["high"] == pytest.approx(0.1 + 0.2 * 0.925)


def test_runs_that_change_places_turn_every_sign(results):
    ours, theirs = (pairs(results, name) for name in ("one", "other"))
    np.testing.assert_allclose(ours["value"], -theirs["value"])
    np.testing.assert_allclose(ours["low"], -theirs["high"])
    np.testing.assert_allclose(ours["p"], theirs["p"])


def test_a_gap_is_affirmed_less_denied_and_goes_the_other_way(results):
    assert row(pairs(results, "one"), "gap")["value"] == pytest.approx(-0.1)


def test_a_run_with_fewer_resamples_is_compared_on_those_that_both_have(results):
    method(results / "other", OTHER[:3])
    known = row(pairs(results, "one"))
    assert (known["resamples"], known["high"]) == (2, pytest.approx(0.1))


@pytest.mark.parametrize(
    ("more", "how"),
    [
        pytest.param({"images": "bb"}, "not evaluable: other images", id="images"),
        pytest.param({"policy": "other"}, "not evaluable: another policy", id="policy"),
        pytest.param(
            {"parameters": {"seed": 1}}, "not evaluable: seed is 1 and 0", id="resamples"
        ),
        pytest.param(
            {"parameters": {"split": "all"}},
            "not evaluable: split is all and test",
            id="split",
        ),
    ],
)
def test_what_is_not_shared_is_not_subtracted(results, more, how):
    method(results / "other", OTHER, **more)
    known = row(pairs(results, "one"))
    assert known["how"] == how
    assert np.isnan(known["value"])


@pytest.mark.parametrize("damaged", ["gone", "no table", "no columns", "of words"])
def test_without_draws_a_difference_has_no_interval_and_says_so(results, damaged):
    path = results / "other" / "20_con1.draws.parquet"
    whole = frame({"after": {"denied": OTHER}})
    {
        "gone": path.unlink,
        "no table": lambda: path.write_bytes(b"PAR1 and no more"),
        "no columns": lambda: pd.DataFrame({"a": [1]}).to_parquet(path),
        "of words": lambda: whole.assign(after="x").to_parquet(path),
    }[damaged]()
    known = row(pairs(results, "one"))
    assert (known["how"], known["resamples"]) == (NO_DRAWS, 0)
    assert known["value"] == pytest.approx(0.0)  # both tell 0.4
    assert np.isnan(known["low"])


def test_a_difference_of_which_one_result_is_stale_says_so(results):
    assert set(pairs(results, "one")["state"]) == {"fit"}
    method(results / "other", OTHER, package="odd")
    for against in ("one", "other"):
        state = row(pairs(results, against))["state"]
        assert state == "other: made by an unknown version, 'odd'"


def test_a_difference_of_draws_that_are_no_numbers_is_not_counted_as_an_interval(results):
    rows = scored(find(results))
    assert run_numbers([], rows, differences(rows, "one"))["paired"].value == 1
    method(results / "other", [np.nan] * len(OTHER))
    rows = scored(find(results))
    table = differences(rows, "one")
    assert row(table)["how"] == PAIRED
    assert run_numbers([], rows, table)["paired"].value == 0


def test_numbers_without_draws_are_those_that_the_chapter_tells(results):
    (results / "one" / "20_con1.draws.parquet").unlink()
    (one,) = [one for one in scored(find(results)) if one.run == "one"]
    assert one.numbers["denied"] == (0.4, 0.35, 0.45)
    assert one.numbers["gap"].value == pytest.approx(0.5)
    assert one.numbers["choice"].value == pytest.approx(0.5)  # of 0.8, 0.5 and 0.2
    assert np.isnan(one.numbers["gap"].low)


def test_a_run_that_was_not_tuned_has_what_its_chapters_on_retrieval_and_choice_say(
    tmp_path,
):
    told = {"affirmed_auroc": (0.9, 0.8, 1.0), "denied_auroc": (0.2, 0.1, 0.3)}
    write(tmp_path / "one", "10_retrieval", told | {"auroc_gap": (0.7, 0.6, 0.8)})
    write(tmp_path / "one", "11_choice", {"all_accuracy": (0.3, 0.2, 0.4)})
    encoder, rule = scored(find(tmp_path))
    assert (encoder.scorer, rule.scorer) == ("encoder", "parsing rule")
    assert encoder.numbers["gap"] == (0.7, 0.6, 0.8)
    assert encoder.numbers["choice"] == (0.3, 0.2, 0.4)
    assert np.isnan(encoder.numbers["composite"].value)
    assert rule.numbers["affirmed"] == (0.9, 0.8, 1.0)


def test_scores_stand_beside_n_prevalence_and_chance(tmp_path):
    path = write(tmp_path / "one", "10_retrieval", {"denied_auroc": (0.2, 0.1, 0.3)})
    table = pd.DataFrame(
        {"polarity": "affirmed", "finding": ["a", "b"], "prevalence": [0.1, 0.3]}
    )
    table.to_parquet(tmp_path / "one" / "10_retrieval.measures.parquet")
    text = path.read_text().replace('"tables": {}', '"tables": {"measures": "T"}')
    path.write_text(text.replace('"T"', '"10_retrieval.measures.parquet"'))
    found = find(tmp_path)
    scores = scores_table(scored(found), found)
    (denied,) = scores[
        (scores["measure"] == "denied") & (scores["scorer"] == "encoder")
    ].to_dict("records")
    told = [denied[name] for name in ("value", "low", "high", "n", "chance", "state")]
    assert told == [0.2, 0.1, 0.3, 50, 0.5, "fit"]
    assert denied["prevalence"] == pytest.approx(0.8)  # of those without a finding
    shown = wide(scores, ["run", "scorer"])
    assert shown.loc[0, ["run", "scorer", "denied"]].tolist() == ["one", "encoder", 0.2]


RETRIEVED = {"denied_auroc": (0.2, 0.1, 0.3), "seconds": (4.0,), "prompts": (9.0,)}


@pytest.fixture
def machines(tmp_path):
    write(tmp_path / "one", "10_retrieval", RETRIEVED, parameters={"device": "cpu"})
    again = RETRIEVED | {"denied_auroc": (0.2004, 0.1, 0.3), "seconds": (1.0,)}
    other = {"device": "processor B", "parameters": {"device": "cuda"}}
    write(tmp_path / "other", "10_retrieval", again, **other)
    return tmp_path


def test_the_same_asked_on_another_machine_is_held_against_it(machines):
    (again,) = same_asked(find(machines), "one").to_dict("records")
    assert (again["run"], again["device"]) == ("other", "processor B")
    assert (again["numbers"], again["as kept"]) == (2, 2)  # seconds are the machine's
    assert again["largest"] == pytest.approx(0.0004)
    assert again["of"] == "denied_auroc"


def test_a_number_that_moved_by_more_than_rounding_is_named(machines):
    off = RETRIEVED | {"denied_auroc": (0.25, 0.1, 0.3)}  # allowed is a tenth of 0.2
    write(machines / "other", "10_retrieval", off)
    again = same_asked(find(machines), "one")
    assert [*differing(again)] == ["10_retrieval in other"]
    assert same_numbers(again)["as_kept"].value == 1
    assert same_numbers(again)["largest"].value == pytest.approx(0.05)


def test_a_stale_result_is_marked_and_not_counted(machines):
    off = RETRIEVED | {"denied_auroc": (0.25, 0.1, 0.3)}
    write(machines / "other", "10_retrieval", off, package="odd")
    again = same_asked(find(machines), "one")
    assert again["state"].tolist() == ["other: made by an unknown version, 'odd'"]
    assert same_numbers(again)["held"].value == 0
    assert [*differing(again)] == []


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"parameters": {"n_images": 7}}, id="parameters"),
        pytest.param({"checkpoint": "clinic"}, id="weights"),
        pytest.param({"images": "bb"}, id="images"),
    ],
)
def test_what_was_asked_otherwise_is_not_held_against_it(machines, more):
    write(machines / "other", "10_retrieval", RETRIEVED, **more)
    again = same_asked(find(machines), "one")
    assert again.empty
    assert same_numbers(again)["largest"].note == "no other run was asked the same"


def test_a_chapter_on_trainings_that_were_made_otherwise_was_asked_otherwise(tmp_path):
    for name, dtype in (("one", "float32"), ("other", "float32")):
        write(tmp_path / name, "26_interpolation", {}, parameters={"methods": "con1"})
        method(tmp_path / name, ONE, parameters={"training_dtype": dtype})
    asked = same_asked(find(tmp_path), "one")["chapter"].tolist()
    assert asked == ["20_con1", "26_interpolation"]
    method(tmp_path / "other", ONE, parameters={"training_dtype": "bfloat16"})
    assert same_asked(find(tmp_path), "one").empty


def test_nothing_found_is_no_row_and_no_fault(tmp_path):
    assert differences([], "").empty
    assert same_asked([], "").empty
    assert scores_table([], []).empty
