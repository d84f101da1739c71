"""Any damage is noticed, and none harms what was there: hundreds of seeded changes."""

import random

import pytest
from tests.artifacts import made

from negcxr.artifacts.add import add
from negcxr.artifacts.form import CRATE
from negcxr.errors import InputError

TRIALS = 120


def flip(rng, content):
    place = rng.randrange(len(content))
    changed = bytes([content[place] ^ (1 << rng.randrange(8))])
    return content[:place] + changed + content[place + 1 :]


def cut(rng, content):
    return content[: rng.randrange(len(content))]


def grow(rng, content):
    place = rng.randrange(len(content) + 1)
    return content[:place] + rng.randbytes(rng.randrange(1, 9)) + content[place:]


def swap(rng, content):
    one, other = sorted(rng.sample(range(len(content)), 2))
    middle = content[one:other]
    return content[:one] + middle[::-1] + content[other:]


def change_bytes(rng, path):
    content = path.read_bytes()
    changed = rng.choice((flip, cut, grow, swap))(rng, content)
    path.write_bytes(changed)
    return changed != content


def change_names(rng, folder):
    """Rename, move, copy, drop or link a file."""
    path = rng.choice(sorted(p for p in folder.rglob("*") if p.is_file()))
    names = ["Web", "web2", "..", "10_TINY.json", "x.json", ".x", "a b.json", CRATE]
    other = path.with_name(rng.choice(names))
    kind = rng.randrange(5)
    if kind == 0 or other.exists():
        path.unlink()
    elif kind == 1:
        path.rename(other)
    elif kind == 2:
        other.write_bytes(path.read_bytes())
    elif kind == 3:
        other.symlink_to(path)
    else:
        path.rename(folder.parent / "aside")
        path.symlink_to(folder.parent / "aside")
    return True


def refuse(source, home, before, what):
    try:
        add(source, home)
    except InputError as error:
        assert "\n" not in str(error), what
    else:
        pytest.fail(f"accepted: {what}")
    assert made.tree(home) == before, what


def test_a_damaged_folder_is_never_accepted_and_harms_nothing(folder, home, tmp_path):
    rng, before = random.Random(0), made.tree(home)
    files = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    for trial in range(TRIALS):
        copy = made.copied(folder, tmp_path / str(trial) / folder.name)
        if rng.random() < 0.6:
            changed = change_bytes(rng, copy / rng.choice(files))
        else:
            changed = change_names(rng, copy)
        if changed:
            refuse(copy, home, before, f"trial {trial}")


def test_a_damaged_zip_is_never_accepted_and_harms_nothing(folder, home, tmp_path):
    rng, before = random.Random(1), made.tree(home)
    whole = made.zipped(folder, tmp_path / "a.zip").read_bytes()
    path = tmp_path / "b.zip"
    for trial in range(3 * TRIALS):
        path.write_bytes(whole)
        if change_bytes(rng, path):
            refuse(path, home, before, f"trial {trial}")


def test_a_zip_whose_sum_was_made_anew_is_never_accepted(folder, home, tmp_path):
    """As somebody would who knows the form: any change within, and the right sum after."""
    from hashlib import sha256

    rng, before = random.Random(2), made.tree(home)
    whole = made.zipped(folder, tmp_path / "a.zip").read_bytes()
    path = tmp_path / "b.zip"
    for trial in range(3 * TRIALS):
        body = whole[:-64]
        changed = rng.choice((flip, grow, swap))(rng, body)
        if changed == body:
            continue
        path.write_bytes(changed + sha256(changed).hexdigest().encode())
        refuse(path, home, before, f"trial {trial}")


def test_a_damaged_artifact_that_is_there_is_neither_mended_nor_overwritten(
    folder, home, tmp_path
):
    rng = random.Random(3)
    for trial in range(20):
        place = made.copied(home, tmp_path / str(trial))
        there = made.copied(folder, place / folder.name)
        files = sorted(p for p in there.rglob("*") if p.is_file())
        if change_bytes(rng, rng.choice(files)):
            refuse(folder, place, made.tree(place), f"trial {trial}")
