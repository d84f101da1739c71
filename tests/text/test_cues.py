"""The reader of cues, on sentences small enough to read with it."""

import csv

import pytest

from negcxr import paths
from negcxr.text.cues import CUES, parse, strip_cue
from negcxr.text.prompts import load_prompt_set
from negcxr.text.vocabulary import known_findings, load_words


@pytest.mark.parametrize(
    ("text", "affirmed", "denied"),
    [
        ("A", "A", ""),
        ("no A", "", "A"),
        ("No A.", "", "A"),
        ("there is no A", "", "A"),
        ("no evidence of A", "", "A"),
        ("negative for A", "", "A"),
        ("free of A", "", "A"),
        ("lungs clear of A", "", "A"),
        ("A is absent", "", "A"),
        ("A has been ruled out", "", "A"),
        ("A is not seen", "", "A"),
        ("this image does not show A", "", "A"),
        ("A without B", "A", "B"),
        ("A but no B", "A", "B"),
        ("no A but B", "B", "A"),
        ("chest x-ray without A", "", "A"),
        ("chest x-ray with A", "chest x-ray with A", ""),
        ("no A or B", "", "A or B"),
        ("no A, B or C", "", "A, B or C"),
        ("no A and no B", "", "A or B"),
        ("A. No B. However, C", "A and C", "B"),
        ("no left A", "", "left A"),
        ("not without A", "A", ""),
        ("no absence of A", "A", ""),
        ("A is not absent", "A", ""),
        ("cannot exclude A", "A", ""),
        ("A cannot be excluded", "A", ""),
        ("possible A", "A", ""),
        ("sharp costophrenic angles", "sharp costophrenic angles", ""),
        ("nodule", "nodule", ""),  # "no" only as a word of its own
        ("notable A", "notable A", ""),
        ("", "", ""),
        ("no", "", ""),
    ],
)
def test_a_sentence_falls_into_what_it_affirms_and_denies(text, affirmed, denied):
    assert parse(text) == (affirmed, denied)


@pytest.mark.parametrize(
    ("text", "affirmed", "denied"),
    [
        ("no A, the heart is large", "", "A, the heart is large"),
        ("no change in A", "", "change in A"),
        ("no A with B", "", "A with B"),
        ("no A, B cannot be excluded", "A, B", ""),
        ("no A, B cannot be excluded and C", "A, B and C", ""),
    ],
)
def test_it_is_wrong_where_its_docstring_says_so(text, affirmed, denied):
    assert parse(text) == (affirmed, denied)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("no A", "A"),
        ("A without B", "A B"),
        ("A is absent", "A"),
        ("no A or B", "A or B"),
        ("there is no A", "there is A"),
        ("not without A", "A"),
        ("cannot exclude A", "cannot exclude A"),
        ("A", "A"),
    ],
)
def test_without_its_cues_a_sentence_keeps_its_other_words(text, left):
    assert strip_cue(text) == left


@pytest.mark.parametrize("cue", CUES, ids=lambda cue: f"{cue.cue} {cue.position}")
def test_every_wording_of_every_cue_is_read(cue):
    for form in cue.forms:
        text = f"{form} edema" if cue.position == "before" else f"edema is {form}"
        wanted = ("", "edema") if cue.kind == "denial" else ("edema", "")
        assert parse(text) == wanted
        assert parse(text.upper()) == tuple(half.upper() for half in wanted)


WORDS = load_words(known_findings())
PROMPTS = load_prompt_set("chest", known_findings())


def claim(prompt):
    a = WORDS[prompt.finding].phrase
    b = WORDS[prompt.other].phrase if prompt.other else ""
    return {
        "affirmed": (prompt.text, ""),
        "denied": ("", a),
        "composite": (a, b),
        "equivalent": (prompt.text, ""),
        "double-negation": (a, ""),
        "hedged": (a, ""),
        "scope": ("", f"{b} or {a}"),
        "side": ("", f"{prompt.side} {a}"),
    }[prompt.polarity]


@pytest.mark.parametrize("polarity", sorted({prompt.polarity for prompt in PROMPTS}))
def test_every_prompt_of_the_study_is_read_as_it_is_meant(polarity):
    for prompt in (prompt for prompt in PROMPTS if prompt.polarity == polarity):
        assert parse(prompt.text) == claim(prompt), prompt.id


def test_what_is_left_without_cues_is_affirmed():
    for prompt in (prompt for prompt in PROMPTS if prompt.polarity != "hedged"):
        left = strip_cue(prompt.text)
        assert parse(left) == (left, "")


NEGEX = paths.films().parent / "text" / "negex_sentences.csv"


@pytest.mark.films
@pytest.mark.skipif(not NEGEX.exists(), reason=f"no {NEGEX.name} beside the real films")
def test_on_the_negex_test_kit_it_finds_what_is_denied():
    hits = {"Negated": 0, "Affirmed": 0}
    with NEGEX.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        concept = " ".join(row["concept"].split()).lower()
        if concept in " ".join(parse(row["sentence"]).denied.split()).lower():
            hits[row["negation"]] += 1
    n_denied = sum(row["negation"] == "Negated" for row in rows)
    assert len(rows) == 1188
    assert hits["Negated"] / n_denied > 0.96  # recall
    assert hits["Negated"] / sum(hits.values()) > 0.94  # precision
