"""Phantoms: one picture a truth, each finding in its place and nothing else moved.

The pictures are 64 pixels wide. ``change`` is what a finding adds to the picture of the
same chest without it, in grey levels; the patient's left lies at the image's right.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from negcxr.data import phantoms
from negcxr.data.anatomy import draw_shape
from negcxr.data.dataset import Request
from negcxr.data.phantoms import Recipe, read, render, truths
from negcxr.data.registry import load_dataset
from negcxr.data.truth import DEVICES, FINDINGS, Sign, Truth, World
from negcxr.errors import InputError

SIZE = 64
MIDLINE = slice(28, 36)  # a chest may stand a few pixels off the centre
SIGNS = {
    "Cardiomegaly": Sign(severity=2),
    "Edema": Sign("both", severity=2),
    "Consolidation": Sign("left", "upper", 2),
    "Atelectasis": Sign("left", "lower", 2),
    "Pneumothorax": Sign("left", severity=2),
    "Pleural Effusion": Sign("left", severity=2),
    "Lung Lesion": Sign("left", "middle", 2),
    "Support Devices": Sign(kind="pacemaker"),
}
ONE_SIDED = ("Consolidation", "Atelectasis", "Pneumothorax", "Pleural Effusion")
ONE_SIDED += ("Lung Lesion",)
GRADED = [finding for finding in FINDINGS if finding != "Support Devices"]


def picture(signs, *, view="PA", index=0, seed=0, split="test"):
    return render(Truth(view, signs), seed, split, index, size=SIZE).astype(int)


def change(finding, *, index=0, beside=None, **details):
    """Grey levels that a finding adds to a chest, ``beside`` what else it has."""
    rest = beside or {}
    sign = SIGNS[finding]._replace(**details)
    with_it = picture({**rest, finding: sign}, index=index)
    return with_it - picture(rest, index=index)


def where(pixels):
    """Mean place of the marked pixels: across and down, from -1 to 1."""
    down, across = np.nonzero(pixels)
    return 2 * across.mean() / (SIZE - 1) - 1, 2 * down.mean() / (SIZE - 1) - 1


@pytest.fixture
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path))
    return tmp_path / "phantoms"


def alone(recipe):
    """Each phantom rendered by itself, the plain way."""
    return np.stack(
        [
            render(t, recipe.seed, recipe.split, i, size=recipe.size)
            for i, t in enumerate(recipe.truths())
        ]
    )


def test_a_phantom_is_the_same_each_time():
    np.testing.assert_array_equal(picture(SIGNS), picture(SIGNS))


@pytest.mark.parametrize("other", [{"index": 1}, {"seed": 1}, {"split": "val"}])
def test_another_index_seed_or_split_is_another_chest(other):
    assert np.abs(picture({}) - picture({}, **other)).mean() > 5


@pytest.mark.parametrize("finding", FINDINGS)
@pytest.mark.parametrize("index", range(3))
def test_every_finding_shows(finding, index):
    seen = np.abs(change(finding, index=index))
    assert seen.max() > 40
    assert np.sum(seen > 15) >= 20


@pytest.mark.parametrize("finding", FINDINGS)
@pytest.mark.parametrize("index", range(3))
def test_a_finding_leaves_the_rest_of_the_picture_to_the_grey_level(finding, index):
    seen = change(finding, index=index)
    assert np.mean(seen == 0) > 0.5
    np.testing.assert_array_equal(seen[:5], 0 if finding != "Support Devices" else seen[:5])


@pytest.mark.parametrize("finding", ONE_SIDED)
@pytest.mark.parametrize("index", range(3))
def test_a_finding_on_one_side_leaves_the_other_side_alone(finding, index):
    left = change(finding, index=index, side="left")
    right = change(finding, index=index, side="right")
    np.testing.assert_array_equal(left[:, : MIDLINE.start], 0)
    np.testing.assert_array_equal(right[:, MIDLINE.stop :], 0)
    assert where(np.abs(left) > 15)[0] > 0.15
    assert where(np.abs(right) > 15)[0] < -0.15


@pytest.mark.parametrize("finding", ["Consolidation", "Atelectasis", "Pleural Effusion"])
def test_a_finding_on_both_sides_shows_on_both(finding):
    seen = np.abs(change(finding, side="both"))
    assert seen[:, : MIDLINE.start].max() > 40
    assert seen[:, MIDLINE.stop :].max() > 40


@pytest.mark.parametrize("finding", GRADED)
@pytest.mark.parametrize("index", range(3))
def test_a_more_severe_finding_changes_more(finding, index):
    small, moderate, large = (
        np.abs(change(finding, index=index, severity=s)).sum() for s in (1, 2, 3)
    )
    assert small < moderate < large


@pytest.mark.parametrize("index", range(3))
def test_an_effusion_brightens_the_base_from_below(index):
    seen = change("Pleural Effusion", index=index)
    assert seen.min() >= 0
    across, down = where(seen > 15)
    assert across > 0.3  # the patient's left
    assert down > 0.3  # the base
    np.testing.assert_array_equal(seen[: SIZE // 2], 0)


@pytest.mark.parametrize("index", range(3))
def test_a_pneumothorax_darkens_the_rim_of_the_lung(index):
    seen = change("Pneumothorax", index=index)
    assert np.sum(seen < -10) > 100
    outermost = [row[np.flatnonzero(np.abs(row) > 12)[-1]] for row in seen[16:48]]
    assert max(outermost) < 0  # air, and inside of it the pleural line
    assert np.mean(seen[16:48].max(axis=1) > 30) > 0.5


@pytest.mark.parametrize("index", range(3))
def test_cardiomegaly_widens_the_heart(index):
    def width(shown):
        """Columns of the heart's row, across the lungs, that are brighter than lung."""
        return np.sum(shown[40:43, 12:54].mean(axis=0) > 120)

    normal = picture({}, index=index)
    widths = [
        width(normal + change("Cardiomegaly", index=index, severity=s)) for s in (1, 3)
    ]
    assert width(normal) < widths[0] < widths[1]
    seen = change("Cardiomegaly", index=index)
    assert seen.min() >= 0
    np.testing.assert_array_equal(seen[:20], 0)  # upper zones


@pytest.mark.parametrize(
    ("zone", "rows"), [("upper", (12, 30)), ("middle", (22, 42)), ("lower", (33, 54))]
)
@pytest.mark.parametrize("finding", ["Lung Lesion", "Consolidation"])
def test_a_finding_lies_in_its_zone(finding, zone, rows):
    for index in range(3):
        middle = (where(change(finding, index=index, zone=zone) > 15)[1] + 1) * SIZE / 2
        assert rows[0] <= middle <= rows[1]


@pytest.mark.parametrize("index", range(3))
def test_a_lesion_is_one_bright_spot(index):
    seen = change("Lung Lesion", index=index)
    assert seen.min() >= 0
    down, across = np.nonzero(seen > 15)
    for span in (np.ptp(down) + 1, np.ptp(across) + 1):
        assert 6 <= span <= 10  # a diameter of 0.27 of half the picture, 8.5 pixels
    assert len(down) > 0.6 * (np.ptp(down) + 1) * (np.ptp(across) + 1)


def test_atelectasis_raises_the_dome_of_its_side():
    normal, left = (
        draw_shape(Truth("PA", signs), np.random.default_rng(0)).domes
        for signs in ({}, {"Atelectasis": Sign("left", "lower", 2)})
    )
    assert left[0] == normal[0]  # right
    assert left[1] == pytest.approx(normal[1] - 0.07)  # two grades up, towards the neck


@pytest.mark.parametrize("index", range(3))
def test_atelectasis_is_dense_above_the_base(index):
    assert change("Atelectasis", index=index)[38:50, MIDLINE.stop :].max() > 60


@pytest.mark.parametrize("index", range(3))
def test_edema_is_a_haze_that_thins_from_the_hilum_outward(index):
    seen = change("Edema", index=index)
    assert seen.min() >= 0
    hila = seen[28:36, 20:24].mean(), seen[28:36, 40:44].mean()
    rims = seen[28:36, 8:12].mean(), seen[28:36, 52:56].mean()
    assert min(hila) > 1.4 * max(rims)


@pytest.mark.parametrize("kind", DEVICES)
@pytest.mark.parametrize("index", range(3))
def test_a_device_is_bright_and_small(kind, index):
    seen = change("Support Devices", index=index, kind=kind)
    assert seen.min() >= 0
    assert seen.max() > 20
    assert np.mean(seen > 20) < 0.05


def test_devices_of_each_kind_look_different():
    seen = [change("Support Devices", kind=kind) > 20 for kind in DEVICES]
    for i, one in enumerate(seen):
        for other in seen[:i]:
            assert np.sum(one & other) < 0.5 * np.sum(one | other)


@pytest.mark.parametrize("finding", ["Lung Lesion", "Consolidation"])
def test_what_else_there_is_does_not_move_a_finding(finding):
    alone_ = change(finding, side="right")
    beside = change(finding, side="right", beside={"Pleural Effusion": Sign("left", "", 3)})
    np.testing.assert_array_equal(beside, alone_)


@pytest.mark.parametrize("index", range(3))
def test_an_ap_view_says_so_under_the_side_marker(index):
    added = picture({}, view="AP", index=index) - picture({}, view="PA", index=index)
    letters = added[:20] > 25  # the diaphragm, which stands higher, is below
    assert letters.sum() > 3
    across, down = where(letters)
    assert abs(across) > 0.6
    assert -0.8 < down < -0.55


def test_grey_levels_use_the_range_of_a_film():
    shown = picture({})
    assert shown.min() < 40
    assert shown.max() > 200
    assert 60 < shown.mean() < 180


def test_phantoms_are_the_same_from_worker_processes(cache_folder, monkeypatch):
    ran = []

    class Spied(ProcessPoolExecutor):
        def map(self, *args):
            ran.append(self._max_workers)
            return super().map(*args)

    monkeypatch.setattr(phantoms, "ProcessPoolExecutor", Spied)
    monkeypatch.setattr(phantoms, "BLOCK", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    recipe = Recipe("val", 5, seed=3, size=SIZE)
    pixels = recipe.pixels()
    assert ran == [2]
    np.testing.assert_array_equal(pixels, alone(recipe))


def test_a_longer_set_begins_with_the_shorter_one(cache_folder):
    short, long = (Recipe("test", n, size=SIZE).pixels() for n in (2, 4))
    np.testing.assert_array_equal(long[:2], short)


def test_a_second_time_nothing_is_rendered(cache_folder, monkeypatch):
    recipe = Recipe("test", 2, size=SIZE)
    first = np.array(recipe.pixels())
    (file,) = cache_folder.iterdir()
    written = file.stat().st_mtime_ns

    monkeypatch.delattr(phantoms, "render")
    np.testing.assert_array_equal(recipe.pixels(), first)
    assert list(cache_folder.iterdir()) == [file]
    assert file.stat().st_mtime_ns == written


def test_a_rendering_that_fails_leaves_nothing_behind(cache_folder, monkeypatch):
    recipe, whole = Recipe("test", 3, size=SIZE), render

    def fail_at_two(truth, seed, split, index, *, size):
        files = [path.suffix for path in cache_folder.iterdir()]
        assert files == [".tmp"]  # nobody can take it for the finished one
        if index == 2:
            raise MemoryError
        return whole(truth, seed, split, index, size=size)

    monkeypatch.setattr(phantoms, "render", fail_at_two)
    with pytest.raises(MemoryError):
        recipe.pixels()
    assert list(cache_folder.iterdir()) == []

    monkeypatch.setattr(phantoms, "render", whole)
    np.testing.assert_array_equal(recipe.pixels(), alone(recipe))


@pytest.mark.parametrize(
    "other",
    [
        {"split": "val"},
        {"n": 3},
        {"seed": 1},
        {"size": 65},
        {"world": World(coupling=0.5)},
        {"world": World(ap_share=0.5)},
    ],
    ids=lambda other: "".join(other),
)
def test_all_that_decides_the_pixels_decides_the_file(other):
    fields = {"split": "test", "n": 2, "seed": 0, "size": 64}
    assert Recipe(**fields).fingerprint() == Recipe(**fields).fingerprint()
    assert Recipe(**{**fields, **other}).fingerprint() != Recipe(**fields).fingerprint()


def test_a_new_drawing_does_not_read_old_files(monkeypatch):
    before = Recipe("test", 2).fingerprint()
    monkeypatch.setattr(phantoms, "DRAWING", phantoms.DRAWING + 1)
    assert Recipe("test", 2).fingerprint() != before


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"split": "dev"}, r"no split 'dev'; choose of \['train', 'val', 'test'\]"),
        ({"n": 0}, "0 of 64 px; at least 1 of 64 px"),
        ({"size": 63}, "2 of 63 px; at least 1 of 64 px"),
        ({"seed": -1}, "seed -1; allowed: 0 or above"),
    ],
)
def test_what_cannot_be_rendered_is_refused(fields, message):
    with pytest.raises(InputError, match=message):
        Recipe(**{"split": "test", "n": 2, "seed": 0, "size": 64, **fields})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Twelve phantoms as a data set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEGCXR_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield read(Request(None, "val", 12, 5))


KNOWN = truths(5, "val", range(12), World())


def test_a_data_set_has_the_whole_truth_as_labels(dataset):
    expected = [[float(t.has(f)) for f in FINDINGS] for t in KNOWN]
    assert dataset.findings == FINDINGS
    np.testing.assert_array_equal(dataset.labels, expected)
    np.testing.assert_array_equal(dataset.relevance(), expected)  # nothing is unjudged


def test_a_data_set_has_the_sides_of_what_is_present(dataset):
    expected = [[t.signs[f].side if t.has(f) else "" for f in FINDINGS] for t in KNOWN]
    assert dataset.sides.tolist() == expected


def test_a_data_set_tells_views_and_details(dataset):
    assert dataset.table["view"].tolist() == [t.view for t in KNOWN]
    for field in Sign._fields:
        told = dataset.table[f"{field}:Lung Lesion"].tolist()
        assert told == [getattr(t.signs.get("Lung Lesion", Sign()), field) for t in KNOWN]


def test_each_phantom_is_its_own_patient(dataset):
    assert dataset.table["patient"].is_unique
    assert dataset.table["image"].is_unique
    assert set(dataset.table["split"]) == {"val"}


def test_a_data_set_opens_the_picture_of_each_row(dataset):
    shown = dataset.images.open(7)
    assert (shown.mode, shown.size) == ("L", (112, 112))
    np.testing.assert_array_equal(np.asarray(shown), render(KNOWN[7], 5, "val", 7))


def test_images_are_known_by_their_pixels(dataset):
    keys = [dataset.images.key(row) for row in range(12)]
    assert len(set(keys)) == 12
    assert dataset.take([7, 3]).images.key(1) == keys[3]


def test_phantoms_may_stand_on_a_page(dataset):
    assert (dataset.kind, dataset.shows_images) == ("phantoms", True)
    assert "CC BY 4.0" in dataset.terms


def test_all_splits_means_the_test_split(cache_folder):
    one, other = (load_dataset("phantoms", split=s, n_images=2) for s in ("all", "test"))
    assert one.fingerprint() == other.fingerprint()


def test_an_unknown_split_is_refused(cache_folder):
    with pytest.raises(InputError, match="no split 'dev'"):
        load_dataset("phantoms", split="dev", n_images=2)


def test_a_size_in_place_of_a_folder_is_that_of_the_pictures():
    request = {"split": "test", "n_images": 2, "seed": 0}
    small, large = (
        phantoms.read(Request(root, **request)) for root in (None, Path("96px"))
    )
    assert (small.images.open(0).size, large.images.open(0).size) == ((112, 112), (96, 96))
    np.testing.assert_array_equal(small.labels, large.labels)


def test_a_folder_of_phantoms_is_refused():
    with pytest.raises(InputError, match="root 'films' of phantoms.*a size such as 160px"):
        phantoms.read(Request(Path("my/films"), "test", 2, 0))


def test_a_set_in_pieces_is_the_set_in_one(cache_folder, monkeypatch):
    monkeypatch.setattr(phantoms, "PIECE", 2)
    recipe = Recipe("test", 5, seed=4, size=SIZE)
    np.testing.assert_array_equal(recipe.pixels(), alone(recipe))
