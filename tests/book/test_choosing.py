"""The page on choosing: tables of the catalogue, the layouts and the ledger."""

import re

import pytest
from PIL import Image

from negcxr.book import choosing
from negcxr.book.choosing import OWN, includes
from negcxr.chapters.policy_labels import factors
from negcxr.data import layout_file
from negcxr.data.dataset import Request
from negcxr.data.folder import read as read_folder
from negcxr.data.registry import DATASETS, load_dataset
from negcxr.models.catalogue import entries
from negcxr.models.ledger import exposure, names
from negcxr.paths import BOOK

CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>")


def rows(text):
    """The cells of a table's rows, after its head."""
    body = re.search(r"<tbody>(.*?)</tbody>", text, re.S)[1]
    return [CELL.findall(row) for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)]


def test_the_page_includes_each_table_once():
    page = (BOOK / "choose.md").read_text(encoding="utf-8")
    named = re.findall(r"\{include\} generated/([\w-]+)\.md", page)
    assert sorted(named) == sorted(includes())


def test_every_checkpoint_of_the_catalogue_has_a_row_with_its_licence():
    found = {row[0]: row[4] for row in rows(choosing.models())}
    assert found == {entry.id: entry.licence for entry in entries()}


def test_every_data_set_has_a_row_and_credentialed_ones_say_so():
    found = {row[0]: row[3] for row in rows(choosing.data_sets())}
    assert list(found) == list(DATASETS)
    assert found["mimic"] == found["chexpert"] == "yes"
    assert found["nih"] == found["phantoms"] == "no"


def test_data_sets_written_in_python_have_the_policy_that_is_told():
    assert load_dataset("phantoms", n_images=1).policy == OWN["phantoms"].policy
    assert {*DATASETS} - {*layout_file.names()} <= {*OWN}


def test_a_folder_has_the_policy_that_is_told(tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "0.png")
    (tmp_path / "manifest.csv").write_text("image,patient,split,Edema\n0.png,a,test,1\n")
    assert read_folder(Request(tmp_path, "all", 0, 0)).policy == OWN["folder"].policy


def test_a_caveat_of_all_checkpoints_of_an_owner_names_the_owner():
    of = dict(rows(choosing.caveats()))
    said = next(caveat for caveat in of if caveat.startswith("MIMIC-CXR, CheXpert"))
    count = sum(entry.id.startswith("StanfordAIMI/") for entry in entries())
    assert of[said] == f"all {count} of StanfordAIMI"


def test_a_caveat_of_some_names_them():
    of = dict(rows(choosing.caveats()))
    said = next(
        caveat for caveat in of if caveat.startswith("Its name says 384 pixels, but")
    )
    assert of[said] == "XraySigLIP__vit-l-16-siglip-384__webli"


def test_blanks_multiply_denials_by_what_is_counted():
    """Denied 1 and blank 9: ten times as many, if a blank counts as absent."""
    counts = {"Edema": [5, 1, 0, 9], "Fracture": [1, 2, 3, 0], "Hernia": [1, 0, 0, 4]}
    table = factors(counts).set_index("finding")
    assert list(table.index) == ["Fracture", "Edema", "Hernia"]
    assert list(table["factor"])[:2] == [1, 10]
    assert table["factor"].isna()["Hernia"]


@pytest.mark.parametrize(
    ("finding", "factor"), [("Pleural Effusion", 3.5), ("Pleural Other", 687)]
)
def test_chexpert_blanks_weigh_from_little_to_much(finding, factor):
    table = factors(layout_file.named("chexpert").official.labels.counts).set_index(
        "finding"
    )
    assert table.loc[finding, "factor"] == pytest.approx(factor, rel=0.02)


def test_every_checkpoint_of_the_ledger_has_a_row_and_seen_bears_the_mark():
    found = rows(choosing.exposures())
    assert len(found) == len(names())
    cells = {cell for row in found for cell in row[1:]}
    assert cells <= {"seen \N{DAGGER}", "not listed", "unknown"}


def test_the_data_sets_that_are_called_honest_are_not_listed_as_seen():
    page = (BOOK / "choose.md").read_text(encoding="utf-8")
    told = re.search(
        r"Stanford checkpoints (.+) are honest .+ known, and (.+) are not", page
    )
    honest, seen = (re.findall(r"`(\w+)`", part) for part in told.groups())
    states = {name: exposure(entries()[0].id, name).state for name in (*honest, *seen)}
    assert {states[name] for name in honest} == {"not listed"}
    assert {states[name] for name in seen} == {"seen"}
    assert {*honest, *seen} == {*DATASETS} - {"phantoms", "folder"}
