"""Integrated gradients: planted cues are found, shares sum, and nothing else has any."""

import numpy as np
import pytest
import torch
from captum.attr import LayerIntegratedGradients
from tests.checkpoints import BUILDERS
from tests.planted import EFFUSION, POLE

from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.dual_tower import DualTower
from negcxr.models.tower import Tokens
from negcxr.models.towers import open_tower
from negcxr.probe import attribution
from negcxr.probe.attribution import integrated_gradients
from negcxr.probe.places import token_parts
from negcxr.probe.targets import blanked_ids, target_of, whole_effects

pytestmark = pytest.mark.model
TEXTS = ["no effusion", "evidence of effusion", "no evidence of effusion"]


def aim_at(tower, *axes, texts=TEXTS, scale=1.0):
    """For each text the vector with these axes, as a contrast of a finding."""
    vectors = np.zeros((len(texts), tower.encoder.dim))
    vectors[:, list(axes)] = scale
    return vectors


def by_part(tower, text, values):
    parts = np.array(token_parts(tower, text, ["effusion"]))
    return {part: values[parts == part].sum() for part in ("cue", "finding", "special")}


def cues(tower, text):
    return np.array(token_parts(tower, text, ["effusion"])) == "cue"


def score(tower, ids, tokens, vectors):
    vectors = torch.tensor(vectors, dtype=torch.float32)
    with torch.no_grad():
        return target_of(tower)(ids, tokens.lengths, tokens.read, vectors).numpy()


def test_a_cue_that_is_heard_has_a_share_opposite_to_the_findings(hearing):
    found = integrated_gradients(hearing, TEXTS[:1], aim_at(hearing, POLE, EFFUSION)[:1])
    shares = by_part(hearing, TEXTS[0], found[0].values)
    assert shares["cue"] < -1 < 0.3 < shares["finding"]
    assert shares["special"] == 0


def test_against_the_sentence_without_its_cue_the_cue_has_the_whole(hearing):
    text, vectors = TEXTS[0], aim_at(hearing, POLE)[:1]
    chosen = [cues(hearing, text)]
    (shares,) = integrated_gradients(hearing, [text], vectors, chosen)
    tokens = hearing.tokens([text])
    ends = [
        score(hearing, ids, tokens, vectors)[0]
        for ids in (tokens.ids, blanked_ids(hearing, tokens, chosen))
    ]
    assert shares.whole == pytest.approx(ends[0] - ends[1], abs=1e-6)
    assert shares.values[chosen[0]].sum() == pytest.approx(shares.whole, abs=1e-4)
    assert shares.whole < -1
    assert whole_effects(hearing, [text], vectors, chosen)[0] == shares.whole
    assert not shares.values[~chosen[0]].any()


def test_a_deaf_tower_gives_the_cue_nothing_and_is_not_refused(deaf):
    for axes in ((POLE, EFFUSION), (EFFUSION,)):
        found = integrated_gradients(deaf, TEXTS, aim_at(deaf, *axes))
        for text, shares in zip(TEXTS, found, strict=True):
            parts = by_part(deaf, text, shares.values)
            assert parts["cue"] == pytest.approx(0, abs=1e-5)
    chosen = [cues(deaf, text) for text in TEXTS]
    found = integrated_gradients(deaf, TEXTS, aim_at(deaf, POLE), chosen)
    assert [s.whole for s in found] == pytest.approx([0, 0, 0], abs=1e-5)


@pytest.mark.parametrize("name", BUILDERS)
def test_shares_sum_to_the_whole_and_are_in_the_order_of_the_texts(tmp_path, name):
    tower = open_tower(load_encoder(str(BUILDERS[name](tmp_path / name))))
    texts = ["chest x-ray without pleural effusion", "edema", "no pneumonia"]
    vectors = np.random.default_rng(0).normal(size=(3, tower.encoder.dim))
    found = integrated_gradients(tower, texts, vectors)
    for text, vector, shares in zip(texts, vectors, found, strict=True):
        tokens = tower.tokens([text])
        ends = (tokens.ids, blanked_ids(tower, tokens))
        whole = np.subtract(*(score(tower, ids, tokens, vector[None]) for ids in ends))
        assert shares.whole == pytest.approx(whole[0], abs=1e-5)
        assert abs(shares.values.sum() - whole[0]) <= shares.bound + 1e-5
        assert len(shares.values) == int(tokens.lengths[0])
        (alone,) = integrated_gradients(tower, [text], vector[None])
        np.testing.assert_allclose(shares.values, alone.values, atol=1e-4)


def test_the_target_turned_round_turns_every_share_round(hearing):
    plus = integrated_gradients(hearing, TEXTS, aim_at(hearing, POLE, EFFUSION))
    minus = integrated_gradients(hearing, TEXTS, aim_at(hearing, POLE, EFFUSION, scale=-1))
    for one, other in zip(plus, minus, strict=True):
        np.testing.assert_allclose(one.values, -other.values, atol=1e-6)
        assert one.whole == pytest.approx(-other.whole)


class Linear(DualTower):
    """A tower whose target is linear in the embedding of tokens."""

    def begin(self, tokens):
        return self.embedding(tokens.ids)

    def step(self, number, states, tokens):
        return states

    def end(self, states, tokens):
        return states.sum(dim=1)


def test_of_a_linear_tower_a_share_is_the_step_from_blank_times_the_weight(hearing):
    tower = Linear(hearing.encoder)
    vector = np.random.default_rng(0).normal(size=tower.width)
    (shares,) = integrated_gradients(tower, TEXTS[:1], vector[None])
    table = tower.embedding.weight.detach().double().numpy()
    ids = tower.tokens(TEXTS[:1]).ids[0].numpy()
    blank = blanked_ids(tower, tower.tokens(TEXTS[:1]))[0].numpy()
    np.testing.assert_allclose(
        shares.values, (table[ids] - table[blank]) @ vector, atol=1e-4
    )
    assert shares.steps == attribution.FEW_STEPS


def test_a_baseline_that_is_read_elsewhere_cannot_sum_however_many_steps(tmp_path):
    encoder = load_encoder(str(BUILDERS["clip"](tmp_path / "clip")))
    tower, text = open_tower(encoder), "no pleural effusion"
    tokens = tower.tokens([text])
    vector = torch.tensor(np.random.default_rng(0).normal(size=(1, encoder.dim))).float()

    def by_ids(ids):  # as the model itself does: it looks for the end among the ids
        places = (ids == encoder.tokenizer.eos_token_id).int().argmax(dim=1)
        rows = tower.rows(Tokens(ids, tokens.lengths.expand(len(ids)), places))
        return (rows * vector).sum(dim=-1)

    method = LayerIntegratedGradients(by_ids, tower.embedding)
    everything_blank = torch.full_like(tokens.ids, tower.blank)
    deltas = [
        method.attribute(
            tokens.ids, everything_blank, n_steps=steps, return_convergence_delta=True
        )[1].abs()
        for steps in (50, 200)
    ]
    assert min(deltas) > 0.05
    (kept,) = integrated_gradients(tower, [text], vector.double().numpy())
    assert abs(kept.delta) < kept.bound


def test_special_tokens_cannot_be_blanked(hearing):
    tokens = hearing.tokens(TEXTS[:1])
    everything = [np.ones(int(tokens.lengths[0]), dtype=bool)]
    with pytest.raises(InputError, match="special token was to be blanked"):
        blanked_ids(hearing, tokens, everything)


def test_what_does_not_sum_is_refused_with_sentence_delta_and_bound(hearing, monkeypatch):
    monkeypatch.setattr(attribution, "RELATIVE", 0.0)
    monkeypatch.setattr(attribution, "ABSOLUTE", 0.0)
    monkeypatch.setattr(attribution, "MANY_STEPS", 64)
    message = "'no effusion': the shares of its tokens miss the whole by .* 64 steps, allow"
    with pytest.raises(InputError, match=message):
        integrated_gradients(hearing, TEXTS[:1], aim_at(hearing, POLE)[:1])


def test_more_steps_are_taken_until_the_shares_sum(hearing, monkeypatch):
    monkeypatch.setattr(attribution, "FEW_STEPS", 1)
    found = integrated_gradients(hearing, TEXTS, aim_at(hearing, POLE, EFFUSION))
    assert max(shares.steps for shares in found) > 1
    assert all(abs(shares.delta) <= shares.bound for shares in found)


def test_the_embedding_is_left_without_hooks_and_weights_without_gradients(hearing):
    integrated_gradients(hearing, TEXTS, aim_at(hearing, POLE))
    assert not hearing.embedding._forward_hooks
    assert all(weight.grad is None for weight in hearing.model.parameters())
