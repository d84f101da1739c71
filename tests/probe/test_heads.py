"""Heads taken away, beside a plain loop that runs the whole padded model for each."""

import numpy as np
import pytest
import torch
from tests.planted import CUE_WORD, FAMILIES, PLANT, POLE
from tests.sentence_folder import bert

from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.sentence import load_sentence_tower
from negcxr.models.tower import READ, SPECIAL, WORD
from negcxr.models.towers import open_tower
from negcxr.probe import heads as module
from negcxr.probe.heads import ablated_rows, ablated_sets, all_heads, head_sweep
from negcxr.probe.hooks import head_outputs
from negcxr.probe.null_heads import null_sweep, random_bases, without
from negcxr.probe.replacements import KINDS, aligned, draw_partners

pytestmark = pytest.mark.model
AFFIRMED = ["effusion", "evidence of effusion", "pneumonia", "evidence pneumonia"]
DENIED = ["no effusion", "no pneumonia", "no evidence of effusion"]
TEXTS = [*AFFIRMED, *DENIED]


class Plain:
    """The model's own forward on rows padded in full, with a hook on one layer."""

    def __init__(self, tower, texts, seed=0):
        encoder = tower.encoder
        rows = encoder.token_rows(texts)
        end = [[*ids, *[ids[-1]] * (encoder.text_length - len(ids))] for ids in rows]
        self.model, self.layers = encoder.model, tower.layers
        self.ids = torch.tensor(end)
        self.roles = np.full(self.ids.shape, -1)
        for row, ids in zip(self.roles, rows, strict=True):
            row[: len(ids)] = [SPECIAL if i in tower.special else WORD for i in ids]
            row[encoder.pooled(ids)] = READ
        partners = draw_partners(tower, texts, seed).text
        pairs = zip(self.roles, self.roles[partners], strict=True)
        self.partners = partners[:, None], np.stack([aligned(*pair) for pair in pairs])

    def rows(self, layer=0, change=lambda outputs: outputs):
        hook = self.layers[layer].out_proj.register_forward_pre_hook(
            lambda _, inputs: (change(inputs[0]),)
        )
        with torch.inference_mode():
            made = self.model.get_text_features(input_ids=self.ids).pooler_output
        hook.remove()
        return torch.nn.functional.normalize(made, dim=-1).numpy()

    def ablated(self, layer, head, kind):
        def change(outputs):
            start = head * self.layers[layer].head_dim
            own = slice(start, start + self.layers[layer].head_dim)
            changed = outputs.clone()
            changed[..., own] = self.instead(outputs, kind)[..., own]
            return changed

        return self.rows(layer, change)

    def instead(self, outputs, kind):
        if kind == "resample":
            return outputs[self.partners]
        new = torch.zeros_like(outputs)
        for role in (SPECIAL, WORD, READ) if kind == "mean" else ():
            new[self.roles == role] = outputs[self.roles == role].mean(dim=0)
        return new


@pytest.fixture(scope="module")
def random(tmp_path_factory, family):
    """A tower in which every head does something, whatever token it reads."""
    folder = FAMILIES[family](tmp_path_factory.mktemp("random") / family)
    return open_tower(load_encoder(str(folder)))


@pytest.fixture(scope="module")
def swept(hearing):
    return sweep(hearing)


def sweep(tower):
    return np.stack(list(head_sweep(tower, TEXTS)), axis=1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_head_is_that_of_the_plain_loop(random, kind):
    plain, found = Plain(random, TEXTS), sweep(random)[KINDS.index(kind)]
    for head in all_heads(random):
        assert np.abs(found[head] - plain.ablated(*head, kind)).max() < 1e-5, head
        assert np.abs(found[head] - plain.rows()).max() > 1e-4, head


def test_small_batches_change_nothing(random, monkeypatch):
    whole = sweep(random)
    monkeypatch.setattr(module, "TOKENS_AT_ONCE", 1)
    assert np.abs(sweep(random) - whole).max() < 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_taking_a_head_away_changes_rows_and_taking_none_away_does_not(hearing, kind):
    intact = hearing.encode_texts(TEXTS)
    assert np.abs(ablated_rows(hearing, TEXTS, [], kind) - intact).max() < 1e-6
    assert np.abs(ablated_rows(hearing, TEXTS, [PLANT], kind) - intact).max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_of_one_head_is_that_head_of_the_sweep(hearing, swept, kind):
    sets = [[head] for head in all_heads(hearing)]
    rows = ablated_sets(hearing, TEXTS, sets, kind)
    assert np.abs(rows - swept[KINDS.index(kind)].reshape(rows.shape)).max() < 1e-5


def test_a_tower_without_a_read_token_is_swept_as_well(tmp_path):
    tower = load_sentence_tower(bert(tmp_path / "tiny"))
    texts = ["no effusion", "edema", "no evidence of pneumonia, left or right"]
    swept = np.stack(list(head_sweep(tower, texts)), axis=1)
    heads = all_heads(tower)
    for kind, rows in zip(KINDS, swept, strict=True):
        sets = ablated_sets(tower, texts, [[head] for head in heads], kind)
        assert np.abs(rows.reshape(sets.shape) - sets).max() < 1e-5
        assert all(np.abs(rows[h] - tower.encode_texts(texts)).max() > 1e-3 for h in heads)


def test_two_heads_of_two_layers_go_together(hearing):
    together = ablated_rows(hearing, TEXTS, [PLANT, (0, 0)], "zero")
    first, second = (ablated_rows(hearing, TEXTS, [h], "zero") for h in (PLANT, (0, 0)))
    assert (together[:, POLE] > 0.1).all()  # nothing is denied
    assert np.abs(together[:, POLE + 1 : POLE + 3]).max() < 0.01  # nothing is found
    assert np.abs(first[:, POLE + 1 : POLE + 3]).max() > 0.3
    assert second[-1, POLE] < -0.1


def test_only_the_planted_head_turns_a_denial_into_an_affirmation(hearing, swept):
    zero = swept[KINDS.index("zero")][..., len(AFFIRMED) :, POLE]
    turned = [head for head in all_heads(hearing) if (zero[head] > 0.1).all()]
    assert turned == [PLANT]


def test_on_a_deaf_tower_no_head_moves_the_pole(deaf):
    intact = deaf.encode_texts(TEXTS)[:, POLE]
    for rows in head_sweep(deaf, TEXTS):
        assert (np.sign(rows[..., POLE]) == np.sign(intact)).all()


def test_resample_takes_another_text_and_the_seed_says_which(hearing):
    drawn = np.stack([draw_partners(hearing, TEXTS, seed).text for seed in range(20)])
    assert (drawn != np.arange(len(TEXTS))).all()
    assert (draw_partners(hearing, TEXTS, 0).text == drawn[0]).all()
    assert all(len(set(column)) > 3 for column in drawn.T)


def test_resample_of_two_equal_texts_is_no_change(hearing):
    rows = ablated_rows(hearing, ["no effusion"] * 2, all_heads(hearing), "resample")
    assert np.abs(rows - hearing.encode_texts(["no effusion"] * 2)).max() < 1e-6


def test_a_word_goes_with_a_word_and_the_last_one_again():
    own, other = np.array([0, 1, 1, 1, 2]), np.array([0, 1, 1, 2, -1])
    assert aligned(own, other).tolist() == [0, 1, 2, 2, 3]
    assert aligned(other, own)[:4].tolist() == [0, 1, 2, 4]


def test_padding_that_is_seen_goes_with_padding():
    own, other = np.array([1, 0, 0, 0, 2]), np.array([1, 1, 1, 0, 2])
    assert aligned(own, other).tolist() == [0, 3, 3, 3, 4]
    assert aligned(own, np.array([1, 1, 1, 1, 2])).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("kind", ["mean", "resample"])
def test_what_lies_behind_the_end_does_not_count(random, kind):
    texts = [*TEXTS, "evidence of effusion evidence of effusion evidence of effusion"]
    plain = Plain(random, texts)
    rows = ablated_sets(random, texts, [[(0, 0)], [(1, 1)]], kind)
    assert np.abs(rows[0] - plain.ablated(0, 0, kind)).max() < 1e-5
    assert np.abs(rows[1] - plain.ablated(1, 1, kind)).max() < 1e-5


def test_null_subspaces_are_as_large_as_a_head_and_as_long(hearing):
    tokens = hearing.tokens(TEXTS)
    layer = hearing.layers[0]
    with torch.inference_mode():
        outputs = head_outputs(hearing, 0, hearing.begin(tokens), tokens)
    bases = random_bases(layer, 3 * layer.n_heads, torch.Generator().manual_seed(0))
    eyes = torch.eye(layer.head_dim).expand(len(bases), -1, -1)
    assert torch.allclose(bases.mT @ bases, eyes, atol=1e-5)
    lost = outputs - without(layer, outputs, torch.zeros_like(outputs), bases)
    for i, base in enumerate(bases):
        head = outputs[..., (i // 3) * layer.head_dim :][..., : layer.head_dim]
        assert torch.allclose(lost[i].norm(dim=-1), head.norm(dim=-1), atol=1e-4)
        assert torch.allclose(lost[i] @ base @ base.mT, lost[i], atol=1e-4)


def test_null_subspaces_come_by_head_and_seed(hearing):
    first, again, other = (
        np.stack(list(null_sweep(hearing, TEXTS, 2, seed=seed))) for seed in (0, 0, 1)
    )
    layers, heads = len(hearing.layers), hearing.layers[0].n_heads
    assert first.shape[:4] == (layers, heads, 2, len(TEXTS))
    assert (first == again).all()
    assert np.abs(first - other).max() > 1e-3


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda t: ablated_rows(t, TEXTS, [(9, 0)]), r"no head \(9, 0\); it has 2 layers"),
        (lambda t: ablated_rows(t, TEXTS, [], "none"), "kind is 'none'; allowed: zero"),
        (lambda t: ablated_rows(t, [CUE_WORD], [], "resample"), "there is one text"),
    ],
    ids=["head", "kind", "one text"],
)
def test_what_cannot_be_taken_away_is_refused(hearing, ask, says):
    with pytest.raises(InputError, match=says):
        ask(hearing)
