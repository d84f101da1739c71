"""Counts beside the published ones: the whole, a part, more, and other than published."""

import pandas as pd
import pytest

from negcxr.data.check_official import (
    NOTHING_PRESENT,
    Count,
    against,
    counts_of,
    official_counts,
)

IMAGES, PATIENTS = Count("images"), Count("patients")
WHOLE = {IMAGES: 112_120, PATIENTS: 30_805, Count(NOTHING_PRESENT): 60_361}


def verdict(count, changes, name="nih"):
    table = against({**WHOLE, **changes}, name).set_index(["what", "split"])
    return table.loc[tuple(count), "verdict"]


def test_counts_that_agree_are_as_published():
    assert {verdict(count, {}) for count in WHOLE} == {"as published"}


def test_fewer_images_are_a_part():
    assert verdict(IMAGES, {IMAGES: 660}) == "a part: 660 of 112,120"


def test_in_a_part_fewer_patients_are_a_part_too():
    part = {IMAGES: 660, PATIENTS: 451}
    assert verdict(PATIENTS, part) == "a part: 451 of 30,805"


@pytest.mark.parametrize(("n", "said"), [(30_804, "30,804"), (30_806, "30,806")])
def test_other_patients_of_all_images_differ(n, said):
    assert verdict(PATIENTS, {PATIENTS: n}) == f"differs: {said} of 30,805"


def test_more_images_than_published_are_told():
    said = verdict(IMAGES, {IMAGES: 112_121})
    assert said == "more than published: 112,121 of 112,120"


def test_what_nobody_published_has_no_verdict():
    table = against(WHOLE, "folder")
    assert set(table["verdict"]) == {""}
    assert table["official"].isna().all()


def test_each_split_is_counted_after_the_whole(make_dataset):
    counts = counts_of(make_dataset())
    assert list(counts.items())[:7] == [
        (("images", "all"), 6),
        (("patients", "all"), 4),
        (("images", "test"), 3),
        (("patients", "test"), 2),
        (("images", "train"), 3),
        (("patients", "train"), 2),
        ((NOTHING_PRESENT, "all"), 3),  # c.png, e.png and f.png
    ]


def test_views_and_labels_are_counted_in_every_split(make_dataset):
    counts = counts_of(make_dataset())
    assert counts["view: AP", "train"] == 1
    assert counts["view: AP", "all"] == 2
    assert counts["label: Edema absent", "train"] == 1
    assert counts["label: Edema blank", "all"] == 2


def test_views_and_labels_stand_only_where_they_are_published(make_dataset):
    table = against(counts_of(make_dataset()), "folder")
    assert not table["what"].str.startswith(("view: ", "label: ")).any()


@pytest.mark.parametrize("name", ["nih", "chexpert"])
def test_official_counts_are_those_that_were_published(name):
    table, official = against(WHOLE, name), official_counts(name)
    found = {
        Count(what, split): n
        for what, split, n in table[["what", "split", "official"]].itertuples(index=False)
        if not pd.isna(n)
    }
    assert found == official


def test_a_layout_says_what_its_makers_counted():
    official = official_counts("chexpert")
    assert official[Count("images", "train")] == 223_414
    assert official[Count("view: PA", "train")] == 29_420
    assert official[Count("label: Pleural Effusion absent", "train")] == 35_396


def test_a_split_that_is_not_here_is_none_of_it():
    table = against({IMAGES: 3}, "chexpert").set_index(["what", "split"])
    assert table.loc[("images", "valid"), "verdict"] == "a part: 0 of 234"


def test_of_a_whole_split_a_label_that_was_changed_differs():
    absent = Count("label: Edema absent", "train")
    here = {**official_counts("chexpert"), absent: 20_725}
    table = against(here, "chexpert").set_index(["what", "split"])["verdict"]
    assert table[tuple(absent)] == "differs: 20,725 of 20,726"
    assert (table.drop(tuple(absent)) == "as published").all()
