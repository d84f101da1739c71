"""The first afternoon: weights and images of one's own, from a clean clone to the book."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from tests.checkpoints import bert_dual, siglip

from negcxr.paths import ROOT
from negcxr.results import read_result

pytestmark = [pytest.mark.slow, pytest.mark.model]
CHECKPOINTS = {"our-siglip": siglip, "our-bert": bert_dual}
N_IMAGES = 200
STUDY = {
    "runs": {"own": {"checkpoint": ""}},
    "notebooks": ["10_retrieval", "11_choice"],
    "parameters": {"split": "all", "n_images": 0, "n_resamples": 50},
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """The project as it is committed, with a short study in it."""
    if not (ROOT / ".git").exists():
        pytest.skip("the project is no git repository, so there is nothing to clone")
    root = tmp_path_factory.mktemp("clone") / "book"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(root)], check=True)
    (root / "params" / "own.yml").write_text(yaml.safe_dump(STUDY))
    return root


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Path:
    """Two folders of random weights, and 200 images with a manifest by hand."""
    root = tmp_path_factory.mktemp("own")
    for name, build in CHECKPOINTS.items():
        build(root / name)
    (root / "images").mkdir()
    rng = np.random.default_rng(0)
    rows = [["image", "patient", "split", "view", "Edema", "Pleural Effusion"]]
    for number in range(N_IMAGES):
        grey = rng.integers(0, 256, (40, 32), dtype=np.uint8)
        Image.fromarray(grey).save(root / "images" / f"{number}.png")
        labels = [["1", "0", "-1", ""][(number // step) % 4] for step in (1, 3)]
        patient = f"p{number // 2}"
        split = "test" if number // 2 % 3 else "train"
        rows.append([f"{number}.png", patient, split, "PA", *labels])
    with (root / "images" / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return root


@pytest.fixture(scope="module")
def environment(clone, tmp_path_factory) -> dict[str, str]:
    """What a shell in the clone has, with a cache of its own."""
    cache = tmp_path_factory.mktemp("cache")
    ours = {"PYTHONPATH": str(clone / "lib"), "NEGCXR_CACHE": str(cache)}
    return os.environ | ours | {"HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def book(clone, own, environment) -> Path:
    """The landing page, after both checkpoints have been run on the images."""
    for name in CHECKPOINTS:
        command = [sys.executable, "-m", "negcxr", "run", "--params", "params/own.yml"]
        command += ["--checkpoint", str(own / name), "--name", name]
        command += ["--dataset", "folder", "--root", str(own / "images")]
        command += [] if name == "our-bert" else ["--no-book"]
        subprocess.run(command, cwd=clone, env=environment, check=True)
    return clone / "_build" / "html" / "index.html"


def test_the_landing_page_has_them_beside_the_embedded_checkpoints(book):
    table = re.search(r"<table.*?</table>", book.read_text("utf-8"), re.DOTALL)[0]
    for name in (*CHECKPOINTS, "phantom-web", "phantom-clinic"):
        assert name in table


def test_every_image_of_the_manifest_was_measured(book, clone):
    for name in CHECKPOINTS:
        made = read_result(clone / "results" / name / "10_retrieval.json").provenance
        assert made.dataset.n_images == N_IMAGES
        assert made.dataset.n_patients == N_IMAGES // 2


def test_no_path_of_the_owner_is_on_a_page(book, own):
    pages = [path.read_text("utf-8") for path in book.parent.rglob("*.html")]
    assert not [page for page in pages if str(own) in page]


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_papermill_alone_runs_a_chapter_from_another_directory(
    name, clone, own, environment, tmp_path
):
    values = {
        "checkpoint": str(own / name),
        "dataset": "folder",
        "root": str(own / "images"),
        "split": "all",
        "results": str(tmp_path / "results"),
    }
    given = [word for pair in values.items() for word in ("-p", *pair)]
    source = clone / "notebooks" / "10_retrieval.ipynb"
    command = [sys.executable, "-m", "papermill", str(source), "executed.ipynb", *given]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert read_result(tmp_path / "results" / "10_retrieval.json").run == "results"
