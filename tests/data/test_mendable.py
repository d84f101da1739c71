"""Faults that a check lists and everybody else refuses."""

import pytest

from negcxr.data.mendable import refuse, tolerated
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError

MANIFEST = "image,patient,split,Edema\na.png,1,train,1\nb.png,1,test,0\n"


@pytest.fixture
def root(tmp_path, png):
    """A patient in two splits, and b.png is not there."""
    (tmp_path / "a.png").write_bytes(png)
    (tmp_path / "manifest.csv").write_text(MANIFEST)
    return tmp_path


def test_a_fault_is_refused_without_a_check():
    with pytest.raises(InputError, match="b.png is lost"):
        refuse("b.png is lost")


def test_a_check_reads_what_others_refuse(root):
    with pytest.raises(InputError, match="patient 1 has images in splits test and train"):
        load_dataset("folder", root=str(root))
    with tolerated():
        dataset = load_dataset("folder", root=str(root), split="all")
    assert list(dataset.table["image"]) == ["a.png", "b.png"]
    assert dataset.images.path(1) == root / "b.png"


def test_after_a_check_faults_are_refused_again(root):
    with tolerated():
        load_dataset("folder", root=str(root))
    with pytest.raises(InputError, match="patient 1"):
        load_dataset("folder", root=str(root))


def test_a_check_that_fails_leaves_faults_refused(root):
    with pytest.raises(ZeroDivisionError), tolerated():
        1 / 0  # noqa: B018
    with pytest.raises(InputError):
        refuse("still")


@pytest.mark.parametrize("name", ["../b.png", "/etc/passwd", "C:\\b.png", "x\\..\\b.png"])
def test_a_path_out_of_the_folder_is_refused_in_a_check_too(root, name):
    (root / "manifest.csv").write_text(MANIFEST.replace("b.png", name))
    with pytest.raises(InputError, match="row 3: image .* leaves"), tolerated():
        load_dataset("folder", root=str(root))


def test_a_film_out_of_the_folder_is_refused_in_a_check_too(root):
    header = (
        "Image Index,Patient ID,View Position,Patient Age,Patient Gender,Finding Labels"
    )
    row = "../../passwd,1,AP,60,M,No Finding"
    (root / "Data_Entry_2017_v2020.csv").write_text(f"{header}\n{row}\n")
    (root / "train_val_list.txt").write_text("../../passwd\n")
    (root / "test_list.txt").write_text("")
    with pytest.raises(InputError, match="row 2: image '../../passwd' leaves"), tolerated():
        load_dataset("nih", root=str(root))
