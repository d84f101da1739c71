"""The README: its table, and the paths that it names."""

import re
import shutil

import pytest

from negcxr import paths
from negcxr.errors import InputError
from negcxr.readme import BEGIN, END, answer_block, with_block

README = paths.ROOT / "README.md"
KEPT = paths.ARTIFACTS / "cpu-default"


def test_a_block_replaces_what_stood_between_the_marks(tmp_path):
    file = tmp_path / "README.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert with_block(file, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


@pytest.mark.parametrize(
    "text",
    ["no marks", BEGIN, f"{END} {BEGIN}", f"{BEGIN} {BEGIN} {END}", f"{BEGIN} {END} {END}"],
)
def test_a_file_without_both_marks_is_left_alone(tmp_path, text):
    file = tmp_path / "README.md"
    file.write_text(text)
    with pytest.raises(InputError, match="must stand there once, in this order"):
        with_block(file, "new")


def test_the_table_is_that_of_the_kept_results():
    assert with_block(README, answer_block(KEPT)) == README.read_text()


def test_a_run_without_answers_has_no_row(tmp_path):
    (tmp_path / "tuned").mkdir()
    shutil.copytree(KEPT / "default", tmp_path / "default")
    shutil.copy(KEPT / "clinic" / "12_cues.json", tmp_path / "tuned")
    assert answer_block(tmp_path) == answer_block(tmp_path / "default")
    with pytest.raises(InputError, match="tuned: no results with answers"):
        answer_block(tmp_path / "tuned")


def test_every_path_that_is_named_exists():
    named = re.findall(
        r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:yml|md|toml|cff))`", README.read_text()
    )
    made = {"results/", "book/executed/", "_build/html/", ".venv/"}
    missing = [name for name in {*named} - made if not (paths.ROOT / name).exists()]
    assert not missing
