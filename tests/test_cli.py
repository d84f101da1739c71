"""The command line: what is passed on, and how a mistake is told."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from negcxr import engine, paths, preflight, work
from negcxr.cli import app
from negcxr.errors import InputError
from negcxr.events import Event
from negcxr.results import Estimate, now, write_result

CELL = 'seed: int = 0\ndevice: str = "cpu"\nresults: str = "results/scratch"'


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Calls ``negcxr`` within an empty project: exit code, and what it said."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments):
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        return done.exit_code, done.output

    return invoke


@pytest.fixture
def prepared(monkeypatch):
    """What ``run`` hands on, instead of running it."""
    seen = {}

    def prepare(params, given, *, name, tell):
        seen.update(params=params, given=given, name=name)
        tell("checkpoint a: image size is 16; expected 224")
        return ["tiny"]

    def make(order, sink):
        seen["order"] = order
        return True

    monkeypatch.setattr(preflight, "prepare", prepare)
    monkeypatch.setattr(engine, "make", make)
    return seen


def test_help_comes_without_waiting_for_anything_heavy():
    heavy = "import sys, negcxr.cli; print({'torch', 'pandas'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_options_that_are_not_given_change_nothing(call, prepared):
    assert call("run", "--params", "a.yml")[0] == 0
    assert (prepared["given"], prepared["name"]) == ({}, "")


def test_what_is_unexpected_of_a_checkpoint_is_told_and_the_study_runs(call, prepared):
    code, said = call("run", "--params", "a.yml")
    assert code == 0
    assert said.startswith("checkpoint a: image size is 16; expected 224\n")


def test_options_replace_the_studys_parameters(call, prepared):
    options = {
        "checkpoint": "lab/model",
        "dataset": "nih",
        "policy": "explicit",
        "prompt_set": "plain",
        "device": "cuda",
        "dtype": "bfloat16",
    }
    words = [w for k, v in options.items() for w in (f"--{k.replace('_', '-')}", v)]
    call("run", "--params", "a.yml", *words, "--n-images", 0, "--name", "films")
    assert prepared["given"] == options | {"n_images": 0}
    assert prepared["name"] == "films"


def test_a_folder_counts_from_where_the_caller_is(call, prepared, tmp_path, monkeypatch):
    (tmp_path / "below" / "films").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "below")
    call("run", "--params", "a.yml", "--root", "films")
    assert prepared["given"] == {"root": "below/films"}


def test_what_follows_two_dashes_goes_to_snakemake(call, prepared):
    call("run", "--params", "a.yml", "--no-book", "--", "--profile", "slurm")
    assert prepared["order"].extra == ["--profile", "slurm"]
    assert prepared["order"].target == "results"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--params", "none.yml"], "none.yml: cannot be read"),
        (["notebook", "none.ipynb", "--target", "a.ipynb"], "none.ipynb: no such notebook"),
        (
            ["results", "show", "clinic"],
            "no results of a run 'clinic'; there are: none yet",
        ),
        (
            ["results", "table", "clinic"],
            "clinic: no results with answers, here or one folder below",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(call, arguments, said):
    code, told = call(*arguments)
    assert code == 2
    assert told.startswith("negcxr: ")
    assert said in told
    assert told.count("\n") == 1


def test_a_notebook_takes_values_in_the_types_it_declares(call, make_notebook, tmp_path):
    source = make_notebook("assert (seed, device) == (7, 'meta')", parameters=CELL)
    target = tmp_path / "out.ipynb"
    where = ["--set", f"results={tmp_path}", "--target", target]
    code, said = call("notebook", source, "--set", "seed=7", "--device", "meta", *where)
    assert code == 0, said
    assert target.is_file()


def test_a_notebook_takes_values_from_a_file(call, make_notebook, tmp_path):
    source = make_notebook("assert seed == 7", parameters=CELL)
    values = tmp_path / "values.json"
    values.write_text(json.dumps({"seed": 7, "results": str(tmp_path)}))
    target = ["--target", tmp_path / "out.ipynb"]
    assert call("notebook", source, "--parameters", values, *target)[0] == 0


def test_a_notebook_that_fails_is_told_once(call, make_notebook, tmp_path):
    source = make_notebook("raise KeyError('edema')", parameters=CELL)
    target = ["--target", tmp_path / "out.ipynb"]
    code, said = call("notebook", source, "--set", f"results={tmp_path / 'run'}", *target)
    log = "run/failed/10_tiny.log"
    lines = ["run/10_tiny: begins", "run/10_tiny: KeyError: 'edema'", f"  log: {log}"]
    assert (code, said.splitlines()) == (1, lines)


@pytest.mark.parametrize("change", ["seed", "sead=1", "seed=x"])
def test_a_change_that_does_not_fit_is_refused(call, make_notebook, change):
    source = make_notebook(parameters=CELL)
    assert call("notebook", source, "--set", change, "--target", "a.ipynb")[0] == 2


def test_results_are_shown_with_what_they_must_be_read_against(call, tmp_path):
    auroc = Estimate(value=0.75, low=0.6, high=0.9, n=40, prevalence=0.25, chance=0.5)
    folder = tmp_path / "results" / "tiny"
    arguments = {"parameters": {}, "tables": {}, "started": now(), "policy": "explicit"}
    write_result(folder, "10_tiny", scalars={"auroc": auroc}, **arguments)
    _, said = call("results", "show", "tiny")
    words = said.split()
    assert [w for w in words if w[0] in "0[4"][:6] == [
        *("0.750", "[0.600,", "0.900]", "40", "0.250", "0.500")
    ]
    assert "explicit" in said


def test_the_schema_of_results_is_printed(call):
    assert json.loads(call("results", "schema")[1])["title"] == "Result"


TUNE = (
    *("finetune", "--checkpoint", "weights", "--dataset", "folder", "--out", "new"),
    *("--root", "films", "--images", "200", "--seed", "3", "--steps", "4"),
    *("--lr", "0.00001"),
)


@pytest.mark.model
def test_fine_tuning_is_asked_for_as_it_was_typed(call, monkeypatch, tmp_path):
    seen = {}

    def finetune(method, checkpoint, out, **how):
        seen.update(method=method.name, checkpoint=checkpoint, out=out, **how)

    monkeypatch.setattr("negcxr.finetune.trainer.finetune", finetune)
    code, said = call(*TUNE, "--method", "con1")
    assert code == 0, said
    assert seen.pop("data")._asdict() == {
        **{"dataset": "folder", "root": "films", "policy": "", "n_images": 200, "seed": 3}
    }
    assert seen == {
        **{"method": "con1", "checkpoint": "weights", "out": Path("new"), "seed": 3},
        **{"steps": 4, "lr": 1e-5, "device": "cpu", "dtype": "float32"},
    }


@pytest.mark.model
def test_a_method_that_is_not_known_is_told_in_one_line(call):
    code, said = call(*TUNE, "--method", "con3")
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("negcxr: method 'con3' is not known; choose of con1, ")


TRACE = ("trace", "--checkpoint", "weights", "--dataset", "phantoms", "--out", "new.json")


@pytest.mark.model
def test_tracing_measures_on_images_of_training_and_says_the_weights(call, monkeypatch):
    seen = {}

    def load_dataset(name, **how):
        seen.update(name=name, **how)

    def trace_layers(gallery, out, sampling):
        seen.update(gallery=gallery, out=out, seed=sampling.seed)
        return [1.0, 0.5]

    monkeypatch.setattr("negcxr.models.load_encoder", lambda folder, **_: folder)
    monkeypatch.setattr("negcxr.data.registry.load_dataset", load_dataset)
    monkeypatch.setattr("negcxr.chapters.open_gallery", lambda *given: given)
    monkeypatch.setattr("negcxr.chapters.layer_weights.trace_layers", trace_layers)
    code, said = call(*TRACE, "--images", "200", "--seed", "3")
    assert (code, said) == (0, "new.json: [1.0, 0.5]\n")
    assert seen == {
        **{"name": "phantoms", "root": "", "split": "train", "n_images": 200, "seed": 3},
        **{"gallery": ("weights", None, ""), "out": Path("new.json")},
    }


def test_a_full_disk_is_told_in_one_line(call, prepared, monkeypatch):
    def refused(order, sink):
        raise OSError(errno.ENOSPC, "No space left on device", "results/a.json")

    monkeypatch.setattr(engine, "make", refused)
    code, said = call("run", "--params", "a.yml")
    assert code == 1
    assert said.endswith("\nnegcxr: results/a.json: No space left on device\n")


def test_work_takes_the_options_of_run_and_hands_on_the_runs(call, prepared, monkeypatch):
    worked = []
    monkeypatch.setattr(work, "work", lambda runs, sink: worked.append(runs) or True)
    options = ("--device", "cuda", "--n-images", 0, "--name", "mine")
    code, said = call("work", "--params", "a.yml", *options)
    assert (code, worked) == (0, [["tiny"]])
    assert (prepared["given"], prepared["name"]) == (
        {"device": "cuda", "n_images": 0},
        "mine",
    )
    assert said.endswith("up to date\n")


def test_work_that_is_not_done_ends_with_1(call, prepared, monkeypatch):
    monkeypatch.setattr(work, "work", lambda runs, sink: False)
    assert call("work", "--params", "a.yml")[0] == 1


def test_without_snakemake_the_way_without_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="negcxr work"):
        engine.make(engine.Order(["tiny"]), print)


def test_jobs_elsewhere_are_told_by_their_number(tmp_path, monkeypatch):
    told = []

    def process(command, own, *, log, sink, on_line, keeps):
        on_line("[Sat Nov 28 13:00:00 2026]\n")
        on_line("2 of 4 steps (50%) done\n")
        sink(Event("tiny/10_first", "begin"))
        on_line("3 of 4 steps (75%) done\n")
        return 0

    monkeypatch.setattr(engine, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(engine, "run_to_end", process)
    assert engine.make(engine.Order(["tiny"]), told.append)
    assert told == [
        Event("study", "steps", done=2, total=4),
        Event("tiny/10_first", "begin"),  # a job that is heard needs no number
    ]
