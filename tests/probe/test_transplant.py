"""Parts of a tuned text tower in its base: all of them are the tuned one, none the base."""

import pytest
import torch
from tests.planted import FAMILIES, PLANT, planted

from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.probe.transplant import text_parts, transplanted, weight_changes

pytestmark = pytest.mark.model
TEXTS = ["no effusion", "evidence of pneumonia"]


@pytest.fixture(scope="module", params=FAMILIES)
def pair(tmp_path_factory, request):
    """A deaf base, and the same tower after one head of one layer "learnt" to hear."""
    folder = tmp_path_factory.mktemp(request.param)
    base = planted(folder / "base", request.param, plant=None)
    tuned = planted(folder / "tuned", request.param)
    return load_encoder(str(base)), load_encoder(str(tuned))


def rows(encoder):
    return torch.tensor(encoder.encode_texts(TEXTS))


def test_no_part_is_the_base_and_all_parts_are_the_tuned_tower(pair):
    base, tuned = pair
    torch.testing.assert_close(rows(transplanted(base, tuned, [])), rows(base))
    every = transplanted(base, tuned, text_parts(base))
    torch.testing.assert_close(rows(every), rows(tuned))


def test_the_one_layer_that_learnt_suffices_and_no_other_does(pair):
    base, tuned = pair
    learnt = f"layer {PLANT[0] + 1}"
    torch.testing.assert_close(rows(transplanted(base, tuned, [learnt])), rows(tuned))
    others = [part for part in text_parts(base) if part != learnt]
    torch.testing.assert_close(rows(transplanted(base, tuned, others)), rows(base))


def test_only_what_was_trained_has_moved(pair):
    moved = weight_changes(*pair).set_index("part")["moved"]
    assert moved[f"layer {PLANT[0] + 1}"] > 0.1
    assert moved.drop(f"layer {PLANT[0] + 1}").eq(0).all()


def test_two_kinds_of_mix_are_never_taken_for_each_other(pair):
    base, tuned = pair
    marks = {
        transplanted(base, tuned, parts).checkpoint.fingerprint
        for parts in ([], ["layer 1"], ["layer 2"], ["layer 1", "layer 2"])
    }
    assert len(marks) == 4


def test_an_encoder_of_another_family_is_refused(tmp_path):
    one, other = (planted(tmp_path / family, family) for family in FAMILIES)
    with pytest.raises(InputError, match="allowed: two of one family"):
        transplanted(load_encoder(str(one)), load_encoder(str(other)), ["layer 1"])
