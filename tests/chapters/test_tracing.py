"""Tracing of sides: plants are found with intervals, and a deaf side has none."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.planted import FAMILIES, PLANT, POLE, planted

from negcxr.chapters import Sampling
from negcxr.chapters.layer_weights import trace_layers
from negcxr.chapters.sides import Side
from negcxr.chapters.trace_changes import (
    answers,
    largest_heads,
    only,
    side_by_side,
    side_numbers,
    trace_changes,
    trace_numbers,
)
from negcxr.chapters.tracing import (
    INWARD,
    OUTWARD,
    head_effects,
    layer_effects,
    shared_pairs,
    state_effects,
    trace_sides,
)
from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.towers import open_tower
from negcxr.text.pairs import Pair

pytestmark = pytest.mark.model
SAMPLING = Sampling(n_resamples=200, seed=0)
FINDINGS = ("effusion", "pneumonia")
LAYER, HEAD = PLANT[0] + 1, PLANT[1] + 1  # as tables count
COLUMNS = ["measure", "side", "value", "low", "high", "change", "change_low", "change_high"]


def make_pairs(findings=FINDINGS):
    frames = {"one": ("evidence {}", "no {}"), "two": ("evidence of {}", "no of {}")}
    return [
        Pair(finding, name, *(text.format(finding) for text in texts))
        for name, texts in frames.items()
        for finding in findings
    ]


def side(name, tower):
    """Ten images on the side of the pole that is affirmed, ten on the other."""
    dim = tower.encode_texts(["no"]).shape[1]
    rows = np.eye(dim)[[POLE] * 20] * np.repeat([1, -1], 10)[:, None]
    relevance = np.repeat([[1.0], [0.0]], 10, axis=0).repeat(2, axis=1)
    return Side(name, tower, rows, relevance, FINDINGS, np.arange(20).astype(str))


@pytest.fixture(scope="module", params=FAMILIES)
def sides(request, tmp_path_factory):
    """A deaf base, and a side that hears by one head."""
    root, found = tmp_path_factory.mktemp("sides"), []
    for name, plant in (("base", None), ("tuned", PLANT)):
        folder = planted(root / name, request.param, plant=plant)
        found.append(side(name, open_tower(load_encoder(str(folder)))))
    return found


@pytest.fixture(scope="module")
def traced(sides):
    return trace_sides(sides, make_pairs())


@pytest.mark.parametrize("direction", [INWARD, OUTWARD])
def test_the_planted_head_is_the_largest_of_the_side_that_hears(traced, direction):
    found = largest_heads(head_effects(traced, SAMPLING, direction), n=1)
    (row,) = only(found, side="tuned").to_dict("records")
    assert (row["layer"], row["head"], row["direction"]) == (LAYER, HEAD, direction)
    assert [row["value"], row["low"], row["high"]] == pytest.approx([1, 1, 1], abs=1e-4)
    assert row["p"] == pytest.approx(2 / 201)


def test_a_deaf_side_is_not_evaluable_and_says_so(traced):
    for table in (state_effects, head_effects, layer_effects):
        found = only(table(traced, SAMPLING), side="base")
        assert found["value"].isna().all()
        assert found["p_holm"].isna().all()
        assert found["note"].str.startswith("not evaluable").all()


def test_what_is_so_by_construction_is_not_tested(traced):
    found = only(state_effects(traced, SAMPLING), side="tuned")
    ends = found["layers"].isin([0, found["layers"].max()])
    assert found.loc[ends, "p"].isna().all()
    tested = found[found["p"].notna()]
    assert list(tested["place"]) == ["cue"]
    assert list(tested["where"]) == ["after layer 1"]


def test_a_place_that_no_pair_has_is_no_cell(traced, sides):
    places = set(state_effects(traced, SAMPLING)["place"])
    clip = sides[0].tower.encoder.causal
    assert places == {"cue", "after cue", "read"} | ({"start"} if clip else {"end"})


def test_the_effect_crosses_in_the_planted_layer(traced):
    numbers = side_numbers(traced[1], SAMPLING)
    assert numbers["crossing layer"][0] == pytest.approx(LAYER - 0.5, abs=1e-4)
    assert numbers["cue effect after layer 1"][0] == pytest.approx(1, abs=1e-4)
    assert np.isnan(side_numbers(traced[0], SAMPLING)["crossing layer"]).all()


def test_the_largest_head_is_the_planted_one_both_ways(traced):
    numbers = side_numbers(traced[1], SAMPLING)
    for name in ("largest head effect", "largest need of a head"):
        assert numbers[name] == pytest.approx(np.ones(201), abs=1e-4)


def test_the_largest_head_is_measured_on_findings_that_did_not_choose_it(traced):
    tuned, clear = traced[1], FINDINGS.index("pneumonia")
    about = np.array(tuned.findings) == FINDINGS[clear]
    found = tuned.traces[INWARD]
    heads, other = found.heads.copy(), (0, 0, 0)  # a head that acts for one alone
    heads[other][about] = found.into[about] + 3 * (found.of - found.into)[about]
    lucky = tuned._replace(traces={**tuned.traces, INWARD: found._replace(heads=heads)})
    effects = lucky.draws("heads", SAMPLING)[:, 0, :, 0]
    assert np.nanmax(effects) > 1.4
    assert side_numbers(lucky, SAMPLING)["largest head effect"][0] < 1


def test_the_denial_effect_is_affirmed_less_denied(traced, sides):
    for one, opened in zip(traced, sides, strict=True):
        texts = [[p.affirmed for p in make_pairs()], [p.denied for p in make_pairs()]]
        poles = [2 * opened.tower.encode_texts(some)[:, POLE].mean() for some in texts]
        numbers = side_numbers(one, SAMPLING)
        wanted = [poles[0] - poles[1], poles[1]]
        found = [numbers[name][0] for name in ("denial effect", "denied answer")]
        assert found == pytest.approx(wanted, abs=1e-5)


def test_the_answers_to_affirmed_and_denied_sentences_differ_by_the_denial_effect(traced):
    table = answers(traced, SAMPLING)
    for one, block in zip(traced, table.groupby("side", sort=False), strict=True):
        affirmed, denied = block[1].set_index("polarity")["value"][["affirmed", "denied"]]
        numbers = side_numbers(one, SAMPLING)
        assert affirmed - denied == pytest.approx(numbers["denial effect"][0])
        assert denied == pytest.approx(numbers["denied answer"][0])


def test_each_scope_of_heads_is_corrected_for_itself(traced):
    found = only(head_effects(traced, SAMPLING), side="tuned")
    assert set(found["scope"]) == {"all places", "read place"}
    for _, block in found.groupby("scope"):
        tested = block["p"].notna().sum()
        least = min(1, tested * block["p"].min())
        assert block["p_holm"].min() == pytest.approx(least)


def test_changes_are_against_the_base_and_in_the_form_of_all_chapters(traced):
    table = trace_changes(traced, SAMPLING)
    assert list(table) == [*COLUMNS, "p", "p_holm"]
    base, tuned = (
        only(table, side=name).set_index("measure") for name in ("base", "tuned")
    )
    assert base[["change", "p", "p_holm"]].isna().all(axis=None)
    row = tuned.loc["denial effect"]
    assert row["change"] == pytest.approx(row["value"] - base.loc["denial effect", "value"])
    assert row["p_holm"] == pytest.approx(2 * 2 / 201)  # two of the changes are evaluable
    assert tuned["p"].notna().sum() == 2


def test_numbers_are_named_by_measure_and_side_and_say_why_they_are_missing(traced):
    found = trace_numbers(trace_changes(traced, SAMPLING), pairs=4)
    assert found["denial_effect_tuned"].n == 4
    assert found["denial_effect_change_tuned"].value > 0.5
    assert found["largest_head_effect_base"].note.startswith("not evaluable: what the cue")
    assert found["crossing_layer_base"].note.startswith("not evaluable: no effect")
    assert "denial_effect_change_base" not in found


def test_sides_that_were_traced_on_other_pairs_are_refused(traced, sides):
    (other,) = trace_sides(sides[1:], make_pairs()[:3])
    with pytest.raises(InputError, match="tuned was traced on 3 pairs and base on 4"):
        trace_changes([traced[0], other], SAMPLING)


def test_one_finding_alone_gives_values_without_intervals(sides):
    found = trace_sides(sides[1:], make_pairs(["effusion"]))
    table = head_effects(found, SAMPLING)
    assert table["value"].max() == pytest.approx(1, abs=1e-4)
    assert table[["low", "high", "p"]].isna().all(axis=None)
    known = trace_numbers(trace_changes(found, SAMPLING), pairs=2)
    assert "findings can be drawn in one way" in known["denial_effect_tuned"].note
    assert "no second finding chooses" in known["largest_head_effect_tuned"].note


def test_frames_are_counted_with_why_their_pairs_were_left_out(sides):
    longer = Pair("effusion", "longer", "effusion", "no effusion")
    unknown = Pair("edema", "one", "evidence edema", "no edema")
    pairs, frames = shared_pairs(sides, [*make_pairs(), longer, unknown])
    assert pairs == make_pairs()
    assert frames.set_index("frame")[["traced", "left_out"]].T.to_dict("list") == {
        "one": [2, 1],
        "two": [2, 0],
        "longer": [0, 1],
    }
    why = dict(zip(frames["frame"], frames["why"], strict=True))
    assert why["longer"] == "another number of tokens"
    assert why["one"] == "too few images with the finding, or without"


def test_effects_stand_side_by_side_by_place():
    table = pd.DataFrame(
        {
            "side": ["base"] * 3,
            "where": ["after layer 1", "after layer 1", "after layer 2"],
            "place": ["cue", "read", "cue"],
            **{"value": [1.0, -1e-9, np.nan], "low": np.nan, "high": np.nan},
        }
    )
    found = side_by_side(table, ["side", "where"], "place")
    assert list(found) == ["side", "where", "cue", "read"]
    assert found["cue"].tolist() == ["1.00", "\N{EN DASH}"]
    assert found["read"][0] == "0.00"


class Rows:
    """A data set, as far as layer weights ask of one."""

    kind, findings = "rows", FINDINGS

    def __len__(self):
        return 20


def test_a_side_that_hears_gives_weights_and_a_deaf_one_is_refused(
    sides, monkeypatch, tmp_path
):
    module = "negcxr.chapters.layer_weights"
    monkeypatch.setattr(f"{module}.load_pairs", lambda _: make_pairs())
    base, tuned = (
        SimpleNamespace(encoder=one.tower.encoder, dataset=Rows(), opened=[one])
        for one in sides
    )
    monkeypatch.setattr(f"{module}.open_sides", lambda gallery, *_: gallery.opened)
    assert trace_layers(tuned, tmp_path / "tuned.json", SAMPLING) == [0, 1]
    with pytest.raises(InputError, match="base: not evaluable: .* hears a cue"):
        trace_layers(base, tmp_path / "base.json", SAMPLING)
    assert [path.name for path in tmp_path.iterdir()] == ["tuned.json"]
