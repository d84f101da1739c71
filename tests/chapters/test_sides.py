"""Sides: the base with its tuned checkpoints, and the contrast of a finding."""

import shutil

import numpy as np
import pytest
from tests.planted import planted

from negcxr.chapters.galleries import open_gallery
from negcxr.chapters.sides import Side, contrasts, open_sides
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError
from negcxr.models import load_encoder

NAN = np.nan


def side(relevance, rows, findings=("Edema",)):
    patients = np.arange(len(rows)).astype(str)
    return Side("base", None, rows, relevance, findings, patients)


EAST, NORTH = np.array([1.0, 0.0]), np.array([0.0, 1.0])


def test_a_contrast_leads_from_images_without_a_finding_to_images_with_it():
    has = np.r_[np.ones(10), np.zeros(10)][:, None]
    rows = np.r_[np.tile(EAST, (10, 1)), np.tile(NORTH, (10, 1))]
    assert contrasts(side(has, rows))["Edema"] == pytest.approx(EAST - NORTH)
    assert contrasts(side(1 - has, rows))["Edema"] == pytest.approx(NORTH - EAST)


def test_images_that_are_not_judged_do_not_count():
    has = np.r_[np.ones(10), np.zeros(10), np.full(10, NAN)][:, None]
    rows = np.r_[np.tile(EAST, (10, 1)), np.tile(NORTH, (20, 1))]
    rows[20:] = [0.6, 0.8]
    assert contrasts(side(has, rows))["Edema"] == pytest.approx(EAST - NORTH)


def test_a_finding_with_too_few_images_is_left_out_and_none_at_all_is_refused():
    has = np.c_[np.r_[np.ones(10), np.zeros(10)], np.r_[np.ones(3), np.zeros(17)]]
    rows = np.r_[np.tile(EAST, (10, 1)), np.tile(NORTH, (10, 1))]
    both = side(has, rows, ("Edema", "Fracture"))
    assert list(contrasts(both)) == ["Edema"]
    with pytest.raises(InputError, match="base: no finding has 10 images with it"):
        contrasts(side(has[:, 1:], rows, ("Fracture",)))


@pytest.mark.model
def test_a_runs_methods_stand_beside_the_base(tmp_path, monkeypatch):
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path / "cache"))
    folder = planted(tmp_path / "base", "clip", plant=None)
    shutil.copytree(folder, tmp_path / "run" / "checkpoints" / "con1")
    images = load_dataset("phantoms", split="test", n_images=4, seed=0)
    gallery = open_gallery(load_encoder(str(folder)), images)
    opened = open_sides(gallery, str(tmp_path / "run"), "con1")
    assert [one.name for one in opened] == ["base", "con1"]
    assert open_sides(gallery, str(tmp_path / "run"), "")[0].name == "base"
    with pytest.raises(InputError, match="no checkpoint of method 'con2'"):
        open_sides(gallery, str(tmp_path / "run"), "con1,con2")
