"""Checkpoints by data sets, a cell a pair."""

import pandas as pd
import pytest

from negcxr.errors import InputError
from negcxr.figures import Html, exposure_grid
from negcxr.figures.exposure_grid import STATES

LINES = pd.DataFrame(
    {
        "checkpoint": ["ours", "ours", "theirs"],
        "data set": ["nih", "mimic", "nih"],
        "state": ["seen", "not listed", "unknown"],
        "source": ["a card", "a README", ""],
    }
)


def drawn(table):
    spec = exposure_grid(table, description="Which pair was seen.").to_dict()
    return next(iter(spec["datasets"].values()))


def test_each_pair_has_the_letter_of_its_state():
    assert [row["letter"] for row in drawn(LINES)] == ["S", "n", "?"]


def test_no_two_states_share_a_letter_or_a_colour():
    letters, colours = zip(*STATES.values(), strict=True)
    assert len({*letters}) == len({*colours}) == 3


def test_a_table_without_a_column_is_refused():
    with pytest.raises(InputError, match="exposure_grid: no column source"):
        exposure_grid(LINES.drop(columns="source"), description="d")


def test_no_pair_is_said_in_words():
    assert isinstance(exposure_grid(LINES.iloc[:0], description="d"), Html)
