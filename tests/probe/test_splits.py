"""What is held out, and the lots of the control task, on a grid small enough to read."""

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.probe.splits import asked_in, control_labels, folds, parts

FINDING = np.repeat(["edema", "fracture"], 4)
WORDING = np.tile(["a", "b", "c", "d"], 2)
KIND = np.tile(["affirmed", "affirmed", "denied", "denied"], 2)
EVERY = np.ones(8, dtype=bool)


def test_units_are_dealt_in_turn_within_their_stratum():
    assert folds(WORDING, KIND, 5).tolist() == [0, 1, 0, 1] * 2
    assert folds(FINDING, np.zeros(8, int), 2).tolist() == [0] * 4 + [1] * 4
    lone = np.array(["a", "b", "c"]), np.array(["affirmed", "denied", "denied"])
    assert folds(*lone, 5).tolist() == [0, 0, 0]


def test_a_part_is_asked_with_all_that_shares_its_fold_left_out():
    by_finding, by_cue = folds(FINDING, np.zeros(8, int), 2), folds(WORDING, KIND, 2)
    (first, _) = parts(by_finding, fit=EVERY)
    assert first.ask.tolist() == [True] * 4 + [False] * 4
    assert first.fit.tolist() == [False] * 4 + [True] * 4
    both = parts(by_finding, by_cue, fit=EVERY)
    assert len(both) == 4
    assert both[0].ask.tolist() == [True, False, True, False] + [False] * 4
    assert both[0].fit.tolist() == [False] * 4 + [False, True, False, True]
    assert sum(part.ask.astype(int) for part in both).tolist() == [1] * 8


def test_each_text_knows_which_part_asks_it():
    by_cue = folds(WORDING, KIND, 2)
    assert asked_in(parts(by_cue, fit=EVERY), 8).tolist() == by_cue.tolist()
    assert asked_in([], 3).tolist() == [-1, -1, -1]


def test_only_some_texts_are_fitted_to_and_all_are_asked():
    fit = KIND == "affirmed"
    found = parts(folds(FINDING, np.zeros(8, int), 2), fit=fit)
    assert not any((part.fit & ~fit).any() for part in found)
    assert sum(part.ask.astype(int) for part in found).tolist() == [1] * 8


def test_a_single_fold_holds_out_nothing():
    assert parts(np.zeros(8, int), fit=EVERY) == []


def test_lots_are_of_wordings_and_each_fold_keeps_how_many_it_has():
    by_cue = folds(WORDING, KIND, 2)
    found = control_labels(KIND == "affirmed", WORDING, by_cue, n=400, seed=0)
    assert (found[:, :4] == found[:, 4:]).all()  # the same for both findings
    for fold in (0, 1):
        assert found[:, :4][:, by_cue[:4] == fold].sum(axis=1).tolist() == [1] * 400
    assert found[:, :4].mean(axis=0) == pytest.approx([1 / 2] * 4, abs=0.08)
    # What one fold got says nothing of the other.
    assert np.corrcoef(found[:, 0], found[:, 1])[0, 1] == pytest.approx(0, abs=0.12)


def test_too_few_folds_or_lots_are_refused_by_name():
    with pytest.raises(InputError, match="n_folds is 1, allowed is 2"):
        folds(WORDING, KIND, 1)
    with pytest.raises(InputError, match="n_controls is 0, allowed is 1"):
        control_labels(EVERY, WORDING, np.zeros(8, int), n=0, seed=0)
