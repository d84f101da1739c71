"""The scripts of the page on other data sets, run as they stand there."""

import csv
import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.data import trees_open

from negcxr import paths
from negcxr.data.registry import load_dataset
from negcxr.models.checkpoint import Checkpoint
from negcxr.provenance import now, provenance

NAN = float("nan")
PAGE = paths.BOOK / "recipes.md"
SECTION = re.compile(r"^\(([\w-]+)\)=\n## .*?^```python\n(.*?)^```", re.M | re.S)
ROOT_LINE = re.compile(r'^ROOT = Path\(".*"\)$', re.M)
SCRIPTS = dict(SECTION.findall(PAGE.read_text("utf-8")))


@pytest.fixture
def run(tmp_path):
    """Runs a script of the page, changed in the line that names the folder alone."""

    def make(name, changes=()):
        root = tmp_path / name
        source, n_found = re.subn(
            r'^ROOT = Path\(".*"\)$',
            f"ROOT = Path({str(root)!r})",
            SCRIPTS[name],
            flags=re.M,
        )
        assert n_found == 1
        for old, new in changes:
            assert old in source
            source = source.replace(old, new)
        script = tmp_path / "make_folder.py"
        script.write_text(source, encoding="utf-8")
        runpy.run_path(str(script))
        return load_dataset("folder", root=str(root), split="all")

    return make


def labels(dataset, finding):
    return dataset.labels[:, dataset.findings.index(finding)]


def test_the_page_has_two_scripts():
    assert list(SCRIPTS) == ["padchest", "chexpert-plus"]


def test_padchest_keeps_what_a_physician_labelled_on_a_usable_film(tmp_path, run):
    trees_open.padchest(tmp_path / "padchest")
    dataset = run("padchest")
    images = ["0/a.png", "0/b.png", "54/c.png", "54/d.png", "1/k.png"]
    assert list(dataset.table["image"]) == images
    assert list(dataset.table["view"]) == ["PA", "LATERAL", "AP", "AP", "PA"]
    np.testing.assert_array_equal(dataset.table["age"], [84, 84, NAN, 64, 54])
    assert list(dataset.table["sex"]) == ["F", "F", "M", "O", ""]


def test_padchest_lists_what_is_present_and_denies_nothing(tmp_path, run):
    trees_open.padchest(tmp_path / "padchest")
    dataset = run("padchest")
    expected = {
        "Cardiomegaly": [NAN, 1, NAN, NAN, NAN],
        "Pleural Effusion": [NAN, NAN, 1, NAN, NAN],
        "Atelectasis": [NAN, NAN, NAN, 1, NAN],
        "Pneumothorax": [NAN, NAN, NAN, NAN, 1],
        "Pneumonia": [NAN] * 5,
    }
    for finding, column in expected.items():
        np.testing.assert_array_equal(labels(dataset, finding), column)
    assert not (dataset.labels == 0).any()


def test_padchest_has_a_patient_on_one_side(tmp_path, run):
    trees_open.padchest(tmp_path / "padchest")
    table = run("padchest").table
    assert set(table["split"]) <= {"train", "test"}
    assert table.groupby("patient")["split"].nunique().max() == 1


def test_padchest_takes_the_program_s_labels_where_they_are_asked_for(tmp_path, run):
    trees_open.padchest(tmp_path / "padchest")
    dataset = run("padchest", [('{"Physician"}', '{"Physician", "RNN_model"}')])
    assert "1/e.png" in set(dataset.table["image"])
    assert np.nansum(labels(dataset, "Pneumonia")) == 1


def test_padchest_leaves_out_files_that_are_named_broken(tmp_path, run):
    root = trees_open.padchest(tmp_path / "padchest")
    (root / "0" / "a.png").unlink()
    dataset = run("padchest", [("BROKEN = set()", 'BROKEN = {"a.png"}')])
    assert len(dataset) == 4


def test_padchest_s_files_of_16_bits_open(tmp_path, run):
    trees_open.padchest(tmp_path / "padchest")
    opened = np.asarray(run("padchest").images.open(0))
    assert (opened.dtype, opened.min(), opened.max()) == (np.uint8, 0, 255)


def test_chexpert_plus_keeps_null_as_a_blank(tmp_path, run):
    trees_open.chexpert_plus(tmp_path / "chexpert-plus")
    dataset = run("chexpert-plus")
    np.testing.assert_array_equal(labels(dataset, "Edema"), [1, 1, NAN, NAN])
    np.testing.assert_array_equal(labels(dataset, "Pleural Effusion"), [0, NAN, NAN, NAN])
    np.testing.assert_array_equal(labels(dataset, "Pneumonia"), [-1, NAN, NAN, NAN])
    assert "No Finding" not in dataset.findings
    assert len(dataset.findings) == 13


def test_chexpert_plus_finds_its_png_and_knows_its_views_and_split(tmp_path, run):
    trees_open.chexpert_plus(tmp_path / "chexpert-plus")
    dataset = run("chexpert-plus")
    assert dataset.table["image"][0] == "PNG/train/patient00001/study1/view1_frontal.png"
    assert list(dataset.table["view"]) == ["AP", "LATERAL", "PA", "AP"]
    assert list(dataset.table["split"]) == ["train", "train", "train", "valid"]
    assert list(dataset.table["patient"])[:2] == ["patient00001"] * 2
    assert dataset.images.open(3).size == (16, 12)


TREES = {"padchest": trees_open.padchest, "chexpert-plus": trees_open.chexpert_plus}


@pytest.mark.parametrize("name", TREES)
def test_both_are_credentialed_and_never_shown(tmp_path, run, name):
    TREES[name](tmp_path / name)
    dataset = run(name)
    assert (dataset.credentialed, dataset.shows_images) == (True, False)


@pytest.mark.parametrize(
    ("checkpoint", "marked"),
    [
        ("StanfordAIMI/XrayCLIP__vit-b-16__laion2b-s34b-b88k", True),
        ("google/siglip2-base-patch16-224", False),
    ],
)
@pytest.mark.parametrize("name", TREES)
def test_a_result_on_either_is_marked_where_the_model_lists_it(
    tmp_path, run, name, checkpoint, marked
):
    TREES[name](tmp_path / name)
    made = provenance(
        {"checkpoint": checkpoint, "dataset": "folder", "root": str(tmp_path / name)},
        started=now(),
        encoder=SimpleNamespace(checkpoint=Checkpoint(checkpoint, Path(), "clip", "ab")),
        dataset=run(name),
        policy="explicit",
    )
    assert made.dataset.name == name
    assert made.exposure.taints("test") == marked


def test_no_report_gets_into_a_manifest(tmp_path, run):
    trees_open.padchest(tmp_path / "padchest")
    trees_open.chexpert_plus(tmp_path / "chexpert-plus")
    for name, words in (("padchest", "hallazg"), ("chexpert-plus", "Clear")):
        run(name)
        with (tmp_path / name / "manifest.csv").open(encoding="utf-8") as file:
            assert words not in "".join(map("".join, csv.reader(file)))
