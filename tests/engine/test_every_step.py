"""A study killed before each of its writes in turn, or out of space: the next call goes on.

Where a file of the name asked is about to be put in place, all processes of the study are
killed together.
"""

import json
import os
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from negcxr.errors import InputError
from negcxr.rowcache import RowCache

pytestmark = pytest.mark.slow
KILLER = """
import os, signal

place = os.replace

def watched(source, target, **more):
    root = os.environ.get("KILL_BELOW", "")
    name = os.path.relpath(os.path.abspath(target), root or None)
    if not root or not name.startswith(("results/tiny/", "book/")):
        return place(source, target, **more)
    if name == os.environ["KILL_AT"]:
        import psutil
        for process in psutil.process_iter():
            try:
                ours = process.environ().get("KILL_AT") == name
            except psutil.Error:
                continue
            if ours and process.pid != os.getpid():
                process.kill()
        os.kill(os.getpid(), signal.SIGKILL)
    place(source, target, **more)
    with open(os.path.join(root, "placed"), "a") as file:
        file.write(name + "\\n")

os.replace = watched
"""
BEGUN = ["results/tiny/run.yml"]
BEGUN += [f"results/tiny/parameters/{job}.json" for job in ("10_first", "11_second")]
RESULT = ("results/tiny/{}.seeds.parquet", "results/tiny/{}.json")
ENGINES = {
    "work": (
        ("work", "--params", "params/tiny.yml"),
        (*RESULT, "book/executed/tiny/{}.ipynb", "results/tiny/done/{}.txt"),
    ),
    "snakemake": (
        ("run", "--params", "params/tiny.yml", "--no-book", "--cores", "1"),
        (*RESULT, "book/executed/tiny/{}.ipynb"),
    ),
}


def left(project):
    """What a run left, but for when and how long; a file that is broken fails here."""
    found = {}
    for path in sorted((project / "results" / "tiny").glob("*.json")):
        result = json.loads(path.read_text("utf-8"))
        for differs in ("started", "seconds"):
            result["provenance"].pop(differs)
        found[path.name] = result
        for table in result["tables"].values():
            found[table] = pd.read_parquet(path.with_name(table)).to_dict("list")
    for path in sorted((project / "book" / "executed" / "tiny").glob("*.ipynb")):
        found[path.name] = path.read_bytes()
        json.loads(found[path.name])
    return found


def cleared(project):
    for folder in ("results/tiny", "book/executed", ".snakemake"):
        shutil.rmtree(project / folder, ignore_errors=True)
    (project / "placed").unlink(missing_ok=True)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request, project, negcxr):
    """A call of an engine, its writes in order, and what it leaves if undisturbed."""
    (project / "lib" / "sitecustomize.py").write_text(KILLER)
    call, written = ENGINES[request.param]
    writes = [name.format(job) for job in ("10_first", "11_second") for name in written]
    cleared(project)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KILL_BELOW", str(project))
        patch.setenv("KILL_AT", "none")
        code, said = negcxr(*call)
    assert code == 0, said
    assert (project / "placed").read_text().splitlines() == [*BEGUN, *writes]
    return call, writes, left(project)


def test_whatever_write_it_was_killed_at_the_next_call_goes_on_and_all_ends_the_same(
    engine, project, negcxr, monkeypatch
):
    call, writes, whole = engine
    cleared(project)
    monkeypatch.setenv("KILL_BELOW", str(project))
    for name in (*BEGUN, *writes, "none"):
        placed = project / "placed"
        before = placed.read_text().splitlines() if placed.is_file() else []
        monkeypatch.setenv("KILL_AT", name)
        code, said = negcxr(*call)
        assert (code == 0) == (name == "none"), (name, said)
        for job, last in (("10_first", len(writes) // 2 - 1), ("11_second", -1)):
            if writes[last] in before:  # this job was done, and is not begun again
                assert f"tiny/{job}: begins" not in said
    assert left(project) == whole


@pytest.fixture
def small_disk(project):
    """Mounts a disk of some KiB on the results; ends with it gone."""
    results = project / "results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(results)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk, and not in every container")
    yield results
    subprocess.run(["umount", "--lazy", str(results)], check=True)


def fill(folder, *, leaving):
    """Fill a disk but for some pages of 4 KiB."""
    disk = os.statvfs(folder)
    (folder / "ballast").write_bytes(bytes((disk.f_bfree - leaving) * disk.f_bsize))


@pytest.mark.parametrize("leaving", [0, 3, 6])
def test_a_full_disk_is_told_in_one_line_and_once_there_is_room_it_goes_on(
    leaving, engine, project, negcxr, small_disk
):
    call, _, whole = engine
    for folder in ("book/executed", ".snakemake"):
        shutil.rmtree(project / folder, ignore_errors=True)
    fill(small_disk, leaving=leaving)
    code, said = negcxr(*call)
    assert code == 1, said
    assert "No space left on device" in said
    assert "Traceback" not in said
    left(project)  # nothing that is there is cut
    (small_disk / "ballast").unlink()
    code, said = negcxr(*call)
    assert code == 0, said
    assert left(project) == whole


def test_a_cache_on_a_full_disk_is_refused_and_takes_rows_once_there_is_room(small_disk):
    cache = RowCache(small_disk / "rows.sqlite", dim=512)
    rng = np.random.default_rng(0)
    rows = {f"{n:032d}": rng.random(512, dtype=np.float32) for n in range(20)}
    cache.write(dict([*rows.items()][:2]))
    fill(small_disk, leaving=2)
    with pytest.raises(InputError, match="the cache cannot be used .*full"):
        cache.write(rows)
    assert cache.read([*rows]).keys() == {*[*rows][:2]}
    (small_disk / "ballast").unlink()
    cache.write(rows)
    assert cache.read([*rows]).keys() == rows.keys()
