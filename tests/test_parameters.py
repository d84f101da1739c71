"""The cell of parameters: what may stand in it, and what may be passed."""

import pytest

from negcxr.errors import InputError
from negcxr.parameters import checked_parameters, declared, from_text

FOUR = 'name: str = "a"  # one\ncount: int = 3\nshare: float = -0.5\non: bool = True'


def test_names_and_defaults_are_read(make_notebook):
    path = make_notebook(parameters=FOUR)
    assert declared(path) == {"name": "a", "count": 3, "share": -0.5, "on": True}


def test_a_notebook_without_the_tag_is_refused(make_notebook):
    with pytest.raises(InputError, match="10_tiny.ipynb: 0 cells tagged 'parameters'"):
        declared(make_notebook("seed: int = 1", parameters=None))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("seed = 0", id="no type"),
        pytest.param("seed: int", id="no default"),
        pytest.param('seed: int = "0"', id="default of another type"),
        pytest.param("seed: int = True", id="a truth for a number"),
        pytest.param("seed: list = []", id="a type that no file carries"),
        pytest.param("seed: int = 1 + 1", id="an expression"),
        pytest.param("import os", id="an import"),
        pytest.param("print(1)", id="a call"),
    ],
)
def test_the_cell_holds_nothing_but_typed_names_with_a_default(make_notebook, line):
    with pytest.raises(
        InputError, match="10_tiny.ipynb, parameters, line 2: .*allowed: name"
    ):
        declared(make_notebook(parameters=f"first: int = 1\n{line}"))


def test_what_is_not_given_keeps_its_default(make_notebook):
    values = checked_parameters(make_notebook(parameters=FOUR), {"count": 4})
    assert values == {"name": "a", "count": 4, "share": -0.5, "on": True}


def test_a_whole_number_may_stand_for_a_float(make_notebook):
    share = checked_parameters(make_notebook(parameters=FOUR), {"share": 1})["share"]
    assert (share, type(share)) == (1.0, float)


def test_a_misspelt_name_is_refused_with_those_there_are(make_notebook):
    said = "10_tiny.ipynb: no parameter 'cuont'; it declares: name, count, share, on"
    with pytest.raises(InputError, match=said):
        checked_parameters(make_notebook(parameters=FOUR), {"cuont": 4})


def test_a_name_that_carries_code_is_refused(make_notebook):
    with pytest.raises(InputError, match="no parameter 'a=1; print"):
        checked_parameters(make_notebook(parameters=FOUR), {'a=1; print("x"); b': 4})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("count", "4", "parameter count: '4' is str, not int"),
        ("count", 4.0, "parameter count: 4.0 is float, not int"),
        ("count", True, "parameter count: True is bool, not int"),
        ("on", 1, "parameter on: 1 is int, not bool"),
        ("name", None, "parameter name: None is NoneType, not str"),
        ("share", float("nan"), "parameter share: nan is float, not a finite float"),
    ],
)
def test_a_value_of_another_type_is_refused(make_notebook, name, value, said):
    with pytest.raises(InputError, match=f"10_tiny.ipynb: {said}"):
        checked_parameters(make_notebook(parameters=FOUR), {name: value})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        pytest.param("name", "007", "007", id="an id stays a text"),
        pytest.param("name", "None", "None", id="a word stays a text"),
        ("count", "12", 12),
        ("share", "1e-2", 0.01),
        ("on", "false", False),
    ],
)
def test_text_is_read_in_the_declared_type(make_notebook, name, text, value):
    assert from_text(make_notebook(parameters=FOUR), name, text) == value


@pytest.mark.parametrize(("name", "text"), [("count", "1.5"), ("on", "1"), ("share", "x")])
def test_text_of_another_type_is_refused(make_notebook, name, text):
    with pytest.raises(InputError, match=f"parameter {name}: '{text}' is not"):
        from_text(make_notebook(parameters=FOUR), name, text)


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    path = tmp_path / "10_tiny.ipynb"
    path.write_text("not json")
    with pytest.raises(InputError, match="10_tiny.ipynb: not a notebook"):
        declared(path)
