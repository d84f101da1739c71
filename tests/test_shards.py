"""Shards: together they are what one job makes, and each stands alone."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.checkpoints import clip
from tests.standins import Encoder, Greys, Idle, angles

from negcxr import row_tables
from negcxr.embed import IMAGES_AT_ONCE, embed_images
from negcxr.errors import InputError
from negcxr.merging import merge
from negcxr.models import load_encoder
from negcxr.shard_files import file_of, read_shard
from negcxr.shards import Piece, piece, places_of, write_shard


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Gallery(Greys):
    """One-pixel images that have names, as those of a data set do."""

    @property
    def table(self):
        return pd.DataFrame({"image": [f"film {row}" for row in range(len(self))]})


class Noise(SimpleNamespace):
    """Images of noise, of which no two are alike."""

    def __len__(self):
        return len(self.table)

    def key(self, row):
        return f"noise {row}"

    def open(self, row):
        pixels = np.random.default_rng(row).integers(0, 256, (16, 16), np.uint8)
        return Image.fromarray(pixels)


def noise(n):
    images = Noise(table=pd.DataFrame({"image": [f"noise {row}" for row in range(n)]}))
    images.images = images
    return images


def shards_of(encoder, dataset, folder, n):
    for shard in range(1, n + 1):
        write_shard(encoder, dataset, folder, Piece(shard, n), asked="--checkpoint X")


@pytest.fixture
def folder(cache_folder):
    """Three shards of 100 images, in the folder of tables."""
    folder = cache_folder / "tables" / "greys"
    shards_of(Encoder(), Gallery(*range(100)), folder, 3)
    return folder


@pytest.mark.parametrize("n_images", [1, 31, 32, 33, 100, 1_000])
@pytest.mark.parametrize("shards", [1, 3, 7, 50])
def test_shards_are_whole_batches_and_together_all_images(n_images, shards):
    parts = [places_of(Piece(k, shards), n_images) for k in range(1, shards + 1)]
    assert [place for part in parts for place in part] == list(range(n_images))
    assert {part.start % IMAGES_AT_ONCE for part in parts if part} == {0}
    sizes = [-(-len(part) // IMAGES_AT_ONCE) for part in parts]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("shard", [0, 4])
def test_a_shard_that_does_not_exist_is_refused(shard):
    with pytest.raises(InputError, match=f"shard {shard} of 3: allowed are 1 to 3"):
        piece(shard, 3)


@pytest.mark.model
@pytest.mark.parametrize("shards", [1, 3, 7])
def test_rows_are_those_of_the_single_job_to_the_bit(shards, tmp_path):
    encoder, dataset = load_encoder(str(clip(tmp_path / "tiny"))), noise(200)
    single = embed_images(encoder, dataset)
    shards_of(encoder, dataset, tmp_path / "out", shards)
    merge(tmp_path / "out")
    rows = np.load(tmp_path / "out" / "rows.npy", mmap_mode="r")
    assert rows.tobytes() == single.tobytes()


def test_what_is_merged_is_found_without_a_model_and_stays_on_disk(folder):
    merge(folder)
    rows = embed_images(Idle(), Gallery(*range(100)))
    assert isinstance(rows, np.memmap)
    np.testing.assert_array_equal(rows, angles(range(100)))


def test_a_part_in_another_order_is_found_as_well(folder):
    merge(folder)
    rows = embed_images(Idle(), Greys(7, 3, 99))
    np.testing.assert_array_equal(rows, angles([7, 3, 99]))


def test_only_what_no_table_has_is_embedded(folder):
    merge(folder)
    encoder = Encoder()
    rows = embed_images(encoder, Greys(150, 7, 151))
    np.testing.assert_array_equal(rows, angles([150, 7, 151]))
    assert encoder.calls == [[150, 151]]


def test_another_encoder_finds_nothing_in_a_table(folder):
    merge(folder)
    other = Encoder("other weights")
    embed_images(other, Greys(7))
    assert other.calls == [[7]]


def test_a_table_elsewhere_is_found_where_it_is_named(tmp_path, monkeypatch):
    shards_of(Encoder(), Gallery(1, 2), tmp_path / "far", 1)
    merge(tmp_path / "far")
    monkeypatch.setenv("NEGCXR_ROWS", str(tmp_path / "far"))
    np.testing.assert_array_equal(embed_images(Idle(), Greys(2)), angles([2]))


def test_a_named_folder_without_a_table_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("NEGCXR_ROWS", str(tmp_path))
    with pytest.raises(InputError, match=r"has no table\.json; merge its shards first"):
        embed_images(Encoder(), Greys(1))


def test_a_shard_that_is_there_is_not_made_again(folder):
    write_shard(Idle(), Gallery(*range(100)), folder, Piece(2, 3), asked="--checkpoint X")


def test_a_shard_of_other_images_is_made_again(folder):
    encoder = Encoder()
    images = Gallery(*range(1, 101))
    write_shard(encoder, images, folder, Piece(2, 3), asked="--checkpoint X")
    assert sum(encoder.calls, []) == list(range(33, 65))


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_lost_shard_is_named_with_the_command_that_makes_it(lost, folder):
    file_of(folder, Piece(lost, 3)).unlink()
    again = f"embed --checkpoint X --shards 3 --shard {lost} --out {folder}"
    with pytest.raises(
        InputError, match=f"missing or damaged: {lost}; again: negcxr {again}"
    ):
        merge(folder)


def test_a_lost_shard_alone_is_made_again_and_the_table_is_the_same(folder):
    merge(folder)
    before = (folder / "rows.npy").read_bytes()
    file_of(folder, Piece(2, 3)).unlink()
    encoder = Encoder()
    shards_of(encoder, Gallery(*range(100)), folder, 3)
    merge(folder)
    assert sum(encoder.calls, []) == list(range(32, 64))
    assert (folder / "rows.npy").read_bytes() == before


@pytest.mark.parametrize("place", [3, 40, 200, -1], ids="byte {}".format)
def test_a_changed_byte_is_a_damaged_shard(place, folder):
    file = file_of(folder, Piece(2, 3))
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    with pytest.raises(InputError, match="of 3 shards missing or damaged: 2; again"):
        merge(folder)


def test_half_a_shard_is_a_damaged_one(folder):
    file = file_of(folder, Piece(3, 3))
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(InputError, match="missing or damaged: 3"):
        merge(folder)


def test_shards_of_two_encoders_are_not_merged(folder):
    other = Encoder("other weights")
    write_shard(other, Gallery(*range(100)), folder, Piece(2, 3), asked="")
    with pytest.raises(InputError, match=r"0002-of-0003.*encoder is not that of shard 1"):
        merge(folder)


def test_shards_of_two_data_sets_are_not_merged(folder):
    write_shard(Encoder(), Gallery(*range(99)), folder, Piece(3, 3), asked="")
    with pytest.raises(InputError, match=r"0003-of-0003.*data is not that of shard 1"):
        merge(folder)


def test_shards_of_two_counts_are_not_merged(folder):
    write_shard(Encoder(), Gallery(*range(100)), folder, Piece(1, 4), asked="")
    with pytest.raises(InputError, match="shards of 3 and of 4"):
        merge(folder)


def test_an_empty_folder_is_told_what_to_do(tmp_path):
    with pytest.raises(InputError, match="no shard lies there; negcxr embed --help"):
        merge(tmp_path)


def test_a_merge_that_is_refused_leaves_what_was_there(folder):
    merge(folder)
    file_of(folder, Piece(1, 3)).unlink()
    with pytest.raises(InputError):
        merge(folder)
    embed_images(Idle(), Greys(5))


def test_what_a_killed_merge_left_is_cleared_away(folder):
    merge(folder)
    there = {path.name for path in folder.iterdir()}
    for name in (".rows.npy.abc.npy", ".keys.npy.abc.npy"):
        (folder / name).write_bytes(b"half")
    merge(folder)
    assert {path.name for path in folder.iterdir()} == there


@pytest.mark.parametrize("moment", ["before it is read", "before its time is"])
def test_a_table_that_is_merged_anew_meanwhile_is_none(folder, monkeypatch, moment):
    merge(folder)
    there = row_tables.folders()
    monkeypatch.setattr(row_tables, "folders", lambda: there)
    if moment == "before it is read":
        known = Path.stat

        def stat(path, **how):
            told = known(path, **how)
            path.unlink() if path.name == "table.json" else None
            return told

        monkeypatch.setattr(Path, "stat", stat)
    else:
        (folder / "table.json").unlink()
    encoder = Encoder()
    embed_images(encoder, Greys(7))
    assert encoder.calls == [[7]]


def test_a_damaged_table_is_refused_and_not_read(folder):
    merge(folder)
    content = bytearray((folder / "rows.npy").read_bytes())
    content[-1] ^= 1
    (folder / "rows.npy").write_bytes(content)
    with pytest.raises(InputError, match=r"rows\.npy: .* again: negcxr embed merge"):
        embed_images(Idle(), Greys(5))


def test_the_record_says_what_made_the_table(folder):
    record = json.loads(merge(folder).read_text())
    assert (record["images"], record["dim"], record["shards"]) == (100, 2, 3)
    assert record["rows.npy"] == row_tables.checksum(folder / "rows.npy")


def test_equal_images_have_one_row_and_a_broken_one_no_shard(tmp_path):
    shards_of(Encoder(), Gallery(7, 7, 9), tmp_path, 1)
    assert read_shard(file_of(tmp_path, Piece(1, 1))).keys[:2] == ("image:grey 7",) * 2
    with pytest.raises(InputError, match=r"film_1\.png: not a readable image"):
        shards_of(Encoder(), Gallery(7, -1), tmp_path / "broken", 1)
    assert not list((tmp_path / "broken").glob("*"))


def test_more_shards_than_batches_are_fine(tmp_path):
    shards_of(Encoder(), Gallery(*range(40)), tmp_path, 5)
    merge(tmp_path)
    np.testing.assert_array_equal(np.load(tmp_path / "rows.npy"), angles(range(40)))
