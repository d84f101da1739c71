"""Which words of a text are its cue, which its finding, and which neither."""

import pytest

from negcxr.text.cues import cue_spans
from negcxr.text.parts import word_parts
from negcxr.text.prompts import load_prompt_set, load_prompt_words

FINDINGS = ("Edema", "Pneumothorax", "Pleural Effusion", "Support Devices")
C, F, R = "cue", "finding", "rest"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("no pleural effusion", [C, F, F], id="cue before"),
        pytest.param("pleural effusion is ruled out", [F, F, C, C, C], id="cue after"),
        pytest.param("No  evidence of\nPleural  Effusion.", [C, C, C, F, F], id="case"),
        pytest.param("cannot exclude pleural effusion", [C, C, F, F], id="hedge"),
        pytest.param("not without pleural effusion", [C, C, F, F], id="two denials"),
        pytest.param("chest x-ray with pleural effusion", [R, R, R, F, F], id="affirmed"),
        pytest.param("edema but no pleural effusion", [R, R, C, F, F], id="turn"),
        pytest.param("nodule, northern pleural effusions", [R, R, R, R], id="none"),
        pytest.param("", [], id="empty"),
    ],
)
def test_parts_of_a_text(text, parts):
    assert word_parts(text, ["pleural effusion"]) == parts


def test_a_composite_names_two_findings():
    parts = word_parts("edema without pleural effusion", ["edema", "pleural effusion"])
    assert parts == [F, C, F, F]


def test_a_phrase_without_words_is_found_nowhere():
    assert word_parts("no edema", ["", " "]) == [C, R]


def test_the_spans_of_cues_are_those_of_the_text_itself():
    text = "edema is absent, no pneumothorax"
    assert [text[a:b] for a, b in cue_spans(text)] == ["is absent", "no"]


def test_every_denied_prompt_of_the_study_has_a_cue_and_a_finding():
    words = load_prompt_words("chest", FINDINGS)
    for prompt in load_prompt_set("chest", FINDINGS):
        if prompt.polarity in ("affirmed", "denied", "composite"):
            named = {words[f].phrase for f in (prompt.finding, prompt.other) if f}
            parts = word_parts(prompt.text, named)
            assert (C in parts) == (prompt.polarity != "affirmed"), prompt.text
            count = parts.count(F)
            assert count == sum(len(phrase.split()) for phrase in named), prompt.text
