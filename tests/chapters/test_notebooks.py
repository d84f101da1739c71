"""The four notebooks on what a reader brings: one finding, and prompts of their own."""

import re

import pytest

from negcxr import paths
from negcxr.results import read_result
from negcxr.run import run_notebook

NOTEBOOKS = ("10_retrieval", "11_choice", "12_cues", "13_shortcuts")


@pytest.fixture(scope="module")
def own_prompts(tmp_path_factory):
    """The example of the page on running it yourself, word for word."""
    page = (paths.BOOK / "rerun.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(about: .*?)```", page, re.DOTALL)[1]
    file = tmp_path_factory.mktemp("prompts") / "own.yml"
    file.write_text(example, encoding="utf-8")
    return file


@pytest.mark.model
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_on_one_finding_and_own_prompts(
    name, folder, own_prompts, tmp_path
):
    source = paths.NOTEBOOKS / f"{name}.ipynb"
    values = {
        "dataset": "folder",
        "root": str(folder),
        "prompt_set": str(own_prompts),
        "n_images": 0,
        "n_resamples": 20,
        "results": str(tmp_path / "own"),
    }
    run_notebook(source, tmp_path / f"{name}.ipynb", values)
    scalars = read_result(tmp_path / "own" / f"{name}.json").scalars
    assert all(known.value is not None or known.note for known in scalars.values())
    if name == "10_retrieval":
        assert scalars["denied_auroc"].value is not None
        assert "not evaluable" in scalars["composite_auroc"].note
