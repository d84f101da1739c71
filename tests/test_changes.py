"""Which version moved whose numbers, and what that makes of an older result."""

import pytest

from negcxr import __version__ as HERE
from negcxr.changes import Change, known_changes, read_changes, stale
from negcxr.errors import InputError
from negcxr.paths import NOTEBOOKS

RETRIEVAL = Change(version="0.0.9", notebooks=("10_retrieval",), moved="ties count half")
METHOD = Change(version="0.0.9", notebooks=("20_method",), moved="texts are read whole")


def test_every_notebook_that_is_named_exists():
    named = {name for change in known_changes() for name in change.notebooks}
    assert named <= {path.stem for path in NOTEBOOKS.glob("*.ipynb")}


@pytest.mark.parametrize(
    ("job", "package", "why"),
    [
        pytest.param(
            "10_retrieval", "0.0.8", "made by 0.0.8; since 0.0.9: ties count half"
        ),
        pytest.param("10_retrieval", "0.0.9", "", id="of the version with the change"),
        pytest.param("11_choice", "0.0.8", "", id="of a notebook that did not move"),
        pytest.param("10_retrieval", "0.0.10", "", id="ten is above nine"),
        ("10_retrieval", "dev", "made by an unknown version, 'dev'"),
        pytest.param(
            "10_retrieval",
            "99.0.0",
            f"made by 99.0.0, which is newer than {HERE}",
        ),
    ],
)
def test_a_result_is_stale_if_its_notebook_has_moved_since(job, package, why):
    assert stale(job, package, 1, changes=(RETRIEVAL,)) == why


def test_every_method_is_of_the_notebook_that_fine_tunes():
    why = "made by 0.0.1; since 0.0.9: texts are read whole"
    assert stale("20_con1", "0.0.1", 1, changes=(METHOD,)) == why


def test_another_schema_is_stale_whatever_the_version():
    assert stale("10_retrieval", HERE, 2, changes=()) == "schema 2, not 1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "changes:\n- {version: 0.0.2, notebooks: [a], moved: b}\n"
            "- {version: 0.0.1, notebooks: [a], moved: b}",
            "versions must rise: 0.0.2, 0.0.1",
            id="falling",
        ),
        pytest.param(
            "changes: [{version: 99.0.0, notebooks: [a], moved: b}]",
            f"99.0.0 is above this version, {HERE}",
            id="above this one",
        ),
        pytest.param(
            "changes: [{version: 0.0.1, notebooks: [], moved: b}]",
            "notebooks",
            id="of none",
        ),
        pytest.param(
            "changes: [{version: '1', notebooks: [a], moved: b}]",
            "version",
            id="no version",
        ),
        pytest.param("- a", "input should be a valid", id="a list"),
    ],
)
def test_a_list_that_cannot_be_right_is_refused_with_its_file(tmp_path, text, said):
    path = tmp_path / "changes.yml"
    path.write_text(text)
    with pytest.raises(InputError, match=f"changes.yml: .*(?i:{said})"):
        read_changes(path)
