"""A gallery: images as rows, judged under the policy that was asked for."""

import numpy as np
import pytest

from negcxr.errors import InputError


def test_images_lie_where_their_findings_put_them(hearing):
    expected = hearing.dataset.labels - 0.5  # four axes: a half each way
    np.testing.assert_allclose(hearing.rows[:, :4], expected, atol=1e-6)


def test_texts_come_as_unit_rows_and_cosines_with_images_across(hearing):
    rows = hearing.texts(["edema", "no edema"])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    cosines = hearing.cosines(["pulmonary edema", "no pulmonary edema"])
    assert cosines.shape == (2, 160)
    edema = hearing.dataset.labels[:, 0] - 0.5
    np.testing.assert_allclose(cosines, [edema, -edema], atol=1e-5)


def test_patients_are_those_of_the_table(hearing):
    assert hearing.patients[:2].tolist() == ["image-0", "image-1"]


def test_the_data_sets_own_policy_is_used_where_none_is_asked_for(hearing):
    assert hearing.policy == "explicit"


@pytest.mark.parametrize(
    ("policy", "judged"),
    [
        ("explicit", [1, 0, np.nan, np.nan]),
        ("blank-absent", [1, 0, np.nan, 0]),
        ("explicit-uncertain-present", [1, 0, 1, np.nan]),
    ],
)
def test_a_policy_turns_labels_into_relevance(make_gallery, policy, judged):
    labels = np.zeros((160, 4))
    labels[0] = [1, 0, -1, np.nan]
    gallery = make_gallery(labels=labels, policy=policy)
    assert gallery.policy == policy
    np.testing.assert_array_equal(gallery.relevance[0], judged)


def test_an_unknown_policy_is_refused(make_gallery):
    with pytest.raises(
        InputError, match="policy 'strict' is not known; choose of explicit"
    ):
        make_gallery(policy="strict")


def test_what_an_image_has_is_told_in_words(hearing):
    row = int(np.flatnonzero((hearing.relevance == [1, 0, 1, 0]).all(axis=1))[0])
    assert hearing.truth(row) == "Edema, Pleural Effusion"
    none = int(np.flatnonzero((hearing.relevance == 0).all(axis=1))[0])
    assert hearing.truth(none) == ""
