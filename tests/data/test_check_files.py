"""Missing, broken and repeated files, one fault a file."""

import io

import numpy as np
import pytest
from PIL import Image

from negcxr.data.check_files import look_at, same_pictures
from negcxr.data.images import file_of
from negcxr.data.mendable import tolerated
from negcxr.data.registry import load_dataset
from negcxr.data.tree import missing_rows

ROWS = (
    "good.png,1,train",
    "x/twin.png,2,test",
    "gone.png,3,train",
    "x/empty.png,4,train",
    "cut.png,5,train",
    "words.png,6,train",
    "deep.png,7,train",
    "turned.png,8,train",
)


def film():
    """Dark corners and lungs, bright spine and belly, as a frontal film has."""
    levels = np.full((64, 64), 120, dtype=np.uint8)
    levels[:10] = 10
    levels[16:40, 10:24] = levels[16:40, 40:54] = 40
    levels[16:40, 28:36] = levels[48:, 16:48] = 220
    return levels


def png(levels, **how):
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "PNG", **how)
    return buffer.getvalue()


@pytest.fixture
def root(tmp_path):
    (tmp_path / "x").mkdir()
    good = png(film())
    files = {
        "good.png": good,
        "x/twin.png": png(film(), compress_level=0),
        "x/empty.png": b"",
        "cut.png": good[: len(good) // 2],
        "words.png": b"not a picture at all",
        "deep.png": png(film().astype(np.uint16) * 100 + 7),
        "turned.png": png(255 - film()),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    rows = "\n".join(f"{row},1" for row in ROWS)
    (tmp_path / "manifest.csv").write_text(f"image,patient,split,Edema\n{rows}\n")
    return tmp_path


@pytest.fixture
def dataset(root):
    with tolerated():
        return load_dataset("folder", root=str(root), split="all")


@pytest.fixture
def looked(dataset):
    there = sorted(set(range(len(dataset))) - set(missing_rows(dataset)))
    return look_at(dataset, there).set_index("image")


def test_a_file_that_is_not_there_is_found_by_its_row(dataset):
    assert missing_rows(dataset).tolist() == [2]


def test_of_a_part_the_rows_are_its_own(dataset):
    assert missing_rows(dataset.take([5, 2, 0])).tolist() == [1]


def test_a_folder_is_listed_once(dataset, monkeypatch):
    from negcxr.data import tree

    listed = []
    monkeypatch.setattr(tree, "listing", lambda path: listed.append(path) or set())
    assert len(missing_rows(dataset)) == 8
    assert len(listed) == 2


def test_images_that_are_no_files_are_not_missing(make_dataset):
    assert missing_rows(make_dataset()).size == 0
    assert file_of(make_dataset().images, 0) is None


@pytest.mark.parametrize(
    ("image", "fault"),
    [
        ("good.png", ""),
        ("x/empty.png", "empty: 0 bytes"),
        ("cut.png", "not a readable image (image file is truncated"),
        ("words.png", "not a readable image (no format that is known)"),
    ],
)
def test_a_file_that_does_not_open_says_why(looked, image, fault):
    said = looked.loc[image, "fault"]
    assert said.startswith(fault) and bool(said) == bool(fault)


def test_a_fault_does_not_name_the_folder(looked, root):
    assert not looked["fault"].str.contains(str(root), regex=False).any()


def test_more_than_8_bits_are_noticed(looked):
    assert list(looked.index[looked["deep"]]) == ["deep.png"]


def test_a_picture_with_bright_air_is_noticed(looked):
    assert list(looked.index[looked["inverted"]]) == ["turned.png"]


def test_the_same_picture_in_another_file_is_a_twin(looked):
    twins = same_pictures(looked.reset_index())
    assert twins.to_dict("records")[0] == {
        "image": "x/twin.png",
        "split": "test",
        "twin": "good.png",
        "twin_split": "train",
    }


def test_files_that_do_not_open_are_no_twins(dataset):
    assert same_pictures(look_at(dataset, [3, 4, 5])).empty


def test_an_image_is_opened_before_the_next_is_asked_for(make_dataset):
    events = []

    class Watched:
        def open(self, row):
            events.append(f"open {row}")
            return Image.new("L", (4, 4), row)

    def rows():
        for row in (0, 1):
            events.append(f"ask {row}")
            yield row

    look_at(make_dataset(images=Watched()), rows())
    assert events == ["ask 0", "open 0", "ask 1", "open 1"]
