"""Drawn sentences in planted spaces: the plant is found, and nothing in a deaf tower."""

import numpy as np
import pandas as pd
import pytest
from tests.planted import EFFUSION, PNEUMONIA, POLE

from negcxr.chapters import Sampling
from negcxr.chapters.drawn_sentences import (
    candidates,
    draw_numbers,
    draw_sentences,
    drawn_table,
)
from negcxr.chapters.mentioned import mention_table
from negcxr.chapters.real_sentences import Placed, by_other_findings
from negcxr.chapters.real_space import (
    length_number,
    map_all,
    measure_all,
    place_all,
    space_changes,
    space_numbers,
    space_table,
)
from negcxr.chapters.reports_side import reports_side
from negcxr.chapters.sides import Side, contrasts
from negcxr.chapters.word_reading import fills, how_read, reading_numbers, word_table
from negcxr.errors import InputError
from negcxr.text.prompts import load_prompt_set

pytestmark = pytest.mark.model
FINDINGS = ("Pleural Effusion", "Pneumonia")
NAMES = ("effusion", "pneumonia")
SAMPLING = Sampling(n_resamples=30, seed=0)
WORDS = 12  # evidence words that tell the sentences of one kind apart


def sentences():
    """As many affirmed and denied ones about each finding, of the same lengths."""
    rows = []
    for name in NAMES:
        for k in range(1, WORDS):
            rest = " ".join(["evidence"] * (k - 1) + [name])
            rows += [f"evidence {rest}", f"no {rest}"]
    rows += ["no effusion pneumonia", "No effusion."]  # two findings; a copy
    names = [f"r{i}" for i in range(len(rows))]
    return pd.DataFrame({"report": names, "section": "findings", "sentence": rows})


def side(tower, name="base"):
    """Images on the axes: pole and finding, turned around where it is absent."""
    dim, rows, labels = tower.encode_texts(["no"]).shape[1], [], []
    for i, place in enumerate((EFFUSION, PNEUMONIA)):
        for has in (1, 0):
            row = np.zeros(dim)
            row[POLE], row[place] = (1, 1) if has else (-1, 1)
            rows += [row / np.sqrt(2)] * 20
            labels += [[has if j == i else np.nan for j in (0, 1)]] * 20
    names = np.array([f"p{i}" for i in range(len(rows))])
    return Side(name, tower, np.stack(rows), np.array(labels, float), FINDINGS, names)


@pytest.fixture(scope="module")
def found():
    return candidates(mention_table(sentences(), FINDINGS), FINDINGS)


@pytest.fixture(scope="module")
def sides(hearing, deaf):
    return [side(deaf), side(hearing, "no-price")]


@pytest.fixture(scope="module")
def drawn(found, sides):
    return draw_sentences(found, sides, seed=0)


@pytest.fixture(scope="module")
def prompts():
    return load_prompt_set("chest", FINDINGS)


@pytest.fixture(scope="module")
def placed(sides, drawn, prompts):
    return place_all(sides, drawn, prompts)


@pytest.fixture(scope="module")
def measured(placed):
    return measure_all(placed, SAMPLING)


def test_sentences_about_two_findings_and_copies_are_left_out(found):
    assert len(found) == 2 * 2 * (WORDS - 1)
    assert found["agreed"].all()


def test_each_denied_sentence_has_an_affirmed_partner(drawn):
    counts = drawn.groupby("finding")["affirmed"].agg(["sum", "count"])
    assert (2 * counts["sum"] == counts["count"]).all()
    assert drawn["sentence"].is_unique and len(drawn) == 4 * (WORDS - 1)
    denied = drawn.loc[~drawn["affirmed"], "sentence"]
    assert denied.str.startswith("no ").all()


def test_no_more_are_drawn_than_asked_for_and_others_with_another_seed(found, sides):
    one, same, other = (
        draw_sentences(found, sides, seed=seed, n_each=6) for seed in (0, 0, 1)
    )
    assert one["affirmed"].sum() == (~one["affirmed"]).sum() == 6
    pd.testing.assert_frame_equal(one, same)
    assert one["sentence"].tolist() != other["sentence"].tolist()


def test_sentences_on_which_readers_disagree_are_not_drawn(found, sides):
    doubted = found.assign(agreed=~found["sentence"].str.contains("no evidence "))
    taken = draw_sentences(doubted, sides, seed=0)
    assert taken["sentence"].str.startswith("no ").sum() == 2
    assert draw_numbers(doubted, taken)["agreed"].value < 1
    assert drawn_table(doubted, taken)["drawn of each"].tolist() == [1, 1]


def test_the_plant_is_found_and_nothing_in_the_deaf_tower(measured):
    table = space_table(measured, n=0).pivot(
        index="measure", columns="side", values="value"
    )
    aurocs = [name for name in table.index if name.startswith("told")]
    assert len(aurocs) == 3
    np.testing.assert_allclose(table.loc[aurocs, "no-price"], 1)
    np.testing.assert_allclose(table.loc[aurocs, "base"], 0.5)
    assert table.loc["polarity purity", "no-price"] > 0.95
    assert table.loc["angle", "no-price"] > 10
    assert table.loc["angle", "base"] < 0.5


def test_the_direction_of_real_sentences_is_that_of_the_other_findings():
    """Two findings whose polarities point opposite ways: each would part its own."""
    up, down = np.array([[0.0, 1.0]]), np.array([[0.0, -1.0]])
    rows = np.concatenate([up, down, down, up])
    affirmed, findings = np.array([True, False] * 2), np.array(list("aabb"))
    nothing = np.zeros(2)
    placed = Placed(rows, affirmed, findings, np.array(list("wxyz")), None, nothing)
    scores = by_other_findings(placed)
    assert (scores[affirmed] < scores[~affirmed]).all()


def test_both_towers_keep_findings_together(measured):
    table = space_table(measured, n=0)
    pure = table[table["measure"] == "finding purity"]
    assert (pure["value"] > 0.8).all() and (pure["chance"] < 0.55).all()


def test_changes_are_of_the_others_against_the_base(measured):
    table = space_changes(measured)
    assert list(table) == [
        *("measure", "side", "value", "low", "high"),
        *("change", "change_low", "change_high", "p", "p_holm"),
    ]
    at_base = table["side"] == "base"
    assert table.loc[at_base, ["change", "p", "p_holm"]].isna().all(axis=None)
    changed = table[~at_base].set_index("measure")["change"]
    assert changed["told by contrast"] == pytest.approx(0.5)


def test_numbers_are_named_by_measure_and_side(measured, drawn):
    numbers = space_numbers(measured, len(drawn))
    assert numbers["told_by_contrast_no_price"].value == pytest.approx(1)
    assert numbers["told_by_contrast_change_no_price"].value == pytest.approx(0.5)
    assert numbers["told_by_contrast_base"].chance == 0.5
    assert "told_by_contrast_change_base" not in numbers


def test_sentences_of_equal_length_are_not_told_apart_by_length(drawn, placed):
    assert length_number(drawn, placed, SAMPLING)["told_by_length"].value == 0.5
    assert length_number(drawn[:0], {}, SAMPLING)["told_by_length"].note


def test_maps_hold_places_and_no_sentence(placed):
    points, maps = map_all(placed, SAMPLING, starts=2, perplexity=10)
    assert set(points) == {
        *("side", "start", "perplexity", "x", "y", "polarity", "finding")
    }
    assert len(points) == 2 * 2 * len(placed["base"].rows)
    assert len(maps) == 4 and maps["trustworthiness"].between(0, 1).all()


def test_without_sentences_all_is_said_and_nothing_breaks(found, sides, prompts):
    nothing = draw_sentences(found[:0], sides, seed=0)
    measured = measure_all(place_all(sides, nothing, prompts), SAMPLING)
    assert space_table(measured, 0).empty and space_changes(measured).empty
    numbers = space_numbers(measured, 0) | draw_numbers(found[:0], nothing)
    assert numbers["angle_base"].note
    assert all(one.value is not None or one.note for one in numbers.values())
    points, maps = map_all({}, SAMPLING, starts=1, perplexity=10)
    assert points.empty and maps.empty


def test_words_are_whole_in_pieces_or_unknown(hearing):
    assert how_read(hearing, "effusion") == "whole"
    assert how_read(hearing, "fueffusion") in ("pieces", "unknown")
    table = word_table([side(hearing)], {"mine": ["No effusion", "effusion"], "none": []})
    assert table[["texts", "words", "whole"]].to_numpy().tolist() == [["mine", 3, 1.0]]


def test_a_text_fills_a_tower_if_another_word_would_be_lost(hearing):
    assert fills(hearing, ["no effusion", "no effusion " * 80]).tolist() == [False, True]
    reports = pd.DataFrame({"text": ["effusion", "effusion " * 80, ""]})
    numbers = reading_numbers(side(hearing), reports, ["no effusion"])
    assert numbers["filled"].value == 1 / 2
    assert numbers["whole_words"].value == 1


def test_reports_stand_in_the_place_of_images(hearing):
    texts = ["effusion", "no effusion", "pneumonia"] * 6
    names = [f"r{i}" for i in range(18)]
    reports = pd.DataFrame({"report": [*names, "empty"], "text": [*texts, ""]})
    gold = pd.DataFrame({"report": [*names[:-1], "empty", "away"]})
    gold["Effusion"] = [int(t == "effusion") for t in texts[:-1]] + [0, 1]
    gold["Pneumonia"] = [int(t == "pneumonia") for t in texts[:-1]] + [0, 1]
    gold["Mass"] = 0
    made = reports_side(hearing, reports, gold, n=0, seed=0)
    assert made.findings == FINDINGS
    assert made.patients.tolist() == names[:-1]
    assert made.relevance.sum(axis=0).tolist() == [6, 5]
    np.testing.assert_allclose(made.rows[1], hearing.encode_texts(["no effusion"])[0])
    some = reports_side(hearing, reports, gold, n=9, seed=1)
    assert len(some.rows) == 9
    with pytest.raises(InputError, match="none has both text and labels"):
        reports_side(hearing, reports[:0], gold, n=0, seed=0)


def test_the_contrast_of_reports_points_to_the_finding(hearing):
    texts = ["evidence effusion", "no effusion"] * 12
    names = [f"r{i}" for i in range(24)]
    reports = pd.DataFrame({"report": names, "text": texts})
    gold = pd.DataFrame({"report": names, "Effusion": [1, 0] * 12})
    made = reports_side(hearing, reports, gold, n=0, seed=0)
    contrast = contrasts(made)["Pleural Effusion"]
    said = hearing.encode_texts(["effusion", "no effusion"]) @ contrast
    assert said[0] > 0 > said[1]
