"""The notebooks of fine-tuning: one method trained, compared, and held to its goals."""

import pandas as pd
import pytest

from negcxr import paths
from negcxr.chapters.methods import MEASURES
from negcxr.results import read_result, read_table
from negcxr.run import run_notebook

pytestmark = pytest.mark.model
SMALL = {"n_images": 60, "n_items": 36, "training_images": 200, "steps": 2}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that trained con2 for two steps, measured and then compared."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    values = {"method": "con2", "n_resamples": 20, "results": str(folder), **SMALL}
    execute("20_method", folder, values)
    for name in ("27_no_price", "29_comparison"):
        none = str(folder / "none")
        values = {"methods": "con2,no-price", "artifacts": none, "results": str(folder)}
        execute(name, folder, values | ({"search": none} if name[:2] == "27" else {}))
    return folder


def execute(name, folder, values):
    run_notebook(paths.NOTEBOOKS / f"{name}.ipynb", folder / f"{name}.ipynb", values)


def test_a_method_has_every_measure_before_and_after_and_its_change(run):
    scalars = read_result(run / "20_con2.json").scalars
    for name in MEASURES:
        for when in ("before", "after", "change"):
            known = scalars[f"{name.replace('-', '_')}_{when}"]
            assert known.value is not None or known.note
    assert scalars["steps"].value == 2
    assert 0 < scalars["false_negatives"].value < 1


def test_its_tables_are_the_changes_the_parts_the_training_and_the_draws(run):
    path = run / "20_con2.json"
    assert set(read_result(path).tables) == {
        *("changes", "findings", "parts", "views", "training", "draws")
    }
    draws = read_table(path, "draws")
    assert set(draws) == {"measure", "draw", "before", "after", "rule", "rewritten"}
    assert len(draws) == len(MEASURES) * 21
    assert isinstance(read_table(path, "training"), pd.DataFrame)


def test_the_tuned_checkpoint_lies_beside_the_result(run):
    assert (run / "checkpoints" / "con2" / "model.safetensors").is_file()


def test_the_comparison_says_of_what_was_not_trained_that_there_is_no_run(run):
    scalars = read_result(run / "29_comparison.json").scalars
    assert scalars["con2_affirmed_change"].value is not None
    assert scalars["con2_affirmed_change"] == scalars["con2_affirmed_change_web"]
    assert scalars["con1_denied_change"].note == "not evaluable: no run of this method"
    landing = read_table(run / "29_comparison.json", "landing")
    assert landing["scorer"].tolist() == ["base", "parsing rule", "con2"]


def test_without_a_search_and_without_our_method_its_chapter_says_so(run):
    result = read_result(run / "27_no_price.json")
    assert result.scalars["candidates"].value == 0
    assert "no run" in result.scalars["price"].note
