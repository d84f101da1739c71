"""The validation, on rows of two dimensions that can be worked out by hand."""

import numpy as np
import pytest
from tests.finetune.worlds import FINDINGS, a_pool

from negcxr.errors import InputError
from negcxr.finetune.judging import SELECTION, judge_draws, make_judge, validated
from negcxr.finetune.statements import Judged, plain_statements

EAST, NORTH = (1.0, 0.0), (0.0, 1.0)
ONE = FINDINGS[:1]
# Ten images with the finding in the east, ten without it in the north.
ROWS = np.array([EAST] * 10 + [NORTH] * 10, dtype=np.float32)
HAS = np.array([[1.0]] * 10 + [[0.0]] * 10)
PATIENTS = np.array([f"p{place}" for place in range(20)])


def denies(text):
    words = ("no ", "not ", "without", "absent", "free of", "devoid", "excluded")
    return any(word in text for word in words)


def hearing(texts):
    """Denied texts in the north, affirmed ones in the east."""
    return np.array([NORTH if denies(text) else EAST for text in texts], np.float32)


def deaf(texts):
    """All texts in the east, whatever they say."""
    return np.array([EAST for _ in texts], np.float32)


@pytest.fixture
def judge():
    return make_judge(plain_statements(ONE), Judged(ONE, HAS), ROWS, PATIENTS)


def test_an_encoder_that_hears_denial_ranks_all_right(judge):
    found = validated(judge, hearing)
    assert (found["affirmed"], found["denied"]) == (1, 1)


def test_an_encoder_that_is_deaf_to_denial_ranks_denied_prompts_upside_down(judge):
    found = validated(judge, deaf)
    assert (found["affirmed"], found["denied"]) == (1, 0)


def test_what_is_selected_by_is_the_mean_of_those_that_there_are(judge):
    found = validated(judge, deaf)
    assert np.isnan(found["composite"])  # one finding makes no composite
    assert found["selected"] == 0.5
    assert list(found) == [*SELECTION, "selected"]


def test_wordings_that_ask_the_same_are_one_query_on_the_mean_of_their_rows():
    statements = plain_statements(ONE)
    judge = make_judge(statements, Judged(ONE, HAS), ROWS, PATIENTS)
    assert judge.polarities.tolist() == ["affirmed", "denied"]
    for polarity, places in zip(judge.polarities, judge.members, strict=True):
        own = [said.text for said in statements if said.polarity == polarity]
        assert [judge.texts[place] for place in places] == own

    def mostly(texts):
        """The mean of a query's wordings points east, though its first one does not."""
        return np.array([NORTH, *[EAST] * (len(texts) - 1)], np.float32)

    assert validated(judge, mostly)["affirmed"] == 1


def test_queries_are_those_of_the_selection_in_each_pair_of_findings():
    pool = a_pool(120)
    judge = make_judge(
        plain_statements(FINDINGS), pool.judged, pool.rows.astype(np.float32), pool.patients
    )
    counts = {name: int((judge.polarities == name).sum()) for name in SELECTION}
    assert counts == {"affirmed": 3, "denied": 3, "composite": 6}
    assert judge.relevance.shape == (12, 120)
    composites = judge.relevance[judge.polarities == "composite"]
    assert np.isnan(composites).any()  # asked among images that have the first finding


def test_texts_are_read_once_a_validation_and_the_sample_is_the_first_draw(judge):
    asked = []

    def embed(texts):
        asked.append(len(texts))
        return hearing(texts)

    draws = judge_draws(judge, embed, n_resamples=5, seed=0)
    assert asked == [len(judge.texts)]
    assert {name: row.shape for name, row in draws.items()} == dict.fromkeys(
        SELECTION, (6,)
    )
    assert draws["denied"][0] == 1


def test_images_that_judge_no_query_are_refused():
    few = Judged(ONE, HAS[1:])
    with pytest.raises(InputError, match="no query has 10 images on each side, of 19 that"):
        make_judge(plain_statements(ONE), few, ROWS[1:], PATIENTS[1:])
