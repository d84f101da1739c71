"""Pairs of sentences: what a frame makes, and what a file of them may not say."""

import pytest

from negcxr.errors import InputError
from negcxr.text.cues import parse
from negcxr.text.pairs import Pair, load_pairs
from negcxr.text.vocabulary import Words, load_words

WORDS = {
    "Edema": Words(phrase="edema"),
    "Support Devices": Words(phrase="tubes", plural=True),
}


@pytest.fixture
def written(tmp_path):
    """Writes a file of frames."""

    def write(text):
        path = tmp_path / "pairs.yml"
        path.write_text(text)
        return path

    return write


def test_a_frame_is_filled_for_every_finding(written):
    text = 'frames: [{id: is, affirmed: "{finding} {is} seen", denied: "no {finding}"}]'
    assert load_pairs(WORDS, written(text)) == [
        Pair("Edema", "is", "edema is seen", "no edema"),
        Pair("Support Devices", "is", "tubes are seen", "no tubes"),
    ]


def test_the_frames_of_the_study_affirm_on_one_side_and_deny_on_the_other():
    for pair in load_pairs(load_words(["Edema", "Pneumothorax"])):
        assert not parse(pair.affirmed).denied
        assert parse(pair.denied).denied


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("frames: []", "not a mapping with frames"),
        ("[1]", "not a mapping with frames"),
        ("frames: [one]", "entry 1: Input should be"),
        (
            'frames: [{id: a, affirmed: "{finding}", denied: "no"}]',
            "entry 1: 'no'; allowed: words",
        ),
        (
            'frames: [{id: a, affirmed: "{finding} {x}", denied: "no {finding}"}]',
            "entry 1: '{finding} {x}'; allowed",
        ),
        (
            'frames: [{id: a, affirmed: "{finding}", denied: "{finding}"}]',
            "entry 1: both sentences are '{finding}'",
        ),
    ],
)
def test_a_file_that_makes_no_pairs_is_refused_in_one_line(written, text, said):
    with pytest.raises(InputError, match=r"pairs\.yml") as refused:
        load_pairs(WORDS, written(text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
