"""Inner changes beside outer gains: read, corrected, and compared over methods."""

import numpy as np
import pandas as pd
import pytest

from negcxr.chapters.changed import (
    FEWEST,
    agreement_numbers,
    agreements,
    change_counts,
    inner_changes,
    outer_changes,
    overview,
)
from negcxr.measure.intervals import resamples_needed
from negcxr.results import now, write_result

NAN = np.nan
PURITY, CUE_OUT = "polarity purity", "polarity, cue held out"


def write(folder, name, table):
    how = {"parameters": {"checkpoint": "weights"}, "scalars": {}, "started": now()}
    write_result(folder, name, tables={"changes": pd.DataFrame(table)}, **how)


def row(measure, side, value, change=NAN, p=NAN):
    ends = {"low": value - 0.1, "high": value + 0.1, "change": change, "p": p}
    ends |= {"change_low": change - 0.1, "change_high": change + 0.1, "p_holm": p}
    return {"measure": measure, "side": side, "value": value, **ends}


@pytest.fixture
def run(tmp_path):
    """A run with two chapters: one number that changed for certain, one that may have."""
    folder = tmp_path / "run"
    write(
        folder,
        "31_geometry",
        [
            row(PURITY, "base", 0.5),
            row(PURITY, "con2", 0.9, 0.4, 0.001),
        ],
    )
    write(
        folder,
        "34_probes",
        [
            row(CUE_OUT, "base", 0.2),
            row(CUE_OUT, "con2", 0.3, 0.1, 0.04),
        ],
    )
    gain = {"measure": "denied", "before": 0.1, "after": 0.6, "change": 0.5}
    gain |= {"change_low": 0.4, "change_high": 0.6, "p_holm": 0.01}
    write(folder, "20_con2", [gain])
    return folder


def test_the_named_changes_of_a_method_are_corrected_together(run):
    found = inner_changes(run, ["31_geometry", "34_probes"]).set_index("chapter")
    changes = found[found["side"] == "con2"]
    assert changes["p_holm"].tolist() == pytest.approx([0.002, 0.04])
    assert changes["sure"].tolist() == ["certain", "certain"]
    assert found[found["side"] == "base"]["sure"].tolist() == ["", ""]


def test_a_number_that_was_not_named_costs_the_others_nothing(run):
    more = [
        row("gap", "con2", 0.3, 0.1, 0.5),
        row(PURITY, "con2", 0.9, 0.4, 0.01),
    ]
    write(run, "31_geometry", more)
    found = inner_changes(run, ["31_geometry"])
    assert found["measure"].tolist() == [PURITY]
    assert found["p_holm"].tolist() == [0.01]


def test_methods_are_corrected_each_by_itself(run):
    names = [f"method-{n}" for n in range(50)]
    many = [row(PURITY, name, 0.9, 0.4, 0.002) for name in names]
    write(run, "31_geometry", many)
    assert set(inner_changes(run, ["31_geometry"])["sure"]) == {"certain"}


def test_a_count_is_told_as_untested(run):
    write(run, "33_tracing", [row("crossing layer", "con2", 0.5, 0.1)])
    inner = inner_changes(run, ["33_tracing"])
    assert inner["sure"].tolist() == ["untested"]
    assert overview(inner)["con2"].tolist() == ["+0.10 (untested)"]


def test_what_it_takes_to_be_certain_is_counted(run, tmp_path):
    numbers = change_counts(inner_changes(run, ["31_geometry", "34_probes"]))
    assert (numbers["changes"].value, numbers["certain"].value) == (2, 2)
    assert numbers["resamples_needed"].value == resamples_needed(2)
    assert change_counts(inner_changes(tmp_path, []))["changes"].value is None


def test_a_chapter_that_was_not_run_is_left_out(run):
    assert set(inner_changes(run, ["30_attribution", "34_probes"])["chapter"]) == {
        "34_probes"
    }


def test_a_run_without_chapters_and_methods_gives_empty_tables(tmp_path):
    inner, outer = inner_changes(tmp_path, ["30_attribution"]), outer_changes(tmp_path, [])
    assert inner.empty and outer.empty
    assert agreements(inner, outer, seed=0).empty
    assert overview(inner).empty


def test_gains_are_told_by_method(run):
    assert outer_changes(run, ["con2"])[["side", "change"]].to_numpy().tolist() == [
        ["con2", 0.5]
    ]


def test_the_overview_marks_what_is_open(run):
    inner = inner_changes(run, ["31_geometry", "34_probes"])
    inner.loc[3, "sure"] = "open"
    shown = overview(inner).set_index("measure")
    assert shown.loc[PURITY, "con2"] == "+0.40"
    assert shown.loc[CUE_OUT, "con2"] == "+0.10 (open)"
    assert shown.loc[PURITY, "base"] == "0.50"


def methods(order):
    names = [f"method-{n}" for n in range(len(order))]
    inner = [
        row(PURITY, name, 0.5, change) for name, change in zip(names, order, strict=True)
    ]
    outer = [
        {"side": name, "measure": "denied", "change": float(place)}
        for place, name in enumerate(names)
    ]
    table = pd.DataFrame(inner).assign(chapter="31_geometry", sure="certain")
    return table, pd.DataFrame(outer)


def test_methods_that_move_more_and_win_more_agree_fully():
    found = agreements(*methods([0.0, 0.1, 0.2, 0.3, 0.4, 0.5]), seed=0).iloc[0]
    assert found["correlation"] == pytest.approx(1)
    assert found["methods"] == 6
    # Of the 720 orders of six, one agrees fully and one fully disagrees.
    assert found["p"] == pytest.approx(2 / 720)


def test_agreements_are_told_as_numbers_with_their_p():
    found = agreements(*methods([0.0, 0.1, 0.2, 0.3, 0.4, 0.5]), seed=0)
    number = agreement_numbers(found)["agreement_polarity_purity_denied"]
    assert (number.value, number.n) == (pytest.approx(1), 6)
    assert number.note == "p 0.003 after Holm"


def test_the_other_way_round_the_sign_turns():
    found = agreements(*methods([0.5, 0.4, 0.3, 0.2, 0.1, 0.0]), seed=0).iloc[0]
    assert found["correlation"] == pytest.approx(-1)


def test_a_few_methods_are_not_correlated():
    assert agreements(*methods([0.1, 0.2, 0.3, 0.4]), seed=0).empty
    assert FEWEST == 5


def test_a_number_that_no_method_moves_apart_is_not_correlated():
    assert agreements(*methods([0.1] * 6), seed=0).empty
