"""A tower run step by step: the rows of the model itself, and what its parts say."""

import numpy as np
import pytest
import torch
from tests.checkpoints import BUILDERS

from negcxr.models.tower import READ, SPECIAL, WORD
from negcxr.models.towers import open_tower

pytestmark = pytest.mark.model
every = pytest.mark.parametrize("name", BUILDERS)
TEXTS = ["no evidence of pneumonia, left or right", "edema", "no pleural effusion"]


@every
def test_a_tower_run_step_by_step_gives_the_rows_of_the_model_itself(encoders, name):
    rows = open_tower(encoders[name]).encode_texts(TEXTS, at_once=2)
    np.testing.assert_allclose(rows, encoders[name].encode_texts(TEXTS), atol=1e-6)


@every
def test_states_before_a_layer_can_be_run_on_from_there(encoders, name):
    tower = open_tower(encoders[name])
    tokens = tower.tokens(TEXTS)
    with torch.no_grad():
        states = tower.states(tokens)
        for first, state in enumerate(states):
            rows = tower.end(tower.run(state, tokens, first), tokens)
            torch.testing.assert_close(rows, tower.rows(tokens), atol=1e-6, rtol=0)


@every
def test_gradients_reach_the_embedding(encoders, name):
    tower = open_tower(encoders[name])
    with torch.enable_grad():
        states = tower.begin(tower.tokens(TEXTS)).detach().requires_grad_(True)
        rows = tower.end(tower.run(states, tower.tokens(TEXTS)), tower.tokens(TEXTS))
        (gradient,) = torch.autograd.grad(rows.sum(), states)
    assert gradient.abs().sum() > 0


@every
def test_no_more_than_one_token_of_a_text_is_read_and_words_are_its_own(encoders, name):
    tower = open_tower(encoders[name])
    tokens = tower.tokens(TEXTS)
    roles = tower.roles(tokens)
    read = 0 if name == "bert_mean" else 1  # the mean reads all alike
    assert (roles == READ).sum(dim=1).tolist() == [read] * 3
    for text, row, ids in zip(TEXTS, roles, tokens.ids, strict=True):
        table = tower.token_table(text)
        words = [i for i, s in zip(table.ids, table.special, strict=True) if not s]
        assert ids[row == WORD].tolist() == words
    assert set(roles.unique().tolist()) <= {READ, WORD, SPECIAL}


@every
def test_more_room_for_padding_moves_no_row_where_padding_is_trimmed(encoders, name):
    tower = open_tower(encoders[name])
    alone = torch.cat([tower.rows(tower.tokens([text])) for text in TEXTS])
    torch.testing.assert_close(tower.rows(tower.tokens(TEXTS)), alone, atol=1e-6, rtol=0)
