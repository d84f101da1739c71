"""Embedding in several processes at once, and in one that is killed."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from tests.standins import Encoder, Greys, angles

from negcxr import paths
from negcxr.embed import embed_images


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path))


PROCESS = """
import os, signal, sys, time
import numpy as np
from negcxr import embed
from tests.standins import Encoder, Greys, angles

class Slow(Encoder):
    def _encode(self, values):
        if len(self.calls) == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.02)
        return super()._encode(values)

embed.IMAGES_AT_ONCE = 4
encoder = Slow()
print("ready", flush=True)
sys.stdin.readline()
rows = embed.embed_images(encoder, Greys(*range(100)))
assert np.array_equal(rows, angles(range(100)))
print(sum(len(call) for call in encoder.calls))
"""


def process(*, batches: int) -> subprocess.Popen:
    """Another process that embeds 100 images, by 4, and is killed after some batches."""
    root = str(paths.ROOT)
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(batches)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([root, f"{root}/lib"])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_at_once_share_the_work_and_agree():
    with process(batches=100) as one, process(batches=100) as other:
        both = [one, other]
        assert [each.stdout.readline() for each in both] == ["ready\n", "ready\n"]
        for each in both:
            each.stdin.write("go\n")
            each.stdin.flush()
        made = [int(each.communicate()[0]) for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert 100 <= sum(made) < 160  # each alone would make all 100


def test_a_killed_process_leaves_its_whole_batches():
    with process(batches=3) as one:
        one.communicate("go\n")
    assert one.returncode == -signal.SIGKILL
    encoder, greys = Encoder(), Greys(*range(100))
    np.testing.assert_array_equal(embed_images(encoder, greys), angles(range(100)))
    assert sum(len(call) for call in encoder.calls) == 100 - 3 * 4
