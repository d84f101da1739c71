"""A whole check on a folder with one fault of each kind, and on one with none."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from negcxr import paths
from negcxr.data.check import Looking, check_dataset
from negcxr.data.check_write import refuse_published, write_check
from negcxr.data.mendable import tolerated
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError

GOOD = [f"{i}.png,{i},{'test' if i % 2 else 'train'},{i % 2}" for i in range(1, 7)]
FAULTS = [
    "gone.png,10,train,1",
    "broken.png,11,train,1",
    "copy.png,12,test,0",  # the picture of 2.png, which is for training
    "shared-a.png,13,train,1",
    "shared-b.png,13,test,1",
]


def pictured(number):
    noise = np.random.default_rng(number).integers(0, 256, (32, 32))
    return Image.fromarray(noise.astype(np.uint8))


def written(root, rows):
    """A folder with these rows in its manifest and a file for each."""
    for number, row in enumerate(rows):
        pictured(number).save(root / row.split(",")[0])
    (root / "manifest.csv").write_text("image,patient,split,Edema\n" + "\n".join(rows))
    return root


def looking(n=0, **changes):
    said = {"seed": 0, "least": 10, "denies": bool, "watched": iter}
    return Looking(n=n, **{**said, **changes})


def checked(root, n=0):
    with tolerated():
        dataset = load_dataset("folder", root=str(root), split="all")
        return check_dataset("folder", dataset, looking(n))


@pytest.fixture
def faulty(tmp_path):
    root = written(tmp_path, GOOD + FAULTS)
    (root / "gone.png").unlink()
    (root / "broken.png").write_bytes(b"")
    pictured(1).save(root / "copy.png")
    return root


@pytest.fixture
def good(tmp_path):
    return written(tmp_path, GOOD)


def test_a_good_folder_has_nothing_to_mend(good):
    assert checked(good).to_mend().empty


def test_each_fault_is_one_row_of_what_to_mend(faulty):
    rows = checked(faulty).to_mend()
    assert list(rows["what"]) == [
        "missing",
        "unreadable",
        "patient in two splits",
        "picture in two splits",
    ]
    assert list(rows["image"]) == ["gone.png", "broken.png", "", "copy.png"]
    assert list(rows["patient"]) == ["10", "11", "13", ""]
    assert rows["said"].iloc[3] == "train has the same picture as 2.png"


def test_the_same_picture_in_one_split_is_told_but_needs_no_mending(good):
    pictured(1).save(good / "4.png")  # 2.png and 4.png are both for training
    check = checked(good)
    assert len(check.twins) == 1
    assert check.to_mend().empty


def test_a_sample_decodes_as_many_as_asked(faulty):
    assert len(checked(faulty, n=3).looked) == 3


def test_a_sample_is_of_files_that_are_there(faulty):
    for seed in range(10):
        with tolerated():
            dataset = load_dataset("folder", root=str(faulty), split="all")
        check = check_dataset("folder", dataset, looking(5, seed=seed))
        assert "gone.png" not in set(check.looked["image"])


def test_missing_files_are_found_whatever_the_sample(faulty):
    assert checked(faulty, n=1).missing.tolist() == [6]


def test_the_verdict_is_on_the_split_that_studies_measure_on(good):
    assert checked(good).split == "test"


def test_a_finding_that_the_split_does_not_lack_cannot_be_asked_there(good):
    with tolerated():
        dataset = load_dataset("folder", root=str(good), split="all")
    check = check_dataset("folder", dataset, looking(least=3))  # 3 have it, all in test
    row = check.verdicts.set_index("policy").loc["explicit"]
    assert (row["askable"], row["too_few_absent"]) == (0, "Edema")


def test_without_a_test_split_the_verdict_is_on_all_images(good):
    text = (good / "manifest.csv").read_text().replace("test", "held-out")
    (good / "manifest.csv").write_text(text)
    assert checked(good).split == "all"


def test_every_table_is_written(good, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    files = write_check(checked(good), out, least=10, seed=0)
    names = ["counts.csv", "labels.csv", "policies.csv", "verdicts.csv", "to-mend.csv"]
    assert [path.name for path in files] == names
    policies = pd.read_csv(out / "policies.csv")
    assert policies.loc[0, ["present", "absent"]].tolist() == [3, 0]  # of the test split
    labels = pd.read_csv(out / "labels.csv")
    assert labels.loc[0, ["present", "absent", "explicit"]].tolist() == [3, 3, 3]


def test_a_picture_is_there_only_where_images_may_be_shown(good, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    (good / "about.yml").write_text("shows_images: true\n")
    assert write_check(checked(good), out, least=10, seed=0)[-1] == out / "samples.png"
    (good / "about.yml").unlink()
    write_check(checked(good), out, least=10, seed=0)
    assert not (out / "samples.png").exists()


def test_what_was_mended_is_no_longer_listed(faulty, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    write_check(checked(faulty), out, least=10, seed=0)
    assert len(pd.read_csv(out / "to-mend.csv")) == 4
    written(faulty, GOOD)
    write_check(checked(faulty), out, least=10, seed=0)
    assert pd.read_csv(out / "to-mend.csv").empty


@pytest.mark.parametrize("room", ["BOOK", "ARTIFACTS"])
def test_a_folder_that_is_published_is_refused(room):
    with pytest.raises(InputError, match="is published; choose another"):
        refuse_published(getattr(paths, room) / "x" / "y")


def test_a_runs_folder_is_refused(tmp_path):
    (tmp_path / "run.yml").write_text("{}")
    with pytest.raises(InputError, match="is a run's, whose results pages read"):
        refuse_published(tmp_path / "below")
