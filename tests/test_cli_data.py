"""``negcxr data check``: what is printed, what is written, and the exit code."""

import io
import re

import pandas as pd
import pytest
from tests.data import trees, trees_open
from tests.data.test_check import FAULTS, GOOD, pictured, written
from typer.testing import CliRunner

from negcxr import checking, paths
from negcxr.cli import app
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError

ROW = ("10000032", "50000001", "aa-1")  # identifiers of one row of the tree of MIMIC
FILM = "files/p10/p10000032/s50000001/aa-1.jpg"
SECRET = "p-4711"  # a patient, and part of the names of this patient's files


@pytest.fixture
def call(tmp_path_factory, monkeypatch):
    """Calls ``negcxr data check`` from an empty folder: exit code, output, report."""
    out = tmp_path_factory.mktemp("out") / "report"
    monkeypatch.setattr(paths, "RESULTS", tmp_path_factory.mktemp("results"))

    def check(root, *options, dataset="folder"):
        words = ["data", "check", "--dataset", dataset, "--root", root, "--out", out]
        done = CliRunner().invoke(app, [str(word) for word in (*words, *options)])
        return done.exit_code, done.output

    check.out = out
    return check


@pytest.fixture
def good(tmp_path):
    return written(tmp_path, GOOD)


@pytest.fixture
def faulty(good):
    written(good, GOOD + FAULTS)
    (good / "gone.png").unlink()
    (good / "broken.png").write_bytes(b"")
    pictured(1).save(good / "copy.png")
    return good


@pytest.fixture
def credentialed(good):
    """A folder whose terms forbid that a row of it leaves; half of its files are gone."""
    rows = [row.replace(",", f",{SECRET}-", 1) for row in GOOD]
    written(good, [f"{SECRET}-{row}" for row in rows])
    for number in (1, 2, 3):
        (good / f"{SECRET}-{number}.png").unlink()
    (good / "about.yml").write_text("credentialed: true\n")
    return good


def test_a_good_folder_can_be_used(call, good):
    code, said = call(good)
    assert code == 0
    assert "to mend: nothing in what was looked at" in said


def test_faults_are_listed_and_the_exit_code_says_so(call, faulty):
    code, said = call(faulty)
    assert code == 1
    assert (
        "to mend: missing 1, unreadable 1, patient in two splits 1, "
        "picture in two splits 1" in said
    )
    assert "broken.png" in said and "empty: 0 bytes" in said


def test_a_table_that_cannot_be_read_ends_in_one_line_and_leaves_nothing(call, good):
    (good / "manifest.csv").write_text("image,patient\n1.png,1\n")
    code, said = call(good)
    assert code == 2
    assert said.startswith(f"negcxr: {good / 'manifest.csv'}: no column split")
    assert not call.out.exists()


def test_a_policy_that_is_not_known_is_refused_before_anything_is_read(call, good):
    code, said = call(good / "nowhere", "--policy", "guess")
    assert (code, "policy 'guess' is not known" in said) == (2, True)


def test_the_policy_asked_for_is_the_one_that_is_shown(call, good):
    assert "* explicit can ask: nothing" in call(good)[1]
    said = call(good, "--policy", "blank-absent")[1]
    assert "Labels as blank-absent reads them" in said
    assert "blank-absent *" in said


def test_all_images_are_decoded_on_request(call, good):
    assert "decoded: 2 of them" in call(good, "--sample", 2)[1]
    assert "decoded: 6 of them" in call(good, "--sample", 2, "--all-images")[1]


def test_a_private_folder_has_no_picture_and_is_told_why(call, good):
    assert (
        "no picture of samples: nothing says that its images may be shown"
        in (call(good)[1])
    )
    (good / "about.yml").write_text("shows_images: true\n")
    assert "samples.png" in call(good)[1]


def test_without_a_folder_named_the_report_lies_in_results(call, good):
    done = checking.check(checking.Asked("folder", str(good), "", 0, 0))
    folder = paths.RESULTS / "data-check" / "folder"
    assert {path.parent for path in done.files} == {folder}


def test_names_of_credentialed_files_are_in_one_file_alone(call, credentialed):
    code, said = call(credentialed)
    assert code == 1
    assert "to mend: missing 3" in said
    assert SECRET not in said
    holding = [p.name for p in call.out.iterdir() if SECRET in p.read_text("latin-1")]
    assert holding == ["to-mend.csv"]
    assert len(pd.read_csv(call.out / "to-mend.csv")) == 3


def test_a_credentialed_data_set_says_what_may_be_passed_on(call, credentialed):
    said = " ".join(call(credentialed)[1].split())
    assert "its terms let no row of it leave the machine" in said
    assert "no picture of samples: its terms forbid" in said


def test_a_report_is_not_written_where_pages_are_made_from(good):
    words = ["data", "check", "--dataset", "folder", "--root", str(good)]
    done = CliRunner().invoke(app, [*words, "--out", str(paths.BOOK / "x")])
    assert done.exit_code == 2
    assert "is published; choose another" in done.output
    assert not (paths.BOOK / "x").exists()


def test_the_views_that_a_study_leaves_out_count_for_the_official_numbers(call, tmp_path):
    root = trees.write_mimic(tmp_path / "mimic", image())
    said = call(root, dataset="mimic")[1]
    assert "mimic: 4 films" in said  # PA and AP
    assert "a part: 6 of 377,110" in said  # all views


def test_counts_of_a_source_that_nobody_can_name_judge_no_copy(call, tmp_path):
    root = trees.write_mimic(tmp_path / "mimic", image())
    assert "views and labels" not in call(root, dataset="mimic")[1]


def test_views_and_labels_are_told_where_they_are_published(call, tmp_path):
    root = trees.write_chexpert(tmp_path / "chexpert", image())
    said = call(root, dataset="chexpert")[1]
    assert "views and labels: 0 of 55 counts as published" in said


def test_names_of_films_under_a_layout_stay_in_one_file_alone(call, tmp_path):
    root = trees.write_mimic(tmp_path / "mimic", b"broken")
    code, said = call(root, dataset="mimic")
    assert code == 1
    assert "to mend: unreadable 4" in said
    for name in ("10000032", "aa-1", "50000001"):
        assert name not in said
        holding = [p.name for p in call.out.iterdir() if name in p.read_text("latin-1")]
        assert holding == ["to-mend.csv"]


def other_key(tables):
    tables["chexpert"].append(tables["chexpert"][0])


def no_row(tables):
    del tables["split"][0]


def no_patient(tables):
    tables["metadata"][0]["subject_id"] = tables["split"][0]["subject_id"] = ""


def image_twice(tables):
    tables["metadata"].append(tables["metadata"][0])


def two_splits(tables):
    tables["split"][1]["split"] = "test"


def leaving(tables):
    for name in ("metadata", "split"):
        tables[name][0]["dicom_id"] = "../../../../../aa-1"


@pytest.mark.parametrize(
    "fault", [other_key, no_row, no_patient, image_twice, two_splits, leaving]
)
def test_no_error_of_a_credentialed_table_names_a_row(call, tmp_path, fault):
    tables = trees.mimic_tables()
    fault(tables)
    root = trees.write_mimic(tmp_path / "mimic", image(), tables)
    with pytest.raises(InputError) as refused:
        load_dataset("mimic", root=str(root), split="all")
    for said in (str(refused.value), call(root, dataset="mimic")[1]):
        assert [name for name in ROW if name in said] == []
    assert re.search(r"mimic-cxr-2.0.0-\w+.csv.gz(, row|: image)", str(refused.value))


def gone(root):
    (root / FILM).unlink()


def broken(root):
    (root / FILM).write_bytes(b"no picture")


def no_report(root):
    (root / "reports").mkdir()


def listed(root):
    (root / "images.txt").write_text("nothing\n")


@pytest.mark.parametrize("fault", [gone, broken, no_report, listed])
def test_no_error_of_a_credentialed_file_names_it(tmp_path, fault):
    root = trees.write_mimic(tmp_path / "mimic", image())
    fault(root)
    with pytest.raises(InputError) as refused:
        dataset = load_dataset("mimic", root=str(root), split="train")
        dataset.images.open(0)
        dataset.sections.read(0)
    assert [name for name in ROW if name in str(refused.value)] == []
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(
    "row", [f"2.png,{SECRET},test", f"../{SECRET},a,test", f"{SECRET},a,test"]
)
def test_no_error_of_a_credentialed_folder_names_a_row(good, row):
    lines = ["image,patient,split,Edema", f"1.png,{SECRET},train,1", f"{row},1"]
    (good / "manifest.csv").write_text("\n".join(lines))
    (good / "about.yml").write_text("credentialed: true\n")
    with pytest.raises(InputError, match="manifest.csv, row 3") as refused:
        load_dataset("folder", root=str(good), split="all")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_no_error_of_readers_names_an_image_or_a_reader(tmp_path, kept):
    root = trees_open.vindr(tmp_path)
    table = root / "annotations" / "image_labels_train.csv"
    rows = table.read_text().splitlines()
    table.write_text("\n".join([*rows[: 2 + kept], *rows[1:2]]) + "\n")
    with pytest.raises(InputError, match=r"image_labels_train.csv, row \d: ") as refused:
        load_dataset("vindr", root=str(root), split="all")
    assert not {"aa01", "R9", "R8"} & {*re.findall(r"\w+", str(refused.value))}


@pytest.mark.parametrize(
    ("sentence", "denies"),
    [("No edema.", True), ("Edema.", False), ("Cannot exclude edema.", False)],
)
def test_a_hedge_is_no_denial(sentence, denies):
    assert checking.denies(sentence) is denies


def test_reports_that_are_not_there_are_to_be_mended(call, tmp_path):
    root = trees.write_mimic(tmp_path / "mimic", image())
    (root / "mimic-cxr-reports").mkdir()
    code, said = call(root, dataset="mimic")
    assert code == 1
    assert "4 cannot be read" in said
    assert "report unreadable 4" in said


def image():
    file = io.BytesIO()
    pictured(0).save(file, "JPEG")
    return file.getvalue()
