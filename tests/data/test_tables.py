"""Tables of text: the quick reader beside Python's own, and what is refused."""

import csv
import gzip
import io

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from negcxr.data import tables
from negcxr.data.tables import plain_csv, read_csv
from negcxr.errors import InputError

# What readers of CSV differ on: types, blanks, quotes, ends of lines, marks.
PIECES = st.sampled_from(
    [
        *("a", "1.0", "-1", "007", "NA", "nan", "null", "true", "2020-01-01", "é", "'"),
        *(",", ",", ",", '"', '""', "\n", "\r", "\r\n", "\n\n", " ", "\t", "#", "\\"),
        *("\xa0", "\x0b", "\x1c", "\x85", "\u2028", "\u200b", "\ufeff", "\0"),
    ]
)
CELL = st.text(st.sampled_from('a1 -"\n,\r\xa0é'), max_size=4)


def tidy(rows):
    """A file as a spreadsheet writes it."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def both(content, path):
    """What each reader gives: a table, or what it says is wrong."""
    path.write_bytes(content)
    found = []
    for read in (lambda: read_csv(path), lambda: plain_csv(content, path)):
        try:
            found.append(read())
        except InputError as error:
            found.append(str(error))
    return found


def same(one, other):
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one == other
    return one.equals(other) and list(one.dtypes) == list(other.dtypes)


SLOW_DISK = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SLOW_DISK
@given(st.lists(PIECES, max_size=25).map("".join))
@example("a,b\n\n1,2\n")
@example("a,b\n1,2\n,\n")
@example("\ufeffa,b\n1, 2 \n\n\n")
@example('a,b\n"1\n2",3')
@example("a,a\n1,2")
def test_any_text_reads_as_pythons_own_reader_reads_it(tmp_path, text):
    assert same(*both(text.encode(), tmp_path / "t.csv"))


@SLOW_DISK
@given(
    st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n)))
)
def test_a_table_reads_as_pythons_own_reader_reads_it(tmp_path, rows):
    assert same(*both(tidy(rows).encode(), tmp_path / "t.csv"))


def test_a_plain_table_takes_the_quick_way():
    assert tables._quick(b'\xef\xbb\xbfid,view\n007," NA"\n').to_pydict() == {
        "f0": ["id", "007"],
        "f1": ["view", "NA"],
    }


def test_cells_stay_text_without_the_blanks_around_them(tmp_path):
    (tmp_path / "t.csv").write_text("patient,view,age\n 007 ,NA,1e3\nnan,,\n")
    assert read_csv(tmp_path / "t.csv").to_dict("list") == {
        "patient": ["007", "nan"],
        "view": ["NA", ""],
        "age": ["1e3", ""],
    }


def test_a_table_longer_than_one_block_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK", 64)
    rows = [["id", "view"], *([f"{i:03}", "A,P"] for i in range(100))]
    (tmp_path / "t.csv").write_text(tidy(rows))
    table = read_csv(tmp_path / "t.csv")
    assert table.to_numpy().tolist() == rows[1:]


def test_a_cell_over_two_lines_may_lie_across_two_blocks(monkeypatch):
    monkeypatch.setattr(tables, "BLOCK", 64)
    rows = [["id", "text"], *([f"{i:03}", "first\nsecond"] for i in range(50))]
    cells = tables._quick(tidy(rows).encode())
    assert cells.column("f1").to_pylist()[1:] == ["first\nsecond"] * 50


def test_only_the_columns_asked_for_are_given_in_that_order(tmp_path):
    (tmp_path / "t.csv").write_text("a,b,c\n1,2,3\n")
    table = read_csv(tmp_path / "t.csv", only=["c", "a", "c"])
    assert table.to_dict("list") == {"c": ["3"], "a": ["1"]}


def test_a_column_that_is_asked_for_and_not_there_is_named(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="t.csv: no column d; it has: a, b"):
        read_csv(tmp_path / "t.csv", only=["a", "d"])


def test_a_packed_table_is_the_same_table(tmp_path):
    text = b"a,b\n1,2\n3,4\n"
    (tmp_path / "t.csv").write_bytes(text)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(text))
    packed, plain = read_csv(tmp_path / "t.csv.gz"), read_csv(tmp_path / "t.csv")
    pd.testing.assert_frame_equal(packed, plain)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("t.csv", b"a,b\n1,2\n3\n", "row 3: 1 cells, but 2", id="less"),
        pytest.param("t.csv", b"a,b\n1,2,3\n", "row 2: 3 cells, but 2 columns", id="long"),
        pytest.param("t.csv", b"a,b\n\n1,2\n", "row 2: 0 cells, but 2", id="empty line"),
        pytest.param("t.csv", b"a,b,a\n1,2,3\n", "column 'a' is named twice", id="twice"),
        pytest.param("t.csv", b"a,b\n1,\xff\n", "not CSV in UTF-8", id="not UTF-8"),
        pytest.param("t.csv", b"", "empty; a header", id="empty"),
        pytest.param("t.csv.gz", b"a,b\n1,2\n", "not a whole gzip file", id="not packed"),
        pytest.param(
            "t.csv.gz", gzip.compress(b"a,b\n1,2\n")[:-4], "not a whole gzip", id="cut off"
        ),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as refused:
        read_csv(tmp_path / name)
    assert str(refused.value).startswith(str(tmp_path / name))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_a_file_that_unpacks_to_more_than_the_limit_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr(tables, "LARGEST", 1000)
    content = b"a,b\n" + b"1,2\n" * 249
    for bytes_, refused in ((content, False), (content + b"\n", True)):
        packed = gzip.compress(bytes_) if name.endswith(".gz") else bytes_
        (tmp_path / name).write_bytes(packed)
        if refused:
            with pytest.raises(InputError, match="unpacks to more than 1000 bytes"):
                read_csv(tmp_path / name)
        else:
            assert len(read_csv(tmp_path / name)) == 249


def test_a_cell_that_python_finds_too_long_is_refused(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n1," + b"x" * 131_073 + b"\n")
    with pytest.raises(InputError, match="not CSV in UTF-8 .*field limit"):
        read_csv(tmp_path / "t.csv")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="t.csv: cannot be read"):
        read_csv(tmp_path / "t.csv")
