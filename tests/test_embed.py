"""Embedding once: what is cached is not made again, and nothing wrong comes out."""

import os
import sqlite3
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from tests.standins import Encoder, Greys, Idle, angles

from negcxr import embed
from negcxr.ahead import AHEAD
from negcxr.embed import cache_file, embed_images, embed_texts
from negcxr.errors import InputError


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path))
    return tmp_path


def test_rows_come_in_the_order_of_the_images():
    rows = embed_images(Encoder(), Greys(30, 10, 20))
    np.testing.assert_array_equal(rows, angles([30, 10, 20]))


def test_rows_come_in_the_order_of_the_texts():
    rows = embed_texts(Encoder(), ["edema", "no edema", ""])
    np.testing.assert_array_equal(rows, angles([5, 8, 0]))


def test_many_batches_come_in_order():
    greys = np.random.default_rng(0).permutation(250).tolist()
    encoder = Encoder()
    np.testing.assert_array_equal(embed_images(encoder, Greys(*greys)), angles(greys))
    assert sorted(len(call) for call in encoder.calls) == [26, *[32] * 7]


def test_a_second_time_nothing_is_embedded():
    embed_images(Encoder(), Greys(1, 2, 3))
    embed_texts(Encoder(), ["edema", "no edema"])
    again = Greys(3, 1, 2)
    np.testing.assert_array_equal(embed_images(Idle(), again), angles([3, 1, 2]))
    np.testing.assert_array_equal(embed_texts(Idle(), ["no edema"]), angles([8]))
    assert again.opened == []


def test_only_what_is_new_is_embedded():
    embed_images(Encoder(), Greys(1, 2))
    encoder = Encoder()
    embed_images(encoder, Greys(2, 3, 1, 4))
    assert encoder.calls == [[3, 4]]


def test_equal_images_and_texts_are_embedded_once():
    encoder = Encoder()
    assert embed_images(encoder, Greys(7, 7, 9, 7)).shape == (4, 2)
    assert embed_texts(encoder, ["a", "bb", "a"]).shape == (3, 2)
    assert [sorted(call) for call in encoder.calls] == [[7, 9], [1, 2]]


def test_an_image_is_not_taken_for_a_text_of_its_name():
    embed_texts(Encoder(), ["grey 7"])
    encoder = Encoder()
    embed_images(encoder, Greys(7))
    assert encoder.calls == [[7]]


def test_no_texts_give_no_rows_and_no_file(cache_folder):
    assert embed_texts(Idle(), []).shape == (0, 2)
    assert list(cache_folder.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"checkpoint": SimpleNamespace(fingerprint="tuned weights")},
        {"processor_key": "other"},
        {"dtype": "float16"},
        {"device": "cuda:0"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_may_move_a_row_has_its_own_file(change):
    other = Encoder()
    vars(other).update(change)
    assert cache_file(other) != cache_file(Encoder())


def test_two_cards_of_one_kind_share_a_file():
    first, second = Encoder(), Encoder()
    first.device, second.device = "cuda:0", "cuda:1"
    assert cache_file(first) == cache_file(second)


def test_a_broken_image_is_named_and_what_came_before_is_kept(monkeypatch):
    monkeypatch.setattr(embed, "IMAGES_AT_ONCE", 1)
    with pytest.raises(InputError, match=r"film_2\.png: not a readable image"):
        embed_images(Encoder(), Greys(10, 11, -1))
    with pytest.raises(InputError, match=r"film_2\.png"):  # whichever batch comes first
        embed_images(Encoder(), Greys(10, 11, -1))
    encoder = Encoder()
    embed_images(encoder, Greys(10, 11, 12))
    assert [12] in encoder.calls


def test_a_run_that_stopped_is_taken_up_where_it_stopped(monkeypatch):
    monkeypatch.setattr(embed, "IMAGES_AT_ONCE", 2)
    greys = Greys(*range(20))
    first = Encoder()
    first.encode_pixels = lambda pixels: stop(first, pixels, after=3)
    with pytest.raises(KeyboardInterrupt):
        embed_images(first, greys)
    second = Encoder()
    np.testing.assert_array_equal(embed_images(second, greys), angles(range(20)))
    done, rest = sum(first.calls, []), sum(second.calls, [])
    assert len(done) == 6
    assert sorted(done + rest) == list(range(20))


def stop(encoder, pixels, *, after):
    if len(encoder.calls) == after:
        raise KeyboardInterrupt
    return encoder._encode(pixels)


def test_a_damaged_row_is_made_again_with_a_warning():
    greys = Greys(1, 2, 3)
    embed_images(Encoder(), greys)
    with sqlite3.connect(cache_file(Encoder())) as connection:
        wrong = np.array([1, 0], np.float32).tobytes()
        connection.execute(
            "UPDATE rows SET numbers = ? WHERE key = 'image:grey 2'", [wrong]
        )
    connection.close()
    encoder = Encoder()
    with pytest.warns(UserWarning, match="1 damaged rows dropped, to be made again"):
        rows = embed_images(encoder, greys)
    assert encoder.calls == [[2]]
    np.testing.assert_array_equal(rows, angles([1, 2, 3]))
    embed_images(Idle(), greys)


def test_a_cache_that_vanishes_meanwhile_costs_only_work(monkeypatch):
    monkeypatch.setattr(embed, "IMAGES_AT_ONCE", 2)
    encoder, greys = Encoder(), Greys(*range(10))

    def lose(pixels):
        cache_file(encoder).unlink(missing_ok=True)
        return encoder._encode(pixels)

    encoder.encode_pixels = lose
    np.testing.assert_array_equal(embed_images(encoder, greys), angles(range(10)))


def test_images_are_opened_ahead_of_the_model_but_not_all_at_once(monkeypatch):
    monkeypatch.setattr(embed, "IMAGES_AT_ONCE", 1)
    encoder, greys, opened = Encoder(), Greys(*range(20)), []

    def look(pixels):
        time.sleep(0.02)  # time for the reader to run ahead as far as it may
        opened.append(len(greys.opened) - len(encoder.calls))
        return encoder._encode(pixels)

    encoder.encode_pixels = look
    embed_images(encoder, greys)
    assert max(opened) == 1 + AHEAD


def test_progress_goes_to_a_terminal_and_not_into_a_log(monkeypatch, capfd):
    embed_images(Encoder("a"), Greys(1, 2))
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    embed_images(Encoder("b"), Greys(1, 2))
    out, err = capfd.readouterr()
    assert (out, "embedding images: 100%" in err) == ("", True)
    embed_images(Idle("b"), Greys(1, 2))
    assert capfd.readouterr() == ("", "")


def test_what_another_process_has_made_meanwhile_is_not_made_again():
    other, greys = Encoder(), Greys(1, 2, 3)

    class Late(Idle):
        def preprocess(self, images):
            embed_images(other, Greys(1, 2, 3))

    np.testing.assert_array_equal(embed_images(Late(), greys), angles([1, 2, 3]))


def test_files_over_the_limit_go_when_rows_are_added(cache_folder, monkeypatch):
    monkeypatch.setenv("NEGCXR_CACHE_GB", "1e-9")
    embed_images(Encoder("old weights"), Greys(1))
    old = cache_file(Encoder("old weights"))
    os.utime(old, (0, 0))
    embed_images(Encoder(), Greys(1))
    assert sorted(cache_folder.rglob("*.sqlite")) == [cache_file(Encoder())]
