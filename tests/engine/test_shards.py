"""Shards by Snakemake: one that was lost is made again, and no other."""

import os
import subprocess
import sys

import pytest
from tests.checkpoints import clip

from negcxr.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.model]


@pytest.fixture(scope="module")
def embedding(tmp_path_factory):
    """Calls Snakemake for three shards of 70 phantoms; what it said, and the folder."""
    folder = tmp_path_factory.mktemp("embedding")
    weights, out = clip(folder / "tiny"), folder / "out"
    own = {"NEGCXR_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
    asked = f"checkpoint: {weights}, dataset: phantoms, images: 70, shards: 3, out: {out}"

    def call(*more):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "snakemake", "embedding", "--cores", "1", *more),
                *("--snakefile", str(ROOT / "rules" / "embedding.smk")),
                *("--directory", str(folder), "--config", f"embedding={{{asked}}}"),
            ],
            env=os.environ | own,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return call, out


def test_a_deleted_shard_alone_is_made_again(embedding):
    call, out = embedding
    call()
    files = sorted(out.glob("shard-*"))
    assert len(files) == 3
    rows, times = (out / "rows.npy").read_bytes(), [f.stat().st_mtime_ns for f in files]
    assert "Nothing to be done" in call()
    files[1].unlink()
    call()
    again = [f.stat().st_mtime_ns for f in files]
    assert [new == old for new, old in zip(again, times, strict=True)] == [
        True,
        False,
        True,
    ]
    assert (out / "rows.npy").read_bytes() == rows
