"""The files of this package that a notebook stands on."""

import pytest
from tests.data import trees_open

from negcxr import imported, inputs
from negcxr.errors import InputError
from negcxr.imported import library_inputs


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of four modules, two of which read data files."""
    root = tmp_path / "negcxr"
    files = {
        "__init__.py": "",
        "paths.py": "",
        "text/__init__.py": "",
        "text/prompts.py": "from negcxr.paths import ROOT",
        "text/prompt_sets/plain.yml": "",
        "data/__init__.py": "",
        "data/registry.py": 'import_module(f"negcxr.data.{name}")',
        "data/films.py": "import negcxr.paths",
        "measure/__init__.py": "",
        "measure/ranking.py": "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    monkeypatch.setattr(imported, "PACKAGE", root)
    imported._imported.cache_clear()
    yield root
    imported._imported.cache_clear()


def closure(package, notebook):
    return {str(p.relative_to(package)) for p in library_inputs(notebook)}


PROMPTS = {
    *("__init__.py", "paths.py", "text/__init__.py", "text/prompts.py"),
    "text/prompt_sets/plain.yml",
}


@pytest.mark.parametrize(
    "statement",
    [
        "from negcxr.text.prompts import load",
        "from negcxr.text import prompts",
        "import negcxr.text.prompts as p",
        "%matplotlib inline\nfrom negcxr.text import prompts",
        'import_module("negcxr.text.prompts")',
        "if True:\n    from negcxr.text import prompts",
    ],
)
def test_modules_are_followed_to_the_end_with_their_data(package, make_notebook, statement):
    assert closure(package, make_notebook(statement)) == PROMPTS


def test_a_registry_counts_for_all_that_it_can_open(package, make_notebook):
    found = closure(package, make_notebook("import negcxr.data.registry"))
    registry = {"data/__init__.py", "data/registry.py", "data/films.py"}
    assert found == {"__init__.py", "paths.py", *registry}


def test_modules_that_nothing_imports_do_not_count(package, make_notebook):
    found = closure(package, make_notebook("from negcxr.text import prompts"))
    assert "measure/ranking.py" not in found


def test_other_packages_do_not_count(package, make_notebook):
    assert closure(package, make_notebook("import numpy as np")) == set()


@pytest.mark.parametrize(
    ("dataset", "files"),
    [
        (
            "vindr",
            ["annotations/image_labels_train.csv", "annotations/image_labels_test.csv"],
        ),
        ("openi", [f"ecgen-radiology/{number}.xml" for number in (1, 2, 3, 4, 5, 6, 10)]),
    ],
)
def test_tables_below_the_root_count_where_a_layout_names_them(tmp_path, dataset, files):
    root = getattr(trees_open, dataset)(tmp_path)
    found = {*inputs._named({"dataset": dataset, "root": str(root)})}
    assert found == {root / file for file in files}


def test_a_data_set_without_a_layout_has_the_tables_in_its_folder(tmp_path):
    (tmp_path / "manifest.csv").touch()
    found = {*inputs._named({"dataset": "folder", "root": str(tmp_path)})}
    assert found == {tmp_path / "manifest.csv"}


def test_a_cell_that_is_not_python_is_refused_by_its_number(package, make_notebook):
    with pytest.raises(InputError, match="10_tiny.ipynb, cell 3, line 2: not Python"):
        library_inputs(make_notebook("a = 1\nb = = 2"))
