"""Killed at any moment, a fine-tuning goes on to the weights of one that was not."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open
from safetensors.torch import load_file
from tests.finetune.scripted import script
from tests.finetune.worlds import Killed, assert_equal_to_the_bit, make_folder, tiny_method

from negcxr.errors import InputError
from negcxr.finetune import course, statements, trainer, tuning
from negcxr.finetune.course import Course
from negcxr.finetune.trainer import finetune, finetune_anew
from negcxr.finetune.tuning import Tuning

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tuning_world")]

ROOT = Path(__file__).parents[2]
STATE = "state.safetensors"
WAIT = 120  # seconds, for a machine that has much else to do
WAYS = [
    pytest.param("clip", {}, id="clip"),
    pytest.param("siglip", {"terms": {"sigmoid": 1.0, "mirror": 1.0}}, id="siglip"),
    pytest.param("clip", {"terms": {"sigmoid": 1.0}, "tune": "lora"}, id="low rank"),
    pytest.param("clip", {"tune": "both", "images": "neighbours"}, id="both towers"),
]
# Run on its own: as ``finetune`` in a test, but slow, so that it can be killed in time.
SCRIPT = """
import json, sys, time
import pytest, torch
from pathlib import Path
from tests.finetune.scripted import script
from tests.finetune.worlds import tiny_method
from negcxr.finetune.trainer import TrainingData, finetune
from negcxr.finetune.tuning import Tuning

torch.set_num_threads(1)
script(pytest.MonkeyPatch())
take = Tuning.take_step


def slowly(self, batch):
    time.sleep(0.5)
    return take(self, batch)


Tuning.take_step = slowly
base, out, data = sys.argv[1:]
finetune(tiny_method(), base, Path(out), data=TrainingData(**json.loads(data)), seed=0)
"""


def die(*_, **__):
    raise Killed


def weights(folder):
    return load_file(folder / "model.safetensors")


def assert_same(one, other):
    """The same weights to the bit, and the same course but for its seconds."""
    assert_equal_to_the_bit(weights(one), weights(other))
    logs = [pd.read_parquet(out / "training.parquet") for out in (one, other)]
    assert logs[0].drop(columns="seconds").equals(logs[1].drop(columns="seconds"))
    records = [(out / "method.json").read_text() for out in (one, other)]
    assert records[0] == records[1]


def step_of(state):
    """The step of a kept state."""
    with safe_open(state, framework="pt") as file:
        return json.loads(file.metadata()["about"])["step"]


@pytest.fixture
def go(rising, bases, films, tmp_path, monkeypatch):
    """Fine-tunes into one folder, each time it is called; keywords change the method."""
    script(monkeypatch)

    def train(family="clip", seed=0, data=films, dtype="float32", **changes):
        method = tiny_method(**changes)
        out = tmp_path / "tuned"
        how = {"data": data, "seed": seed, "dtype": dtype}
        return finetune(method, str(bases[family]), out, **how)

    train.out, train.partly = tmp_path / "tuned", tmp_path / "tuned.partial"
    return train


@pytest.fixture
def kill_at(monkeypatch):
    """Ends a training within a function, where it has come to some step."""

    def kill(train, owner, name, step, *, after=False):
        plain = getattr(owner, name)

        def deadly(self, *args):
            if not after and self.step == step:
                raise Killed
            found = plain(self, *args)
            if after and self.step == step:
                raise Killed
            return found

        with monkeypatch.context() as patch:
            patch.setattr(owner, name, deadly)
            with pytest.raises(Killed):
                train()
        assert not train.out.exists()

    return kill


@pytest.fixture
def taken(rising, monkeypatch):
    """The steps that are taken from now on, beside those of the unbroken training."""
    rising()
    steps, take = [], Tuning.take_step

    def spied(self, batch):
        steps.append(self.step)
        return take(self, batch)

    monkeypatch.setattr(Tuning, "take_step", spied)
    return steps


def test_a_process_killed_in_the_middle_goes_on_to_the_same_weights(
    go, rising, bases, films, taken, capsys
):
    arguments = [str(bases["clip"]), str(go.out), json.dumps(films._asdict())]
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, *arguments], cwd=ROOT)
    _wait_for_step(go.partly / STATE, 2, process)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = step_of(go.partly / STATE)
    assert kept in (2, 4)
    assert_same(go(), rising())
    assert taken == list(range(kept, 6))
    assert f"tiny: going on at step {kept}" in capsys.readouterr().out
    assert not go.partly.exists()


def _wait_for_step(state, step, process):
    began = time.monotonic()
    while not (state.exists() and step_of(state) >= step):
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() - began < WAIT, f"no step {step} within {WAIT} s"
        time.sleep(0.05)


@pytest.mark.parametrize("step", [0, 2, 4, 6])
def test_killed_after_any_state_it_goes_on_from_there(go, rising, kill_at, taken, step):
    kill_at(go, Tuning, "keep", step, after=True)
    taken.clear()
    assert_same(go(), rising())
    assert taken == list(range(step, 6))


@pytest.mark.parametrize(("family", "changes"), WAYS)
def test_whatever_is_trained_it_goes_on_to_the_same_weights(
    go, rising, kill_at, family, changes
):
    def train():
        return go(family, **changes)

    train.out = go.out
    kill_at(train, Tuning, "keep", 4, after=True)
    assert_same(train(), rising(family, **changes))


def test_killed_within_a_step_it_goes_on_from_the_state_before(go, rising, kill_at, taken):
    kill_at(go, Tuning, "loss", 3)
    taken.clear()
    assert_same(go(), rising())
    assert taken == [2, 3, 4, 5]


def test_killed_many_times_it_still_comes_to_the_same_weights(go, rising, kill_at):
    for step in (0, 1, 3, 3, 5):
        kill_at(go, Tuning, "loss", step)
    assert_same(go(), rising())


@pytest.mark.parametrize("step", [0, 2, 4])
def test_killed_between_the_best_weights_and_the_state_it_is_the_same(
    go, rising, kill_at, step
):
    kill_at(go, Course, "keep", step)  # the best weights are written before
    assert (go.partly / "best.safetensors").is_file()
    kept = go.partly / STATE
    assert step_of(kept) == step - 2 if step else not kept.exists()
    assert_same(go(), rising())


@pytest.mark.parametrize("file", ["best.tmp", "state.tmp"])
def test_killed_while_a_file_is_written_the_one_before_is_left(
    go, rising, file, monkeypatch
):
    count = []

    def half(tensors, path, plain=course.save_file, **how):
        plain(tensors, path, **how)
        count.append(path.name)
        if path.name == file and count.count(file) == 2:
            path.write_bytes(path.read_bytes()[:1000])
            raise Killed

    with monkeypatch.context() as patch:
        for module in (course, tuning):
            patch.setattr(module, "save_file", half)
        with pytest.raises(Killed):
            go()
    assert step_of(go.partly / STATE) == 0
    assert_same(go(), rising())


@pytest.mark.parametrize("name", ["card_text", "close_weights"])
def test_killed_while_it_is_finished_it_is_finished_again(
    go, rising, name, monkeypatch, taken
):
    with monkeypatch.context() as patch:
        patch.setattr(trainer, name, die)
        with pytest.raises(Killed):
            go()
    assert not go.out.exists()
    taken.clear()
    assert_same(go(), rising())
    assert taken == []
    assert not go.partly.exists()


def test_what_has_stopped_early_does_not_go_on(go, monkeypatch, taken):
    falling = {"steps": 40, "patience": 1}
    script(monkeypatch, {0: 0.5, 2: 0.4})
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "card_text", die)
        with pytest.raises(Killed):
            go(**falling)
    taken.clear()
    go(**falling)
    assert taken == []


def test_killed_when_it_was_just_finished_it_is_finished(go, rising, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(trainer.shutil, "rmtree", die)
        with pytest.raises(Killed):
            go()
    assert go.partly.exists()
    assert_same(go(), rising())
    assert "is finished; nothing to do" in capsys.readouterr().out
    assert not go.partly.exists()


def test_killed_before_its_record_was_written_it_begins(go, rising):
    go.partly.mkdir()
    (go.partly / ".method.json.abcdef").write_text('{"meth')
    assert_same(go(), rising())


def test_a_finished_folder_is_left_as_it_is_and_says_so(go, rising, monkeypatch, capsys):
    shutil.copytree(rising(), go.out)
    before = {path.name: path.stat().st_mtime_ns for path in go.out.iterdir()}
    monkeypatch.setattr(trainer, "gather", die)
    assert go() == go.out
    assert {path.name: path.stat().st_mtime_ns for path in go.out.iterdir()} == before
    assert f"{go.out} is finished; nothing to do" in capsys.readouterr().out
    assert not go.partly.exists()


def test_other_words_about_a_method_make_no_other_method(go, rising):
    shutil.copytree(rising(), go.out)
    assert go(about="In other words.", source="someone2020") == go.out


@pytest.fixture(scope="module")
def others(tmp_path_factory, films):
    """What may be asked for instead, by what differs."""
    root = tmp_path_factory.mktemp("others")
    (root / "layers.json").write_text('{"about": "Of a test.", "layers": [1, 1]}')
    return {
        "method": {"lr": 0.1},
        "layers": {"layers": str(root / "layers.json")},
        "base": {"family": "siglip"},
        "data": {"data": films._replace(root=str(make_folder(root / "more")))},
        "policy": {"data": films._replace(policy="blank-absent")},
        "seed": {"seed": 1},
        "dtype": {"dtype": "bfloat16"},
    }


ASKED = ["method", "base", "data", "policy", "seed", "dtype"]


@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize("place", ["out", "partly"])
def test_a_folder_of_another_training_is_refused_by_what_differs(
    go, rising, others, what, place
):
    folder = shutil.copytree(rising(), getattr(go, place))
    named = {"policy": "data"}.get(what, what)
    message = f"method.json is of another {named}; finish it as it was begun, or remove"
    with pytest.raises(InputError, match=message) as refused:
        go(**others[what])
    assert "\n" not in str(refused.value)
    assert (folder / "model.safetensors").is_file()


def test_a_file_of_layer_weights_that_has_changed_makes_another_training(
    go, others, tmp_path
):
    path = Path(others["layers"]["layers"])
    own = tmp_path / "layers.json"
    shutil.copy(path, own)
    go(layers=str(own), steps=2)
    own.write_text('{"about": "Changed.", "layers": [1, 0.5]}')
    with pytest.raises(InputError, match="is of another layers; finish it as it was"):
        go(layers=str(own), steps=2)


def test_other_words_of_training_make_another_training(go, rising, monkeypatch):
    shutil.copytree(rising(), go.out)
    monkeypatch.setattr(trainer, "wordings", lambda: "other words")
    with pytest.raises(InputError, match="is of another words; finish it as it was"):
        go()


@pytest.mark.parametrize("changed", ["TRAINING", "FINDINGS_FILE"])
def test_the_words_of_training_are_its_templates_and_the_names_of_findings(
    changed, monkeypatch, tmp_path
):
    before, own = statements.wordings(), tmp_path / "own.yml"
    own.write_text(getattr(statements, changed).read_text() + "# changed")
    assert statements.wordings() == before
    monkeypatch.setattr(statements, changed, own)
    assert statements.wordings() != before


@pytest.mark.parametrize("place", ["out", "partly"])
def test_a_checkpoint_that_was_made_otherwise_is_made_anew_where_that_is_asked_for(
    go, rising, films, bases, place, capsys
):
    folder = shutil.copytree(rising(), getattr(go, place))
    how = {"data": films, "seed": 1}
    out = finetune_anew(tiny_method(), str(bases["clip"]), go.out, **how)
    assert_same(out, rising(seed=1))
    assert f"{folder} was made otherwise and is made anew" in capsys.readouterr().out
    assert not go.partly.exists()
    finetune_anew(tiny_method(), str(bases["clip"]), go.out, **how)
    assert "nothing to do" in capsys.readouterr().out


def test_killed_while_what_was_made_otherwise_is_removed_it_is_made_anew(
    go, rising, films, bases, monkeypatch
):
    shutil.copytree(rising(), go.out)
    ask = partial(finetune_anew, tiny_method(), str(bases["clip"]), go.out, data=films)

    def half(folder, **how):
        if Path(folder).exists():
            (Path(folder) / "method.json").unlink()
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(trainer.shutil, "rmtree", half)
        with pytest.raises(Killed):
            ask(seed=1)
    assert_same(ask(seed=1), rising(seed=1))


@pytest.mark.parametrize("place", ["out", "partly"])
def test_what_is_not_ours_is_not_made_anew(go, films, bases, place):
    folder = getattr(go, place)
    folder.mkdir()
    (folder / "thesis.txt").write_text("Three years of work.")
    with pytest.raises(InputError, match="holds no method.json of ours; name another"):
        finetune_anew(tiny_method(), str(bases["clip"]), go.out, data=films, seed=0)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("place", ["out", "partly"])
def test_a_folder_of_something_else_is_refused_and_left(go, place):
    folder = getattr(go, place)
    folder.mkdir()
    (folder / "thesis.txt").write_text("Three years of work.")
    with pytest.raises(InputError, match="holds no method.json of ours; name another"):
        go()
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("lost", [np.nan, np.inf, 1e6])
def test_a_loss_that_is_no_number_or_explodes_ends_it_and_keeps_the_last_good_state(
    go, rising, monkeypatch, lost
):
    plain = Tuning.loss

    def failing(self, batch):
        return plain(self, batch) * (lost if self.step == 3 else 1)

    with monkeypatch.context() as patch:
        patch.setattr(Tuning, "loss", failing)
        message = (
            r"tiny: loss is (nan|inf|\d.*e\+06) at step 3, \d.* at first; the last good "
            f"state is .*tuned.partial/{STATE}; a smaller lr helps"
        )
        with pytest.raises(FloatingPointError, match=message):
            go()
    assert not go.out.exists()
    assert step_of(go.partly / STATE) == 2
    assert_same(go(), rising())


def test_a_loss_that_is_no_number_at_first_names_the_state_of_the_base(go, monkeypatch):
    plain = Tuning.loss
    monkeypatch.setattr(Tuning, "loss", lambda self, batch: plain(self, batch) * np.nan)
    with pytest.raises(FloatingPointError, match=f"at step 0, nan at first; .*{STATE}"):
        go()
    assert step_of(go.partly / STATE) == 0


def test_what_has_exploded_is_told_by_the_first_loss_also_when_it_goes_on(
    go, monkeypatch, kill_at
):
    plain = Tuning.loss

    def high(self, batch):
        return plain(self, batch) * (50 if self.step in (0, 5) else 1)

    monkeypatch.setattr(Tuning, "loss", high)
    kill_at(go, Tuning, "keep", 4, after=True)
    assert go().is_dir()
