"""Where a planted gain lies: in the one layer that learnt, and in no other part."""

from types import SimpleNamespace

import numpy as np
import pytest
from tests.planted import EFFUSION, PLANT, POLE, planted

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.transplants import holding_parts, transplant_numbers, transplants
from negcxr.models import load_encoder
from negcxr.text.prompts import load_prompt_set

pytestmark = pytest.mark.model
FINDINGS = ("Pleural Effusion",)
LEARNT = f"layer {PLANT[0] + 1}"


@pytest.fixture(scope="module", params=["clip", "siglip"])
def found(tmp_path_factory, request):
    """Images on the pole's side that they belong to; a deaf base, and one that learnt."""
    folder = tmp_path_factory.mktemp(request.param)
    base = load_encoder(str(planted(folder / "base", request.param, plant=None)))
    tuned = load_encoder(str(planted(folder / "tuned", request.param)))
    has = np.arange(40) % 2
    rows = np.zeros((len(has), base.dim))
    rows[:, EFFUSION], rows[:, POLE] = 0.8, np.where(has, 0.6, -0.6)
    table = {"patient": np.arange(len(has)).astype(str)}
    dataset = SimpleNamespace(findings=FINDINGS, sides=None, table=_Table(table))
    gallery = Gallery(base, dataset, "explicit", rows, has[:, None].astype(float))
    prompts = load_prompt_set("plain", FINDINGS)
    return transplants(gallery, tuned, prompts, Sampling(20, 0))


class _Table(dict):
    def __getitem__(self, name):
        return SimpleNamespace(to_numpy=lambda dtype: dict.__getitem__(self, name))


def value(found, part, kind, polarity="denied"):
    chosen = (found["part"] == part) & (found["kind"] == kind)
    return float(found.loc[chosen & (found["polarity"] == polarity), "value"].iloc[0])


def test_a_deaf_base_is_at_zero_and_the_layer_that_learnt_gives_all(found):
    assert value(found, LEARNT, "gained alone") == 1
    assert value(found, LEARNT, "lost without") == 1


@pytest.mark.parametrize("part", ["embeddings", "layer 1", "end"])
def test_every_other_part_gives_and_holds_nothing(found, part):
    assert value(found, part, "gained alone") == 0
    assert value(found, part, "lost without") == 0


def test_from_the_front_the_gain_comes_with_the_layer_that_learnt(found):
    along = [
        value(found, part, "gained up to here")
        for part in ("embeddings", "layer 1", "layer 2", "end")
    ]
    assert along == [0, 0, 1, 1]


def test_affirmed_prompts_pay_nothing(found):
    assert found.loc[found["polarity"] == "affirmed", "value"].eq(0).all()


def test_the_part_that_holds_the_gain_is_named(found):
    held = holding_parts(found.assign(side="con2")).iloc[0]
    assert held[["needed", "front"]].tolist() == [LEARNT, LEARNT]
    assert (held["gain"], held["lost"]) == (1, 1)


def test_a_method_that_won_nothing_has_no_front(found):
    still = found.assign(side="con2", value=0.001, low=-0.1, high=0.1)
    assert holding_parts(still).iloc[0][["front", "needed"]].tolist() == ["none", "none"]


def test_numbers_name_the_part_that_they_are_of(found):
    numbers = transplant_numbers(found.assign(side="no-price"), n=40)
    assert numbers["most_gained_alone_no_price"].value == 1
    assert numbers["most_lost_without_no_price"].note == LEARNT


def test_a_part_that_holds_all_passes_its_correction(found):
    rows = found[(found["polarity"] == "denied") & (found["part"] == LEARNT)]
    # Of 20 resamples, the least p is 2 / 21; all denied rows are corrected together.
    tested = found[found["polarity"] == "denied"]
    assert rows["p_holm"].min() == pytest.approx(min(1, len(tested) * 2 / 21))
