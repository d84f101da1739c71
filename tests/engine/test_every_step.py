"""A study killed at each of its writes in turn, or out of space: the next call ends it.

Every process of the study counts the files that it puts in place, in one file for all. At
the number asked, all of them are killed together, before that file is in place.
"""

import json
import os
import shutil
import subprocess

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.rowcache import RowCache

pytestmark = pytest.mark.slow
KILLER = """
import os, signal

place = os.replace

def counted(source, target, **more):
    if os.environ.get("KILL_AT") and str(target).startswith(os.environ["KILL_BELOW"]):
        with open(os.environ["KILL_COUNT"], "ab") as count:
            count.write(b".")
        if os.path.getsize(os.environ["KILL_COUNT"]) == int(os.environ["KILL_AT"]):
            import psutil
            token = os.environ.get("NEGCXR_OWNER")
            for process in psutil.process_iter():
                try:
                    ours = process.environ().get("KILL_COUNT") == os.environ["KILL_COUNT"]
                except psutil.Error:
                    continue
                if ours and process.pid != os.getpid():
                    process.kill()
            os.kill(os.getpid(), signal.SIGKILL)
    return place(source, target, **more)

os.replace = counted
"""
ENGINES = {
    "work": ("work", "--params", "params/tiny.yml"),
    "snakemake": ("run", "--params", "params/tiny.yml", "--no-book", "--cores", "1"),
}
MOST = 20  # writes of two small notebooks are fewer


def left(project):
    """What a run left, but for when and how long; broken JSON fails here."""
    found = {}
    for path in sorted((project / "results" / "tiny").glob("*.json")):
        result = json.loads(path.read_text("utf-8"))
        for differs in ("started", "seconds"):
            result["provenance"].pop(differs)
        found[path.name] = result
    for path in sorted((project / "book" / "executed" / "tiny").glob("*.ipynb")):
        found[path.name] = path.read_bytes()
        json.loads(found[path.name])
    return found


def cleared(project):
    for folder in ("results/tiny", "book/executed", ".snakemake"):
        shutil.rmtree(project / folder, ignore_errors=True)


def lines(said, end):
    return {line.split(":")[0] for line in said.splitlines() if end in line}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request, project, negcxr):
    """A call of an engine, and what it leaves if nobody disturbs it."""
    (project / "lib" / "sitecustomize.py").write_text(KILLER)
    cleared(project)
    assert negcxr(*ENGINES[request.param])[0] == 0
    return ENGINES[request.param], left(project)


def test_whatever_write_it_was_killed_at_it_ends_with_the_same(
    engine, project, negcxr, monkeypatch
):
    call, whole = engine
    count = project / "count"
    monkeypatch.setenv("KILL_BELOW", str(project))
    monkeypatch.setenv("KILL_COUNT", str(count))
    killed_at = []
    for number in range(1, MOST):
        cleared(project)
        count.unlink(missing_ok=True)
        monkeypatch.setenv("KILL_AT", str(number))
        code, before = negcxr(*call)
        monkeypatch.setenv("KILL_AT", "")
        if code == 0:
            break
        killed_at.append(number)
        code, after = negcxr(*call)
        assert code == 0, (number, after)
        assert left(project) == whole, number
        # A job whose end was told may lack its record yet, but never two of them.
        again = lines(before, ": done in") & lines(after, ": begins")
        assert len(again) <= 1, (number, before, after)
    assert killed_at == [*range(1, len(killed_at) + 1)]
    assert len(killed_at) >= 7  # run.yml, two files of values, and for each job two


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


@pytest.mark.parametrize("leaving", [0, 2, 4, 6, 8])
def test_a_full_disk_is_told_in_one_line_and_once_there_is_room_it_goes_on(
    leaving, engine, project, negcxr, small_disk
):
    call, whole = engine
    cleared_results = [project / "book" / "executed", project / ".snakemake"]
    for folder in cleared_results:
        shutil.rmtree(folder, ignore_errors=True)
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
