"""Readers of texts that need no training, for an encoder that is deaf to cues."""

import numpy as np
import pytest

from negcxr.chapters import ask, asked_items, choice_table, open_gallery
from negcxr.chapters.methods import battery
from negcxr.chapters.readers import (
    READERS,
    can_read,
    cap,
    centring,
    halves,
    reader,
    steering,
    subtraction,
)
from negcxr.chapters.scorers import scorer
from negcxr.errors import InputError
from negcxr.measure.choice import choice_credit
from negcxr.text.choices import binary_items, four_way_items
from negcxr.text.cues import parse
from negcxr.text.vocabulary import load_words

TEXTS = ["pneumothorax", "no lung lesion", "pneumothorax without lung lesion", "not absent"]
BY = ("polarity", "finding", "other")
UP = np.array([0.0, 0.0, 0.0, 0.0, 1.0])  # the axis of the rest, where no finding lies
MADE = {
    "subtraction": subtraction(0.5),
    "centring": centring(0.5),
    "cap": cap(70),
    "steering": steering(0.5, UP),
    **READERS,
}


def test_halves_are_what_the_reader_of_cues_parts(deaf):
    found = halves(deaf, TEXTS)
    some, nothing = deaf.texts(["pneumothorax", "lung lesion"]), np.zeros(5)
    for row, affirmed, denied in zip(
        range(4),
        (some[0], nothing, some[0], nothing),
        (nothing, some[1], some[1], nothing),
        strict=True,
    ):
        np.testing.assert_array_equal(found.affirmed[row], affirmed)
        np.testing.assert_array_equal(found.denied[row], denied)


@pytest.mark.parametrize("name", MADE)
def test_a_reader_gives_texts_down_and_images_across(deaf, name):
    for texts in (TEXTS, TEXTS[:1], []):
        assert MADE[name].read(deaf, texts).shape == (len(texts), 160)


@pytest.mark.parametrize("name", MADE)
def test_a_reader_scores_prompts_by_their_texts(deaf, prompts, name):
    few = prompts[::40]
    by_text = MADE[name].read(deaf, [prompt.text for prompt in few])
    np.testing.assert_array_equal(scorer(MADE[name])(deaf, few), by_text)


@pytest.mark.parametrize("name", MADE)
def test_what_carries_no_cue_is_ranked_as_the_encoder_ranks_it(deaf, prompts, name):
    """The blind spot: an equivalent says an absence in words that no reader knows."""
    plain = [p.text for p in prompts if not parse(p.text).denied and not p.cue]
    found, plainly = MADE[name].read(deaf, plain), deaf.cosines(plain)
    lost = plainly - found
    assert len(plain) > 10
    # Centring takes the same from all texts of an image; the others take nothing.
    np.testing.assert_allclose(lost, np.broadcast_to(lost[0], lost.shape), atol=1e-12)
    assert name in ("centring", "centred rule") or np.abs(lost).max() < 1e-12


def test_a_strength_of_one_is_the_parsing_rule_and_no_share_centres_nothing(deaf):
    rule = READERS["parsing rule"].read(deaf, TEXTS)
    np.testing.assert_array_equal(subtraction(1.0).read(deaf, TEXTS), rule)
    np.testing.assert_allclose(centring(0.0).read(deaf, TEXTS), rule)
    still = steering(0.0, UP).read(deaf, TEXTS)
    np.testing.assert_allclose(still, deaf.cosines(TEXTS), atol=1e-7)


def test_without_strength_what_is_denied_is_not_heard(deaf):
    scores = subtraction(0.0).read(deaf, TEXTS)
    np.testing.assert_allclose(scores[0], scores[2])
    assert (scores[1] == 0).all()


@pytest.mark.parametrize("strength", [0.1, 3.0])
def test_a_plain_denial_is_ranked_alike_by_every_strength(deaf, strength):
    known = (subtraction(s).read(deaf, ["no lung lesion"])[0] for s in (1.0, strength))
    np.testing.assert_array_equal(*map(np.argsort, known))


def test_centring_takes_the_mean_cosine_to_the_findings_from_each_half(deaf):
    words = load_words(deaf.dataset.findings).values()
    mean = deaf.cosines([entry.phrase for entry in words]).mean(axis=0)
    affirmed, denied = deaf.cosines(["pneumothorax", "lung lesion"])
    found = READERS["centred rule"].read(deaf, TEXTS)
    expected = [affirmed - mean, mean - denied, affirmed - denied, 0 * mean]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_cap_that_is_wide_enough_finds_composites_that_a_narrow_one_does_not(
    deaf, prompts, sampling
):
    asked = [p for p in prompts if p.polarity == "composite"]
    narrow, wide = (
        ask(deaf, asked, BY, sampling=sampling, name=cap(width)).mean().value
        for width in (0, 90)
    )
    assert wide > narrow + 0.1


def test_a_cap_around_what_is_denied_alone_is_its_opposite(deaf):
    found = cap(60).read(deaf, ["no lung lesion", "lung lesion"])
    np.testing.assert_allclose(found[0], -found[1])
    assert (found[0] != 0).all()


def test_steering_moves_denials_alone(deaf):
    found, plainly = steering(1.0, UP).read(deaf, TEXTS), deaf.cosines(TEXTS)
    np.testing.assert_array_equal(found[[0, 3]], plainly[[0, 3]])
    np.testing.assert_allclose(found[1], found[2])  # all that is left is the direction


def items(gallery, make):
    findings = gallery.dataset.findings
    return make(gallery.relevance, findings, load_words(findings), n=120, seed=0)


class Lifted:
    """An encoder to which everything is alike: its cosines lie high, and close."""

    def __init__(self, gallery):
        self.of = gallery.encoder
        self.checkpoint = type(self.of.checkpoint)(fingerprint="lifted")
        self.dim, self.dtype = self.of.dim + 1, self.of.dtype
        self.device, self.processor_key = self.of.device, self.of.processor_key
        self.preprocess = self.of.preprocess

    def encode_pixels(self, pixels):
        return self._lift(self.of.encode_pixels(pixels))

    def encode_texts(self, texts):
        return self._lift(self.of.encode_texts(texts))

    def _lift(self, rows):
        lifted = np.pad(rows, ((0, 0), (0, 1)), constant_values=2)
        return lifted / np.linalg.norm(lifted, axis=1, keepdims=True)


def test_where_all_cosines_are_high_only_the_centred_rule_chooses_denials(make_gallery):
    sighted = make_gallery(hears=False)
    gallery = open_gallery(Lifted(sighted), sighted.dataset)
    assert gallery.cosines(["lung lesion"]).min() > 0.5
    two = items(gallery, binary_items)
    denied = np.array([item.type == "denied" for item in two])
    chosen = [asked_items(gallery, two, name) for name in ("parsing rule", "centred rule")]
    by_rule, by_centred = (
        choice_credit(asked.scores, asked.answers)[denied].mean() for asked in chosen
    )
    assert by_rule == 0
    assert by_centred > 0.8


def test_options_may_be_read_by_a_reader_that_has_no_name(deaf, sampling):
    four = items(deaf, four_way_items)
    by_name = choice_table(asked_items(deaf, four, "parsing rule"), sampling)
    by_reader = choice_table(asked_items(deaf, four, subtraction(1.0)), sampling)
    assert by_name.equals(by_reader)


def test_all_measures_of_a_reader_are_had_as_those_of_a_named_one(deaf, prompts, sampling):
    four = items(deaf, four_way_items)
    named = battery(deaf, prompts, four, sampling, name="centred rule")
    made = battery(deaf, prompts, four, sampling, name=centring(1.0))
    assert np.isfinite(made["choice-denied"]).all()
    for measure in named:
        np.testing.assert_array_equal(made[measure], named[measure])


def test_only_readers_read(deaf):
    assert can_read("centred rule")
    assert can_read(cap(60))
    assert not can_read("oracle")
    assert reader("encoder") is READERS["encoder"]
    with pytest.raises(InputError, match="'oracle' cannot read .* parsing rule, centred"):
        reader("oracle")
    with pytest.raises(InputError, match="width is 200; allowed"):
        cap(200).read(deaf, TEXTS)
