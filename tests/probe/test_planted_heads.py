"""The known answer: one head carries "no". It alone is found; on a deaf tower none is."""

import numpy as np
import pytest
from tests.planted import PLANT, POLE

from negcxr.chapters.groups import BASE
from negcxr.chapters.head_agreement import kind_agreement, side_agreement
from negcxr.chapters.head_changes import head_changes, head_numbers
from negcxr.chapters.head_orders import (
    ORDERED,
    RANDOM,
    curve_table,
    head_curve,
    judge,
    top_heads,
)
from negcxr.chapters.heads import Plan, passing, sweep_side
from negcxr.chapters.sides import Side
from negcxr.measure.intervals import holm
from negcxr.probe.replacements import KINDS
from negcxr.text.prompts import Prompt

pytestmark = pytest.mark.model
FINDINGS = ("Effusion", "Pneumonia")
WORDINGS = {
    "affirmed": ["{}", "evidence {}", "evidence of {}"],
    "denied": ["no {}", "no evidence {}", "no evidence of {}"],
}
PROMPTS = [
    Prompt(
        id=f"{finding}/{polarity}/{i}",
        finding=finding,
        polarity=polarity,
        text=text.format(finding.lower()),
    )
    for finding in FINDINGS
    for polarity, texts in WORDINGS.items()
    for i, text in enumerate(texts)
]
PLAN = Plan(kind="zero", n_tests=600, n_null=3, seed=0)
N = 120


def side_of(tower, name=BASE):
    """Images that lie along the pole, those that have both findings on the affirmed end."""
    rng = np.random.default_rng(0)
    has = np.arange(N) % 2
    rows = rng.normal(0, 1e-3, (N, tower.encode_texts(["no"]).shape[1]))
    rows[:, POLE] = has - 0.5 + rng.normal(0, 0.3, N)
    relevance = np.stack([has, has], axis=1).astype(float)
    return Side(name, tower, rows, relevance, FINDINGS, np.arange(N).astype(str))


@pytest.fixture(scope="module")
def heard(hearing):
    return sweep_side(side_of(hearing), PROMPTS, PLAN)


@pytest.fixture(scope="module")
def unheard(deaf):
    return sweep_side(side_of(deaf), PROMPTS, PLAN)


def found(swept, **equal):
    """The heads that pass, from 0, as layer and head."""
    table = swept.effects[swept.effects["passes"]]
    for column, value in equal.items():
        table = table[table[column] == value]
    return set(zip(table["layer"] - 1, table["head"] - 1, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_the_planted_head_and_no_other_passes(heard, kind):
    assert found(heard, kind=kind) == {PLANT}


def test_each_kind_and_polarity_is_corrected_by_itself(heard):
    for _, block in heard.effects.groupby(["kind", "polarity"]):
        assert len(block) == len(heard.heads)
        assert block["p_holm"].to_numpy() == pytest.approx(holm(block["p"].to_numpy()))
    denied = {kind: heard.draws[kind, "denied"][:, 0].tolist() for kind in KINDS}
    assert denied["zero"] != denied["mean"] != denied["resample"] != denied["zero"]


def test_without_it_denied_prompts_rank_as_affirmed_ones_do(heard):
    zero = heard.effects.query("kind == 'zero'").set_index(["polarity", "layer", "head"])
    at = tuple(place + 1 for place in PLANT)
    assert zero.loc[("denied", *at), "value"] > 0.5
    assert zero.loc[("affirmed", *at), "value"] == pytest.approx(0, abs=0.02)


def test_on_a_deaf_tower_nothing_passes(unheard):
    assert found(unheard) == set()


def test_swapping_affirmed_and_denied_turns_every_effect_round(hearing, heard):
    other = {"affirmed": "denied", "denied": "affirmed"}
    swapped = [p.model_copy(update={"polarity": other[p.polarity]}) for p in PROMPTS]
    turned = sweep_side(side_of(hearing), swapped, PLAN)
    for (kind, polarity), draws in heard.draws.items():
        assert turned.draws[kind, other[polarity]] == pytest.approx(-draws, abs=1e-5)
    assert found(turned, kind="zero") == {PLANT}


def test_random_subspaces_do_less_than_the_planted_head(heard):
    own = heard.effects.query("kind == 'zero' and polarity == 'denied'")
    row = own[(own["layer"] == PLANT[0] + 1) & (own["head"] == PLANT[1] + 1)].iloc[0]
    assert row["null_share"] < 0.35
    assert heard.effects.query("kind != 'zero'")["null_share"].isna().all()


def test_the_first_head_is_the_planted_one_and_its_effect_holds_on_other_patients(heard):
    judged = judge(heard, PROMPTS, PLAN)
    assert judged.order["denied"][0] == PLANT
    row = top_heads([judged]).query("polarity == 'denied'").iloc[0]
    assert (row["layer"] - 1, row["head"] - 1) == PLANT
    assert row["low"] > 0.5 and row["p"] < 0.01


def test_the_curve_falls_with_the_first_head_and_at_random_with_luck(heard):
    judged = judge(heard, PROMPTS, PLAN)
    table = head_curve(judged, PLAN, n_orders=4, n_resamples=50)
    denied = table.query("polarity == 'denied'").set_index(["order", "heads"])["value"]
    assert denied[ORDERED, 0] == denied[RANDOM, 0] > 0.8
    assert denied[ORDERED, 1] < 0.2
    assert denied[RANDOM, 1] > denied[ORDERED, 1]
    assert denied[ORDERED, 8] == pytest.approx(denied[RANDOM, 8])
    wide = curve_table(table).set_index(["order", "polarity"])
    assert wide.loc[(ORDERED, "denied"), "1"] == denied[ORDERED, 1]
    assert (wide["1_low"] <= wide["1"]).all() and (wide["1"] <= wide["1_high"]).all()


def named(swept, name):
    return swept._replace(side=swept.side._replace(name=name))


def test_changes_are_against_the_base(heard, unheard):
    for base, tuned, more in ((unheard, heard, 1), (heard, unheard, -1)):
        both = [judge(one, PROMPTS, PLAN) for one in (base, named(tuned, "no-price"))]
        table = head_changes(both, PLAN.kind)
        row = table[(table["side"] == "no-price")].set_index("measure")
        effect = row.loc["largest head effect on denied"]
        assert min(more * effect["change_low"], more * effect["change_high"]) > 0.5
        assert effect["p_holm"] < 0.01
        assert row.loc["heads that pass on denied", "change"] == more
        assert table.loc[table["side"] == BASE, "change"].isna().all()


def test_numbers_are_by_side(heard, unheard):
    both = [judge(one, PROMPTS, PLAN) for one in (unheard, named(heard, "no-price"))]
    curves = head_curve(both[1], PLAN, n_orders=0, n_resamples=50)
    numbers = head_numbers(both, head_changes(both, PLAN.kind), curves, PLAN.kind)
    assert numbers["heads_denied_base"].value == 0
    assert numbers["heads_denied_no_price"].value == 1
    assert numbers["change_of_top_head_effect_no_price"].low > 0.5
    assert numbers["denied_no_price"].value > 0.8


def test_each_two_sides_and_each_two_kinds_are_compared(heard, unheard):
    both = [unheard, named(heard, "no-price")]
    assert list(passing(both, PLAN.kind)["help"]) == [0, 0, 1, 0]
    assert len(kind_agreement(both, 50)) == 2 * 2 * 3
    assert list(side_agreement(both, PLAN.kind, 50)["polarity"]) == ["denied", "affirmed"]
