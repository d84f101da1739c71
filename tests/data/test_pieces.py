"""A large array made piece by piece: the same however it is cut, and gone on with."""

import numpy as np
import pytest

from negcxr.data.pieces import write_in_pieces

SHAPE = (7, 2, 3)


class Killed(BaseException):
    """Stands for a process that is ended; nothing may catch it."""


def fill(out, rows):
    for place, row in enumerate(rows):
        out[place] = row


def whole():
    return np.broadcast_to(np.arange(7, dtype=np.uint8)[:, None, None], SHAPE)


@pytest.mark.parametrize("piece", [1, 3, 7, 100])
def test_the_array_is_the_same_however_it_is_cut(tmp_path, piece):
    path = tmp_path / "new" / "rows.npy"
    write_in_pieces(path, SHAPE, fill, piece=piece)
    np.testing.assert_array_equal(np.load(path), whole())
    assert [file.name for file in path.parent.iterdir()] == ["rows.npy"]


def test_what_was_killed_goes_on_after_the_last_whole_piece(tmp_path):
    path, filled = tmp_path / "rows.npy", []

    def dies_at(number):
        def filling(out, rows):
            if number in rows:
                raise Killed
            filled.append(rows)
            fill(out, rows)

        return filling

    with pytest.raises(Killed):
        write_in_pieces(path, SHAPE, dies_at(4), piece=3)
    assert not path.exists()
    write_in_pieces(path, SHAPE, dies_at(None), piece=3)
    assert filled == [range(0, 3), range(3, 6), range(6, 7)]
    np.testing.assert_array_equal(np.load(path), whole())


def test_a_small_array_leaves_nothing_when_it_fails(tmp_path):
    def fails(out, rows):
        raise MemoryError

    with pytest.raises(MemoryError):
        write_in_pieces(tmp_path / "rows.npy", SHAPE, fails, piece=10)
    assert list(tmp_path.iterdir()) == []
