"""Open-I with its films: each convention of its reports by hand, real ones by count."""

import tarfile

import numpy as np
import pytest
from tests.data import trees_open
from tests.data.trees_open import openi_xml

from negcxr.data import openi_images
from negcxr.data.dataset import Request
from negcxr.data.fetch import fetched, is_there
from negcxr.data.layout import every_view
from negcxr.data.openi_xml import ReportFiles, read_folder
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError

NO_REPORTS = pytest.mark.skipif(
    not is_there("open-i"), reason="negcxr data fetch open-i was not run"
)


FINDINGS = (
    *("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Emphysema", "Fibrosis"),
    *("Fracture", "Hernia", "Infiltration", "Lung Opacity", "Mass", "Nodule"),
    *("Pleural Effusion", "Pleural Thickening", "Pneumonia", "Pneumothorax"),
    "Support Devices",
)


def read_films(folder):
    columns = ["image", "report", "file", "split", *FINDINGS]
    return openi_images.read_films(folder, columns)[0]


def read_sections(path):
    return ReportFiles(path.parent, [path.name]).read(0)


@pytest.fixture
def folder(tmp_path):
    return trees_open.openi(tmp_path / "openi") / "ecgen-radiology"


@pytest.fixture
def films(folder):
    return read_films(folder).set_index("image")


def column(films, finding):
    return dict(zip(films.index, films[finding], strict=True))


def test_every_film_that_a_report_names_has_a_row_in_the_order_of_the_reports(films):
    assert list(films.index) == [
        "CXR1_1_IM-0001-3001",
        "CXR1_1_IM-0001-4001",
        "CXR2_IM-0652-1001",
        "CXR3_IM-1384-1001",
        "CXR4_IM-2050-1001",
        "CXR4_IM-2050-1001-0001",
        "CXR6_IM-2192-1001",
        "CXR10_IM-0002-1001",
    ]
    assert list(films["report"][:3]) == ["CXR1", "CXR1", "CXR2"]
    assert list(films["file"][:3]) == ["1", "1", "2"]


def test_a_chosen_term_makes_its_finding_present(films):
    assert films["Pleural Effusion"]["CXR2_IM-0652-1001"] == "1"
    assert films["Pneumonia"]["CXR10_IM-0002-1001"] == "1"


def test_a_term_of_the_program_is_not_read(films):
    assert films["Pneumothorax"]["CXR2_IM-0652-1001"] == ""


def test_a_borderline_heart_is_uncertain(films):
    assert films["Cardiomegaly"]["CXR2_IM-0652-1001"] == "-1"


def test_a_plain_term_goes_before_a_borderline_one(films):
    assert films["Cardiomegaly"]["CXR4_IM-2050-1001"] == "1"


def test_an_opacity_is_of_the_lung_where_the_term_says_so(tmp_path):
    root = trees_open.openi(
        tmp_path,
        (
            (1, ("a",), ("Opacity/ribs",), (), "", ""),
            (2, ("b",), ("Opacity/lung/base",), (), "", ""),
        ),
    )
    films = read_films(root / "ecgen-radiology")
    assert list(films["Lung Opacity"]) == ["", "1"]


def test_one_term_may_stand_for_two_findings(films):
    film = films.loc["CXR6_IM-2192-1001"]
    assert (film["Pleural Effusion"], film["Pneumothorax"]) == ("1", "1")
    assert film["Pleural Thickening"] == ""  # the bronchi's, not the pleura's


def test_normal_says_nothing_of_any_finding(films):
    assert set(films.loc["CXR1_1_IM-0001-3001", list(FINDINGS)]) == {""}


def test_a_finding_without_terms_is_refused(folder):
    with pytest.raises(InputError, match="openi.yml: no column Scoliosis; it has: image"):
        openi_images.read_films(folder, ["image", "Scoliosis"])


def test_nothing_is_ever_denied(films):
    assert not films.isin(["0"]).any(axis=None)


def test_a_report_that_nobody_indexed_is_in_a_split_of_its_own(films):
    assert films["split"]["CXR3_IM-1384-1001"] == "unindexed"
    others = films["split"].drop("CXR3_IM-1384-1001")
    assert set(others) == {""}


def test_the_films_of_a_report_are_in_one_split(load):
    assert load().table.groupby("patient")["split"].nunique().max() == 1


def test_the_split_depends_on_nothing_but_the_number(tmp_path, load):
    root = trees_open.openi(tmp_path / "part", trees_open.OPENI_REPORTS[-1:])
    part = load_dataset("openi", root=str(root), split="all").table
    assert part["split"][0] == load().table["split"].iloc[-1]


def test_films_that_nobody_indexed_are_no_part_of_all(load):
    assert set(load().table["split"]) <= {"train", "test"}
    assert list(load("unindexed").table["patient"]) == ["CXR3"]
    assert load().terms.endswith("split unindexed is left out")


def test_it_is_told_that_no_view_is_known(load):
    assert "views not known, laterals among them" in load().terms


def test_sections_keep_their_words_and_their_masks(folder):
    assert read_sections(folder / "2.xml") == {
        "indication": "Cough?",
        "findings": "Small XXXX effusion. No pneumothorax.",
        "impression": "",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("<eCitation>", "not a report in XML .no element", id="cut off"),
        pytest.param("", "not a report in XML .no element found", id="empty"),
        pytest.param("<a/>", "no uId, which is a report's number", id="no number"),
        pytest.param(
            openi_xml("CXR9", [""]), "parentImage ''; allowed: the name of", id="no name"
        ),
        pytest.param(openi_xml("CXR9", ["../a"]), "parentImage '../a'", id="leaves"),
        pytest.param(openi_xml("CXR9", ["a\\b"]), "parentImage", id="leaves on Windows"),
        pytest.param(openi_xml("CXR9", ["a", "a"]), "an image is named twice", id="twice"),
        pytest.param(
            openi_xml("CXR1"), "report 'CXR1' is also named by 1.xml", id="number taken"
        ),
        pytest.param(
            openi_xml("CXR9", ["CXR1_1_IM-0001-3001"]),
            "image 'CXR1_1_IM-0001-3001' is also named by 1.xml",
            id="image taken",
        ),
        pytest.param(
            '<!DOCTYPE a [<!ENTITY b "c">]>' + openi_xml("CXR9").split("\n")[1],
            "declares a document type, which no report does",
            id="entity",
        ),
        pytest.param(
            '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "declares a", id="outside file"
        ),
        pytest.param("x" * 1_000_001, "longer than 1000000 bytes", id="long"),
    ],
)
def test_a_report_that_cannot_be_used_is_named_in_one_line(folder, text, told):
    (folder / "99.xml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told) as refused:
        read_folder(folder)
    assert str(refused.value).startswith(str(folder / "99.xml"))
    assert "\n" not in str(refused.value)


def test_a_bomb_is_refused_before_it_unpacks(folder):
    ten = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{ten}]><x>&a11;</x>'
    (folder / "99.xml").write_text(bomb)
    with pytest.raises(InputError, match="99.xml.*declares a document type"):
        read_sections(folder / "99.xml")


def test_a_bomb_in_another_encoding_is_refused_too(folder):
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    (folder / "99.xml").write_bytes(text.encode("utf-16"))
    with pytest.raises(InputError, match="99.xml.*declares a document type"):
        read_sections(folder / "99.xml")


def test_a_folder_without_reports_is_refused(tmp_path):
    with pytest.raises(InputError, match="no XML file; the reports of Open-I are needed"):
        read_films(tmp_path)


@pytest.fixture
def load(tmp_path):
    root = trees_open.openi(tmp_path / "whole")

    def read(split="all"):
        return load_dataset("openi", root=str(root), split=split)

    read.root = root
    return read


def test_the_official_layout_is_read_with_its_counts(load):
    dataset = load()
    assert (len(dataset), dataset.table["patient"].nunique()) == (7, 5)
    assert dataset.table["image"][0] == "NLMCXR_png/CXR1_1_IM-0001-3001.png"
    assert (dataset.kind, dataset.policy, len(dataset.findings)) == (
        *("films", "blank-absent"),
        17,
    )


def test_labels_by_hand(load):
    dataset = load()
    hearts = dataset.labels[:, dataset.findings.index("Cardiomegaly")]
    nan = float("nan")
    np.testing.assert_array_equal(hearts, [nan, nan, -1, 1, 1, nan, nan])
    counts = {value: int((dataset.labels == value).sum()) for value in (1, 0, -1)}
    # effusion (2), heart (4, 4), opacity (4, 4), effusion and pneumothorax (6),
    # pneumonia, which is an opacity too (10)
    assert counts == {1: 9, 0: 0, -1: 1}


def test_its_views_are_not_known_and_its_films_not_shown(load):
    dataset = load()
    assert set(dataset.table["view"]) == {""}
    assert (dataset.credentialed, dataset.shows_images) == (False, False)


def test_the_report_of_a_film_comes_by_section_also_of_a_part(load):
    part = load().take([6, 2])
    assert part.sections.read(0)["findings"] == "Dense."
    assert part.sections.read(1)["findings"] == "Small XXXX effusion. No pneumothorax."


def test_films_may_lie_in_the_folder_itself(load):
    for file in (load.root / "NLMCXR_png").iterdir():
        file.rename(load.root / file.name)
    (load.root / "NLMCXR_png").rmdir()
    dataset = load()
    assert dataset.table["image"][0] == "CXR1_1_IM-0001-3001.png"
    assert dataset.images.open(0).size == (16, 12)


def test_a_film_that_is_not_there_is_named(load):
    (load.root / "NLMCXR_png" / "CXR3_IM-1384-1001.png").unlink()
    with pytest.raises(InputError, match="CXR3_IM-1384-1001.png"):
        load("unindexed")


def test_a_folder_without_the_reports_is_refused(tmp_path):
    with pytest.raises(InputError, match="no file ecgen-radiology"):
        load_dataset("openi", root=str(tmp_path), split="all")


@NO_REPORTS
def test_the_real_reports_name_7470_films_of_3851_examinations(tmp_path):
    with tarfile.open(fetched("open-i")) as archive:
        archive.extractall(tmp_path, filter="data")
    films = read_films(tmp_path / "ecgen-radiology")
    assert (len(films), films["report"].nunique()) == (7470, 3851)
    whole = every_view("openi", Request(tmp_path, "all", 0, 0)).table
    splits = whole.groupby("split")[["image", "patient"]].nunique()
    assert splits["image"].to_dict() == {"test": 1442, "train": 5856, "unindexed": 172}
    assert splits["patient"].to_dict() == {"test": 744, "train": 3015, "unindexed": 92}
    counts = {name: (films[name] == "1").sum() for name in ("Cardiomegaly", "Pneumonia")}
    assert counts == {"Cardiomegaly": 607, "Pneumonia": 77}
    assert (films["Cardiomegaly"] == "-1").sum() == 86
