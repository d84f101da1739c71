"""A tower run step by step: the rows of the model itself, and what its parts say."""

import numpy as np
import pytest
import torch
from tests.checkpoints import BUILDERS

from negcxr.models.dual_tower import DualTower
from negcxr.models.tower import READ, SPECIAL, WORD

pytestmark = pytest.mark.model
every = pytest.mark.parametrize("name", BUILDERS)
TEXTS = ["no evidence of pneumonia, left or right", "edema", "no pleural effusion"]


@every
def test_a_tower_run_step_by_step_gives_the_rows_of_the_model_itself(encoders, name):
    rows = DualTower(encoders[name]).encode_texts(TEXTS, at_once=2)
    np.testing.assert_allclose(rows, encoders[name].encode_texts(TEXTS), atol=1e-6)


@every
def test_states_before_a_layer_can_be_run_on_from_there(encoders, name):
    tower = DualTower(encoders[name])
    tokens = tower.tokens(TEXTS)
    with torch.no_grad():
        states = tower.states(tokens)
        for first, state in enumerate(states):
            rows = tower.end(tower.run(state, tokens, first), tokens)
            torch.testing.assert_close(rows, tower.rows(tokens), atol=1e-6, rtol=0)


@every
def test_gradients_reach_the_embedding(encoders, name):
    tower = DualTower(encoders[name])
    with torch.enable_grad():
        states = tower.begin(tower.tokens(TEXTS)).detach().requires_grad_(True)
        rows = tower.end(tower.run(states, tower.tokens(TEXTS)), tower.tokens(TEXTS))
        (gradient,) = torch.autograd.grad(rows.sum(), states)
    assert gradient.abs().sum() > 0


@every
def test_each_text_has_one_token_that_is_read_and_words_around_it(encoders, name):
    tower = DualTower(encoders[name])
    tokens = tower.tokens(TEXTS)
    roles = tower.roles(tokens)
    assert (roles == READ).sum(dim=1).tolist() == [1, 1, 1]
    for text, row, ids in zip(TEXTS, roles, tokens.ids, strict=True):
        table = tower.token_table(text)
        words = [i for i, s in zip(table.ids, table.special, strict=True) if not s]
        assert ids[row == WORD].tolist() == words
    assert set(roles.unique().tolist()) <= {READ, WORD, SPECIAL}


@every
def test_more_room_for_padding_moves_no_row_where_padding_is_trimmed(encoders, name):
    tower = DualTower(encoders[name])
    alone = torch.cat([tower.rows(tower.tokens([text])) for text in TEXTS])
    torch.testing.assert_close(tower.rows(tower.tokens(TEXTS)), alone, atol=1e-6, rtol=0)
