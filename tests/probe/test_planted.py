"""The planted towers themselves: what is planted is there, and nothing else."""

import pytest
from tests.planted import POLE

pytestmark = pytest.mark.model
PAIRS = [
    ("evidence pneumonia", "no pneumonia"),
    ("effusion", "no effusion"),
    ("evidence of effusion", "no evidence of effusion"),
]


@pytest.mark.parametrize(("affirmed", "denied"), PAIRS)
def test_a_hearing_tower_puts_denial_below_the_pole(hearing, affirmed, denied):
    rows = hearing.encode_texts([affirmed, denied])
    assert rows[0, POLE] > 0.1
    assert rows[1, POLE] < -0.1


@pytest.mark.parametrize(("affirmed", "denied"), PAIRS)
def test_a_deaf_tower_leaves_the_pole_where_it_is(deaf, affirmed, denied):
    rows = deaf.encode_texts([affirmed, denied])
    assert (rows[:, POLE] > 0.1).all()


def test_both_towers_tell_findings_apart(hearing, deaf):
    for tower in (hearing, deaf):
        one, other = tower.encode_texts(["effusion", "pneumonia"])
        assert one[1] > 0.3 > abs(one[2])
        assert other[2] > 0.3 > abs(other[1])
