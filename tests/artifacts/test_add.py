"""Artifacts that are brought in: whole or not at all, and never over another one."""

import json
import signal
import subprocess
import sys
import textwrap

import pytest
from tests.artifacts import made

from negcxr.artifacts import staging
from negcxr.artifacts.add import add
from negcxr.artifacts.form import CRATE
from negcxr.artifacts.graph import LATER
from negcxr.artifacts.verify import verify_kept
from negcxr.errors import InputError


@pytest.fixture(params=["folder", "zip"])
def source(request, folder, tmp_path):
    """An artifact from elsewhere, as a folder and as a zip."""
    if request.param == "folder":
        return folder
    return made.zipped(folder, tmp_path / "gpu-seeds.zip")


def test_what_is_added_is_what_was_packed(source, home, folder):
    added = add(source, home)
    assert (added.folder, added.said) == (home / "gpu-seeds", "added")
    assert made.tree(added.folder) == made.tree(folder)
    assert {p.name for p in home.iterdir()} == {"cpu-other", "gpu-seeds"}


def test_the_same_again_changes_nothing(source, home):
    add(source, home)
    before = made.tree(home)
    assert add(source, home).said == "there already"
    assert made.tree(home) == before


def test_what_does_not_verify_leaves_all_as_it_was(source, home, folder, tmp_path):
    path = folder / "web" / "10_tiny.json"
    path.write_text(path.read_text().replace("0.1.0", "0.2.0"))
    if source.is_file():
        made.zipped(folder, source)
    before = made.tree(home)
    with pytest.raises(InputError, match="web/10_tiny.json: changed"):
        add(source, home)
    assert made.tree(home) == before


def test_another_artifact_of_the_name_is_refused_with_what_differs(source, home, folder):
    add(source, home)
    before = made.tree(home)
    made.write_run(folder, "web", "10_tiny", value=2.0)
    made.sealed(folder)
    if source.is_file():
        made.zipped(folder, source)
    with pytest.raises(
        InputError, match="gpu-seeds/web/10_tiny.json: differs from the one"
    ):
        add(source, home)
    assert made.tree(home) == before


def test_an_artifact_is_not_added_beside_one_that_is_damaged(source, home):
    path = add(source, home).folder / "web" / "10_tiny.json"
    path.write_text(path.read_text() + " ")
    before = made.tree(home)
    with pytest.raises(InputError, match="web/10_tiny.json: .* bytes; its crate says"):
        add(source, home)
    assert made.tree(home) == before


def test_runs_that_lie_there_without_a_crate_are_not_touched(source, home):
    (add(source, home).folder / CRATE).unlink()
    before = made.tree(home)
    with pytest.raises(
        InputError, match="without a crate; 'negcxr artifact seal gpu-seeds'"
    ):
        add(source, home)
    assert made.tree(home) == before


def test_a_name_that_differs_by_case_from_one_that_is_there_is_refused(home, tmp_path):
    other = made.artifact(tmp_path / "elsewhere", "CPU-other")
    with pytest.raises(InputError, match="differs from 'cpu-other' by case alone"):
        add(other, home)


def test_what_is_neither_folder_nor_zip_is_refused(home, tmp_path):
    with pytest.raises(InputError, match="none: neither an artifact's folder nor its zip"):
        add(tmp_path / "none", home)


def test_two_commands_do_not_work_in_one_folder(home, folder):
    with staging.staged(home), pytest.raises(InputError, match="another 'negcxr artifact'"):
        add(folder, home)


def test_files_that_are_added_can_be_read_by_all_and_written_by_their_owner(source, home):
    added = add(source, home).folder
    modes = {oct(path.stat().st_mode & 0o777) for path in added.rglob("*.json")}
    assert modes == {"0o644"}


@pytest.mark.parametrize("exchange", [True, False], ids=["exchanged", "set aside"])
def test_an_older_one_and_its_successor_change_places(home, folder, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(staging, "EXCHANGE", {})
    made.artifact(home, web=("10_tiny",))
    assert add(folder, home).said == "united with what was there"
    assert len(verify_kept(home / "gpu-seeds").files) == 6
    assert {p.name for p in home.iterdir()} == {"cpu-other", "gpu-seeds"}


def test_what_was_set_aside_when_a_command_was_killed_is_put_back(home, folder):
    add(folder, home)
    before = made.tree(home)
    (home / "gpu-seeds").rename(home / ".aside-gpu-seeds")
    (home / ".made-x").mkdir()
    assert add(folder, home).said == "there already"
    assert made.tree(home) == before


KILLED = """
    import json, os, shutil, signal, sys
    from pathlib import Path
    from negcxr.artifacts import add, staging

    source, old, trials = map(Path, sys.argv[1:4])
    if sys.argv[4] == "aside":
        staging.EXCHANGE = {}
    step = {"at": -1, "now": 0}

    def counted(event, arguments):
        watched = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "open")
        if step["at"] >= 0 and event in watched and str(trials) in str(arguments[0]):
            step["now"] += 1
            if step["now"] > step["at"]:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(counted)
    ends = []
    while not ends or ends[-1]:
        trial = trials / str(len(ends))
        shutil.copytree(old, trial)
        child = os.fork()
        if not child:
            step["at"] = STEP * len(ends)
            add.add(source, trial)
            os._exit(0)
        ends.append(os.waitpid(child, 0)[1])
    print(json.dumps(ends))
"""


@pytest.mark.parametrize("way", ["exchanged", "aside"])
def test_a_command_killed_at_any_step_leaves_old_or_new_and_no_half(
    home, folder, tmp_path, way
):
    """Each touch of the file system below ``artifacts/`` is a step; every 4th is tried."""
    made.artifact(home, web=("10_tiny",))
    for there in (folder, home / "gpu-seeds"):
        for path in there.rglob("*.ipynb"):  # they take seconds to look into
            path.unlink()
        made.sealed(there)
    trials, script = tmp_path / "trials", tmp_path / "killed.py"
    trials.mkdir()
    script.write_text(textwrap.dedent(KILLED).replace("STEP", "4"))
    call = [sys.executable, str(script), str(folder), str(home), str(trials), way]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    ends = json.loads(done.stdout)
    assert len(ends) > 10
    assert {*ends[:-1]} == {signal.SIGKILL}
    old, new = made.tree(home), made.tree(trials / str(len(ends) - 1))
    for trial in sorted(trials.iterdir()):
        tree = made.tree(trial)
        seen = {path: one for path, one in tree.items() if not path.startswith(".")}
        aside = (trial / ".aside-gpu-seeds").is_dir()
        assert seen in (old, new) or (way == "aside" and aside), trial
    for trial in (trials / str(n) for n in range(0, len(ends), 9)):
        add(folder, trial)
        assert made.tree(trial) == new


def merged(home, *sources):
    for source in sources:
        add(source, home)
    return made.tree(home)


@pytest.fixture
def parts(tmp_path):
    """Parts of one artifact: another seed, another chapter, and what both have."""
    return [
        made.artifact(tmp_path / "a", web=("10_tiny",), seed1=("10_tiny",)),
        made.artifact(tmp_path / "b", web=("10_tiny", "20_con1")),
        made.artifact(tmp_path / "c", seed2=("10_tiny",)),
    ]


def test_the_order_of_parts_does_not_matter(parts, tmp_path):
    a, b, c = parts
    first = merged(tmp_path / "1", a, b, c)
    assert merged(tmp_path / "2", c, b, a) == first
    assert merged(tmp_path / "3", b, a, c) == first


def test_a_part_again_changes_nothing(parts, tmp_path):
    once = merged(tmp_path / "1", *parts)
    assert merged(tmp_path / "1", *parts, *parts) == once


def test_it_does_not_matter_which_parts_were_united_before(parts, tmp_path):
    a, b, c = parts
    merged(tmp_path / "bc", b, c)
    assert merged(tmp_path / "1", a, tmp_path / "bc" / "gpu-seeds") == merged(
        tmp_path / "2", a, b, c
    )


def test_parts_are_united_with_every_file_of_both(parts, tmp_path):
    merged(tmp_path / "1", *parts)
    results = made.tree(tmp_path / "1" / "gpu-seeds")
    jobs = {"web/10_tiny", "web/20_con1", "seed1/10_tiny", "seed2/10_tiny"}
    assert {f"{job}.json" for job in jobs} <= {*results}
    verify_kept(tmp_path / "1" / "gpu-seeds")


def test_a_notebook_is_laid_beside_its_result(parts, tmp_path):
    bare = made.copied(parts[1], tmp_path / "bare" / "gpu-seeds")
    for path in bare.rglob("*.ipynb"):
        path.unlink()
    made.sealed(bare)
    merged(tmp_path / "1", bare)
    add(parts[1], tmp_path / "1")
    assert (tmp_path / "1" / "gpu-seeds" / "web" / "10_tiny.ipynb").is_file()


def test_a_part_that_was_sealed_later_makes_the_whole_so(parts, tmp_path):
    later = made.sealed(parts[2], LATER, "2026-05-06")
    for order in ((parts[0], later), (later, parts[0])):
        home = tmp_path / str(order[0] == later)
        merged(home, *order)
        seal = verify_kept(home / "gpu-seeds").seal
        assert (seal.status, seal.date) == (LATER, "2026-05-06")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"checkpoint": "other"}, "is of checkpoint 'other', and the one .* of 'weights'"),
        ({"policy": "explicit"}, None),
    ],
    ids=["another checkpoint", "a policy that the other does not name"],
)
def test_a_run_of_another_checkpoint_is_not_put_beside(tmp_path, asked, said):
    one = made.artifact(tmp_path / "a", web=("10_tiny",))
    other = made.write_run(tmp_path / "b" / "gpu-seeds", "web", "11_own", **asked)
    made.sealed(other)
    add(one, tmp_path / "home")
    if said is None:
        assert add(other, tmp_path / "home").said == "united with what was there"
    else:
        with pytest.raises(InputError, match=said):
            add(other, tmp_path / "home")


def test_a_run_of_other_weights_by_the_same_name_is_not_put_beside(tmp_path):
    one = made.artifact(tmp_path / "a", web=("10_tiny",))
    other = made.write_run(tmp_path / "b" / "gpu-seeds", "web", "11_own")
    path = other / "web" / "11_own.json"
    path.write_text(path.read_text().replace("c" * 64, "d" * 64))
    made.sealed(other)
    add(one, tmp_path / "home")
    with pytest.raises(InputError, match="is of checkpoint 'weights', fingerprint 'dddd"):
        add(other, tmp_path / "home")
