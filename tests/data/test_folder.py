"""Anybody's own images: a manifest, one thing wrong at a time."""

import numpy as np
import pytest

from negcxr.data.registry import load_dataset
from negcxr.errors import InputError

NAN = float("nan")
MANIFEST = """image,patient,split,view,age,Edema,Nodule,side:Nodule
a.png,007,train,PA,61,1,0,
x/b.png,007,train,,,-1,,
c.png,8,test,AP,40,0.0,1.0,left
"""


@pytest.fixture
def folder(tmp_path, png):
    """A good folder whose manifest a test may change by replacing words."""
    (tmp_path / "x").mkdir()
    for name in ("a.png", "x/b.png", "c.png"):
        (tmp_path / name).write_bytes(png)

    def load(*changes, split="all"):
        manifest = MANIFEST
        for old, new in changes:
            assert old in manifest
            manifest = manifest.replace(old, new)
        (tmp_path / "manifest.csv").write_text(manifest, encoding="utf-8")
        return load_dataset("folder", root=str(tmp_path), split=split)

    load.root = tmp_path
    return load


def test_a_good_folder_is_read_as_written(folder):
    dataset = folder()
    assert dataset.findings == ("Edema", "Nodule")
    np.testing.assert_array_equal(dataset.labels, [[1, 0], [-1, NAN], [0, 1]])
    assert list(dataset.table["patient"]) == ["007", "007", "8"]
    assert list(dataset.table["view"]) == ["PA", "", "AP"]
    np.testing.assert_array_equal(dataset.table["age"], [61, NAN, 40])
    assert dataset.sides.tolist() == [["", ""], ["", ""], ["", "left"]]


def test_its_default_policy_is_explicit(folder):
    assert folder().policy == "explicit"


def test_its_images_open(folder):
    assert folder().images.open(1).size == (32, 32)


def test_it_is_called_after_its_folder(folder):
    assert folder().name == folder.root.name


def test_views_and_sides_may_be_left_out(folder):
    (folder.root / "manifest.csv").write_text("image,patient,split,Mass\na.png,1,test,1\n")
    dataset = load_dataset("folder", root=str(folder.root))
    assert (dataset.sides, list(dataset.table["view"])) == (None, [""])


def test_a_byte_order_mark_and_blank_last_lines_do_no_harm(folder):
    assert len(folder(("image,", "\ufeffimage,"), (",left\n", ",left\n\n,,,\n"))) == 3


def test_blanks_around_a_cell_do_no_harm(folder):
    dataset = folder(("8,test,AP,40,0.0", " 8, test ,AP,40 , 0.0 "))
    assert list(dataset.table.iloc[2]) == ["c.png", "8", "test", "AP", 40]


def test_images_are_private_unless_their_owner_says_otherwise(folder):
    assert not folder().shows_images
    (folder.root / "about.yml").write_text("terms: CC0, ours\nshows_images: true\n")
    dataset = folder()
    assert (dataset.shows_images, dataset.terms) == (True, "CC0, ours")


def test_an_image_that_is_named_inverted_is_turned(folder):
    (folder.root / "manifest.csv").write_text(
        "image,patient,split,photometric,Mass\na.png,1,test,MONOCHROME1,1\n"
        "c.png,2,test,MONOCHROME2,0\nx/b.png,3,test,,0\n"
    )
    dataset = load_dataset("folder", root=str(folder.root))
    turned, same, blank = (np.asarray(dataset.images.open(row)) for row in range(3))
    np.testing.assert_array_equal(turned, 255 - same)  # the three files are alike
    np.testing.assert_array_equal(blank, same)
    assert (dataset.findings, "photometric" in dataset.table) == (("Mass",), False)


def test_a_turned_image_has_another_key(folder):
    text = "image,patient,split,photometric,Mass\na.png,1,test,{},1\n"
    keys = []
    for word in ("", "MONOCHROME1", "MONOCHROME2"):
        (folder.root / "manifest.csv").write_text(text.format(word))
        keys.append(load_dataset("folder", root=str(folder.root)).images.key(0))
    assert keys[0] == keys[2] != keys[1]


def test_another_word_for_photometric_is_refused(folder):
    with pytest.raises(
        InputError, match="row 2, photometric: '61'; allowed: MONOCHROME1, MONOCHROME2 or"
    ):
        folder((",age,", ",photometric,"))


def test_a_folder_may_be_credentialed(folder):
    assert not folder().credentialed
    (folder.root / "about.yml").write_text(
        "terms: a data use agreement\ncredentialed: true\n"
    )
    assert folder().credentialed


def test_a_folder_of_a_published_data_set_bears_its_name(folder):
    assert folder().name == folder.root.name
    (folder.root / "about.yml").write_text("data_set: padchest\n")
    assert folder().name == "padchest"


def test_a_data_set_that_the_ledger_lacks_is_refused(folder):
    (folder.root / "about.yml").write_text("data_set: xrays\n")
    with pytest.raises(InputError, match="about.yml: data_set: .*'chexpert-plus', not 'xr"):
        folder()


def test_credentialed_images_may_not_be_shown(folder):
    (folder.root / "about.yml").write_text("credentialed: true\nshows_images: true\n")
    with pytest.raises(InputError, match="credentialed images may stand on no page"):
        folder()


def test_an_unknown_word_about_a_folder_is_refused(folder):
    (folder.root / "about.yml").write_text("licence: CC0\n")
    with pytest.raises(
        InputError, match="about.yml: licence: extra.*allowed: terms, shows_i"
    ):
        folder()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            ("patient", "subject"),
            "manifest.csv: no column patient; it has: image, subject, split, view, age, E",
            id="missing column",
        ),
        pytest.param(
            ("61,1,0", "61,2,0"),
            "manifest.csv, row 2, Edema: label '2'; allowed: 1 present, 0 absent, -1 unc",
            id="label 2",
        ),
        pytest.param(
            ("-1,,", "-1,n/a,"), "manifest.csv, row 3, Nodule: label 'n/a'", id="label n/a"
        ),
        pytest.param(
            ("8,test", "007,test"),
            "manifest.csv, row 4: patient 007 has images in splits test and train",
            id="patient in two splits",
        ),
        pytest.param(
            ("c.png", "a.png"), "image a.png stands in rows 2 and 4", id="image twice"
        ),
        pytest.param(
            ("c.png", "d.png"), "manifest.csv, row 4: image 'd.png' is not in", id="no file"
        ),
        pytest.param(
            ("c.png", "../c.png"), "row 4: image '../c.png' leaves", id="leaves root"
        ),
        pytest.param(("8,test", ",test"), "row 4: patient is blank", id="blank patient"),
        pytest.param(("AP,40", "AP,old"), "row 4, age: 'old'; allowed: a number", id="age"),
        pytest.param(
            ("AP,40", "AP,-4"), "row 4, age: '-4'; allowed: a number", id="age < 0"
        ),
        pytest.param(
            (",left", ",middle"), "row 4, side:Nodule: 'middle'; allowed: left", id="side"
        ),
        pytest.param(
            ("side:Nodule", "side:Mass"),
            "'side:Mass' is of no finding; allowed: Edema, Nodule",
            id="side of nothing",
        ),
        pytest.param(
            ("Nodule,", "Edema,"), "column 'Edema' is named twice", id="column twice"
        ),
        pytest.param(
            (",1.0,left", ",1.0"), "row 4: 7 cells, but 8 columns", id="a cell too few"
        ),
        pytest.param(
            ("Edema,Nodule,side:Nodule", "age2,,"),
            "column '' is named twice",
            id="no names",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder, change, message):
    with pytest.raises(InputError) as refused:
        folder(change)
    assert message in str(refused.value)
    assert str(refused.value).startswith(str(folder.root / "manifest.csv"))
    assert "\n" not in str(refused.value)


def test_a_manifest_without_rows_is_refused(folder):
    (folder.root / "manifest.csv").write_text("image,patient,split,Edema\n")
    with pytest.raises(InputError, match="manifest.csv: no images"):
        load_dataset("folder", root=str(folder.root))


def test_an_empty_manifest_is_refused(folder):
    (folder.root / "manifest.csv").write_text("")
    with pytest.raises(InputError, match="manifest.csv: empty"):
        load_dataset("folder", root=str(folder.root))


def test_a_manifest_without_findings_is_refused(folder):
    (folder.root / "manifest.csv").write_text("image,patient,split\na.png,1,test\n")
    with pytest.raises(InputError, match="no column is a finding; it has: image, patient"):
        load_dataset("folder", root=str(folder.root))


def test_a_manifest_in_another_encoding_is_refused(folder):
    (folder.root / "manifest.csv").write_bytes("image,päatient\n".encode("latin-1"))
    with pytest.raises(InputError, match="manifest.csv: not CSV in UTF-8"):
        load_dataset("folder", root=str(folder.root))


def test_a_folder_without_manifest_is_refused(tmp_path):
    with pytest.raises(InputError, match="manifest.csv: cannot be read .No such file"):
        load_dataset("folder", root=str(tmp_path))


def test_a_bad_patient_is_refused_whichever_split_is_asked_for(folder):
    with pytest.raises(InputError, match="patient 007"):
        folder(("8,test", "007,test"), split="train")
