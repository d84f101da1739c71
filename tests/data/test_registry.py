"""Data sets by name."""

import pytest

from negcxr.data import registry
from negcxr.errors import InputError


@pytest.fixture
def six(monkeypatch, make_dataset):
    asked = []

    def read(request):
        asked.append(request)
        return make_dataset()

    monkeypatch.setitem(registry.DATASETS, "six", read)
    return asked


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(
        InputError, match="'mimc' is not known; choose one of: phantoms, nih, f"
    ):
        registry.load_dataset("mimc")


def test_the_test_split_is_read_unless_another_is_named(six):
    assert list(registry.load_dataset("six").table["image"]) == ["d.png", "e.png", "f.png"]


def test_split_and_sample_are_cut_whatever_the_reader_gave(six):
    loaded = registry.load_dataset("six", split="train", n_images=2, seed=3)
    assert len(loaded) == 2
    assert set(loaded.table["split"]) == {"train"}


def test_the_reader_is_told_what_was_asked(six, tmp_path):
    registry.load_dataset("six", root=str(tmp_path), split="train", n_images=2, seed=3)
    assert six == [(tmp_path, "train", 2, 3)]


def test_no_root_is_none_and_not_the_projects_folder(six):
    registry.load_dataset("six")
    assert six[0].root is None


@pytest.mark.parametrize("name", ["nih", "folder"])
def test_a_data_set_on_disk_asks_for_its_root(name):
    with pytest.raises(InputError, match=f"data set {name} needs root"):
        registry.load_dataset(name)
