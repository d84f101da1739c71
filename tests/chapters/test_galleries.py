"""A gallery: images as rows, judged under the policy that was asked for."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from negcxr.chapters.galleries import reopen
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


class Model:
    """Weights by name, and nothing that computes."""

    def __init__(self, **weights):
        self.weights = {name: torch.tensor(value) for name, value in weights.items()}

    def state_dict(self):
        return {name.replace("__", "."): value for name, value in self.weights.items()}


def tuned(gallery, **weights):
    """The gallery's encoder with other weights, whose images would be embedded anew."""
    encoder = copy.copy(gallery.encoder)
    known = {"vision_model__a": 1.0, "visual_projection__b": 2.0, "text_model__c": 3.0}
    gallery.encoder.model, encoder.model = Model(**known), Model(**known | weights)
    encoder.checkpoint = SimpleNamespace(fingerprint=f"tuned {sorted(weights.items())}")
    encoder.images = -gallery.encoder.images
    return encoder


def test_rows_are_taken_over_where_only_the_text_tower_was_tuned(make_gallery):
    gallery = make_gallery(hears=True)
    encoder = tuned(gallery, text_model__c=9.0)
    again = reopen(gallery, encoder)
    assert again.rows is gallery.rows and again.encoder is encoder
    assert (again.policy, again.dataset) == (gallery.policy, gallery.dataset)


@pytest.mark.parametrize("name", ["vision_model__a", "visual_projection__b"])
def test_rows_are_made_anew_where_the_image_tower_was_tuned(make_gallery, name):
    gallery = make_gallery(hears=True)
    again = reopen(gallery, tuned(gallery, **{name: 9.0}))
    np.testing.assert_allclose(again.rows, -gallery.rows, atol=1e-6)


def test_rows_are_made_anew_where_images_are_prepared_otherwise(make_gallery):
    gallery = make_gallery(hears=True)
    encoder = tuned(gallery)
    encoder.processor_key = "other"
    np.testing.assert_allclose(reopen(gallery, encoder).rows, -gallery.rows, atol=1e-6)
