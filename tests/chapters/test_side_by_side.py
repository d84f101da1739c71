"""Runs that are found: two that share images, one that does not, stale and broken ones."""

import json

import pytest
from tests.chapters.runs_made import write

from negcxr.chapters.side_by_side import find_runs
from negcxr.chapters.side_by_side_filter import (
    Wanted,
    chosen,
    of_methods,
    of_scorers,
    reference,
)
from negcxr.chapters.side_by_side_pairs import differences
from negcxr.chapters.side_by_side_scores import scored
from negcxr.chapters.side_by_side_tables import (
    faults_table,
    results_table,
    run_numbers,
    runs_table,
)
from negcxr.errors import InputError
from negcxr.parameters import declared
from negcxr.results import read_result
from negcxr.runs import source_of

TUNED = {"affirmed_after": (0.9, 0.8, 1.0), "denied_after": (0.4, 0.3, 0.5)}
TUNED |= {f"choice_{kind}_after": (0.5,) for kind in ("affirmed", "denied", "hybrid")}
DRAWS = {
    "before": {"affirmed": [0.9, 0.88, 0.92], "denied": [0.1, 0.08, 0.12]},
    "after": {"affirmed": [0.8, 0.8, 0.8], "denied": [0.4, 0.3, 0.5]},
}


@pytest.fixture
def folders(tmp_path):
    """A live run, an artifact of the same images, and one of others without draws."""
    live, kept = tmp_path / "results", tmp_path / "artifacts"
    write(live / "here", "20_con1", TUNED, draws=DRAWS)
    other = {"device": "processor B", "dtype": "bfloat16"}
    write(kept / "gpu" / "there", "20_con1", TUNED, draws=DRAWS, **other)
    films = {"images": "bb", "policy": "blank-absent", "checkpoint": "clinic"}
    write(kept / "gpu" / "films", "20_con2", TUNED, **films)
    write(kept / "gpu" / "films", "29_comparison", {}, policy="", dataset=None)
    return tmp_path


def find(folders, **wanted):
    found = find_runs(
        str(folders / "results"), str(folders / "artifacts"), folders / "results" / "here"
    )
    return chosen(found, Wanted(**wanted))


def names(found):
    return [(one.run, one.job) for one in found]


EVERY = [
    ("here", "20_con1"),
    *(("gpu-films", "20_con2"), ("gpu-films", "29_comparison")),
    ("gpu-there", "20_con1"),
]


def test_live_runs_stand_first_and_artifacts_go_by_artifact_and_run(folders):
    found = find(folders)
    assert names(found) == EVERY
    assert [one.where for one in found] == ["live", *["artifact"] * 3]


def test_a_result_says_what_made_it(folders):
    there = results_table(find(folders)).set_index("run").loc["gpu-there"]
    told = ["checkpoint", "data", "n", "policy", "device", "dtype", "date", "code"]
    assert there[told].tolist() == [
        *("web", "phantoms", "50", "explicit", "processor B", "bfloat16", "2026-01-02"),
        "0123456789ab",
    ]


def test_a_run_is_one_row_with_all_its_devices_and_days(folders):
    write(folders / "results" / "here", "11_choice", {}, device="processor C")
    row = runs_table(find(folders)).iloc[0]
    assert (row["run"], row["device"]) == ("here", "processor A, processor C")
    assert (row["made"], row["results"]) == ("2026-01-02", 2)


def test_the_list_of_runs_is_no_result_of_its_own(folders):
    write(folders / "results" / "here", "50_runs", {"runs": (3.0,)})
    assert names(find(folders)) == EVERY


def test_a_run_that_asks_is_found_wherever_it_lies(folders):
    elsewhere = folders / "elsewhere" / "own"
    write(elsewhere, "10_retrieval", {"denied_auroc": (0.2, 0.1, 0.3)})
    found = find_runs(str(folders / "results"), "", elsewhere)
    assert names(found) == [("here", "20_con1"), ("own", "10_retrieval")]


def test_a_folder_that_is_still_written_is_no_run(folders):
    write(folders / "artifacts" / ".new" / "run", "10_retrieval", {})
    (folders / "results" / ".run").mkdir()
    (folders / "results" / ".run" / "10_retrieval.json").write_text("{")
    assert names(find(folders)) == EVERY


def test_the_folder_for_trying_out_is_no_run_but_for_itself(folders):
    scratch = folders / "results" / "scratch"
    write(scratch, "10_retrieval", {"denied_auroc": (0.2, 0.1, 0.3)})
    assert names(find(folders)) == EVERY
    own = find_runs(str(folders / "results"), "", scratch)
    assert names(own) == [("here", "20_con1"), ("scratch", "10_retrieval")]


def test_files_alone_say_what_is_found_and_in_which_order(folders):
    assert names(find(folders)) == names(find(folders))
    assert results_table(find(folders)).equals(results_table(find(folders)))


def rewritten(path, **fields):
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_a_result_of_another_schema_is_stale_and_tells_what_can_be_read(folders):
    path = folders / "artifacts" / "gpu" / "there" / "20_con1.json"
    rewritten(path, schema_version=2, scalars="of another form")
    there = results_table(find(folders)).set_index("run").loc["gpu-there"]
    assert (there["stale"], there["unreadable"]) == ("schema 2, not 1", "")
    assert (there["checkpoint"], there["device"]) == ("web", "processor B")


def test_a_result_of_a_version_that_is_not_known_is_stale(folders):
    write(folders / "results" / "here", "20_con1", TUNED, package="odd")
    (row,) = faults_table(find(folders)).to_dict("records")
    assert (row["run"], row["state"]) == ("here", "stale")
    assert row["why"] == "made by an unknown version, 'odd'"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"{", id="cut off"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b"[" * 100_000, id="too deep"),
        pytest.param(b'{"provenance": 3, "scalars": {}}', id="of no form"),
        pytest.param(b'{"schema_version": 1}', id="empty"),
    ],
)
def test_a_broken_result_is_a_row_and_stops_nothing(folders, broken):
    path = folders / "artifacts" / "gpu" / "there" / "20_con1.json"
    path.write_bytes(broken)
    found = find(folders)
    assert names(found) == EVERY
    (row,) = faults_table(found).to_dict("records")
    assert (row["run"], row["state"]) == ("gpu-there", "unreadable")
    assert row["why"]
    assert str(folders) not in row["why"]
    assert [one.run for one in scored(found) if one.scorer == "con1"] == ["here"]


def test_a_result_that_bears_the_name_of_another_is_unreadable(folders):
    path = folders / "results" / "here" / "20_con1.json"
    path.rename(path.with_name("20_con2.json"))
    (row,) = faults_table(find(folders)).to_dict("records")
    assert row["why"] == "is of 20_con1, by what it says"


@pytest.mark.parametrize(
    ("wanted", "runs"),
    [
        pytest.param({"found_in": "live"}, ["here"], id="live"),
        pytest.param({"found_in": "artifacts"}, ["gpu-films", "gpu-there"], id="kept"),
        pytest.param({"checkpoints": "clin"}, ["gpu-films"], id="part of a checkpoint"),
        pytest.param({"policies": "blank-absent"}, ["gpu-films"], id="policy"),
        pytest.param({"devices": "b"}, ["gpu-there"], id="small for large letters"),
        pytest.param({"devices": "A,B"}, ["here", "gpu-films", "gpu-there"], id="two"),
        pytest.param({"datasets": "phantoms", "devices": "B"}, ["gpu-there"], id="both"),
    ],
)
def test_filters_leave_runs(folders, wanted, runs):
    assert list(dict.fromkeys(one.run for one in find(folders, **wanted))) == runs


def test_a_comparison_without_data_of_its_own_passes_with_its_run(folders):
    found = find(folders, policies="blank-absent", datasets="phantoms")
    assert names(found) == EVERY[1:3]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (
            {"devices": "gpu"},
            "devices: 'gpu' fits none; there are: processor A, processor B",
        ),
        ({"checkpoints": "web,no"}, "checkpoints: 'no' fits none; there are: clinic, web"),
        ({"found_in": "here"}, "found_in: 'here'; allowed: live, artifacts"),
    ],
)
def test_a_filter_that_fits_nothing_is_refused_with_what_there_is(folders, wanted, said):
    with pytest.raises(InputError, match=said):
        find(folders, **wanted)


def test_methods_leave_scorers_and_their_results(folders):
    wanted = Wanted(scorers="con2")
    found = of_methods(find(folders), wanted)
    assert names(found) == EVERY[1:3]
    assert [one.scorer for one in of_scorers(scored(found), wanted)] == ["con2"]
    with pytest.raises(
        InputError, match="scorers: 'con9' fits none; there are: con1, con2"
    ):
        of_scorers(scored(find(folders)), Wanted(scorers="con9"))


def test_others_are_held_against_the_run_that_asks_or_the_one_that_is_named(folders):
    found, here = find(folders), folders / "results" / "here"
    assert reference(found, here, "") == "here"
    assert reference(found, here, "gpu-films") == "gpu-films"
    with pytest.raises(InputError, match="no run 'a'; runs: here, gpu-films, gpu-there"):
        reference(found, here, "a")


def test_without_a_live_run_others_are_held_against_the_largest_kept_one(folders):
    kept = find(folders, found_in="artifacts")
    assert reference(kept, folders / "results" / "none", "") == "gpu-films"
    assert reference([], folders / "results" / "none", "") == ""


def test_runs_and_results_are_counted(folders):
    found = find(folders)
    rows = scored(found)
    counted = run_numbers(found, rows, differences(rows, "here"))
    assert {name: known.value for name, known in counted.items()} == {
        **{"runs": 3, "live_runs": 1, "kept_runs": 2, "results": 4, "stale": 0},
        **{"unreadable": 0, "devices": 2, "encoders": 2, "scorers": 5},
        **{"paired": 2, "other_images": 0},
    }


def test_what_was_written_is_a_result(folders):
    assert read_result(folders / "results" / "here" / "20_con1.json").notebook == "20_con1"


def test_no_filter_is_called_as_a_list_that_a_study_fills_in_itself():
    assert "methods" not in declared(source_of("50_runs"))
