"""Batches: what is drawn is so by the labels, over many steps and for every polarity."""

import numpy as np
import pytest
from tests.finetune.worlds import FINDINGS, NAN, a_pool, slow_truth

from negcxr.data.labels import relevance
from negcxr.errors import InputError
from negcxr.finetune.batches import OPTIONS, draw_batch
from negcxr.finetune.pool import make_pool
from negcxr.finetune.statements import OPPOSED, Judged, oppositions

STEPS = range(12)
WORLDS = [
    pytest.param({"policy": "explicit"}, id="all labels are told"),
    pytest.param({"policy": "explicit", "blank": 0.4, "uncertain": 0.1}, id="explicit"),
    pytest.param({"policy": "blank-absent", "blank": 0.4}, id="blanks are absent"),
    pytest.param({"blank": 0.4, "sides": False}, id="no side is known"),
]
every_world = pytest.mark.parametrize("world", WORLDS)
every_choice = pytest.mark.parametrize("images", ["random", "neighbours"])


def batches(pool, n=16, **how):
    return [draw_batch(pool, n, seed=0, step=step, **how) for step in STEPS]


def parts(batch):
    """The pairs of a batch: image, distractor, caption, opposition."""
    n = len(batch.images)
    captions, opposed = batch.statements[:n], batch.statements[n:]
    return zip(batch.images, batch.distractors, captions, opposed, strict=True)


def of(labels, patients, shares):
    """A pool of one finding, its labels and patients given, under ``explicit``."""
    values = relevance(np.array(labels, dtype=float)[:, None], "explicit")
    rows = np.eye(len(labels))
    return make_pool(
        Judged(FINDINGS[:1], values), np.array([*patients]), rows, shares=shares
    )


@every_world
@every_choice
def test_captions_are_true_and_oppositions_false_of_their_image(world, images):
    pool = a_pool(**world)
    for batch in batches(pool, images=images):
        for image, _, caption, opposed in parts(batch):
            assert slow_truth(caption, pool.judged, image) == 1
            assert slow_truth(opposed, pool.judged, image) == 0


@every_world
@every_choice
def test_a_distractor_is_of_another_patient_and_turns_the_pair_round(world, images):
    pool = a_pool(**world)
    for batch in batches(pool, images=images):
        for image, distractor, caption, opposed in parts(batch):
            assert pool.patients[distractor] != pool.patients[image]
            assert slow_truth(opposed, pool.judged, distractor) == 1
            assert slow_truth(caption, pool.judged, distractor) == 0


@every_world
def test_an_opposition_is_the_captions_own(world):
    for batch in batches(a_pool(**world)):
        for _, _, caption, opposed in parts(batch):
            assert oppositions(caption, [opposed]) == [0]


@every_world
def test_the_truth_of_a_batch_is_that_of_each_image_and_statement(world):
    pool = a_pool(**world)
    batch = draw_batch(pool, 16, seed=0, step=0)
    expected = [
        [slow_truth(asked, pool.judged, image) for asked in batch.statements]
        for image in (*batch.images, *batch.distractors)
    ]
    np.testing.assert_array_equal(batch.true, expected)


@every_world
def test_of_the_options_of_an_image_its_caption_alone_is_true(world):
    pool = a_pool(**world)
    for batch in batches(pool):
        for k, (image, places) in enumerate(zip(batch.images, batch.options, strict=True)):
            said = [batch.statements[place] for place in places]
            assert places[0] == k
            told = [slow_truth(asked, pool.judged, image) for asked in said]
            assert told == [1] + [0] * (OPTIONS - 1)


@every_world
def test_of_the_candidates_of_a_caption_its_image_alone_fits(world):
    pool = a_pool(**world)
    for batch in batches(pool):
        everyone = [*batch.images, *batch.distractors]
        for k, places in enumerate(batch.candidates):
            assert places[0] == k
            asked = batch.statements[k]
            told = [slow_truth(asked, pool.judged, everyone[place]) for place in places]
            assert told == [1] + [0] * (OPTIONS - 1)


@every_world
def test_every_polarity_that_is_asked_for_is_drawn(world):
    said = {
        asked.polarity
        for batch in batches(a_pool(**world))
        for asked in batch.statements[: len(batch.images)]
    }
    # Of an image without a side, "no left A" is true, and so is "no right A".
    expected = OPPOSED.keys() - ({"side"} if world.get("sides") is False else set())
    assert said == expected


def test_a_blank_label_makes_no_statement_under_explicit():
    pool = of([1, 0, NAN, NAN], "abcd", {"affirmed": 1, "denied": 1})
    for batch in batches(pool, 4):
        told = {image: caption.polarity for image, _, caption, _ in parts(batch)}
        assert told == {0: "affirmed", 1: "denied"}
        assert batch.distractors.tolist() == [1, 0]


def test_a_blank_label_makes_a_denied_statement_where_blanks_are_absent():
    labels = np.array([[1.0], [NAN], [NAN]])
    judged = Judged(FINDINGS[:1], relevance(labels, "blank-absent"))
    pool = make_pool(judged, np.array([*"abc"]), np.eye(3), shares={"denied": 1.0})
    for batch in batches(pool, 3):
        assert batch.images.tolist() == [1, 2]  # of the first no denial is true
        assert {caption.polarity for _, _, caption, _ in parts(batch)} == {"denied"}
        assert batch.distractors.tolist() == [0, 0]


def test_an_image_that_only_its_own_patient_could_turn_round_is_left_out():
    pool = of([1, 0, 1, 0, 1], "aabcd", {"affirmed": 1, "denied": 1})
    for batch in batches(pool, 5):
        pairs = {(image, distractor) for image, distractor, _, _ in parts(batch)}
        assert (0, 1) not in pairs
        assert (1, 0) not in pairs
    lone = of([1, 0], "aa", {"affirmed": 1, "denied": 1})
    with pytest.raises(InputError, match="step 3: 0 of 2 images have a caption, an opp"):
        draw_batch(lone, 2, seed=0, step=3)


def test_labels_that_never_judge_an_absence_make_no_batch():
    pool = of([1, NAN, 1, NAN], "abcd", {"affirmed": 1, "denied": 1})
    with pytest.raises(InputError, match="0 of 4 .* labels that judge presence and abs"):
        draw_batch(pool, 4, seed=0, step=0)


def test_labels_of_which_nothing_can_be_said_are_refused():
    with pytest.raises(InputError, match="no training image has a true statement that is"):
        of([NAN, NAN], "ab", {"affirmed": 1, "denied": 1})
    with pytest.raises(InputError, match="that is denied: its labels are blank"):
        of([1, NAN], "ab", {"affirmed": 0, "denied": 1})


@every_choice
def test_a_step_has_the_same_batch_each_time_and_another_step_or_seed_another(images):
    def drawn(seed, step):
        batch = draw_batch(a_pool(), 16, seed=seed, step=step, images=images)
        return [part.tolist() if isinstance(part, np.ndarray) else part for part in batch]

    np.testing.assert_equal(drawn(0, 3), drawn(0, 3))
    for other in ((0, 4), (1, 3)):
        for one, another in zip(drawn(0, 3), drawn(*other), strict=True):
            assert one != another


def test_no_image_is_seen_twice_in_a_round_and_every_one_in_a_whole_round():
    pool = a_pool(96, shares={"affirmed": 1, "denied": 1})
    rounds = [
        [image for step in range(start, start + 6) for image in _images(pool, step)]
        for start in (0, 6)
    ]
    for seen in rounds:
        assert sorted(seen) == list(range(96))
    assert rounds[0][:16] != rounds[1][:16]


def _images(pool, step):
    return draw_batch(pool, 16, seed=0, step=step).images.tolist()


@every_choice
def test_no_image_is_twice_in_a_batch(images):
    for batch in batches(a_pool(30), 16, images=images):
        assert len({*batch.images}) == len(batch.images)


def test_half_of_the_images_have_their_nearest_neighbour_with_them():
    pool = a_pool(shares={"affirmed": 1, "denied": 1})
    for batch in batches(pool, 16, images="neighbours"):
        first, near = batch.images[:8], batch.images[8:]
        assert 1 < len(near) <= 8
        assert {*near} == {_nearest(pool, image, {*first}) for image in first}


def _nearest(pool, image, left_out):
    others = [
        other
        for other in range(len(pool.rows))
        if pool.patients[other] != pool.patients[image] and other not in left_out
    ]
    return max(others, key=lambda other: pool.rows[image] @ pool.rows[other])


def test_more_images_than_there_are_make_a_batch_of_all():
    assert _counts(a_pool(12, shares={"affirmed": 1, "denied": 1}), 50) == {12}
    few = a_pool(12, shares={"affirmed": 1, "denied": 1})
    assert {len(b.images) for b in batches(few, 50, images="neighbours")} == {12}


def _counts(pool, n):
    return {len(batch.images) for batch in batches(pool, n)}


def test_captions_are_of_each_polarity_by_its_share():
    pool = a_pool(shares={"affirmed": 3, "denied": 1, "composite": 0})
    said = [s.polarity for b in batches(pool, 24) for s in b.statements[: len(b.images)]]
    assert len(said) > 250
    assert said.count("composite") == 0
    # Each image has either; one in eight has no finding at all, and one has all three.
    expected = 0.75 * (1 - 1 / 8 - 1 / 8) + 1 / 8
    assert said.count("affirmed") / len(said) == pytest.approx(expected, abs=0.08)


def test_an_image_of_which_no_statement_of_the_drawn_polarity_is_true_gets_another():
    pool = of([1, 0, 1, 0], "abcd", {"affirmed": 0.99, "denied": 0.01})
    for batch in batches(pool, 4):
        told = [caption.polarity for _, _, caption, _ in parts(batch)]
        assert told == ["affirmed", "denied", "affirmed", "denied"]
