"""The file that keeps which revision of a hub's checkpoint is measured."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from negcxr import paths
from negcxr.errors import InputError
from negcxr.models.hub_lock import agreed, hold, pins

A, B = "a" * 40, "b" * 40
WEIGHTS = {"model.safetensors": "1" * 64}


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """The file's path in an empty project."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    return tmp_path / "checkpoints" / "hub.lock.json"


def test_where_nothing_is_kept_what_is_asked_for_is_used():
    assert (agreed("lab/model"), agreed("lab/model", A)) == ("", A)


def test_what_is_kept_is_used():
    hold("lab/model", A, WEIGHTS)
    assert agreed("lab/model") == A


def test_what_is_kept_says_nothing_of_another_name():
    hold("lab/model", A, WEIGHTS)
    assert agreed("lab/other", B) == B


def test_the_file_can_be_read_by_hand(file):
    hold("lab/model", B, WEIGHTS)
    hold("lab/first", A, WEIGHTS)
    assert file.read_text() == (
        "{\n"
        '  "lab/first": {\n'
        f'    "revision": "{A}",\n'
        '    "weights": {\n'
        f'      "model.safetensors": "{"1" * 64}"\n'
        "    }\n"
        "  },\n"
        '  "lab/model": {\n'
        f'    "revision": "{B}",\n'
        '    "weights": {\n'
        f'      "model.safetensors": "{"1" * 64}"\n'
        "    }\n"
        "  }\n"
        "}\n"
    )


def test_the_same_again_leaves_the_file_alone(file):
    hold("lab/model", A, WEIGHTS)
    before = file.stat().st_mtime_ns
    hold("lab/model", A, WEIGHTS)
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("revision", "weights", "said"),
    [
        (B, WEIGHTS, f"found revision {B}, but .* keeps revision {A}; to change"),
        (A, {"model.safetensors": "2" * 64}, f"SHA-256 {'2' * 64}, but .* {'1' * 64}; to"),
        (
            A,
            WEIGHTS | {"more.safetensors": "2" * 64},
            "more.safe.* keeps SHA-256 none",
        ),
        (A, {"more.safetensors": "1" * 64}, "model.safetensors has SHA-256 none, but"),
    ],
)
def test_anything_else_is_refused_and_not_written(revision, weights, said):
    hold("lab/model", A, WEIGHTS)
    with pytest.raises(InputError, match=said):
        hold("lab/model", revision, weights)
    assert agreed("lab/model") == A


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be used .Invalid JSON"),
        ('{"lab/model": {"revision": "main", "weights": {}}}', "lab/model.revision: "),
        ('{"lab/model": {}}', "lab/model.revision: field required"),
    ],
)
def test_a_damaged_file_is_named(file, content, said):
    file.parent.mkdir()
    file.write_text(content)
    with pytest.raises(InputError, match=f"hub.lock.json: .*{said}"):
        pins()


def test_many_at_once_lose_nothing(file):
    names = [f"lab/model-{number:02}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: hold(name, A, WEIGHTS), names))
    assert list(json.loads(file.read_text())) == names


def test_a_folder_that_cannot_be_written_is_told(file):
    file.parent.write_text("no folder")
    with pytest.raises(
        InputError, match=r"hub.lock.json: cannot be written \(.*\); allowed"
    ):
        hold("lab/model", A, WEIGHTS)


def test_where_there_is_no_lock_a_checkpoint_of_the_hub_is_refused_in_one_line(
    file, monkeypatch
):
    monkeypatch.setitem(sys.modules, "fcntl", None)  # as on Windows
    line = "hub.lock.json: cannot be locked on this system, .*; allowed: Linux or macOS, or"
    with pytest.raises(InputError, match=line):
        hold("lab/model", A, WEIGHTS)
    assert not file.exists()


def test_where_there_is_no_lock_what_is_kept_already_is_used(monkeypatch):
    hold("lab/model", A, WEIGHTS)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    hold("lab/model", A, WEIGHTS)
    assert agreed("lab/model") == A


def test_a_module_that_reads_checkpoints_needs_nothing_of_one_system_alone():
    code = (
        "import sys; sys.modules |= {'fcntl': None, 'resource': None}\n"
        "import negcxr.models.checkpoint, negcxr.models.ledger, negcxr.provenance"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
