"""MIMIC-CXR-JPG in its own layout, made small: six images of three patients."""

import gzip

import numpy as np
import pytest
from tests.data.trees import mimic_tables, write_mimic, write_table

from negcxr.data.dataset import Request
from negcxr.data.layout import every_view
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError

METADATA, SPLIT, LABELS = "metadata", "split", "chexpert"


@pytest.fixture
def mimic(tmp_path, png):
    """A good folder; a test may change one cell, or drop a row or a column."""

    def load(table="metadata", row=0, cells=(), split="all"):
        tables = mimic_tables()
        tables[table][row].update(cells)
        write_mimic(tmp_path, png, tables)
        return load_dataset("mimic", root=str(tmp_path), split=split)

    load.root = tmp_path
    return load


def label(dataset, image, finding):
    row = list(dataset.table["image"].str[-8:-4]).index(image)
    return dataset.labels[row, dataset.findings.index(finding)]


def every(root):
    return every_view("mimic", Request(root, "all", 0, 0))


def test_frontal_images_are_read_in_the_order_of_the_metadata(mimic):
    assert list(mimic().table["image"]) == [
        "files/p10/p10000032/s50000001/aa-1.jpg",
        "files/p11/p11000033/s51000002/bb-1.jpg",
        "files/p12/p12000034/s52000003/cc-1.jpg",
        "files/p12/p12000034/s52000004/cc-2.jpg",
    ]


def test_every_view_has_the_lateral_and_the_one_of_no_stated_view(mimic):
    mimic()
    views = ["PA", "LATERAL", "AP", "AP", "PA", ""]
    assert list(every(mimic.root).table["view"]) == views


def test_the_frontal_ones_are_those_of_every_view_and_nothing_else_changes(mimic):
    frontal, whole = mimic(), every(mimic.root)
    rows = [0, 2, 3, 4]
    assert whole.take(rows).table.equals(frontal.table)
    assert np.array_equal(whole.take(rows).labels, frontal.labels, equal_nan=True)
    assert whole.take(rows).fingerprint() == frontal.fingerprint()


def test_it_says_which_views_it_has_read(mimic):
    assert mimic().terms.endswith("only views AP, PA are read")
    assert "only views" not in every(mimic.root).terms


def test_its_split_is_the_official_one(mimic):
    assert list(mimic().table["split"]) == ["train", "validate", "test", "test"]


@pytest.mark.parametrize(
    ("image", "finding", "value"),
    [
        pytest.param("aa-1", "Edema", 1, id="present"),
        pytest.param("cc-1", "Edema", 0, id="absent"),
        pytest.param("aa-1", "Pneumonia", -1, id="uncertain"),
        pytest.param("aa-1", "Fracture", np.nan, id="unmentioned"),
        pytest.param("cc-2", "Edema", np.nan, id="a study without labels"),
    ],
)
def test_the_labels_of_a_study_are_those_of_its_images(mimic, image, finding, value):
    assert label(mimic(), image, finding) == pytest.approx(value, nan_ok=True)


def test_no_finding_is_not_among_the_thirteen_findings(mimic):
    assert len(mimic().findings) == 13
    assert "No Finding" not in mimic().findings


def test_whole_numbers_are_the_same_labels(mimic):
    assert label(mimic(LABELS, 0, {"Edema": "1"}), "aa-1", "Edema") == 1


def test_negbios_labels_are_read_where_they_stand_alone(mimic):
    mimic()
    old = mimic.root / "mimic-cxr-2.0.0-chexpert.csv.gz"
    table = mimic_tables()[LABELS]
    table[0]["Edema"] = "0.0"
    write_table(mimic.root / "mimic-cxr-2.0.0-negbio.csv.gz", table)
    assert label(every(mimic.root), "aa-1", "Edema") == 1
    old.unlink()
    assert label(every(mimic.root), "aa-1", "Edema") == 0


def test_it_says_which_labeller_it_has_read(mimic):
    assert "; labels of mimic-cxr-2.0.0-chexpert.csv.gz; only" in mimic().terms
    table = mimic.root / "mimic-cxr-2.0.0-chexpert.csv.gz"
    table.rename(mimic.root / "mimic-cxr-2.0.0-negbio.csv.gz")
    assert "; labels of mimic-cxr-2.0.0-negbio.csv.gz" in every(mimic.root).terms


def test_unpacked_tables_are_the_same(mimic):
    packed = mimic().fingerprint()
    for path in mimic.root.glob("*.csv.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert load_dataset("mimic", root=str(mimic.root), split="all").fingerprint() == packed


def test_the_order_of_rows_in_a_joined_table_does_not_matter(mimic):
    before = mimic()
    for name in (SPLIT, LABELS):
        rows = mimic_tables()[name][::-1]
        write_table(mimic.root / f"mimic-cxr-2.0.0-{name}.csv.gz", rows)
    after = load_dataset("mimic", root=str(mimic.root), split="all")
    assert after.fingerprint() == before.fingerprint()


def test_sex_and_age_are_not_known(mimic):
    assert list(mimic().table) == ["image", "patient", "view", "split", "study"]


def test_the_sex_comes_from_mimic_iv_where_its_patients_are_placed(mimic):
    rows = [{"subject_id": "12000034", "gender": "F", "anchor_age": "50"}]
    write_table(mimic.root / "patients.csv.gz", rows)
    assert list(mimic().table["sex"]) == ["", "", "F", "F"]


def test_it_is_credentialed_and_shows_nothing(mimic):
    assert mimic().credentialed
    assert not mimic().shows_images


def test_its_own_policy_takes_no_blank_for_an_absence(mimic):
    assert mimic().policy == "explicit"
    assert np.nansum(mimic().relevance() == 0) == 2  # Pneumothorax and one Edema


def test_an_image_opens(mimic, png):
    assert mimic().images.open(3).size == (32, 32)


def test_a_drawn_image_that_is_not_there_is_named_with_how_many_are_lost(mimic):
    mimic()
    for name in ("p11/p11000033/s51000002/bb-1.jpg", "p12/p12000034/s52000003/cc-1.jpg"):
        (mimic.root / "files" / name).unlink()
    with pytest.raises(
        InputError, match=r"2 of 4 images .* first that of .*metadata.csv.gz, row 4;"
    ):
        load_dataset("mimic", root=str(mimic.root), split="all")


def test_images_that_are_not_drawn_may_be_missing(mimic):
    mimic()
    (mimic.root / "files/p11/p11000033/s51000002/bb-1.jpg").unlink()
    assert len(load_dataset("mimic", root=str(mimic.root), split="test")) == 2


def test_a_list_of_what_is_there_keeps_the_others_out(mimic):
    mimic()
    (mimic.root / "files/p11/p11000033/s51000002/bb-1.jpg").unlink()
    kept = "files/p12/p12000034/s52000003/cc-1.jpg"
    (mimic.root / "images.txt").write_text(f"{kept}\nfiles/elsewhere.jpg\n")
    assert list(load_dataset("mimic", root=str(mimic.root)).table["image"]) == [kept]


def test_it_says_how_many_lines_of_the_list_name_nothing(mimic):
    kept = "files/p12/p12000034/s52000003/cc-1.jpg"
    (mimic.root / "images.txt").write_text(f"{kept}\nfiles/elsewhere.jpg\n")
    said = "; images.txt keeps 1 of 6 images; 1 of its 2 lines name none; only views"
    assert said in mimic().terms


def test_a_list_that_names_no_image_is_refused(mimic):
    (mimic.root / "images.txt").write_text("cc-1.jpg\n")
    with pytest.raises(
        InputError, match="images.txt: none of 1 lines is an image of the tables"
    ):
        mimic()


@pytest.mark.parametrize(
    ("table", "row", "cells", "message"),
    [
        pytest.param(
            METADATA,
            2,
            {"dicom_id": "aa-1"},
            "mimic-cxr-2.0.0-metadata.csv.gz, row 4: no row in",
            id="not in the split's table",
        ),
        pytest.param(
            METADATA,
            4,
            {"dicom_id": "cc-1", "study_id": "52000003"},
            "image (withheld) stands in rows 5 and 6",
            id="image twice",
        ),
        pytest.param(
            METADATA,
            0,
            {"subject_id": "../../.."},
            "metadata.csv.gz, row 2: no row in",
            id="a patient that leads out and has no split",
        ),
        pytest.param(SPLIT, 0, {"split": "dev"}, "row 2, split: 'dev'; al", id="x"),
        pytest.param(SPLIT, 0, {"split": ""}, "row 2: split '' gives no", id="no"),
        pytest.param(
            SPLIT, 3, {"dicom_id": ""}, "split.csv.gz, row 5: dicom_id is blank", id="key"
        ),
        pytest.param(
            SPLIT,
            4,
            {"split": "train"},
            "row 6: patient (withheld) has images in splits test and train",
            id="patient in two splits",
        ),
        pytest.param(
            LABELS,
            1,
            {"Edema": "2"},
            "chexpert.csv.gz, row 3, Edema: label '2'; allowed: present",
            id="label",
        ),
        pytest.param(
            LABELS,
            1,
            {"study_id": "50000001", "subject_id": "10000032"},
            "row 3: subject_id (withheld), study_id (withheld) stands there twice",
            id="study twice",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(mimic, table, row, cells, message):
    with pytest.raises(InputError) as refused:
        mimic(table, row, cells)
    assert message in str(refused.value)
    assert str(refused.value).startswith(str(mimic.root))
    assert "\n" not in str(refused.value)


def test_a_path_out_of_the_folder_is_refused_by_file_and_row(mimic):
    away = {"subject_id": "../../../../..", "study_id": "1", "dicom_id": "x"}
    tables = mimic_tables()
    tables[METADATA][3].update(away)
    tables[SPLIT][3].update(away)
    write_mimic(mimic.root, b"", tables)
    with pytest.raises(InputError, match=r"metadata.csv.gz, row 5: path .withheld. leaves"):
        every(mimic.root)


@pytest.mark.parametrize("table", [METADATA, SPLIT, LABELS])
def test_a_missing_table_is_named(mimic, table):
    mimic()
    (mimic.root / f"mimic-cxr-2.0.0-{table}.csv.gz").unlink()
    with pytest.raises(InputError, match=rf"no file mimic-cxr-2.0.0-{table}.csv\[.gz\]"):
        every(mimic.root)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (METADATA, "ViewPosition"),
        (METADATA, "study_id"),
        (SPLIT, "split"),
        (LABELS, "Edema"),
    ],
)
def test_a_missing_column_is_named_with_its_file(mimic, table, column):
    mimic()
    rows = [{n: c for n, c in r.items() if n != column} for r in mimic_tables()[table]]
    write_table(mimic.root / f"mimic-cxr-2.0.0-{table}.csv.gz", rows)
    with pytest.raises(InputError, match=f"{table}.csv.gz: no column {column}; it has:"):
        every(mimic.root)


def test_reading_writes_nothing(mimic):
    mimic()
    before = sorted(mimic.root.rglob("*"))
    every(mimic.root)
    assert sorted(mimic.root.rglob("*")) == before


REPORT = """                                 FINAL REPORT
 EXAMINATION:  CHEST (PA AND LAT)

 INDICATION:  Invented cough.

 FINDINGS:

 The lungs are clear.  No
 pleural effusion.

 IMPRESSION:

 No acute process.
"""


def test_there_are_no_sections_where_no_reports_are_placed(mimic):
    assert mimic().sections is None


@pytest.mark.parametrize("folder", ["mimic-cxr-reports", "reports", ""])
def test_the_sections_of_a_report_come_by_the_row_of_its_image(mimic, folder):
    for study in ("p10/p10000032/s50000001", "p12/p12000034/s52000004"):
        path = mimic.root / folder / "files" / f"{study}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(REPORT.replace("cough", study[-1]))
    read = mimic(split="test").sections.read(1)
    assert read["findings"] == "The lungs are clear. No pleural effusion."
    assert read["indication"] == "Invented 4."


def test_reports_beside_the_images_are_found_though_the_first_has_none(mimic):
    path = mimic.root / "files/p12/p12000034/s52000004.txt"
    mimic()
    path.write_text(REPORT)
    assert mimic(split="test").sections.read(1)["impression"] == "No acute process."


def test_a_report_that_is_not_there_is_named(mimic):
    (mimic.root / "reports").mkdir()
    with pytest.raises(InputError, match="metadata.csv.gz, row 2: the report: cannot be"):
        mimic().sections.read(0)
