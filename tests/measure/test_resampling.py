"""Patients drawn again: who comes along, how often, and that nothing else matters."""

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.measure import resampling
from negcxr.measure.resampling import over_seeds, resample_weights, resampled

PATIENTS = np.array(["ann", "bob", "ann", "cid", "bob", "ann"])


def _all(patients=PATIENTS, n_resamples=50, seed=0):
    return np.concatenate(list(resample_weights(patients, n_resamples, seed)))


def test_all_images_of_a_patient_are_drawn_together():
    weights = _all()
    assert (weights[:, [2, 5]] == weights[:, [0, 0]]).all()
    assert (weights[:, 4] == weights[:, 1]).all()


def test_every_resample_draws_as_many_patients_as_there_are():
    ann, bob, cid = _all()[:, [0, 1, 3]].T
    assert (ann + bob + cid == 3).all()


def test_patients_are_drawn_with_replacement():
    assert set(np.unique(_all())) == {0, 1, 2, 3}


def test_a_patient_is_drawn_once_on_average():
    assert _all(n_resamples=20_000).mean(axis=0) == pytest.approx(1, abs=0.03)


def test_one_seed_gives_one_set_of_resamples():
    assert (_all(seed=1) == _all(seed=1)).all()
    assert (_all(seed=1) != _all(seed=2)).any()


def test_the_order_of_the_images_does_not_matter():
    turned = np.array([5, 3, 1, 0, 4, 2])
    assert (_all(PATIENTS[turned]) == _all()[:, turned]).all()


def test_the_size_of_a_chunk_does_not_matter(monkeypatch):
    whole = _all()
    monkeypatch.setattr(resampling, "CHUNK_CELLS", 1)
    monkeypatch.setattr(resampling, "CHUNK_ROWS", 7)
    assert len(list(resample_weights(PATIENTS, 50, 0))) == 8
    assert (_all() == whole).all()


def test_one_patient_is_refused():
    with pytest.raises(
        InputError, match="patients: 1 in all, an interval needs at least 2"
    ):
        _all(np.array(["ann", "ann"]))


def test_a_negative_number_of_resamples_is_refused():
    with pytest.raises(InputError, match="n_resamples is -1, allowed is 0 or more"):
        _all(n_resamples=-1)


def test_the_first_draw_is_the_sample_itself():
    draws = resampled(lambda weights: weights.sum(axis=1), PATIENTS, n_resamples=9, seed=0)
    assert draws[0] == 6
    assert draws[1:] == pytest.approx(_all(n_resamples=9).sum(axis=1))


def test_two_statistics_see_the_same_resamples():
    def first(weights):
        return np.stack([weights[:, 0], 2 * weights[:, 0]])

    one, two = resampled(first, PATIENTS, n_resamples=30, seed=4)
    assert (two == 2 * one).all()
    again = resampled(lambda w: w[:, 0], PATIENTS, n_resamples=30, seed=4)
    assert (again == one).all()


SEEDS = np.array([[0.5, 0.1, 0.2, 0.3], [0.7, 0.5, 0.6, 0.7]])


def test_one_training_gives_its_own_draws_back():
    np.testing.assert_array_equal(over_seeds(SEEDS[:1], seed=0), SEEDS[0])


def test_the_first_draw_is_the_mean_over_all_trainings():
    for seed in range(8):
        assert over_seeds(SEEDS, seed=seed)[0] == pytest.approx(0.6)


def test_every_other_draw_is_a_mean_of_as_many_trainings_on_one_resample():
    many = over_seeds(np.repeat(SEEDS[:, 1:2], 400, axis=1), seed=0)[1:]
    assert {round(value, 9) for value in many} == {0.1, 0.3, 0.5}
    # Of two trainings, one draw in four takes the same one twice, for each of them.
    assert np.mean(np.isclose(many, 0.1)) == pytest.approx(0.25, abs=0.06)


def test_the_same_trainings_are_drawn_for_all_that_is_compared():
    first, second = (over_seeds(draws, seed=0) for draws in (SEEDS, SEEDS + 1))
    np.testing.assert_allclose(second - first, 1)


def test_trainings_that_agree_leave_the_patients_alone_to_vary():
    alike = np.repeat(SEEDS[:1], 3, axis=0)
    np.testing.assert_allclose(over_seeds(alike, seed=3), SEEDS[0])
