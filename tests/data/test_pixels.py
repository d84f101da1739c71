"""Grey levels the right way round: TIFF's flag, a word of the owner, and the guess."""

import struct

import numpy as np
import pytest
from PIL import Image

from negcxr import paths
from negcxr.data.files import FileImages
from negcxr.data.pixels import inverted, looks_inverted
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError

NO_FILMS = pytest.mark.skipif(
    not (paths.films() / "Data_Entry_2017_v2020.csv").exists(),
    reason=f"no films in {paths.films()}; set NEGCXR_FILMS to their folder",
)
SHORT, LONG = 3, 4  # TIFF's codes for 16 and 32 bits


def tiff(pixels, photometric, order="<"):
    """A TIFF of one strip, by hand: Pillow writes no inverted one of 16 bits."""
    data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    bits, (height, width) = 8 * pixels.dtype.itemsize, pixels.shape
    entries = {256: width, 257: height, 258: bits, 259: 1, 262: photometric}
    entries |= {273: 8 + 2 + 12 * 9 + 4, 277: 1, 278: height, 279: len(data)}
    head = struct.pack(f"{order}2sHIH", b"II" if order == "<" else b"MM", 42, 8, 9)
    rows = b"".join(
        struct.pack(f"{order}HHI", tag, LONG, 1) + struct.pack(f"{order}I", value)
        if tag in (273, 279)
        else struct.pack(f"{order}HHIHH", tag, SHORT, 1, value, 0)
        for tag, value in entries.items()
    )
    return head + rows + struct.pack(f"{order}I", 0) + data


def opened(tmp_path, data, **words):
    path = tmp_path / "film.tiff"
    path.write_bytes(data)
    return np.asarray(FileImages([path], **words).open(0)).tolist()


@pytest.mark.parametrize(
    ("photometric", "levels"),
    [(1, [0, 64, 255]), (0, [255, 191, 0])],
    ids=["black", "white"],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_that_shows_zero_white_is_turned(tmp_path, dtype, photometric, levels):
    scale = 1 if dtype == np.uint8 else 100
    pixels = np.array([[0, 64 * scale, 255 * scale]], dtype=dtype)
    assert opened(tmp_path, tiff(pixels, photometric)) == [levels]


def test_the_order_of_bytes_does_not_matter(tmp_path):
    pixels = np.array([[0, 6400, 25500]], dtype=np.uint16)
    assert opened(tmp_path, tiff(pixels, 1, order=">")) == [[0, 64, 255]]


def test_a_png_of_16_bits_is_stretched(tmp_path):
    path = tmp_path / "film.png"
    Image.fromarray(np.array([[0, 3000, 60000]], np.uint16)).save(path)
    with Image.open(path) as file:
        assert file.mode == "I;16"
    assert np.asarray(FileImages([path]).open(0)).tolist() == [[0, 13, 255]]  # 12.75


@pytest.mark.parametrize("bits", [1, 8])
def test_a_png_of_few_bits_keeps_its_levels(tmp_path, bits):
    path = tmp_path / "film.png"
    image = Image.fromarray(np.array([[0, 255]], np.uint8))
    (image.convert("1") if bits == 1 else image).save(path)
    assert np.asarray(FileImages([path]).open(0)).tolist() == [[0, 255]]


def test_a_file_that_is_named_inverted_is_turned(tmp_path):
    data = tiff(np.array([[0, 64, 255]], np.uint8), photometric=1)
    said = {"photometric": ["MONOCHROME1"]}
    assert opened(tmp_path, data, **said) == [[255, 191, 0]]


def test_words_are_one_a_file(tmp_path):
    with pytest.raises(ValueError, match="2 words for 1 files"):
        FileImages([tmp_path / "a"], photometric=["", ""])


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "film.tiff"
    path.write_bytes(bytes(100))
    monkeypatch.setattr("negcxr.data.files.LARGEST", 99)
    with pytest.raises(InputError, match="film.tiff: 100 bytes; at most 99 are read"):
        FileImages([path]).key(0)


def test_turning_twice_gives_the_film_itself():
    image = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    assert list(inverted(image).tobytes()) == list(range(255, -1, -1))
    assert inverted(inverted(image)).tobytes() == image.tobytes()


def chest(air, tissue):
    """A square of tissue with two lungs and two upper corners of air."""
    levels = np.full((64, 64), tissue, np.uint8)
    levels[:8, :8] = levels[:8, -8:] = air
    levels[16:40, 12:24] = levels[16:40, 40:52] = air
    return Image.fromarray(levels)


def test_bright_air_looks_inverted_and_dark_air_does_not():
    assert looks_inverted(chest(air=200, tissue=60))
    assert not looks_inverted(chest(air=60, tissue=200))


def test_a_picture_of_one_level_does_not_look_inverted():
    assert not looks_inverted(Image.new("L", (40, 50), 128))


def test_drawn_films_do_not_look_inverted_but_when_turned():
    phantoms = load_dataset("phantoms", n_images=40)
    pictures = [phantoms.images.open(row) for row in range(40)]
    assert sum(looks_inverted(picture) for picture in pictures) == 0
    assert sum(looks_inverted(inverted(picture)) for picture in pictures) == 40


@pytest.mark.films
@NO_FILMS
def test_of_660_films_one_looks_inverted_and_when_turned_659_do():
    films = load_dataset("nih", root=str(paths.films()), split="all")
    pictures = [films.images.open(row) for row in range(len(films))]
    assert len(pictures) == 660
    assert sum(looks_inverted(picture) for picture in pictures) == 1
    assert sum(looks_inverted(inverted(picture)) for picture in pictures) == 659
