"""Rows on disk: what is written is read, what is damaged is not, what is old goes."""

import os
import sqlite3
import threading
import time

import numpy as np
import pytest

from negcxr import rowcache
from negcxr.errors import InputError
from negcxr.rowcache import RowCache, limit_size

EAST, NORTH = np.array([1, 0], np.float32), np.array([0, 1], np.float32)


@pytest.fixture
def cache(tmp_path):
    return RowCache(tmp_path / "some" / "rows.sqlite", dim=2)


def change(cache, statement, *values):
    with sqlite3.connect(cache.file) as connection:
        connection.execute(statement, values)
    connection.close()


def test_rows_are_read_as_written(cache):
    cache.write({"a": EAST, "b": NORTH})
    found = cache.read(["b", "c", "a"])
    assert {key: row.tolist() for key, row in found.items()} == {"a": [1, 0], "b": [0, 1]}


def test_reading_makes_no_file(cache):
    assert cache.read(["a"]) == {}
    assert not cache.file.parent.exists()


def test_a_row_is_replaced(cache):
    cache.write({"a": EAST})
    cache.write({"a": NORTH})
    assert cache.read(["a"])["a"].tolist() == [0, 1]


def test_more_keys_than_one_statement_takes(cache):
    cache.write({str(i): EAST * i for i in range(1200)})
    found = cache.read([str(i) for i in range(1200)])
    assert [found[str(i)][0] for i in range(1200)] == list(range(1200))


@pytest.mark.parametrize(
    ("column", "value"),
    [("numbers", NORTH.tobytes()), ("numbers", b"short"), ("checksum", b"wrong")],
)
def test_a_damaged_row_is_dropped_with_a_warning(cache, column, value):
    cache.write({"a": EAST, "b": EAST})
    change(cache, f"UPDATE rows SET {column} = ? WHERE key = 'a'", value)
    with pytest.warns(UserWarning, match=r"rows\.sqlite: 1 damaged rows dropped"):
        assert list(cache.read(["a", "b"])) == ["b"]
    assert list(cache.read(["a", "b"])) == ["b"]  # and does not warn again


def test_a_row_under_another_rows_key_is_dropped(cache):
    cache.write({"a": EAST, "b": NORTH})
    change(cache, "DELETE FROM rows WHERE key = 'b'")
    change(cache, "UPDATE rows SET key = 'b'")
    with pytest.warns(UserWarning, match="1 damaged"):
        assert cache.read(["b"]) == {}


def test_a_row_of_another_length_is_dropped(cache):
    RowCache(cache.file, dim=3).write({"a": np.ones(3, np.float32)})
    with pytest.warns(UserWarning, match="1 damaged"):
        assert cache.read(["a"]) == {}


def test_a_file_that_is_no_database_is_made_again(cache):
    cache.file.parent.mkdir()
    cache.file.write_bytes(b"not a database " * 1000)
    with pytest.warns(UserWarning, match=r"rows\.sqlite: damaged \(file is not a database"):
        assert cache.read(["a"]) == {}
    cache.write({"a": EAST})
    assert cache.read(["a"])["a"].tolist() == [1, 0]


def test_a_write_into_a_damaged_file_is_not_lost(cache):
    cache.file.parent.mkdir()
    cache.file.write_bytes(b"not a database " * 1000)
    with pytest.warns(UserWarning, match="damaged"):
        cache.write({"a": EAST})
    assert list(cache.read(["a"])) == ["a"]


def test_a_file_whose_pages_were_overwritten_gives_no_wrong_row(cache):
    rows = {str(i): np.array([i, -i], np.float32) for i in range(2000)}
    cache.write(rows)
    content = bytearray(cache.file.read_bytes())
    content[8000:30000] = os.urandom(22000)
    cache.file.write_bytes(content)
    with pytest.warns(UserWarning, match="damaged"):
        found = cache.read(list(rows))
    assert all(found[key].tolist() == rows[key].tolist() for key in found)


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(tmp_path):
    (tmp_path / "taken").write_text("a file where the folder should be")
    cache = RowCache(tmp_path / "taken" / "rows.sqlite", dim=2)
    with pytest.raises(InputError, match=r"cannot be used \(.*NEGCXR_CACHE names another"):
        cache.write({"a": EAST})


def test_a_writer_waits_for_another_one(cache):
    cache.write({"a": EAST})
    other = sqlite3.connect(cache.file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    release.start()
    start = time.monotonic()
    cache.write({"b": NORTH})
    assert time.monotonic() - start > 0.2
    release.join()
    other.close()
    assert list(cache.read(["a", "b"])) == ["a", "b"]


def test_a_writer_that_waits_too_long_says_so(cache, monkeypatch):
    monkeypatch.setattr(rowcache, "BUSY_S", 0)
    cache.write({"a": EAST})
    other = sqlite3.connect(cache.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(InputError, match="database is locked"):
        cache.write({"b": NORTH})
    other.close()


@pytest.fixture
def old_files(tmp_path):
    """Three files of 1 KiB, last used three, two and one days ago."""
    paths = [tmp_path / f"{name}.sqlite" for name in "abc"]
    for days, path in zip((3, 2, 1), paths, strict=True):
        path.write_bytes(bytes(1024))
        os.utime(path, (time.time() - days * 86400,) * 2)
    return tmp_path


def names(folder):
    return "".join(sorted(path.stem for path in folder.glob("*.sqlite")))


@pytest.mark.parametrize(
    ("kib", "left"), [(3.5, "abc"), (3, "abc"), (2.5, "bc"), (1, "c"), (0.5, "")]
)
def test_the_files_used_longest_ago_go_until_the_rest_fits(
    old_files, monkeypatch, kib, left
):
    monkeypatch.setenv("NEGCXR_CACHE_GB", str(kib / 1024**2))
    limit_size(old_files, keep=old_files / "other.sqlite")
    assert names(old_files) == left


def test_the_file_in_hand_and_those_just_used_stay(old_files, monkeypatch):
    monkeypatch.setenv("NEGCXR_CACHE_GB", "1e-9")
    os.utime(old_files / "b.sqlite")
    limit_size(old_files, keep=old_files / "a.sqlite")
    assert names(old_files) == "ab"


def test_reading_counts_as_use(cache):
    cache.write({"a": EAST})
    os.utime(cache.file, (0, 0))
    cache.read(["a"])
    assert time.time() - cache.file.stat().st_mtime < 60


@pytest.mark.parametrize("value", ["much", "-1", "0", "nan", "inf"])
def test_a_limit_that_is_no_number_is_refused(tmp_path, monkeypatch, value):
    monkeypatch.setenv("NEGCXR_CACHE_GB", value)
    with pytest.raises(InputError, match=f"NEGCXR_CACHE_GB is '{value}'; allowed: a num"):
        limit_size(tmp_path, keep=tmp_path)
