"""CheXpert in its own layout, made small: five images of four patients, two for a test."""

import numpy as np
import pytest
from tests.data.trees import (
    chexpert_tables,
    chexpert_test_table,
    write_chexpert,
    write_table,
)

from negcxr.data.dataset import Request
from negcxr.data.layout import every_view
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError


@pytest.fixture
def chexpert(tmp_path, png):
    """A good folder, of which a test may change a cell."""

    def load(table="", row=0, split="all", name="CheXpert-v1.0-small", **cells):
        tables = chexpert_tables(name)
        if table:
            tables[table][row].update(cells)
        write_chexpert(tmp_path, png, tables)
        return load_dataset("chexpert", root=str(tmp_path), split=split)

    load.root = tmp_path
    return load


def every(root):
    return every_view("chexpert", Request(root, "all", 0, 0))


def test_frontal_images_of_both_tables_are_read(chexpert):
    assert list(chexpert().table["image"]) == [
        "train/patient00001/study1/view1_frontal.jpg",
        "train/patient00002/study2/view1_frontal.jpg",
        "valid/patient64541/study1/view1_frontal.jpg",
    ]


@pytest.mark.parametrize("name", ["CheXpert-v1.0", "CheXpert-v1.0-small"])
def test_paths_begin_in_the_folder_whatever_the_tables_call_it(chexpert, name):
    assert chexpert(name=name).images.open(0).size == (32, 32)


def test_paths_stay_where_the_folder_holds_the_data_sets_own(chexpert, png):
    write_chexpert(chexpert.root / "CheXpert-v1.0-small", png)
    assert chexpert().table["image"][0].startswith("CheXpert-v1.0-small/train/")


def test_patient_and_study_come_from_the_path(chexpert):
    columns = ["patient", "study", "split"]
    assert chexpert().table[columns].values.tolist() == [
        ["patient00001", "patient00001/study1", "train"],
        ["patient00002", "patient00002/study2", "train"],
        ["patient64541", "patient64541/study1", "valid"],
    ]


def test_views_are_named_as_the_study_names_them(chexpert):
    chexpert()
    assert list(every(chexpert.root).table["view"]) == ["AP", "PA", "LATERAL", "LL", "AP"]


def test_age_and_sex_are_kept_and_an_unknown_sex_is_blank(chexpert):
    chexpert()
    table = every(chexpert.root).table
    assert list(table["age"]) == [68, 87, 87, 0, 73]
    assert list(table["sex"]) == ["F", "M", "M", "", "M"]


def test_labels_keep_their_four_values(chexpert):
    dataset = chexpert()
    columns = [dataset.findings.index(name) for name in ("Edema", "Fracture")]
    expected = np.array([[0, np.nan], [-1, 1], [0, 0]])
    assert np.array_equal(dataset.labels[:, columns], expected, equal_nan=True)


def test_radiologists_leave_no_blank_in_the_valid_split(chexpert):
    assert not np.isnan(chexpert(split="valid").labels).any()


def test_the_test_set_is_read_where_its_table_is_placed(chexpert):
    chexpert()
    write_table(chexpert.root / "test_labels.csv", chexpert_test_table())
    test = load_dataset("chexpert", root=str(chexpert.root), split="test")
    assert test.table[["patient", "view", "sex"]].values.tolist() == [
        ["patient64741", "FRONTAL", ""]
    ]
    assert np.isnan(test.table["age"][0])
    assert (test.labels == 1).all()


def test_what_the_test_sets_table_has_is_kept(chexpert):
    chexpert()
    told = {"Sex": "Female", "Age": "61", "Frontal/Lateral": "Frontal", "AP/PA": "PA"}
    rows = [{**row, **told} for row in chexpert_test_table()[:1]]
    write_table(chexpert.root / "test.csv", rows)
    test = load_dataset("chexpert", root=str(chexpert.root), split="test")
    found = test.table[["view", "sex", "age"]].values.tolist()
    assert found == [["PA", "F", 61]]


def test_a_list_may_name_images_as_the_tables_do(chexpert):
    chexpert()
    path = "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg"
    (chexpert.root / "images.txt").write_text(f"{path}\n")
    kept = load_dataset("chexpert", root=str(chexpert.root), split="all")
    assert list(kept.table["image"]) == [path.removeprefix("CheXpert-v1.0-small/")]


def test_without_its_table_there_is_no_test_split(chexpert):
    with pytest.raises(InputError, match="no split 'test'; choose .* train, valid, all"):
        chexpert(split="test")


def test_it_is_treated_as_credentialed(chexpert):
    assert chexpert().credentialed
    assert not chexpert().shows_images


@pytest.mark.parametrize(
    ("table", "row", "cells", "message"),
    [
        pytest.param("train", 1, {"Age": "abc"}, "row 3, age: 'abc'", id="age"),
        pytest.param(
            "valid", 0, {"Edema": "2"}, "valid.csv, row 2, Edema: label", id="label"
        ),
        pytest.param(
            "train", 1, {"Sex": "X"}, "train.csv, row 3, Sex: 'X'; allowed", id="sex"
        ),
        pytest.param(
            "train",
            3,
            {"AP/PA": "OBL"},
            "train.csv, row 5, Frontal/Lateral, AP/PA: 'Frontal OBL'; allowed: Frontal AP",
            id="view",
        ),
        pytest.param("train", 0, {"Path": ""}, "row 2: Path '' gives no", id="path"),
        pytest.param(
            "train",
            0,
            {"Path": "train/00001/view1_frontal.jpg"},
            "row 2: Path (withheld) gives no patient",
            id="no patient in the path",
        ),
        pytest.param(
            "valid",
            0,
            {"Path": "../patient1/study1/view1_frontal.jpg"},
            "valid.csv, row 2: path (withheld) leaves",
            id="path out of the folder",
        ),
        pytest.param(
            "train",
            2,
            {"Path": "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg"},
            "train.csv: image (withheld) stands in rows 2 and 4",
            id="image twice",
        ),
        pytest.param(
            "valid",
            0,
            {"Path": "valid/patient00001/study1/view1_frontal.jpg"},
            "valid.csv, row 2: patient (withheld) has images in splits train and valid",
            id="patient in two splits",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(chexpert, table, row, cells, message):
    with pytest.raises(InputError) as refused:
        chexpert(table, row, **cells)
    assert message in str(refused.value)
    assert str(refused.value).startswith(str(chexpert.root))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("table", ["train", "valid"])
def test_both_tables_are_needed(chexpert, table):
    chexpert()
    (chexpert.root / f"{table}.csv").unlink()
    with pytest.raises(InputError, match=rf"no file {table}.csv\[.gz\]; the data"):
        every(chexpert.root)
