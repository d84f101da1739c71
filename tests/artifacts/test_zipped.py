"""A zip is of our form, to the byte; what it unfolds into is counted as it comes."""

import hashlib
import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib

import pytest
from tests.artifacts import made

from negcxr.artifacts import entry, zipped
from negcxr.artifacts.form import CRATE, RESULTS
from negcxr.errors import InputError

MIB = 1024 * 1024


@pytest.fixture
def whole(folder, tmp_path):
    """The zip of an artifact."""
    return made.zipped(folder, tmp_path / "gpu-seeds.zip")


def refused(path, said):
    folder = path.parent / f"out-{os.urandom(4).hex()}"
    folder.mkdir()
    with pytest.raises(InputError, match=said) as error:
        zipped.unpack(path, folder)
    assert "\n" not in str(error.value)
    assert not [*path.parent.glob("escaped*")]


def packed(path, entries, *, more=b""):
    """A zip of our form of any entries: name, bytes as they lie there, size and sum."""
    body, lines = b"", b""
    for name, content, size, crc in entries:
        one = entry.Entry(name, crc, len(content), size, 8, len(body))
        body += one.local + content
        lines += one.central
    body += more
    end = struct.pack(
        "<4s4H2LH",
        *(b"PK\x05\x06", 0, 0, len(entries), len(entries), len(lines), len(body)),
        len(zipped.SAYS) + 64,
    )
    whole = body + lines + end + zipped.SAYS
    path.write_bytes(whole + hashlib.sha256(whole).hexdigest().encode())
    return path


def deflated(content):
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(content) + stream.flush()


def honest(name, content=b"{}"):
    return name, deflated(content), len(content), zlib.crc32(content)


def test_a_zip_unpacks_to_what_was_packed(whole, folder, tmp_path):
    (tmp_path / "out").mkdir()
    zipped.unpack(whole, tmp_path / "out")
    assert made.tree(tmp_path / "out") == made.tree(folder)


def test_other_programs_can_read_it(whole):
    with zipfile.ZipFile(whole) as file:
        assert file.testzip() is None
        assert file.namelist()[0] == CRATE


def test_every_single_byte_counts(whole):
    content = whole.read_bytes()
    for place in range(0, len(content), 37):
        whole.write_bytes(
            content[:place] + bytes([content[place] ^ 16]) + content[place + 1 :]
        )
        with whole.open("rb") as file, pytest.raises(InputError):
            zipped._entries(file, len(content), "a")
    for cut in (0, 1, 10, 85, 86, 87, 200, len(content) - 1):
        whole.write_bytes(content[:cut])
        refused(whole, "no zip of an artifact|or cut off")
    whole.write_bytes(content + b"\n")
    refused(whole, "or cut off")


@pytest.mark.parametrize(
    "name",
    [
        *("../escaped.json", "web/../../escaped.json", "/tmp/escaped.json", "web//a.json"),
        *("..\\escaped.json", "web\\a.json", "C:\\a.json", "C:/a.json", "//host/a.json"),
        *("web/a.json\x00.txt", "web/CON.json", "web/a.json.", "web/ a.json", "web/", "a"),
        *("web/.hidden.json", "~/a.json", "web/a/b/c/d.json", "web/a.exe", "web/a:b.json"),
        *("web/" + "a" * 300 + ".json", "./web/a.json", "web/./a.json"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    path = packed(tmp_path / "a.zip", [honest(CRATE), honest(name), honest("web/b.json")])
    refused(path, "no name of the form|no file of an artifact|files of no artifact")


def test_names_beyond_ascii_are_refused(tmp_path):
    path = packed(tmp_path / "a.zip", [honest(CRATE), honest("web/b.json")])
    content = path.read_bytes().replace(b"web/b", b"w\xc3\xa9/b")
    body = content[:-64]
    path.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
    refused(path, "an entry that artifacts do not have")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["web/a.json", "web/a.json"], "is there twice"),
        (["web/a.json", "web/A.json"], "by case alone"),
        (["web/a.json", "Web/b.json"], "by case alone"),
        ([f"{CRATE}/a.json", "web/a.json"], "bears the crate's name"),
        ([CRATE, "web/a.json"], "holds no crate|is there twice|files of no artifact"),
    ],
)
def test_names_that_are_there_twice_are_refused(tmp_path, names, said):
    refused(packed(tmp_path / "a.zip", [honest(CRATE), *map(honest, names)]), said)


def test_a_zip_without_a_crate_is_refused(tmp_path):
    refused(packed(tmp_path / "a.zip", [honest("web/a.json")]), "holds no crate")


def test_more_files_than_an_artifact_has_are_refused(tmp_path):
    many = [honest(f"web/{n}.json") for n in range(RESULTS.files + 1)]
    refused(packed(tmp_path / "a.zip", [honest(CRATE), *many]), "5,001 files; at most")


def lying(name, content, size=None, crc=None, cut=None):
    """An entry whose header says another size or sum than its bytes have."""
    size = len(content) if size is None else size
    return name, deflated(content)[:cut], size, zlib.crc32(content) if crc is None else crc


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: lying("web/a.json", b"a" * 3000, size=2000), "other bytes than it says"),
        (lambda: lying("web/a.json", b"a" * 3000, size=4000), "other bytes than it says"),
        (lambda: lying("web/a.json", b"a" * 3000, crc=1), "other bytes than it says"),
        (lambda: lying("web/a.json", b"abc" * 3000, cut=-3), "other bytes than it says"),
        (lambda: ("web/a.json", b"\xff" * 40, 40, 1), "cannot be unpacked"),
        (
            lambda: ("web/a.json", deflated(b"a") + b"more", 1, zlib.crc32(b"a")),
            "other byt",
        ),
        (lambda: lying("web/a.json", b"\0" * 8 * MIB), "unfolds more than 200 times"),
        (
            lambda: lying("web/a.json", b"\0" * 64 * MIB, size=900_000),
            "other bytes than it says",
        ),
        (lambda: lying("web/a.json", b"a", size=17 * MIB), "unfolds more than|at most"),
        (lambda: lying("web/a.json", b"a", size=300 * MIB), "at most 16,777,216 and 268"),
        (lambda: lying("web/a.json", b"a", size=2**32 - 1), "at most 16,777,216 and 268"),
    ],
    ids=[
        *("more", "less", "sum", "cut off", "no stream", "bytes after", "a bomb"),
        *("a bomb that lies", "a file too large", "all too large", "the largest"),
    ],
)
def test_a_file_that_unfolds_otherwise_than_it_says_is_refused(tmp_path, make, said):
    refused(packed(tmp_path / "a.zip", [honest(CRATE), make()]), said)


def test_a_zip_above_the_limit_is_refused(tmp_path):
    big = os.urandom(5 * MIB)
    files = [honest(f"web/{n}.json", big) for n in range(4)]
    refused(packed(tmp_path / "a.zip", [honest(CRATE), *files]), "at most 16,777,216")


def test_bytes_that_belong_to_no_file_are_refused(tmp_path):
    two = [honest(CRATE), honest("web/a.json")]
    refused(packed(tmp_path / "a.zip", two, more=b"hidden"), "bytes that belong to no file")


def by_another(path, change):
    """A zip by the standard library, with one entry changed and our comment after it."""
    with zipfile.ZipFile(path, "w") as file:
        for name in (CRATE, "web/a.json"):
            one = zipfile.ZipInfo(name, entry.TIME)
            one.create_system, one.external_attr = 3, entry.MODE << 16
            one.compress_type = zipfile.ZIP_DEFLATED
            if name != CRATE:
                change(one)
            file.writestr(one, "{}", compresslevel=9)
        file.comment = zipped.SAYS + b"0" * 64
    body = path.read_bytes()[:-64]
    path.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
    return path


def setting(**values):
    def change(one):
        for name, value in values.items():
            setattr(one, name, value)

    return change


@pytest.mark.parametrize(
    "change",
    [
        setting(external_attr=(stat.S_IFLNK | 0o777) << 16),
        setting(external_attr=(stat.S_IFBLK | 0o666) << 16),
        setting(external_attr=0o104755 << 16),
        setting(create_system=0),
        setting(compress_type=zipfile.ZIP_STORED),
        setting(compress_type=zipfile.ZIP_LZMA),
        setting(date_time=(2026, 1, 1, 0, 0, 0)),
        setting(extra=b"\x01\x00\x00\x00"),
        setting(comment=b"hidden"),
        setting(internal_attr=1),
    ],
    ids=[
        *("a link", "a device", "setuid", "DOS", "stored", "LZMA", "a time", "extra"),
        *("a comment", "text"),
    ],
)
def test_entries_that_artifacts_do_not_have_are_refused(tmp_path, change):
    path = by_another(tmp_path / "a.zip", change)
    refused(path, "an entry that artifacts do not have")


def test_a_plain_zip_of_the_same_files_is_told_from_ours(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for path in folder.rglob("*.json"):
            file.write(path, path.relative_to(folder))
    refused(tmp_path / "a.zip", "if another program packed it, unpack it and verify")


def test_other_archives_are_refused(folder, tmp_path):
    with tarfile.open(tmp_path / "a.zip", "w:gz") as file:
        file.add(folder, "gpu-seeds")
    refused(tmp_path / "a.zip", "not a zip that")


def test_two_headers_that_differ_are_refused(whole):
    content = bytearray(whole.read_bytes())
    place = content.index(b"web/10_tiny.json")
    content[place : place + 16] = b"web/10_tinx.json"  # in the first header alone
    body = bytes(content[:-64])
    whole.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
    refused(whole, "two headers that differ")


def test_a_zip_is_written_in_one_way_whatever_the_order_of_names(folder):
    names = [p.relative_to(folder).as_posix() for p in (folder / "web").iterdir()]
    one, other = io.BytesIO(), io.BytesIO()
    zipped.write_zip(folder, sorted(names), one)
    zipped.write_zip(folder, sorted(names, reverse=True), other)
    assert one.getvalue() == other.getvalue()
