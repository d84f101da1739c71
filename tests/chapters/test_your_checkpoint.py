"""The first afternoon: ranges worked by hand, kept numbers, faults, and the notebook."""

import shutil

import numpy as np
import pandas as pd
import pytest
from tests.book.standin import write_result_of
from tests.chapters.conftest import FINDINGS, WORDS, make_dataset, make_labels
from tests.conformance.chapters import executed

from negcxr import paths
from negcxr.chapters import Sampling, your_checkpoint
from negcxr.chapters.kept_numbers import (
    compared,
    fitting,
    kept_beside,
    practice_beside,
    verdict_numbers,
)
from negcxr.chapters.looks import (
    asked_table,
    data_table,
    exposure_table,
    known_table,
    look_table,
    look_through,
    works_table,
)
from negcxr.chapters.refusals import CHECKPOINTS, DATA, refusal_table
from negcxr.chapters.your_checkpoint import (
    files_table,
    outside_number,
    placed,
    random_range,
    reached,
    reached_numbers,
)
from negcxr.errors import InputError
from negcxr.models.check import check
from negcxr.models.practice import make_practice
from negcxr.results import Estimate, Result, read_result
from negcxr.run import run_notebook

MEASURED = ("affirmed", "denied", "composite", "gap", "choice")


@pytest.fixture(scope="module")
def practice(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "practice"
    return make_practice(folder, ["no edema", "without pleural effusion"], seed=0)


def test_every_file_of_a_checkpoint_is_told_and_a_stray_one_is_not_read(practice, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(practice, folder)
    (folder / "notes.txt").write_text("mine")
    table = files_table(folder).set_index("name")
    assert table.loc["notes.txt", "what for"] == "not read"
    assert (table.drop(index="notes.txt")["what for"] != "not read").all()
    assert table.loc["spiece.model", "part"] == "tokenizer"


def test_a_hearing_encoder_reaches_one_and_chance_is_beside_it(hearing, prompts, sampling):
    table = reached(hearing, prompts, WORDS, sampling).set_index("measure")
    assert list(table.index) == list(MEASURED)
    assert table.loc["denied", "value"] == 1
    assert table.loc["gap", "value"] == 0
    assert list(table["chance"]) == [0.5, 0.5, 0.5, 0, 0.25]


def fixed(values):
    return pd.DataFrame({"measure": MEASURED, "value": values})


def range_of(monkeypatch, *seeds):
    """The range of seeds whose measures all have these values."""
    found = iter(seeds)
    monkeypatch.setattr(your_checkpoint, "_random", lambda *_: iter(seeds))
    monkeypatch.setattr(your_checkpoint, "reached", lambda *_: fixed([next(found)] * 5))
    table = random_range(None, [], {}, policy="", seeds=range(len(seeds)))
    return table.set_index("measure")


def test_a_range_is_that_of_one_more_by_students_t(monkeypatch):
    """Mean 0.5, sd 0.079057; t of 4 degrees at 0.975 is 2.7764, times sqrt(1 + 1/5)."""
    table = range_of(monkeypatch, 0.4, 0.45, 0.5, 0.55, 0.6)
    assert table.loc["denied", "from"] == pytest.approx(0.5 - 0.24045, abs=1e-4)
    assert table.loc["denied", "to"] == pytest.approx(0.5 + 0.24045, abs=1e-4)
    assert table.loc["denied", "weights"] == 5


def test_a_range_ends_where_its_measure_does(monkeypatch):
    table = range_of(monkeypatch, -0.9, -0.9, 0.9, 0.9, 0.9)
    assert tuple(table.loc["denied", ["from", "to"]]) == (0, 1)
    assert tuple(table.loc["gap", ["from", "to"]]) == (-1, 1)


def test_a_range_of_four_weights_is_refused(monkeypatch):
    with pytest.raises(InputError, match="n_weights is 4; a range needs at least 5"):
        range_of(monkeypatch, 0.4, 0.5, 0.6, 0.7)


def test_that_one_of_five_lies_outside_is_the_rest_of_all_five_within():
    """0.95 to the fifth power is 0.7738."""
    found = outside_number(fixed([0.5] * 5))["one_outside"]
    assert found.value == pytest.approx(0.2262, abs=1e-4)
    assert outside_number(fixed([0.5] * 4 + [np.nan]))["one_outside"].n == 4


@pytest.mark.parametrize(
    ("value", "lies"),
    [(0.5, "within"), (0.39, "below"), (0.61, "above"), (np.nan, "not evaluable")],
)
def test_a_number_lies_within_below_or_above_the_range(value, lies):
    known = pd.DataFrame({"measure": MEASURED, "from": 0.4, "to": 0.6})
    table = fixed([value] * 5).assign(low=value, high=value)
    assert set(placed(table, known)["lies"]) == {lies}


def test_what_cannot_be_had_says_why_among_the_numbers(make_gallery, prompts):
    labels = np.where(make_labels() == 1, 1.0, np.nan)
    gallery = make_gallery(labels=labels)
    table = reached(gallery, prompts, WORDS, Sampling(10, 0))
    numbers = reached_numbers(table, "own", 160)
    assert numbers["own_denied"].value is None
    assert numbers["own_denied"].note.startswith("not evaluable")
    assert numbers["own_choice"].note.startswith("not evaluable")


@pytest.mark.model
def test_a_look_says_what_a_denial_loses(practice):
    found = check(str(practice))
    answers = look_table(found).set_index("question")["answer"]
    assert answers['the cue "no"'] == "▁no"
    assert answers["comma"] == "dropped"
    assert answers["verdict"] == "usable"
    assert {"10_retrieval", "32_heads"} <= {
        name for names in works_table(found)["chapter"] for name in names.split(", ")
    }


def test_a_look_through_images_names_none_of_them():
    labels = make_labels()
    found = look_through("folder", make_dataset(labels), seed=0)
    answers = data_table(found).set_index("question")["answer"]
    assert answers["images"] == "160 of 160 patients"
    assert answers["decoded"] == "20, of which 0 do not open"
    assert (
        not data_table(found)
        .astype(str)
        .apply(lambda c: c.str.contains("image-"))
        .any(axis=None)
    )
    askable = asked_table(found).set_index("policy")
    assert askable.loc["explicit", "findings"] == len(FINDINGS)
    assert askable.loc["explicit", "pairs"] == len(FINDINGS) * (len(FINDINGS) - 1)


def test_a_checkpoint_that_is_known_comes_with_its_licence():
    name = "checkpoints/XraySigLIP__vit-l-16-siglip-384__webli"
    answers = known_table(name).set_index("question")["answer"]
    assert answers["licence"] == "CC-BY-NC-4.0"
    assert "MIMIC-CXR" in answers["trained on"]


def test_a_checkpoint_that_nobody_knows_says_so():
    assert "no entry of this name" in known_table("my/own").iloc[0]["answer"]


def test_what_was_seen_bears_the_mark():
    table = exposure_table(
        "StanfordAIMI/XrayCLIP__vit-b-16__laion2b-s34b-b88k", ["mimic", "nih"], ""
    )
    assert list(table["state"]) == ["seen \N{DAGGER}", "not listed"]


def test_every_fault_is_refused_in_words_without_a_place_of_the_machine(practice):
    table = refusal_table(practice)
    assert len(table) == len(CHECKPOINTS) + len(DATA)
    assert not table["said"].str.startswith("nothing").any()
    assert not table["said"].str.contains("/tmp|/var|/home|/root").any()
    assert table["said"].is_unique


def test_faults_are_made_in_copies(practice):
    before = {path.name: path.read_bytes() for path in practice.iterdir()}
    refusal_table(practice)
    assert {path.name: path.read_bytes() for path in practice.iterdir()} == before


NUMBER = Estimate(value=0.50, low=0.45, high=0.55, n=100)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.5, "as kept"), (0.509, "as kept"), (0.511, "differs"), (0.489, "differs")],
)
def test_a_tenth_of_the_kept_interval_is_allowed(value, verdict):
    """The kept interval is 0.1 wide."""
    found = compared(NUMBER.model_copy(update={"value": value}), NUMBER)
    assert found["verdict"] == verdict
    assert found["allowed"] == pytest.approx(0.01)


def test_two_thousandths_are_allowed_of_a_number_without_a_width():
    kept = Estimate(value=1.0, low=1.0, high=1.0, n=100)
    assert compared(Estimate(value=0.9985, n=100), kept)["verdict"] == "as kept"
    assert compared(Estimate(value=0.9970, n=100), kept)["verdict"] == "differs"


def test_what_could_not_be_had_on_either_side_is_as_kept():
    nothing = Estimate(value=None, n=3, note="not evaluable")
    assert compared(nothing, nothing)["verdict"] == "as kept"
    assert compared(NUMBER, nothing)["verdict"] == "differs"


@pytest.fixture
def runs(tmp_path):
    """A run ``default`` and a kept copy of it, in the form of an artifact."""
    for name in ("10_retrieval", "11_choice", "13_shortcuts"):
        write_result_of(tmp_path, "default", name)
    here, kept = tmp_path / "results" / "default", tmp_path / "kept" / "default"
    shutil.copytree(here, kept)
    return here, kept


def changed(path, change):
    result = read_result(path).model_dump(mode="json")
    change(result)
    path.write_text(Result(**result).model_dump_json())


CHAPTERS = ("10_retrieval", "11_choice", "13_shortcuts")


def test_numbers_of_the_same_run_are_as_kept(runs):
    here, kept = runs
    table = kept_beside(here, str(kept.parent), CHAPTERS)
    assert len(table) == 9
    assert set(table["verdict"]) == {"as kept"}
    assert (
        verdict_numbers(table)["as_kept"].value == verdict_numbers(table)["as_kept"].n == 9
    )


def test_a_number_that_moved_is_found(runs):
    here, kept = runs
    changed(
        kept / "10_retrieval.json",
        lambda result: result["scalars"]["denied_auroc"].update(value=0.30),
    )
    table = kept_beside(here, str(kept.parent), CHAPTERS).set_index("number")
    assert table.loc["denied_auroc", "verdict"] == "differs"
    assert table.loc["denied_auroc", "difference"] == pytest.approx(0.18)
    assert table["verdict"].eq("differs").sum() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["provenance"]["checkpoint"].update(fingerprint="ef" * 32),
        lambda r: r["parameters"].update(seed=1),
        lambda r: r["parameters"].update(n_images=100),
    ],
    ids=["other weights", "another seed", "fewer images"],
)
def test_a_run_of_another_kind_does_not_fit(runs, change):
    here, kept = runs
    changed(kept / "10_retrieval.json", change)
    table = kept_beside(here, str(kept.parent), ["10_retrieval"])
    assert set(table["verdict"]) == {"no kept run fits"}
    assert verdict_numbers(table)["as_kept"].note == "none: no kept run fits"


def test_another_folder_of_the_same_weights_fits(runs):
    here, kept = runs
    changed(
        kept / "10_retrieval.json",
        lambda result: result["parameters"].update(checkpoint="elsewhere/web"),
    )
    assert (
        fitting(read_result(here / "10_retrieval.json"), str(kept.parent)).run == "default"
    )


def test_a_chapter_that_was_not_run_has_no_row(runs):
    here, kept = runs
    (here / "11_choice.json").unlink()
    assert "11_choice" not in set(kept_beside(here, str(kept.parent), CHAPTERS)["chapter"])


PAIR = (["as kept"], ["differs"])


def test_numbers_of_the_practice_are_counted_with_those_of_chapters():
    tables = [
        pd.DataFrame({"verdict": verdicts}) for verdicts in (["as kept"], ["differs"])
    ]
    found = verdict_numbers(*tables)["as_kept"]
    assert (found.value, found.n) == (1, 2)


def test_what_is_kept_after_the_first_that_fits_is_not_read(runs):
    here, kept = runs
    shutil.copytree(kept, kept.parent / "later")
    (kept.parent / "later" / "10_retrieval.json").write_text("broken")
    assert set(kept_beside(here, str(kept.parent), ["10_retrieval"])["verdict"]) == {
        "as kept"
    }


def test_practice_is_held_against_kept_practice_of_the_same_seed(runs):
    here, kept = runs
    text = (
        (here / "10_retrieval.json")
        .read_text()
        .replace("10_retrieval", "40_your_checkpoint")
    )
    (kept / "40_your_checkpoint.json").write_text(text)
    changed(
        kept / "40_your_checkpoint.json",
        lambda result: result["parameters"].update(practice_seed=0),
    )
    numbers = {"denied_auroc": Estimate(value=0.12, low=0.1, high=0.2, n=9)}
    same = practice_beside(numbers, str(kept.parent), {"practice_seed": 0})
    assert list(same["verdict"]) == ["as kept"]
    other = practice_beside(numbers, str(kept.parent), {"practice_seed": 1})
    assert list(other["verdict"]) == ["no kept run fits"]


@pytest.mark.model
def test_the_notebook_runs_on_one_finding_and_finds_no_kept_run(folder, tmp_path):
    name = "40_your_checkpoint"
    values = {
        "dataset": "folder",
        "root": str(folder),
        "n_images": 0,
        "n_practice": 60,
        "n_weights": 5,
        "n_resamples": 20,
        "results": str(tmp_path / "own"),
    }
    run_notebook(paths.NOTEBOOKS / f"{name}.ipynb", tmp_path / f"{name}.ipynb", values)
    scalars = read_result(tmp_path / "own" / f"{name}.json").scalars
    assert scalars["practice_affirmed"].n == 60
    assert scalars["own_affirmed"].n == 24
    assert scalars["as_kept"].note == "none: no kept run fits"


@pytest.mark.model
def test_practice_is_the_same_whatever_seed_the_run_has(folder, tmp_path):
    """Drawn images, items and resamples of the practice are no parameters of a run."""
    name, found = "40_your_checkpoint", []
    for seed, n_resamples in ((0, 20), (1, 30)):
        values = {
            **{"dataset": "folder", "root": str(folder), "n_images": 0, "n_weights": 5},
            **{"n_practice": 40, "seed": seed, "n_resamples": n_resamples},
            "results": str(tmp_path / str(seed)),
        }
        executed(paths.NOTEBOOKS / f"{name}.ipynb", values)
        scalars = read_result(tmp_path / str(seed) / f"{name}.json").scalars
        found.append({key: scalars[f"practice_{key}"] for key in MEASURED})
    assert found[0] == found[1]
