"""A check of the 660 real films, where they are there."""

import pytest
from typer.testing import CliRunner

from negcxr import paths
from negcxr.cli import app

pytestmark = [
    pytest.mark.films,
    pytest.mark.skipif(
        not (paths.films() / "Data_Entry_2017_v2020.csv").exists(),
        reason=f"no films in {paths.films()}; set NEGCXR_FILMS to their folder",
    ),
]


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    out = tmp_path_factory.mktemp("films")
    words = ["data", "check", "--dataset", "nih", "--root", str(paths.films())]
    done = CliRunner().invoke(app, [*words, "--out", str(out), "--sample", "20"])
    return done, out


def test_the_films_have_nothing_to_mend(checked):
    assert checked[0].exit_code == 0
    assert "files: 0 of 660 missing" in checked[0].output
    assert "same picture under two names: 0, and 0 in two splits" in checked[0].output


def test_they_are_told_to_be_a_part(checked):
    said = checked[0].output
    assert "a part: 660 of 112,120" in said
    assert "a part: 327 of 60,361" in said  # films with no finding


def test_no_absence_is_stated(checked):
    assert checked[0].output.count("none stated") == 14
    assert "* blank-absent can ask: Atelectasis, Edema, Pleural Effusion" in (
        checked[0].output
    )


def test_their_picture_is_a_png(checked):
    assert (checked[1] / "samples.png").read_bytes()[:4] == b"\x89PNG"
