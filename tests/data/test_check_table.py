"""Splits, patients, views and ages of six images of four patients."""

import numpy as np
import pytest

from negcxr.data.check_table import ages, mix, shared_patients, split_counts
from negcxr.data.mendable import tolerated


def test_images_and_patients_are_counted_split_by_split(make_dataset):
    counts = split_counts(make_dataset()).set_index("split")
    assert counts["images"].to_dict() == {"test": 3, "train": 3, "all": 6}
    assert counts["patients"].to_dict() == {"test": 2, "train": 2, "all": 4}


def test_studies_are_counted_where_the_table_names_them(make_dataset):
    assert split_counts(make_dataset())["studies"].isna().all()
    table = make_dataset().table.assign(study=["s", "s", "t", "u", "u", "u"])
    counts = split_counts(make_dataset(table=table)).set_index("split")
    assert counts["studies"].to_dict() == {"test": 1, "train": 2, "all": 3}


def test_patients_of_one_split_are_not_shared(make_dataset):
    assert shared_patients(make_dataset()).empty


def test_a_patient_in_two_splits_is_a_row(make_dataset):
    table = make_dataset().table
    table.loc[5, "patient"] = "1"  # whose other two images are for training
    with tolerated():
        dataset = make_dataset(table=table)
    assert shared_patients(dataset).to_dict("records") == [
        {"patient": "1", "splits": "test, train", "images": 3}
    ]


def test_views_are_counted_the_most_frequent_first(make_dataset):
    views = mix(make_dataset(), "view")
    assert views.to_dict("list") == {
        "view": ["PA", "AP"],
        "images": [4, 2],
        "share": [pytest.approx(4 / 6), pytest.approx(2 / 6)],
    }


def test_a_blank_is_not_stated(make_dataset):
    table = make_dataset().table.assign(sex=["F", "", "F", None, "M", "F"])
    sexes = mix(make_dataset(table=table), "sex")
    assert dict(zip(sexes["sex"], sexes["images"], strict=True)) == {
        "F": 3,
        "not stated": 2,
        "M": 1,
    }


def test_what_no_column_says_is_not_stated(make_dataset):
    assert mix(make_dataset(), "sex").to_dict("records") == [
        {"sex": "not stated", "images": 6, "share": 1.0}
    ]


def test_ages_are_of_the_images_that_have_one(make_dataset):
    table = make_dataset().table.assign(age=[20, 30, np.nan, 70, np.nan, np.nan])
    assert ages(make_dataset(table=table)) == (3, 20, 30, 70)


def test_without_ages_there_is_no_range(make_dataset):
    known, youngest, _, oldest = ages(make_dataset())
    assert known == 0 and np.isnan(youngest) and np.isnan(oldest)
