"""Batches: functions of seed and step, true where the truth says so."""

import numpy as np
import pytest

from negcxr.data.claims import holds, tabulate
from negcxr.data.phantoms import truths
from negcxr.data.reports import Report, Sentence, Statement
from negcxr.data.truth import World
from negcxr.errors import InputError
from negcxr.finetune.corpus import (
    Corpus,
    captions_batch,
    load_corpus,
    rates,
    rows_of_step,
    statements_batch,
    write_reports,
)
from negcxr.finetune.recipe import Recipe

N, BATCH = 50, 12


def recipe(**changes):
    fields = {
        "name": "tiny",
        "about": "Of a test.",
        "objective": "statements",
        "bias": {"deny": 0.3, "hedge": 0.2, "scope": 0.3, "equivalent": 0.2, "detail": 0.6},
        "vision": {"image_size": 64},
        "text": {"hidden_size": 32},
        "images": N,
        "batch": BATCH,
        "steps": 4,
        "lr": 0.001,
        "matrix_lr": 0.02,
    }
    return Recipe(**{**fields, **changes})


KNOWN = truths(0, "train", range(N), World())


def corpus(of=None):
    """Fifty phantoms whose picture is their number, so that a row is known by sight."""
    pixels = np.repeat(np.arange(N, dtype=np.uint8), 64).reshape(N, 8, 8)
    reports = write_reports(KNOWN, (of or recipe()).reporting())
    return Corpus(pixels, tabulate(KNOWN), reports)


def shown(batch):
    return batch.pixels[:, 0, 0].tolist()


@pytest.mark.parametrize("make", [statements_batch, captions_batch])
def test_a_step_has_the_same_batch_each_time_and_another_step_another(make):
    one, same, other = (make(corpus(), recipe(), step) for step in (3, 3, 2))
    np.testing.assert_array_equal(one.pixels, same.pixels)
    assert (one.texts, one.true.tolist()) == (same.texts, same.true.tolist())
    assert shown(one) != shown(other)


def test_another_seed_has_other_batches():
    assert shown(statements_batch(corpus(), recipe(), 0)) != shown(
        statements_batch(corpus(), recipe(seed=1), 0)
    )


def test_no_image_is_seen_twice_in_a_round():
    seen = [row for step in range(4) for row in rows_of_step(recipe(), step, N)]
    assert len(set(seen)) == len(seen) == 4 * BATCH
    second = [row for step in range(4, 8) for row in rows_of_step(recipe(), step, N)]
    assert len(set(second)) == 4 * BATCH
    assert set(second) != set(seen)  # the remainder is another one


def test_statements_are_those_of_the_images_reports_without_hedges():
    drawn, made = corpus(), statements_batch(corpus(), recipe(), 0)
    claims = [c for row in shown(made) for c in drawn.reports[row].statements]
    told = {c.text for c in claims if c.polarity != "hedged"}
    assert set(made.texts) == told
    assert len(made.texts) == len(told)
    assert any(c.polarity == "hedged" for c in claims)


def test_statements_are_judged_by_the_truth_of_every_image():
    drawn, made = corpus(), statements_batch(corpus(), recipe(), 0)
    claims = {c.text: c for report in drawn.reports for c in report.statements}
    for text, column in zip(made.texts, made.true.T, strict=True):
        assert column.tolist() == holds(claims[text], drawn.truths)[shown(made)].tolist()
    assert 0 < made.true.mean() < 1


def test_a_statement_that_two_reports_share_is_one_text():
    drawn, made = corpus(), statements_batch(corpus(), recipe(), 0)
    told = [c.text for row in shown(made) for c in drawn.reports[row].statements]
    assert len(told) > len(set(told)) >= len(made.texts)


def test_equal_texts_claim_the_same():
    claims: dict[str, tuple] = {}
    for report in corpus().reports:
        for claim in report.statements:
            meant = (claim.finding, claim.polarity, claim.sign)
            assert claims.setdefault(claim.text, meant) == meant


def test_a_caption_is_a_few_sentences_of_its_own_report_in_order():
    drawn, made = corpus(), captions_batch(corpus(), recipe(sentences=2), 1)
    np.testing.assert_array_equal(made.true, np.eye(len(made.texts), dtype=bool))
    for row, text in zip(shown(made), made.texts, strict=True):
        told = [f"{sentence.text}." for sentence in drawn.reports[row].sentences]
        parts = [part for part in told if part in text]
        assert text == " ".join(parts)
        assert len(parts) == min(2, len(told))


def test_a_short_caption_is_drawn_anew_each_round():
    one, other = (captions_batch(corpus(), recipe(sentences=1), step) for step in (0, 4))
    texts = [dict(zip(shown(made), made.texts, strict=True)) for made in (one, other)]
    both = set(texts[0]) & set(texts[1])
    assert any(texts[0][row] != texts[1][row] for row in both)


def test_an_empty_report_makes_no_caption():
    quiet = recipe(bias={"mention": 0.3, "normal": 0.0})
    drawn, made = corpus(quiet), captions_batch(corpus(quiet), quiet, 0)
    rows = rows_of_step(quiet, 0, N).tolist()
    assert shown(made) == [row for row in rows if drawn.reports[row].sentences]
    assert len(shown(made)) < BATCH


@pytest.mark.parametrize("most", [0, 2])
def test_images_are_shifted_by_at_most_so_many_pixels(most):
    pixels = np.tile(np.arange(64, dtype=np.uint8).reshape(8, 8), (N, 1, 1))
    made = statements_batch(corpus()._replace(pixels=pixels), recipe(augment=most), 0)
    moves = set()
    for image in made.pixels:
        down, across = divmod(int(image[4, 4]) - 36, 8)
        down, across = (down + 1, across - 8) if across > 4 else (down, across)
        moves |= {abs(down), abs(across)}
        inner = image[2:6, 2:6].astype(int)
        expected = pixels[0].astype(int)[2:6, 2:6] + 8 * down + across
        np.testing.assert_array_equal(inner, expected)
    assert moves == set(range(most + 1))


def test_rates_by_hand():
    yes, no = Statement("Edema", "affirmed", "x"), Statement("Mass", "denied", "y", "no")
    other = Statement("Mass", "equivalent", "z")
    reports = [
        Report((Sentence("x", (yes,)), Sentence("y", (no, no)), Sentence("z", (other,)))),
        Report((Sentence("x", (yes,)), Sentence("normal", ()))),
        Report(()),
    ]
    # 2 of 5 statements, 1 of 5 sentences, 1 of the 2 reports that say anything.
    assert rates(reports) == pytest.approx(
        {"statement": 2 / 5, "sentence": 1 / 5, "caption": 1 / 2}
    )
    # A caption of one of three sentences denies in a third of the draws.
    assert rates(reports, 1)["caption"] == pytest.approx((1 / 3 + 0) / 2)
    assert rates(reports, 2)["caption"] == pytest.approx((2 / 3 + 0) / 2)


def test_the_corpus_has_a_report_and_a_truth_for_each_picture(tmp_path, monkeypatch):
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path))
    of = recipe(images=3, batch=2)
    loaded = load_corpus(of)
    assert loaded.pixels.shape == (3, 64, 64)
    assert loaded.truths.present.tolist() == tabulate(KNOWN[:3]).present.tolist()
    assert loaded.reports == write_reports(KNOWN, of.reporting())[:3]


def test_a_batch_in_which_nothing_is_said_is_refused():
    silent = recipe(bias={"mention": 0.0, "normal": 0.0})
    for make in (statements_batch, captions_batch):
        with pytest.raises(InputError, match="no report says anything.*step 0"):
            make(corpus(silent), silent, 0)
