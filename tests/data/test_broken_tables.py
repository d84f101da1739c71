"""Whatever is wrong with a table: one clear error, and nothing left behind.

Each table of each layout is broken in every way of `broken.WAYS`, at places that
hypothesis draws.
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.data import broken, trees, trees_open
from tests.data.broken import Pick, Table

from negcxr.data.mendable import tolerated
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError

PIXEL = b"no test of this file opens an image"
# A failing pick is as telling as a smaller one, and shrinking takes minutes.
FEW = settings(
    max_examples=3, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate)
)
PICKS = st.builds(Pick, st.integers(0, 999), st.integers(0, 999))


def image(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((4, 4), dtype=np.uint8)).save(path)


def folder(root):
    """Anybody's own images, with all that a manifest may say."""
    for name in ("a.png", "x/b.png", "c.png"):
        image(root / name)
    (root / "manifest.csv").write_text(
        "image,patient,split,view,age,sex,Edema,Mass,side:Mass\n"
        "a.png,1,train,PA,61,F,1,0,\n"
        "x/b.png,2,train,,,,-1,,\n"
        "c.png,3,test,AP,40,M,0,1.0,left\n"
    )
    return root


def nih(root):
    """ChestX-ray14, three films of two patients."""
    for name in ("images/a.png", "images/b.png", "images_002/images/c.png"):
        image(root / name)
    (root / "train_val_list.txt").write_text("a.png\nb.png\n")
    (root / "test_list.txt").write_text("c.png\n")
    (root / "Data_Entry_2017_v2020.csv").write_text(
        "Image Index,Finding Labels,Patient ID,Patient Age,Patient Gender,View Position\n"
        "a.png,Edema|Effusion,1,60,M,AP\n"
        "b.png,No Finding,1,61,M,PA\n"
        "c.png,Hernia,2,40,F,PA\n"
    )
    return root


def mimic(root):
    return trees.write_mimic(root, PIXEL)


def chexpert(root):
    return trees.write_chexpert(root, PIXEL)


def vindr(root):
    return trees_open.vindr(root)


def openi(root):
    return trees_open.openi(root)


FOLDER_NEEDS = ("image", "patient", "split")
NIH_NEEDS = ("Image Index", "Patient ID", "Patient Age", "Patient Gender")
NIH_NEEDS = (*NIH_NEEDS, "View Position", "Finding Labels")
MIMIC, MIMIC_KEYS = "mimic-cxr-2.0.0", ("subject_id", "study_id")
# By name in the registry: the tree, and its tables.
TREES = {
    "folder": (
        folder,
        [
            Table(
                "manifest.csv",
                needed=FOLDER_NEEDS,
                texts=FOLDER_NEEDS,
                image="image",
                years="age",
                labels=("Edema", "Mass", "side:Mass"),
            )
        ],
    ),
    "nih": (
        nih,
        [
            Table(
                "Data_Entry_2017_v2020.csv",
                needed=NIH_NEEDS,
                texts=("Image Index", "Patient ID", "View Position", "Finding Labels"),
                image="Image Index",
                years="Patient Age",
                labels=("Finding Labels",),
            )
        ],
    ),
    "mimic": (
        mimic,
        [
            Table(
                f"{MIMIC}-metadata.csv.gz",
                needed=("dicom_id", *MIMIC_KEYS, "ViewPosition"),
                texts=("dicom_id", *MIMIC_KEYS),
                image="dicom_id",
                escapes=broken.CLIMBS,
            ),
            Table(
                f"{MIMIC}-split.csv.gz",
                needed=("dicom_id", *MIMIC_KEYS, "split"),
                texts=("dicom_id", *MIMIC_KEYS, "split"),
                labels=("split",),
            ),
            Table(
                f"{MIMIC}-chexpert.csv.gz",
                needed=(*MIMIC_KEYS, "Edema", "Support Devices"),
                texts=MIMIC_KEYS,
                labels=("Edema", "Pneumothorax"),
            ),
        ],
    ),
    "chexpert": (
        chexpert,
        [
            Table(
                f"{part}.csv",
                needed=("Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", "Edema"),
                texts=("Path",),
                image="Path",
                years="Age",
                labels=("Edema", "Fracture", "Sex"),
            )
            for part in ("train", "valid")
        ],
    ),
    "vindr": (
        vindr,
        [
            Table(
                "annotations/image_labels_train.csv",
                needed=("image_id", "rad_id", "Edema", "Nodule/Mass"),
                texts=("image_id", "rad_id"),
                image="image_id",
                escapes=broken.CLIMBS,
                labels=("Edema", "Pneumonia"),
            ),
            Table(
                "annotations/image_labels_test.csv",
                needed=("image_id", "Edema", "Nodule/Mass"),
                texts=("image_id",),
                image="image_id",
                escapes=broken.CLIMBS,
                labels=("Edema", "Pneumonia"),
            ),
        ],
    ),
    "openi": (openi, []),  # its labels stand in XML
}
TABLED = [name for name, (_, tables) in TREES.items() if tables]
XML = "ecgen-radiology/2.xml"
CASES = [
    pytest.param(name, table, way, id=f"{name}-{table.file}-{way.__name__}")
    for name, (_, tables) in TREES.items()
    for table in tables
    for way, breaks in broken.WAYS.items()
    if breaks(table)
]


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """Each tree, written once, and the bytes of all its files."""
    roots = {name: make(tmp_path_factory.mktemp(name)) for name, (make, _) in TREES.items()}
    return {name: (root, contents(root)) for name, root in roots.items()}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """The study's cache, empty, and as long as this module runs the only one."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEGCXR_CACHE", str(folder))
        yield folder


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def put(root: Path, good: dict[str, bytes], file: str, content: bytes) -> dict[str, bytes]:
    """Write one file of a tree that is else as it was; what the tree then holds."""
    for name, bytes_ in good.items():
        if (root / name).read_bytes() != bytes_:
            (root / name).write_bytes(bytes_)
    (root / file).write_bytes(content)
    return {**good, file: content}


def refused(name: str, root: Path) -> str:
    with pytest.raises(InputError) as error:
        load_dataset(name, root=str(root), split="all")
    assert error.value.__suppress_context__ or error.value.__context__ is None
    return str(error.value)


@pytest.mark.parametrize("name", TREES)
def test_an_unbroken_tree_is_read(name, grown):
    root, good = grown[name]
    for table in TREES[name][1]:
        put(root, good, table.file, good[table.file])
    assert len(load_dataset(name, root=str(root), split="all")) >= 3


@pytest.mark.parametrize(("name", "table", "way"), CASES)
@FEW
@given(pick=PICKS)
def test_a_broken_table_is_one_clear_error(grown, cache, name, table, way, pick):
    root, good = grown[name]
    grid = broken.read(good[table.file], table.file)
    content, says = way(table, grid, pick)
    held = put(root, good, table.file, broken.packed(content, table.file))
    message = refused(name, root)
    assert "\n" not in message
    assert str(root / table.file) in message
    assert [word for word in says if word not in message] == []
    assert (contents(root), contents(cache)) == (held, {})


@pytest.mark.parametrize("name", TABLED)
@FEW
@given(pick=PICKS)
def test_a_check_refuses_a_path_out_of_the_folder_as_well(grown, cache, name, pick):
    root, good = grown[name]
    for table in TREES[name][1]:
        if not table.image:
            continue
        grid = broken.read(good[table.file], table.file)
        content, _ = broken.leaves_the_folder(table, grid, pick)
        put(root, good, table.file, broken.packed(content, table.file))
        with tolerated():
            refused(name, root)


@pytest.mark.parametrize("name", TABLED)
def test_a_missing_table_is_one_clear_error(grown, cache, name):
    root, good = grown[name]
    for table in TREES[name][1]:
        put(root, good, table.file, good[table.file])
        (root / table.file).unlink()
        message = refused(name, root)
        (root / table.file).write_bytes(good[table.file])
        stem = Path(table.file).name.split(".csv")[0]
        assert str(root) in message and stem in message and "\n" not in message
    assert contents(root) == good
    assert contents(cache) == {}


@pytest.mark.parametrize(
    ("name", "file"),
    [(n, t.file) for n, (_, ts) in TREES.items() for t in ts if t.file.endswith(".gz")],
)
@FEW
@given(share=st.floats(0.05, 0.95))
def test_half_a_packed_table_is_one_clear_error(grown, cache, name, file, share):
    root, good = grown[name]
    held = put(root, good, file, good[file][: int(len(good[file]) * share)])
    message = refused(name, root)
    assert message.startswith(str(root / file)) and "\n" not in message
    assert (contents(root), contents(cache)) == (held, {})


def cut(content, pick):
    return content[: 1 + pick.row % (len(content) - 10)]


def no_utf8(content, pick):
    place = content.index(b"<MeSH>") + 6
    return content[:place] + b"\xff" + content[place:]


def empty(content, pick):
    return b""


def no_report(content, pick):
    return (b"<a/>", b"{}", b"image,patient\n", b"\x1f\x8b\x08")[pick.which % 4]


def bomb(content, pick):
    return b'<!DOCTYPE a [<!ENTITY b "bb">]>' + content[content.index(b"<eCitation") :]


def climbing(content, pick):
    ways = (b"../x", b"/etc/passwd", b"..\\x", b"")
    return content.replace(b"CXR2_IM-0652-1001", ways[pick.which % 4], 1)


def claimed_twice(content, pick):
    return content.replace(b'<uId id="CXR2"', b'<uId id="CXR1"')


@FEW
@given(pick=PICKS)
def test_a_check_refuses_a_report_whose_image_lies_out_of_the_folder(grown, cache, pick):
    root, good = grown["openi"]
    put(root, good, XML, climbing(good[XML], pick))
    with tolerated():
        assert refused("openi", root).startswith(str(root / XML))


def test_without_a_report_there_is_one_clear_error(grown, cache):
    root, good = grown["openi"]
    put(root, good, XML, good[XML])
    folder = root / "ecgen-radiology"
    folder.rename(root / "away")
    message = refused("openi", root)
    folder.mkdir()
    assert "no file ecgen-radiology" in message and "\n" not in message
    assert refused("openi", root) == (
        f"{folder}: no XML file; the reports of Open-I are needed there"
    )
    folder.rmdir()
    (root / "away").rename(folder)
    assert (contents(root), contents(cache)) == (good, {})


@pytest.mark.parametrize(
    "way", [cut, no_utf8, empty, no_report, bomb, climbing, claimed_twice]
)
@FEW
@given(pick=PICKS)
def test_a_broken_report_is_one_clear_error(grown, cache, way, pick):
    root, good = grown["openi"]
    held = put(root, good, XML, way(good[XML], pick))
    message = refused("openi", root)
    assert message.startswith(str(root / XML)) and "\n" not in message
    assert (contents(root), contents(cache)) == (held, {})
