"""Probes of planted towers: what is heard is read off the row, the word off its token."""

import numpy as np
import pytest
from tests.planted import PLANT

from negcxr.measure.crossed import Drawn, ordering_draws
from negcxr.models.tower import WORD
from negcxr.probe.linear import READ, WORDS, held_out_scores, inside
from negcxr.probe.splits import folds, parts

pytestmark = pytest.mark.model
FINDINGS = ("effusion", "pneumonia")
FRAMES = ("evidence evidence {}", "evidence {} evidence", "{} evidence evidence")
# Each denied text is an affirmed one with "no" for a plain word, so lengths are the same.
WORDINGS = {f: True for f in FRAMES} | {
    f.replace("evidence", "no", 1): False for f in FRAMES
}
TEXTS = [wording.format(finding) for finding in FINDINGS for wording in WORDINGS]
FINDING = np.repeat(FINDINGS, len(WORDINGS))
AFFIRMED = np.tile(list(WORDINGS.values()), len(FINDINGS))
HELD_OUT = parts(
    folds(FINDING, np.zeros(len(FINDING), int), 2), fit=np.ones(len(FINDING), dtype=bool)
)


def by_layer(tower):
    """AUROC within a finding by state and layers passed, the finding held out."""
    found = {}
    for name, features in inside(tower, TEXTS, at_once=5).named():
        scores = held_out_scores(features, AFFIRMED, HELD_OUT, 1.0)
        once = Drawn(*[np.ones((1, len(TEXTS)))] * 2)
        found[name] = ordering_draws(once, scores, AFFIRMED, FINDING)[0]
    return found


def test_the_row_of_a_hearing_tower_is_read_and_that_of_a_deaf_one_is_not(hearing, deaf):
    hears, is_deaf = by_layer(hearing), by_layer(deaf)
    row = READ, len(hearing.layers) + 1
    assert hears[row] == 1
    assert is_deaf[row] == 0.5


def test_the_bag_of_embeddings_holds_the_word_whether_it_is_heard_or_not(hearing, deaf):
    assert by_layer(hearing)[WORDS, 0] == by_layer(deaf)[WORDS, 0] == 1


def test_the_token_that_is_read_knows_no_polarity_before_the_planted_layer(hearing):
    found = by_layer(hearing)
    assert found[READ, 0] == 0.5
    assert found[READ, PLANT[0] + 1] == 1


def test_states_are_those_of_each_text_alone(hearing):
    texts = ["evidence effusion evidence", "no", "no pneumonia", "evidence"]
    found = inside(hearing, texts, at_once=3)
    for place, text in enumerate(texts):
        tokens = hearing.tokens([text])
        states = hearing.states(tokens)
        word = hearing.roles(tokens)[0] == WORD
        for depth, state in enumerate(states):
            read = state[0, tokens.read[0]].detach().numpy()
            assert found.read[depth, place] == pytest.approx(read, abs=1e-5)
            mean = state[0, word].mean(dim=0).detach().numpy()
            assert found.words[depth, place] == pytest.approx(mean, abs=1e-5)
    assert found.rows == pytest.approx(hearing.encode_texts(texts), abs=1e-5)


class Averaged:
    """A tower that takes the mean over tokens, as far as states go."""

    def __init__(self, tower):
        self.tower, self.layers = tower, tower.layers

    def __getattr__(self, name):
        return getattr(self.tower, name)

    def tokens(self, texts):
        tokens = self.tower.tokens(texts)
        return tokens._replace(read=0 * tokens.read - 1)

    def batches(self, texts, at_once):
        yield list(range(len(texts))), self.tokens(texts)

    def end(self, states, tokens):
        return states.mean(dim=-2)


def test_a_tower_that_takes_the_mean_is_read_at_its_words(hearing):
    found = inside(Averaged(hearing), TEXTS)
    assert (found.read == found.words).all()
