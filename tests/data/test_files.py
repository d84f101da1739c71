"""Images in files: what is opened, and what is refused."""

import hashlib

import numpy as np
import pytest
from PIL import Image

from negcxr.data.files import FileImages, find_files, leaves_root
from negcxr.data.pixels import stretch
from negcxr.errors import InputError


def saved(image, path):
    image.save(path)
    return FileImages([path])


def test_an_image_is_opened_in_grey_and_loaded(tmp_path):
    opened = saved(Image.new("L", (5, 3), 77), tmp_path / "a.png").open(0)
    assert (opened.mode, opened.size, opened.getpixel((4, 2))) == ("L", (5, 3), 77)


def test_colour_becomes_luminance(tmp_path):
    opened = saved(Image.new("RGB", (2, 2), (255, 0, 0)), tmp_path / "a.png").open(0)
    assert (opened.mode, opened.getpixel((0, 0))) == ("L", 76)  # 255 x 0.299


@pytest.mark.parametrize(
    ("dtype", "suffix"), [(np.uint16, "png"), (np.int32, "tiff"), (np.float32, "tiff")]
)
def test_more_than_8_bits_are_stretched_from_their_own_range(tmp_path, dtype, suffix):
    pixels = np.array([[1000, 1500, 2000]], dtype=dtype)
    opened = saved(Image.fromarray(pixels), tmp_path / f"a.{suffix}").open(0)
    assert opened.mode == "L"
    assert np.asarray(opened).tolist() == [[0, 128, 255]]


def test_an_8_bit_image_is_not_stretched(tmp_path):
    pixels = np.array([[100, 150]], dtype=np.uint8)
    opened = saved(Image.fromarray(pixels), tmp_path / "a.png").open(0)
    assert np.asarray(opened).tolist() == [[100, 150]]


def test_an_image_of_one_level_is_stretched_to_black():
    assert stretch(np.full((2, 2), 900)).tolist() == [[0, 0], [0, 0]]


def test_pixels_that_are_not_numbers_are_refused(tmp_path):
    images = saved(
        Image.fromarray(np.array([[np.nan, 1]], np.float32)), tmp_path / "a.tiff"
    )
    with pytest.raises(InputError, match="a.tiff: not a readable image .a pixel is not"):
        images.open(0)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused_by_name(tmp_path, png, share):
    path = tmp_path / "cut.png"
    path.write_bytes(png[: int(share * len(png))])
    with pytest.raises(InputError, match="cut.png: not a readable image"):
        FileImages([path]).open(0)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_jpeg_is_refused_by_name(tmp_path, share):
    path = tmp_path / "cut.jpg"
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match="cut.jpg: not a readable image"):
        FileImages([path]).open(0)


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_image_is_refused_by_name(tmp_path, content):
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with pytest.raises(InputError, match="bad.png: not a readable image.*PNG, JPEG, TIFF"):
        FileImages([path]).open(0)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match="gone.png: cannot be read"):
        FileImages([tmp_path / "gone.png"]).open(0)


def test_the_key_is_the_hash_of_the_bytes(tmp_path, png):
    path = tmp_path / "a.png"
    path.write_bytes(png)
    assert FileImages([path]).key(0) == hashlib.sha256(png).hexdigest()


def test_the_key_is_the_same_before_and_after_opening(tmp_path, png):
    path = tmp_path / "a.png"
    path.write_bytes(png)
    opened = FileImages([path])
    opened.open(0)
    assert opened.key(0) == FileImages([path]).key(0)


def test_the_key_names_the_pixels_and_not_the_file(tmp_path, png):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(png)
    images = FileImages([tmp_path / "a.png", tmp_path / "b.png"])
    assert images.key(0) == images.key(1)


def test_files_are_found_in_several_folders(tmp_path):
    for name in ("x/1.png", "y/z/2.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    found = find_files(tmp_path, ["y/z/2.png", "x/1.png"], source="m.csv")
    assert found == [tmp_path / "y/z/2.png", tmp_path / "x/1.png"]


def test_each_folder_is_listed_once(tmp_path, monkeypatch):
    names = [f"{n}.png" for n in range(50)]
    for name in names:
        (tmp_path / name).touch()
    listed = []
    real = __import__("os").scandir
    monkeypatch.setattr("os.scandir", lambda folder: listed.append(folder) or real(folder))
    find_files(tmp_path, names, source="m.csv")
    assert len(listed) == 1


def test_a_file_that_is_not_there_is_named_with_its_row(tmp_path):
    (tmp_path / "1.png").touch()
    with pytest.raises(InputError, match="m.csv, row 3: image 'x/2.png' is not in"):
        find_files(tmp_path, ["1.png", "x/2.png"], source="m.csv")


@pytest.mark.parametrize(
    "name", ["../a.png", "x/../../a.png", "/etc/a.png", "C:\\a.png", "..\\a.png", "\\a.png"]
)
def test_a_path_that_leaves_the_folder_is_refused(tmp_path, name):
    assert leaves_root(name)
    with pytest.raises(InputError, match="m.csv, row 2: image .* leaves"):
        find_files(tmp_path, [name], source="m.csv")


@pytest.mark.parametrize("name", ["a.png", "x/a.png", "./a.png", "a..png", "x y/ä.png"])
def test_an_ordinary_path_stays_in_the_folder(name):
    assert not leaves_root(name)
