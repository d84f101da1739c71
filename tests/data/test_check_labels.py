"""What labels and policies come to, on labels that can be counted by hand."""

import numpy as np
import pandas as pd
import pytest

from negcxr.data.check_labels import denial_factor, label_counts, policy_counts
from negcxr.data.dataset import Dataset
from negcxr.data.labels import POLICIES

NAN = float("nan")
# CheXpert's training part, as torchxrayvision bundles it: 1, 0, -1 and blank of each.
CHEXPERT = {
    "Edema": (52_246, 20_726, 12_984, 137_458),
    "Atelectasis": (33_376, 1_328, 33_739, 154_971),
    "Pleural Effusion": (86_187, 35_396, 11_628, 90_203),
    "Pleural Other": (3_523, 316, 2_653, 216_922),
    "No Finding": (22_381, 0, 0, 201_033),
}


class NoImages:
    """Pixels that nobody opens."""


def with_labels(labels, findings):
    n = len(labels)
    table = pd.DataFrame({"image": range(n), "patient": range(n), "view": "", "split": "a"})
    return Dataset(
        name="by-hand",
        kind="images",
        table=table,
        findings=tuple(findings),
        labels=np.asarray(labels, dtype=float),
        policy="explicit",
        images=NoImages(),
        terms="",
        shows_images=False,
    )


@pytest.fixture(scope="module")
def chexpert():
    """As many labels of each value as CheXpert has, a column a finding."""
    columns = [np.repeat([1, 0, -1, NAN], counts) for counts in CHEXPERT.values()]
    return with_labels(np.stack(columns, axis=1), CHEXPERT)


SMALL = with_labels(
    [[1, NAN], [0, NAN], [0, 1], [-1, NAN], [NAN, NAN], [NAN, 1]], ("Edema", "Mass")
)


def test_each_of_the_four_values_is_counted():
    assert label_counts(SMALL).to_dict("list") == {
        "finding": ["Edema", "Mass"],
        "present": [1, 2],
        "absent": [2, 0],
        "uncertain": [1, 0],
        "unmentioned": [2, 4],
    }


@pytest.mark.parametrize(
    ("policy", "present", "absent", "not_judged"),
    [
        ("explicit", 1, 2, 3),
        ("explicit-uncertain-present", 2, 2, 2),
        ("explicit-uncertain-absent", 1, 3, 2),
        ("blank-absent", 1, 4, 1),
        ("blank-absent-uncertain-present", 2, 4, 0),
        ("blank-absent-uncertain-absent", 1, 5, 0),
    ],
)
def test_each_policy_judges_in_its_own_way(policy, present, absent, not_judged):
    counts = policy_counts(SMALL).set_index(["policy", "finding"])
    assert list(counts.loc[(policy, "Edema")]) == [present, absent, not_judged]


def test_every_policy_has_a_row_for_every_finding(chexpert):
    counts = policy_counts(chexpert)
    assert len(counts) == len(POLICIES) * len(CHEXPERT)
    whole = counts[["present", "absent", "not_judged"]].sum(axis=1)
    assert set(whole) == {223_414}


def test_blanks_multiply_the_denials_of_chexpert_by_what_is_published(chexpert):
    factors = denial_factor(chexpert).set_index("finding")
    # (35,396 + 90,203) / 35,396 and (316 + 216,922) / 316
    assert round(factors.loc["Pleural Effusion", "factor"], 1) == 3.5
    assert round(factors.loc["Pleural Other", "factor"]) == 687
    assert factors.loc["Atelectasis", "with_blanks"] == 156_299


def test_without_an_explicit_absence_there_is_no_factor(chexpert):
    row = denial_factor(chexpert).set_index("finding").loc["No Finding"]
    assert (row["explicit"], row["with_blanks"]) == (0, 201_033)
    assert np.isnan(row["factor"])


def test_without_a_blank_the_factor_is_one():
    assert list(denial_factor(with_labels([[1], [0], [0]], ["Mass"]))["factor"]) == [1]


def test_the_order_of_images_does_not_matter(chexpert):
    rows = np.random.default_rng(0).permutation(len(chexpert))
    pd.testing.assert_frame_equal(
        denial_factor(chexpert), denial_factor(chexpert.take(rows))
    )


def test_twice_the_images_give_twice_the_counts_and_the_same_factor():
    twice = with_labels(np.vstack([SMALL.labels, SMALL.labels]), SMALL.findings)
    once, double = label_counts(SMALL), label_counts(twice)
    assert list(once["unmentioned"]) == [2, 4]
    assert list(double["unmentioned"]) == [4, 8]
    assert denial_factor(twice)["factor"][0] == denial_factor(SMALL)["factor"][0] == 2
