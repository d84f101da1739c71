"""Counts beside the published ones: the whole, a part, more, and other than published."""

import pandas as pd
import pytest

from negcxr.data.check_official import NOTHING_PRESENT, against, counts_of

WHOLE = {"images": 112_120, "patients": 30_805, NOTHING_PRESENT: 60_361}


def verdict(what, **changes):
    table = against({**WHOLE, **changes}, "nih").set_index("what")
    return table.loc[what, "verdict"]


def test_counts_that_agree_are_as_published():
    assert {verdict(what) for what in WHOLE} == {"as published"}


def test_fewer_images_are_a_part():
    assert verdict("images", images=660) == "a part: 660 of 112,120"


def test_in_a_part_fewer_patients_are_a_part_too():
    assert verdict("patients", images=660, patients=451) == "a part: 451 of 30,805"


def test_fewer_patients_of_all_images_differ():
    assert verdict("patients", patients=30_804) == "differs: 30,804 of 30,805"


def test_more_images_than_published_are_told():
    assert verdict("images", images=112_121) == "more than published: 112,121 of 112,120"


def test_what_nobody_published_has_no_verdict():
    table = against(WHOLE, "folder")
    assert set(table["verdict"]) == {""}
    assert table["official"].isna().all()


def test_each_split_is_counted_after_the_whole(make_dataset):
    assert counts_of(make_dataset()) == {
        "images": 6,
        "patients": 4,
        "images in test": 3,
        "patients in test": 2,
        "images in train": 3,
        "patients in train": 2,
        NOTHING_PRESENT: 3,  # c.png, e.png and f.png
    }


@pytest.mark.parametrize("name", ["nih", "folder"])
def test_official_counts_are_whole_numbers(name):
    assert against(WHOLE, name)["official"].dtype == pd.Int64Dtype()
