"""VinDr-CXR: readers made into labels, by hand."""

import numpy as np
import pytest
from tests.data import trees_open

from negcxr.data import readers
from negcxr.data.joins import read_table
from negcxr.data.layout_file import named
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError

HEADER = "image_id,rad_id,Edema,Lung cyst"


THREE = ["a,R1,1,0", "a,R2,0,0", "a,R3,1,1"]
FINDINGS = ["Edema", "Lung cyst"]


def read_majority(path, findings=FINDINGS):
    return readers.read_majority(path, ["image_id", *findings])[0]


@pytest.fixture
def table(tmp_path):
    def make(*lines, header=HEADER):
        path = tmp_path / "image_labels_train.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    return make


@pytest.mark.parametrize(
    ("marks", "label"),
    [("111", "1"), ("110", "1"), ("100", "-1"), ("000", "0")],
)
def test_two_of_three_are_present_one_is_uncertain_and_none_is_absent(table, marks, label):
    lines = [f"a,R{number},{mark},0" for number, mark in enumerate(marks)]
    found = read_majority(table(*lines))
    assert found.to_numpy().tolist() == [["a", label, "0"]]


def test_readers_of_one_image_may_stand_apart_and_are_dropped(table):
    first, again = ("b,R1,1,0", "a,R1,0,0"), ("b,R2,1,1", "a,R2,0,0")
    found = read_majority(table(*first, *again, "a,R3,0,0", "b,R3,0,0"))
    assert list(found) == ["image_id", "Edema", "Lung cyst"]
    assert found.to_numpy().tolist() == [["b", "1", "-1"], ["a", "0", "0"]]


def test_the_order_of_readers_changes_nothing(table):
    lines = ["a,R1,1,0", "a,R2,0,0", "a,R3,1,1"]
    one = read_majority(table(*lines))
    assert one.equals(read_majority(table(*reversed(lines))))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["a,R1,1,2"], "row 2, Lung cyst: '2'; allowed: 0 or 1"),
        (["a,R1,1,0", "a,R2,,0"], "row 3, Edema: ''; allowed: 0 or 1"),
        (["a,R1,-1,0"], "row 2, Edema: '-1'"),
        (["a,R1,1,0", "a,R1,1,0"], "row 3: reader R1 stands twice for image a"),
        (["a,R1,1,0", "a,R2,1,0", "../b,R1,1,0"], "row 4: image_id '../b' leaves its"),
        (["a,R1,1,0"], "row 2: 1 readers for image a; allowed: 3"),
        (THREE + ["b,R1,1,0", "b,R2,1,0"], "row 5: 2 readers for image b; allowed: 3"),
        (THREE + ["a,R4,1,0"], "row 2: 4 readers for image a; allowed: 3"),
        (["a,,1,0"], "row 2: rad_id is blank"),
        ([",R1,1,0"], "row 2: image_id is blank"),
    ],
)
def test_a_table_that_cannot_be_used_is_named_in_one_line(table, lines, told):
    with pytest.raises(InputError, match=rf"image_labels_train\.csv.*{told}"):
        read_majority(table(*lines))


def test_a_table_without_readers_is_refused(table):
    with pytest.raises(InputError, match="no column rad_id, Lung cyst; it has: image_id"):
        read_majority(table("a,1", header="image_id,Edema"))


def test_the_official_table_becomes_one_row_an_image(tmp_path):
    root = trees_open.vindr(tmp_path)
    found = read_majority(
        root / "annotations" / "image_labels_train.csv",
        [*trees_open.VINDR_LABELS, "Other diseases"],
    )
    assert list(found["image_id"]) == ["aa01", "aa02"]
    assert found.set_index("image_id").loc["aa01"][lambda row: row != "0"].to_dict() == {
        "Cardiomegaly": "1",  # three of three
        "Pleural effusion": "1",  # two
        "Nodule/Mass": "-1",  # one
        "Other diseases": "-1",
    }


@pytest.fixture
def load(tmp_path):
    root = trees_open.vindr(tmp_path / "vindr")
    return lambda split="all": load_dataset("vindr", root=str(root), split=split)


def labels(dataset, finding):
    return dict(
        zip(
            dataset.table["image"],
            dataset.labels[:, dataset.findings.index(finding)],
            strict=True,
        )
    )


def test_the_official_layout_is_read_with_its_splits(load):
    table = load().table
    assert list(table["image"]) == [
        "train/aa01.dicom",
        "train/aa02.dicom",
        "test/bb01.dicom",
        "test/bb02.dicom",
    ]
    assert list(table["split"]) == ["train", "train", "test", "test"]
    assert list(table["view"]) == ["PA"] * 4


def test_each_film_is_a_patient_of_its_own(load):
    assert list(load().table["patient"]) == ["aa01", "aa02", "bb01", "bb02"]


def test_labels_by_hand(load):
    dataset = load()
    assert labels(dataset, "Pleural Effusion") == {
        "train/aa01.dicom": 1,  # two of three readers
        "train/aa02.dicom": 0,
        "test/bb01.dicom": 0,
        "test/bb02.dicom": 0,
    }
    assert labels(dataset, "Lung Lesion")["train/aa01.dicom"] == -1  # one of three
    assert labels(dataset, "Pneumonia")["test/bb01.dicom"] == 1


def test_there_is_no_blank_so_every_absence_is_explicit(load):
    dataset = load()
    assert (dataset.policy, len(dataset.findings)) == ("explicit", 25)
    assert not np.isnan(dataset.labels).any()
    counts = {value: int((dataset.labels == value).sum()) for value in (1, 0, -1)}
    assert counts == {1: 4, 0: 95, -1: 1}  # 4 films x 25 findings


def test_what_cannot_be_asked_for_is_no_finding(load):
    assert not {"No finding", "Other lesion", "Other diseases"} & set(load().findings)


def test_its_films_open_the_right_way_round(load):
    opened = np.asarray(load("test").images.open(0))
    assert (opened.shape, opened[0, 0], opened[-1, -1]) == ((5, 6), 255, 0)  # MONOCHROME1


def test_it_is_credentialed_and_never_shown(load):
    dataset = load()
    assert (dataset.credentialed, dataset.shows_images) == (True, False)


def test_it_has_neither_reports_nor_age_nor_sex(load):
    dataset = load()
    assert dataset.sections is None
    assert not {"age", "sex"} & set(dataset.table.columns)


def test_no_reader_is_in_the_table(load):
    assert not load().table.isin(["R8", "R9", "R10"]).any(axis=None)


def test_a_wrong_row_is_named_as_it_stands_in_the_readers_table(tmp_path):
    root = trees_open.vindr(tmp_path)
    layout = named("vindr")
    table = read_table(root, layout.images[0], ["image_id", "Edema"])
    # aa01 is first in row 2, aa02 in row 3; readers of one image stand apart.
    assert [table.place("image_id", row)[-5:] for row in (0, 1)] == ["row 2", "row 3"]


def test_a_folder_without_annotations_is_refused(tmp_path):
    with pytest.raises(InputError, match="no file annotations/image_labels_train.csv"):
        load_dataset("vindr", root=str(tmp_path), split="all")


def test_a_film_that_is_not_there_is_named(tmp_path):
    root = trees_open.vindr(tmp_path)
    (root / "test" / "bb02.dicom").unlink()
    with pytest.raises(InputError, match=r"1 of 2 .* that of .*labels_test.csv, row 3;"):
        load_dataset("vindr", root=str(root), split="test")
