"""The form of every data set, on six images of four patients."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from negcxr.data.reports import Statement
from negcxr.errors import InputError


def images_of(dataset):
    return list(dataset.table["image"])


def test_its_length_is_the_number_of_images(make_dataset):
    assert len(make_dataset()) == 6


def test_a_split_keeps_its_rows_and_their_labels(make_dataset):
    test = make_dataset().in_split("test")
    assert images_of(test) == ["d.png", "e.png", "f.png"]
    np.testing.assert_array_equal(test.labels, [[1, 1], [0, 0], [np.nan, 0]])


def test_taken_rows_open_their_own_images(make_dataset):
    assert [make_dataset().take([5, 2]).images.key(row) for row in (0, 1)] == ["f", "c"]


def test_a_part_of_a_part_opens_the_right_images(make_dataset):
    part = make_dataset().in_split("test").take([2, 0])
    assert [part.images.key(row) for row in (0, 1)] == ["f", "d"]
    assert part.images.open(0).getpixel((0, 0)) == 5


def test_taken_rows_carry_their_own_labels(make_dataset):
    np.testing.assert_array_equal(make_dataset().take([5, 3]).labels, [[np.nan, 0], [1, 1]])


def test_rows_are_numbered_anew_after_a_cut(make_dataset):
    assert list(make_dataset().in_split("test").table.index) == [0, 1, 2]


def test_all_is_every_split(make_dataset):
    assert len(make_dataset().in_split("all")) == 6


def test_a_split_that_is_not_there_is_refused_with_those_that_are(make_dataset):
    with pytest.raises(InputError, match="no split 'val'; choose one of: test, train, all"):
        make_dataset().in_split("val")


def test_a_sample_keeps_the_order_and_repeats_nothing(make_dataset):
    for seed in range(20):
        drawn = images_of(make_dataset().sample(4, seed))
        assert drawn == sorted(set(drawn)) and len(drawn) == 4


def test_a_sample_depends_on_its_seed_alone(make_dataset):
    draws = [tuple(images_of(make_dataset().sample(3, seed))) for seed in range(20)]
    again = [tuple(images_of(make_dataset().sample(3, seed))) for seed in range(20)]
    assert draws == again
    assert len(set(draws)) > 10


def test_every_image_is_drawn_about_equally_often(make_dataset):
    dataset = make_dataset()
    drawn = [name for seed in range(600) for name in images_of(dataset.sample(1, seed))]
    assert all(60 < drawn.count(name) < 140 for name in images_of(dataset))


@pytest.mark.parametrize("n", [0, 6, 7])
def test_a_sample_of_none_or_of_too_many_is_all(make_dataset, n):
    assert len(make_dataset().sample(n, seed=1)) == 6


def test_a_sample_below_zero_is_refused(make_dataset):
    with pytest.raises(InputError, match="n_images is -1; allowed: 0 for all"):
        make_dataset().sample(-1, seed=0)


def test_a_row_that_is_not_there_is_refused(make_dataset):
    with pytest.raises(InputError, match="no row -1; rows are 0-5"):
        make_dataset().take([0, -1])


def test_relevance_is_by_its_own_policy_unless_another_is_named(make_dataset):
    dataset = make_dataset()
    assert np.isnan(dataset.relevance()[5, 0])
    assert dataset.relevance("blank-absent")[5, 0] == 0


def test_a_patient_in_two_splits_is_named_with_the_splits(make_dataset):
    table = make_dataset().table.assign(patient=["1", "1", "2", "3", "2", "4"])
    with pytest.raises(
        InputError, match="six: patient 2 has images in splits test and train"
    ):
        make_dataset(table=table)


def test_an_image_in_two_rows_is_named_with_its_rows(make_dataset):
    table = make_dataset().table.replace("e.png", "b.png")
    with pytest.raises(InputError, match="six: image b.png stands in rows 1 and 4"):
        make_dataset(table=table)


def test_a_label_of_two_is_refused(make_dataset):
    labels = make_dataset().labels.copy()
    labels[3, 1] = 2
    with pytest.raises(InputError, match="six, row 3, Mass: label 2; allowed: 1 present"):
        make_dataset(labels=labels)


def test_no_images_are_refused(make_dataset):
    with pytest.raises(InputError, match="six: no images"):
        make_dataset().take([])


def test_a_missing_column_is_named_with_those_that_are_there(make_dataset):
    table = make_dataset().table.drop(columns="patient")
    with pytest.raises(InputError, match="no column patient; it has: image, view, split"):
        make_dataset(table=table)


def test_labels_must_fit_images_and_findings(make_dataset):
    with pytest.raises(
        InputError, match=r"labels are \(6, 2\); images x findings: \(6, 1\)"
    ):
        make_dataset(findings=("Edema",))


def test_repeated_findings_are_refused(make_dataset):
    with pytest.raises(InputError, match="none or repeated"):
        make_dataset(findings=("Edema", "Edema"))


def test_an_unknown_default_policy_is_refused(make_dataset):
    with pytest.raises(InputError, match="policy 'lenient' is not known"):
        make_dataset(policy="lenient")


def test_an_unknown_kind_is_refused(make_dataset):
    with pytest.raises(InputError, match="kind 'scans'; allowed: phantoms, films, images"):
        make_dataset(kind="scans")


def test_an_unknown_side_is_named_by_row_and_finding(make_dataset):
    sides = np.full((6, 2), "", dtype="U6")
    sides[4, 0] = "middle"
    with pytest.raises(
        InputError, match="row 4, Edema: side 'middle'; allowed: left, right"
    ):
        make_dataset(sides=sides)


def test_sides_go_with_their_rows(make_dataset):
    sides = np.array([["left", ""], *[["", ""]] * 4, ["both", ""]])
    taken = make_dataset(sides=sides).take([5, 0])
    assert taken.sides[:, 0].tolist() == ["both", "left"]


def test_nothing_of_it_can_be_changed(make_dataset):
    dataset = make_dataset()
    with pytest.raises(FrozenInstanceError):
        dataset.policy = "blank-absent"
    with pytest.raises(ValueError, match="read-only"):
        dataset.labels[0, 0] = 0


def test_labels_given_to_it_stay_the_callers_own(make_dataset):
    labels = make_dataset().labels.copy()
    dataset = make_dataset(labels=labels)
    labels[0, 0] = 0
    assert dataset.labels[0, 0] == 1


def test_equal_data_have_equal_fingerprints(make_dataset):
    assert make_dataset().fingerprint() == make_dataset().fingerprint()


def test_a_name_does_not_enter_the_fingerprint(make_dataset):
    assert make_dataset(name="other").fingerprint() == make_dataset().fingerprint()


@pytest.mark.parametrize(
    "change", ["labels", "blank", "table", "pixels", "sides", "findings", "reports"]
)
def test_any_change_of_the_data_changes_the_fingerprint(make_dataset, change):
    old = make_dataset()
    labels = old.labels.copy()
    labels[2, 0] = 0.0 if change == "blank" else labels[2, 0]
    labels[0, 0] = 0.0 if change == "labels" else labels[0, 0]
    changed = {
        "labels": {"labels": labels},
        "blank": {"labels": labels},
        "table": {"table": old.table.replace("AP", "PA")},
        "pixels": {"images": old.take([1, 0, 2, 3, 4, 5]).images},
        "sides": {"sides": np.full((6, 2), "left")},
        "findings": {"findings": ("Edema", "Nodule")},
        "reports": {"reports": [()] * 6},
    }[change]
    assert replace(old, **changed).fingerprint() != old.fingerprint()


def reports_of(number):
    """Reports in which each image claims its own letter, the first so many of them."""
    return [(Statement("Edema", "affirmed", letter),) for letter in "abcdefg"[:number]]


def test_taken_rows_carry_their_own_reports(make_dataset):
    dataset = make_dataset(reports=reports_of(6))
    part = dataset.take([5, 2, 0])
    assert [claim.text for report in part.reports for claim in report] == ["f", "c", "a"]
    (report,) = part.take([1]).reports
    assert report[0].text == "c"
    assert make_dataset().take([5, 2]).reports is None


def test_other_reports_change_the_fingerprint(make_dataset):
    one = make_dataset(reports=reports_of(6))
    assert one.fingerprint() == make_dataset(reports=reports_of(6)).fingerprint()
    assert one.fingerprint() != make_dataset(reports=reports_of(6)[::-1]).fingerprint()


@pytest.mark.parametrize("number", [5, 7])
def test_reports_are_one_an_image(make_dataset, number):
    with pytest.raises(
        InputError, match=f"six: {number} reports of 6 images; one an image"
    ):
        make_dataset(reports=reports_of(number))
