"""The 660 real films, where they are there."""

import numpy as np
import pytest

from negcxr import paths
from negcxr.data.registry import load_dataset

pytestmark = [
    pytest.mark.films,
    pytest.mark.skipif(
        not (paths.films() / "Data_Entry_2017_v2020.csv").exists(),
        reason=f"no films in {paths.films()}; set NEGCXR_FILMS to their folder",
    ),
]


@pytest.fixture(scope="module")
def dataset():
    return load_dataset("nih", root=str(paths.films()), split="all")


def test_there_are_660_films_in_two_splits(dataset):
    assert len(dataset) == 660
    assert dataset.table["split"].value_counts().to_dict() == {"train": 544, "test": 116}


def test_no_patient_is_in_both_splits(dataset):
    patients = [set(dataset.in_split(name).table["patient"]) for name in ("train", "test")]
    assert not patients[0] & patients[1]


def test_pneumonia_is_the_complement_of_no_finding(dataset):
    has_pneumonia = dataset.labels[:, dataset.findings.index("Pneumonia")] == 1
    has_nothing = np.isnan(dataset.labels).all(axis=1)
    np.testing.assert_array_equal(has_pneumonia, ~has_nothing)
    assert has_pneumonia.sum() == 333


def test_nothing_is_explicitly_absent_or_uncertain(dataset):
    assert set(dataset.labels[~np.isnan(dataset.labels)]) == {1.0}


def test_counts_of_some_findings_are_those_of_the_table(dataset):
    counts = dict(zip(dataset.findings, np.nansum(dataset.labels, axis=0), strict=True))
    chosen = {name: counts[name] for name in ("Pleural Effusion", "Cardiomegaly", "Hernia")}
    assert chosen == {"Pleural Effusion": 58, "Cardiomegaly": 9, "Hernia": 3}


def test_views_are_ap_and_pa(dataset):
    assert dataset.table["view"].value_counts().to_dict() == {"AP": 359, "PA": 301}


def test_a_film_opens_in_grey(dataset):
    film = dataset.images.open(0)
    assert (film.mode, film.size) == ("L", (256, 256))


def test_all_films_differ(dataset):
    assert len({dataset.images.key(row) for row in range(len(dataset))}) == 660
