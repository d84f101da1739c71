"""The first artifact of a name, its command killed at every step: none, or the whole.

Each change to the file system below a trial's folder is a step; the file that was written
last when the command was killed is cut in half.
"""

import subprocess
import sys
import textwrap

import pytest
from tests.artifacts import made

from negcxr.artifacts.form import CRATE
from negcxr.artifacts.listing import list_artifacts
from negcxr.artifacts.verify import verify_folder, verify_kept

KILLED = """
    import os, shutil, signal, sys
    from datetime import date
    from pathlib import Path
    from negcxr import packing, paths
    from negcxr.artifacts.add import add
    from negcxr.artifacts.sealing import seal_folder

    root = Path(sys.argv[1])
    paths.ROOT = root / "project"
    paths.RESULTS = paths.ROOT / "results"

    def pack(at, packed=None):
        packing.pack(["web"], "gpu-seeds", home=at / "artifacts", packed=packed)

    WAYS = {
        "pack": pack,
        "pack with its zip": lambda at: pack(at, at / "seeds.zip"),
        "add": lambda at: add(root / "elsewhere" / "gpu-seeds", at / "artifacts"),
        "add a zip": lambda at: add(root / "gpu-seeds.zip", at / "artifacts"),
        "seal": lambda at: seal_folder(at / "artifacts" / "gpu-seeds", date(2026, 1, 3)),
    }
    TOUCHES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "open")
    step = {"at": -1, "now": 0, "writes": ""}

    def counted(event, arguments):
        ours = event in TOUCHES and str(arguments[0]).startswith(str(root))
        if step["at"] < 0 or not ours:
            return
        if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
            return
        step["now"] += 1
        if step["now"] > step["at"]:
            if os.path.isfile(step["writes"]):
                os.truncate(step["writes"], os.path.getsize(step["writes"]) // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        if event == "open":
            step["writes"] = arguments[0]

    sys.addaudithook(counted)
    for way, act in WAYS.items():
        begun = root / ("unsealed" if way == "seal" else "begun")
        trials, ended = root / "trials" / way, signal.SIGKILL
        # Undisturbed first, so that the trials find loaded what is loaded when needed.
        shutil.copytree(begun, trials / "whole")
        act(trials / "whole")
        while ended:
            trial = trials / f"killed {len([*trials.glob('killed*')])}"
            shutil.copytree(begun, trial)
            child = os.fork()
            if not child:
                step["at"] = int(trial.name.split()[1])
                act(trial)
                os._exit(0)
            ended = os.waitpid(child, 0)[1]
            assert ended in (0, signal.SIGKILL)
            again = trials / trial.name.replace("killed", "again")
            shutil.copytree(trial, again)
            if ended:
                act(again)
"""


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    """Each way's trials, by one process, as what it needs takes seconds to load."""
    root = tmp_path_factory.mktemp("killed")
    made.record(root / "project")
    for job in made.JOBS:
        made.finish(root / "project", job)
    source = made.artifact(root / "elsewhere")
    for path in source.rglob("*.ipynb"):  # they take seconds to look into
        path.unlink()
    made.zipped(made.sealed(source), root / "gpu-seeds.zip")
    for begun in ("begun", "unsealed"):
        made.artifact(root / begun / "artifacts", "cpu-other", other=("11_own",))
    unsealed = made.copied(source, root / "unsealed" / "artifacts" / "gpu-seeds")
    (unsealed / CRATE).unlink()
    script = root / "killed.py"
    script.write_text(textwrap.dedent(KILLED))
    done = subprocess.run([sys.executable, script, root], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return root / "trials"


def seen(trial, thing):
    """The files of a thing but those that begin with a dot, which every reader passes."""
    tree = made.tree(trial)
    shown = (path for path in tree if path.startswith(thing) and "/." not in path)
    return {path: tree[path] for path in shown}


def listed(trial):
    """What the list says of each artifact."""
    table = list_artifacts(trial / "artifacts")
    return {*zip(table["artifact"], table["form"], table["verified"], strict=True)}


@pytest.mark.parametrize("way", ["pack", "pack with its zip", "add", "add a zip", "seal"])
def test_killed_at_any_step_there_is_none_or_the_whole_and_the_same_call_goes_on(
    trials, way
):
    before, whole = trials / way / "killed 0", trials / way / "whole"
    known = {path.name: path for path in (trials / way).iterdir()}
    killed = [name for name in known if name.startswith("killed")]
    assert len(killed) > 3
    for name in killed:
        trial = known[name]
        for thing in ("artifacts/cpu-other", "artifacts/gpu-seeds", "seeds.zip"):
            assert seen(trial, thing) in (seen(before, thing), seen(whole, thing)), name
        assert listed(trial) in (listed(before), listed(whole)), name
        verify_kept(trial / "artifacts" / "cpu-other")
        assert made.tree(known[name.replace("killed", "again")]) == made.tree(whole), name
    verify_folder(whole / "artifacts" / "gpu-seeds")
