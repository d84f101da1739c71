"""The notebooks on rivals and on interpolation, on what a reader brings."""

import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from negcxr import paths
from negcxr.finetune.directions import read_direction
from negcxr.results import read_result, read_table
from negcxr.run import NotebookFailed, run_notebook

pytestmark = pytest.mark.model
FEW = {"n_images": 0, "n_resamples": 20, "validation_images": 60}


@pytest.fixture
def tuned(tmp_path):
    """A run that holds two methods' checkpoints: the default one, its text tower moved."""
    for seed, name in enumerate(("con1", "con2")):
        made = tmp_path / "own" / "checkpoints" / name
        shutil.copytree(paths.CHECKPOINTS / "phantom-web", made)
        weights, rng = load_file(made / "model.safetensors"), np.random.default_rng(seed)
        for key in sorted(weights):
            if key.startswith("text_model."):
                noise = 0.05 * rng.normal(size=weights[key].shape)
                weights[key] = weights[key] + noise.astype(np.float32)
        save_file(weights, made / "model.safetensors", metadata={"format": "pt"})


def run(name, tmp_path, **values):
    """Run a notebook into a folder of its own; its result."""
    values = {**FEW, "results": str(tmp_path / "own"), **values}
    run_notebook(paths.NOTEBOOKS / f"{name}.ipynb", tmp_path / f"{name}.ipynb", values)
    return tmp_path / "own" / f"{name}.json"


def all_told(file):
    return all(s.value is not None or s.note for s in read_result(file).scalars.values())


@pytest.mark.slow  # what it calls is tested without a kernel
def test_rivals_are_asked_on_one_finding(folder, tmp_path):
    file = run("25_training_free", tmp_path, dataset="folder", root=str(folder))
    assert all_told(file)
    scalars = read_result(file).scalars
    assert scalars["subtraction_denied"].value == scalars["parsing_rule_denied"].value
    assert "fewer than two findings" in scalars["transfer_change"].note
    read_direction(tmp_path / "own" / "directions" / "polarity.json", dim=128)
    table = read_table(file, "validation")
    assert set(table["rival"]) == {"subtraction", "centring", "cap", "steering"}
    assert table.groupby("rival")["chosen"].any().all()


def test_rivals_steer_by_the_file_that_is_named(tmp_path):
    up = tmp_path / "up.json"
    up.write_text(f'{{"direction": {[0.0] * 127 + [1.0]}}}')
    file = run("25_training_free", tmp_path, n_images=60, direction=str(up))
    assert not (tmp_path / "own" / "directions").exists()
    table = read_table(file, "validation")
    whole = table[(table["rival"] == "steering") & (table["strength"] == 1)]
    denied = whole.set_index("polarity")["value"]["denied"]
    assert 0.2 < denied < 0.8  # one axis of the space, which knows no finding


def test_the_way_to_each_method_is_asked(tuned, tmp_path):
    file = run("26_interpolation", tmp_path, n_images=80, methods="con1, con2")
    assert all_told(file)
    table = read_table(file, "shares")
    assert len(table) == 2 * 11 * 3
    assert table.groupby("method")["chosen"].sum().tolist() == [3, 3]
    ends = table[table["share"] == 0].pivot(
        index="polarity", columns="method", values="value"
    )
    np.testing.assert_allclose(ends["con1"], ends["con2"])
    assert (table[table["share"] == 1].groupby("polarity")["value"].std() > 0).all()


@pytest.mark.slow  # what it calls is tested without a kernel
def test_the_way_is_asked_on_one_finding(folder, tuned, tmp_path):
    values = {"dataset": "folder", "root": str(folder), "methods": "con1"}
    file = run("26_interpolation", tmp_path, **values)
    assert all_told(file)
    assert read_result(file).scalars["composite_chosen"].value is None


@pytest.mark.slow  # what it calls is tested without a kernel
def test_a_method_that_was_not_run_is_named_with_the_chapter_that_runs_it(tmp_path):
    with pytest.raises(NotebookFailed, match="method 'soft'; the chapter 20_soft makes it"):
        run("26_interpolation", tmp_path, n_images=20, methods="soft")
