"""Tables as large as MIMIC-CXR-JPG's: how much work and memory reading them takes."""

import re
import runpy
import subprocess
import sys

import pytest

from negcxr import paths

SCRIPT = paths.ROOT / "benchmarks" / "reading.py"
MOST_WORK, MOST_MIB = 20, 2048  # seconds of one core; a busy machine does not add to them
TOLD = re.compile(r"every view: (\d+) rows, .*\((.*) s of work\), peak (\d+) MiB")


@pytest.mark.slow
def test_the_whole_tables_are_read_in_seconds_and_little_memory(tmp_path):
    runpy.run_path(str(SCRIPT))["_write"](tmp_path)
    command = [sys.executable, str(SCRIPT), "--read", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows, work, peak = TOLD.search(done.stdout).groups()
    assert int(rows) == 377_110
    assert float(work) < MOST_WORK
    assert int(peak) < MOST_MIB
