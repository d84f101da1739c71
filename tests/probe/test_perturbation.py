"""Words taken out one by one and in every combination, against captum and by hand."""

import numpy as np
import pytest
import torch
from captum.attr import ShapleyValues
from tests.checkpoints import BUILDERS
from tests.planted import POLE

from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.towers import open_tower
from negcxr.probe.perturbation import combinations, leave_one_out, shapley_values
from negcxr.probe.places import word_places
from negcxr.probe.targets import aim, blanked_ids, target_of

pytestmark = pytest.mark.model
TEXTS = ["no effusion", "no evidence of effusion", "effusion"]


@pytest.fixture(params=["clip", "siglip"])
def tower(request, tmp_path):
    return open_tower(load_encoder(str(BUILDERS[request.param](tmp_path / "any"))))


def vectors_for(tower, texts):
    return np.random.default_rng(0).normal(size=(len(texts), tower.encoder.dim))


def test_leaving_a_token_out_is_the_target_with_it_less_that_without(tower):
    vectors = vectors_for(tower, TEXTS)
    found = leave_one_out(tower, TEXTS, vectors)
    for text, vector, values in zip(TEXTS, vectors, found, strict=True):
        (aimed,) = aim(tower, [text], vector[None])
        words = word_places(tower, aimed.tokens)[0]
        for place, value in enumerate(values):
            ids = aimed.tokens.ids.clone()
            if words[place]:
                ids[0, place] = tower.blank
            with torch.no_grad():
                ends = [
                    float(target_of(tower)(one, *aimed.inputs([0]))[0])
                    for one in (aimed.tokens.ids, ids)
                ]
            assert value == pytest.approx(ends[0] - ends[1], abs=1e-5)


def test_exact_shapley_values_are_those_of_captum(tower):
    for text, vector in zip(TEXTS, vectors_for(tower, TEXTS), strict=True):
        (aimed,) = aim(tower, [text], vector[None])
        theirs = ShapleyValues(target_of(tower)).attribute(
            aimed.tokens.ids,
            baselines=blanked_ids(tower, aimed.tokens),
            additional_forward_args=aimed.inputs([0]),
            feature_mask=_features(tower, aimed),
        )
        ours = shapley_values(combinations(tower, text, vector))
        words = word_places(tower, aimed.tokens)[0].numpy()
        np.testing.assert_allclose(ours[words], theirs[0].numpy()[words], atol=1e-5)
        assert not ours[~words].any()


def _features(tower, aimed):
    """A feature for each word token, and one for all that stay."""
    words = word_places(tower, aimed.tokens)
    return torch.where(words, words.cumsum(dim=1), 0)


def test_shapley_values_sum_to_the_target_less_that_of_no_word(tower):
    for text, vector in zip(TEXTS, vectors_for(tower, TEXTS), strict=True):
        found = combinations(tower, text, vector)
        whole = found.scores[-1] - found.scores[0]
        assert shapley_values(found).sum() == pytest.approx(whole, abs=1e-6)


def test_the_ends_of_the_combinations_are_all_words_and_none(tower):
    found = combinations(tower, TEXTS[0], vectors_for(tower, TEXTS)[0])
    assert found.kept.tolist() == [
        [bool(n >> word & 1) for word in range(len(found.places))]
        for n in range(2 ** len(found.places))
    ]
    assert found.score(np.ones(len(found.places), bool)) == found.scores[-1]
    assert found.score(np.arange(len(found.places)) == 0) == found.scores[1]


def test_a_text_of_more_words_than_can_be_combined_is_refused(hearing):
    text = " ".join(["no effusion"] * 5)
    with pytest.raises(InputError, match="10 word tokens; every combination .* at most 8"):
        combinations(hearing, text, np.ones(hearing.encoder.dim))


def test_both_find_the_planted_cue_and_nothing_in_a_deaf_tower(hearing, deaf):
    for tower, least in ((hearing, 1.0), (deaf, 0.0)):
        vector = np.eye(tower.encoder.dim)[POLE]
        cue = int(word_places(tower, tower.tokens(TEXTS[:1]))[0].nonzero()[0])
        values = [
            leave_one_out(tower, TEXTS[:1], vector[None])[0][cue],
            shapley_values(combinations(tower, TEXTS[0], vector))[cue],
        ]
        assert max(values) <= -least + 1e-5
        if tower is deaf:
            assert values == pytest.approx([0, 0], abs=1e-5)
