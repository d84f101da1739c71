"""ChestX-ray14's own layout, made small: three films of two patients."""

import numpy as np
import pytest

from negcxr.data.registry import load_dataset
from negcxr.errors import InputError

NAN = float("nan")
HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,"
    "View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]\n"
)
ROWS = """a.png,Edema|Effusion|Pleural_Thickening,0,1,60,M,AP,9,9,0.1,0.1
b.png,No Finding,1,1,61,M,PA,9,9,0.1,0.1
c.png,Hernia,0,2,40,F,PA,9,9,0.1,0.1
"""


@pytest.fixture
def films(tmp_path, png):
    """A good folder, of which a test may change the table."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images_002" / "images").mkdir(parents=True)
    for name in ("images/a.png", "images/b.png", "images_002/images/c.png"):
        (tmp_path / name).write_bytes(png)
    (tmp_path / "train_val_list.txt").write_text("a.png\nb.png\nelsewhere.png\n")
    (tmp_path / "test_list.txt").write_text("c.png")

    def load(old="", new="", split="all"):
        table = (HEADER + ROWS).replace(old, new) if old else HEADER + ROWS
        (tmp_path / "Data_Entry_2017_v2020.csv").write_text(table)
        return load_dataset("nih", root=str(tmp_path), split=split)

    load.root = tmp_path
    return load


def present(dataset, row):
    return [dataset.findings[column] for column in np.flatnonzero(dataset.labels[row] == 1)]


def test_listed_findings_are_present_under_the_studys_names(films):
    assert present(films(), 0) == ["Edema", "Pleural Effusion", "Pleural Thickening"]


def test_a_finding_that_is_not_listed_is_unmentioned(films):
    assert np.isnan(films().labels[2]).sum() == 13


def test_no_finding_leaves_all_fourteen_unmentioned(films):
    assert np.isnan(films().labels[1]).sum() == 14


def test_an_unmentioned_finding_is_absent_by_its_default_policy(films):
    dataset = films()
    assert dataset.policy == "blank-absent"
    assert dataset.relevance().sum(axis=1).tolist() == [3, 0, 1]
    assert not np.isnan(dataset.relevance()).any()


def test_splits_are_those_of_the_lists(films):
    assert list(films().table["split"]) == ["train", "train", "test"]


def test_view_age_and_sex_are_kept(films):
    columns = ["patient", "view", "age", "sex"]
    assert films().table[columns].values.tolist()[2] == ["2", "PA", 40, "F"]


def test_films_are_found_in_either_kind_of_folder(films):
    assert [films().images.open(row).size for row in (0, 2)] == [(32, 32)] * 2


def test_its_terms_say_what_they_ask_for(films):
    terms = films().terms
    assert all(
        word in terms for word in ("NIH Clinical Center", "ChestXray-NIHCC", "CVPR 2017")
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "Hernia", "Goitre", "row 4: Finding Labels has 'Goitre'", id="unknown"
        ),
        pytest.param(
            "Hernia",
            "No Finding|Hernia",
            "has 'No Finding'; allowed: No Finding",
            id="both",
        ),
        pytest.param("Hernia", "", "row 4: Finding Labels has ''", id="blank label"),
        pytest.param("c.png", "d.png", "row 4: d.png is not in train_val", id="in no list"),
        pytest.param(
            "c.png,Hernia,0,2",
            "c.png,Hernia,0,1",
            "patient 1 has images in splits test and train",
            id="patient in two splits",
        ),
        pytest.param("40,F", "040Y,F", "row 4, age: '040Y'; allowed: a number", id="age"),
        pytest.param(
            "View Position", "View", "no column View Position; it has", id="column"
        ),
        pytest.param(
            "b.png", "a.png", "image a.png stands in rows 2 and 3", id="film twice"
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(films, old, new, message):
    with pytest.raises(InputError) as refused:
        films(old, new)
    assert message in str(refused.value)
    assert str(refused.value).startswith(str(films.root))
    assert "\n" not in str(refused.value)


def test_a_row_whose_film_is_missing_is_named(films):
    (films.root / "images_002/images/c.png").unlink()
    with pytest.raises(InputError, match=r"v2020.csv, row 4: no file c.png in .*images\*/"):
        films()


def test_a_film_in_both_lists_is_refused(films):
    (films.root / "test_list.txt").write_text("c.png\nb.png\n")
    with pytest.raises(
        InputError, match="b.png is in train_val_list.txt and test_list.txt"
    ):
        films()


def test_a_missing_list_is_named(films):
    (films.root / "test_list.txt").unlink()
    with pytest.raises(InputError, match="test_list.txt: cannot be read"):
        films()
