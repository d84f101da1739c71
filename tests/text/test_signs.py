"""Signs: one for every equivalent that comes with the study, and nothing given away."""

import pytest

from negcxr.text.cues import cues_in
from negcxr.text.signs import sign_for
from negcxr.text.vocabulary import known_findings, load_words

WORDS = load_words(known_findings())
EQUIVALENTS = [
    pytest.param(text, entry, id=text)
    for text, entry in {t: e for e in WORDS.values() for t in e.equivalents}.items()
]


@pytest.mark.parametrize(("equivalent", "entry"), EQUIVALENTS)
def test_a_sign_differs_from_its_equivalent_and_has_no_cue_and_no_finding(
    equivalent, entry
):
    sign = sign_for(equivalent)
    assert sign and sign != equivalent
    assert not cues_in(sign)
    assert not any(name in sign for name in (entry.phrase, *entry.also))


def test_what_is_not_in_the_list_has_no_sign():
    assert sign_for("a quiet chest") == ""
