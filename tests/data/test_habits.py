"""Phantoms labelled from reports: what a habit leaves out, and what it never says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from negcxr.data.dataset import Dataset
from negcxr.data.habits import HABITS, as_reported, knows_truth
from negcxr.data.phantoms import truths
from negcxr.data.truth import FINDINGS, Sign, World
from negcxr.errors import InputError

N = 400


class Blank:
    def open(self, row):
        return Image.new("L", (8, 8))

    def key(self, row):
        return f"image {row}"


def drawn(n=N, **changes):
    """Phantoms without their pictures: table, details and truth are as the renderer's."""
    known = truths(0, "test", range(n), World())
    table = pd.DataFrame({"image": [f"phantom-{i}" for i in range(n)], "split": "test"})
    table["patient"], table["view"] = table["image"], [truth.view for truth in known]
    for finding in FINDINGS:
        signs = [truth.signs.get(finding, Sign()) for truth in known]
        for name in Sign._fields:
            table[f"{name}:{finding}"] = [getattr(sign, name) for sign in signs]
    fields = {
        "name": "phantoms",
        "kind": "phantoms",
        "table": table,
        "findings": FINDINGS,
        "labels": np.array([[float(t.has(f)) for f in FINDINGS] for t in known]),
        "policy": "explicit",
        "images": Blank(),
        "terms": "ours",
        "shows_images": True,
    }
    return Dataset(**fields | changes)


@pytest.fixture(scope="module")
def phantoms():
    return drawn()


@pytest.mark.parametrize("habit", HABITS)
def test_no_report_affirms_what_is_not_there(phantoms, habit):
    read = as_reported(phantoms, habit, 0).labels
    assert (phantoms.labels[read == 1] == 1).all()


@pytest.mark.parametrize("habit", ["by lot", "denies about the sick"])
def test_who_sees_all_denies_nothing_that_is_there(phantoms, habit):
    read = as_reported(phantoms, habit, 0).labels
    assert (phantoms.labels[read == 0] == 0).all()


def test_who_misses_denies_what_is_small_and_nothing_larger(phantoms):
    read = as_reported(phantoms, "misses what is small", 0).labels
    severity = phantoms.table[[f"severity:{f}" for f in FINDINGS]].to_numpy()
    denied = (read == 0) & (phantoms.labels == 1)
    assert denied.sum() > 0
    assert {*severity[denied]} == {1}


def test_half_of_what_is_small_is_not_affirmed_by_who_misses_it(phantoms):
    severity = phantoms.table[[f"severity:{f}" for f in FINDINGS]].to_numpy()
    small = severity == 1
    by_lot = (as_reported(phantoms, "by lot", 0).labels[small] == 1).mean()
    missed = (as_reported(phantoms, "misses what is small", 0).labels[small] == 1).mean()
    assert missed / by_lot == pytest.approx(0.5, abs=0.08)


def test_a_tenth_of_the_reports_on_the_healthy_deny_and_on_the_sick_as_ever(phantoms):
    sick = phantoms.labels.sum(axis=1) >= 2
    read, before = (
        as_reported(phantoms, habit, 0).labels == 0
        for habit in ("denies about the sick", "by lot")
    )
    assert read[~sick].mean() / before[~sick].mean() == pytest.approx(0.1, abs=0.05)
    assert read[sick].mean() / before[sick].mean() == pytest.approx(1, abs=0.15)


def test_whose_absences_are_stated_is_a_matter_of_how_much_else_there_is(phantoms):
    """By lot the images that lack something by their labels are as sick as all that do."""
    others = phantoms.labels.sum(axis=1)[:, None] - phantoms.labels
    lack = others[phantoms.labels == 0].mean()
    by_lot, sick = (
        others[as_reported(phantoms, habit, 0).labels == 0].mean()
        for habit in ("by lot", "denies about the sick")
    )
    assert by_lot == pytest.approx(lack, abs=0.15)
    assert sick > lack + 0.6


def test_a_phantom_has_the_same_report_whatever_else_is_drawn(phantoms):
    whole = as_reported(phantoms, "by lot", 3).labels
    part = as_reported(phantoms.take([7, 3, 250]), "by lot", 3).labels
    np.testing.assert_array_equal(part, whole[[7, 3, 250]])


def test_another_seed_has_other_reports(phantoms):
    first, second = (as_reported(phantoms, "by lot", seed).labels for seed in (0, 1))
    assert not np.array_equal(first, second, equal_nan=True)


def test_columns_follow_the_findings_of_the_data_set(phantoms):
    order = [3, 0]
    turned = replace(
        phantoms,
        findings=tuple(FINDINGS[i] for i in order),
        labels=phantoms.labels[:, order],
    )
    np.testing.assert_array_equal(
        as_reported(turned, "by lot", 0).labels,
        as_reported(phantoms, "by lot", 0).labels[:, order],
    )


def test_sides_which_no_labeller_reads_are_gone(phantoms):
    sides = np.where(phantoms.labels == 1, "left", "")
    assert as_reported(replace(phantoms, sides=sides), "by lot", 0).sides is None


def test_an_unknown_habit_is_refused_with_those_there_are(phantoms):
    with pytest.raises(InputError, match="'mine' is not known; choose of by lot, mis"):
        as_reported(phantoms, "mine", 0)


def test_films_have_no_truth_to_forget():
    films = drawn(5, kind="films", name="films")
    assert not knows_truth(films)
    with pytest.raises(InputError, match="films: labels are not the truth"):
        as_reported(films, "by lot", 0)
