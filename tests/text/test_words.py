"""The word lists: what every entry must be, whoever adds one."""

import pytest

from negcxr.errors import InputError
from negcxr.text.cues import CUES, parse, strip_cue
from negcxr.text.vocabulary import known_findings, load_words

CHEXPERT = (
    "Enlarged Cardiomediastinum",
    "Cardiomegaly",
    "Lung Opacity",
    "Lung Lesion",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    "Support Devices",
)
NIH_ONLY = (
    "Emphysema",
    "Fibrosis",
    "Hernia",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pleural Thickening",
)
WORDS = load_words(known_findings())


def test_findings_of_chexpert_and_chestxray14_have_words():
    assert set(known_findings()) == {*CHEXPERT, *NIH_ONLY}


@pytest.mark.parametrize("finding", known_findings())
def test_phrases_are_lower_case_and_carry_no_cue(finding):
    for phrase in (WORDS[finding].phrase, *WORDS[finding].also):
        assert phrase == phrase.lower().strip()
        assert strip_cue(phrase) == phrase


@pytest.mark.parametrize("finding", known_findings())
def test_an_absence_is_worded_at_least_twice_where_a_film_can_show_it(finding):
    wanted = 0 if finding == "Support Devices" else 2
    assert len(WORDS[finding].equivalents) >= wanted


@pytest.mark.parametrize("finding", known_findings())
def test_an_equivalent_is_affirmed_and_does_not_name_its_finding(finding):
    for text in WORDS[finding].equivalents:
        assert parse(text) == (text, "")
        assert WORDS[finding].phrase not in text


def test_phrases_differ():
    assert len({entry.phrase for entry in WORDS.values()}) == len(WORDS)


def test_at_least_ten_cues_deny():
    assert len({cue.cue for cue in CUES if cue.kind == "denial"}) >= 10


def test_every_cue_has_its_own_wordings():
    wordings = [(form, cue.position) for cue in CUES for form in cue.forms]
    assert len(set(wordings)) == len(wordings)


def test_a_finding_without_words_goes_by_its_own_name():
    assert load_words(["Ground Glass"])["Ground Glass"].phrase == "ground glass"


def test_own_words_replace_single_fields():
    own = {"Edema": {"phrase": "wet lungs"}}
    words = load_words(["Edema"], own)["Edema"]
    assert words.phrase == "wet lungs"
    assert words.equivalents == WORDS["Edema"].equivalents


def test_an_own_field_that_does_not_exist_is_refused():
    with pytest.raises(
        InputError, match="w.yml, findings, Edema: phras: .*allowed: phrase, a"
    ):
        load_words(["Edema"], {"Edema": {"phras": "x"}}, source="w.yml")
