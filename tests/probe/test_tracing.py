"""Tracing: planted heads are found where they are, and a plain loop finds the same."""

import numpy as np
import pytest
import torch
from tests import checkpoints
from tests.planted import PLANT, POLE

from negcxr.measure.effects import effect_draws
from negcxr.models import load_encoder
from negcxr.models.dual_tower import DualTower
from negcxr.models.tower import WORD
from negcxr.models.towers import open_tower
from negcxr.probe.alignment import PLACES, places
from negcxr.probe.hooks import head_outputs, head_slice, heads_changed
from negcxr.probe.tracing import (
    layers_exchanged,
    open_runs,
    states_exchanged,
    trace,
)

pytestmark = pytest.mark.model
CUE, AFTER, READ = (PLACES.index(name) for name in ("cue", "after cue", "read"))
FRAMES = ("evidence {}|no {}", "evidence of {}|no of {}", "left evidence {}|left no {}")
FINDINGS = [finding for finding in ("effusion", "pneumonia") for _ in FRAMES]
TEXTS = [
    f.format(finding, finding).split("|")
    for finding in ("effusion", "pneumonia")
    for f in FRAMES
]
AFFIRMED, DENIED = ([pair[side] for pair in TEXTS] for side in (0, 1))
LAYER, HEAD = PLANT


@pytest.fixture(scope="module")
def tower(family, tmp_path_factory):
    """A tower of weights from a seed, in which everything does something."""
    folder = tmp_path_factory.mktemp("tracing") / family
    return open_tower(load_encoder(str(getattr(checkpoints, family)(folder))))


def contrasts(tower, axis=None):
    """The axis of a planted tower that says affirmed or denied, or any rows."""
    dim = tower.encode_texts(["no"]).shape[1]
    rows = np.random.default_rng(0).normal(size=(len(TEXTS), dim))
    return rows if axis is None else np.eye(dim)[[axis] * len(TEXTS)]


def effects(found, part):
    """Effects without intervals, in the form of the part."""
    values, whole = getattr(found, part), found.of - found.into
    moved = (values - found.into).reshape(-1, len(whole))
    draws = effect_draws(moved, whole, FINDINGS, n_resamples=50, seed=0)
    return draws[:, 0].reshape(values.shape[:-1])


@pytest.fixture(scope="module")
def planted_trace(hearing):
    return trace(hearing, AFFIRMED, DENIED, contrasts(hearing, POLE))


@pytest.fixture(scope="module")
def traced(tower):
    return trace(tower, AFFIRMED, DENIED, contrasts(tower))


def test_a_planted_head_is_found_at_its_layer_and_head(planted_trace):
    heads = effects(planted_trace, "heads")
    wanted = np.zeros(heads.shape)
    wanted[LAYER, :, HEAD] = 1
    assert np.allclose(heads, wanted, atol=1e-5)


def test_before_the_planted_layer_the_effect_lies_at_the_cue_and_after_it_where_is_read(
    planted_trace,
):
    states = effects(planted_trace, "states")
    for depth, row in enumerate(states):
        at, other = (CUE, READ) if depth <= LAYER else (READ, CUE)
        assert row[[at, other, AFTER]] == pytest.approx([1, 0, 0], abs=1e-5)


def test_the_planted_layer_alone_writes_the_effect(planted_trace):
    wanted = np.eye(len(planted_trace.layers))[LAYER]
    assert effects(planted_trace, "layers") == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("part", ["states", "heads", "layers"])
def test_a_deaf_tower_has_no_effect_that_could_be_said(deaf, part):
    found = trace(deaf, AFFIRMED, DENIED, contrasts(deaf, POLE))
    assert np.isnan(effects(found, part)).all()


def test_exchanging_nothing_changes_nothing_and_all_places_change_all(tower):
    into, of = tower.tokens(AFFIRMED), tower.tokens(DENIED)
    with torch.inference_mode():
        runs = open_runs(tower, into, of, contrasts(tower))
        masks = torch.stack([torch.zeros_like(into.ids), torch.ones_like(of.ids)]) == 1
        nothing, everything = states_exchanged(runs, masks).unbind(dim=1)
        known = [runs.answers(s[-1][None], len(s) - 1)[0] for s in (runs.ours, runs.theirs)]
    for depth, (unchanged, changed) in enumerate(zip(nothing, everything, strict=True)):
        assert torch.equal(unchanged, known[0]), depth
        assert torch.allclose(changed, known[1], rtol=0, atol=1e-5), depth


def test_runs_that_are_the_same_have_no_way_between_them(tower):
    found = trace(tower, DENIED, DENIED, contrasts(tower))
    assert np.allclose(np.nan_to_num(found.states - found.into), 0, atol=1e-6)
    assert np.isnan(effects(found, "states")).all()


def test_the_cue_is_all_before_the_first_layer_and_what_is_read_all_after_the_last(traced):
    for depth, whole in ((0, CUE), (-1, READ)):
        assert np.allclose(traced.states[depth, whole], traced.of, atol=1e-5)
        others = np.delete(traced.states[depth], whole, axis=0)
        there = np.isfinite(others)
        assert np.allclose(others[there], (traced.into + 0 * others)[there], atol=1e-5)


def test_swapping_the_pairs_swaps_the_runs(tower, traced):
    other = trace(tower, DENIED, AFFIRMED, contrasts(tower))
    assert np.allclose(other.into, traced.of, atol=1e-6)
    assert np.allclose(other.of, traced.into, atol=1e-6)
    assert not np.allclose(other.heads, traced.heads, atol=1e-3)


def test_the_order_of_the_pairs_does_not_matter(tower, traced):
    rows, back = contrasts(tower), slice(None, None, -1)
    other = trace(tower, AFFIRMED[back], DENIED[back], rows[back])
    for part, wanted in zip(other, traced, strict=True):
        assert np.allclose(part[..., back], wanted, atol=1e-5, equal_nan=True)


def hooked(tower, number, change, text):
    """The whole tower once more, with a hook on what enters a layer or leaves the last."""

    def before(module, inputs, **_):
        return (change(inputs[0]), *inputs[1:])

    def after(module, inputs, output):
        return change(output)

    last = number == len(tower.layers)
    module = tower.layers[number - last].module
    handle = (
        module.register_forward_hook(after)
        if last
        else module.register_forward_pre_hook(before)
    )
    try:
        return tower.rows(tower.tokens([text]))[0].double().numpy()
    finally:
        handle.remove()


def test_states_are_as_by_a_plain_loop_over_whole_runs(tower, traced):
    rows = contrasts(tower)
    with torch.inference_mode():
        for number, (ours, theirs) in enumerate(TEXTS):
            first, second = tower.tokens([ours]), tower.tokens([theirs])
            states = tower.states(second)
            for place, mask in enumerate(places(tower, first, second).values()):
                for depth in range(len(states)):
                    where, state = mask[..., None], states[depth]
                    row = hooked(tower, depth, lambda s: torch.where(where, state, s), ours)  # noqa: B023
                    wanted = row @ rows[number] if mask.any() else np.nan
                    found = traced.states[depth, place, number]
                    assert np.allclose(found, wanted, atol=1e-5, equal_nan=True)


def test_heads_are_as_by_a_plain_loop_over_whole_runs(tower, traced):
    rows, number = contrasts(tower), 1
    first, second = (tower.tokens([text]) for text in TEXTS[number])
    with torch.inference_mode():
        states = tower.states(second)
        for layer, known in enumerate(tower.layers):
            theirs = head_outputs(tower, layer, states[layer], second)
            for head in range(known.n_heads):
                at = head_slice(known, head)
                for scope, tokens in enumerate((slice(None), first.read[0])):

                    def change(outputs, at=at, tokens=tokens, theirs=theirs):
                        outputs = outputs.clone()
                        outputs[:, tokens, at] = theirs[:, tokens, at]
                        return outputs

                    with heads_changed(known, change):
                        row = tower.rows(first)[0].double().numpy()
                    found = traced.heads[layer, scope, head, number]
                    assert found == pytest.approx(row @ rows[number], abs=1e-5)


def test_what_a_layer_writes_is_its_state_less_the_one_before(tower, traced):
    rows, number = contrasts(tower), 2
    first, second = (tower.tokens([text]) for text in TEXTS[number])
    with torch.inference_mode():
        ours, theirs = tower.states(first), tower.states(second)
        for layer in range(len(tower.layers)):
            mixed = ours[layer] - theirs[layer] + theirs[layer + 1]
            row = tower.end(tower.run(mixed, first, layer + 1), first)[0].double().numpy()
            assert traced.layers[layer, number] == pytest.approx(row @ rows[number], 1e-4)
        runs = open_runs(tower, first, second, rows[[number]])
        assert torch.allclose(
            layers_exchanged(runs)[:, 0], torch.tensor(traced.layers[:, number]), atol=1e-5
        )


class MeanTower(DualTower):
    """A tower that reads the mean over its tokens, as sentence encoders do."""

    def tokens(self, texts):
        tokens = super().tokens(texts)
        return tokens._replace(read=torch.full_like(tokens.read, -1))

    def end(self, states, tokens):
        at = torch.arange(states.shape[-2])
        there = (at < tokens.lengths[:, None])[..., None]
        mean = (states * there).sum(dim=-2) / there.sum(dim=-2)
        return torch.nn.functional.normalize(mean, dim=-1)


def test_a_tower_that_reads_no_token_has_no_read_place(tower):
    mean = MeanTower(tower.encoder)
    found = trace(mean, AFFIRMED, DENIED, np.eye(mean.width)[[0] * len(TEXTS)])
    assert np.isnan(found.states[:, READ]).all()
    assert np.isnan(found.heads[:, 1]).all()
    assert np.isfinite(found.heads[:, 0]).all()
    assert (mean.roles(mean.tokens(["no effusion"])) == WORD).sum() == 2
