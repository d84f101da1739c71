"""A whole run on credentialed images: nothing of a row in results, book or artifact.

Names, patients, reports and pictures are planted, in the layout of MIMIC-CXR; every file
that travels is then opened and searched for them and for embeddings, tables and pictures
inside pages included. The same search must find some where the images may be shown.
"""

import base64
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image, UnidentifiedImageError
from tests import checkpoints
from tests.book.standin import make_project
from tests.data import trees

from negcxr import paths
from negcxr.book import Site, build
from negcxr.book.build import build_book, prepare
from negcxr.data.registry import load_dataset
from negcxr.packing import pack
from negcxr.parameters import declared
from negcxr.results import now, write_result
from negcxr.run import NotebookFailed, run_notebook
from negcxr.runs import source_of
from negcxr.writing import write_whole

pytestmark = pytest.mark.model

N, RUN = 101, "planted"  # a prime, so that no table has as many rows by chance
N_TRAIN = 240  # of which a fifth validates, with ten images on a side
TOKEN = re.compile(r"zq[-_]?(image|patient|folder|report)[-_]?\d*", re.IGNORECASE)
NUMBERED = re.compile(r"(?<!\d)(?:1975|5864)\d{4}(?!\d)")  # patients and studies
DIGITS = re.compile(r"-?\d+\.\d{4,}")
LIKE = 4  # numbers of an embedding in a row, to four digits
INLINE = re.compile(
    rb"(?:data:image/[\w+.-]+;base64,|\"image/\w+\": \")([A-Za-z0-9+/=\\n]+)"
)
QUICK = ["10_retrieval"]
ALL = [
    *("10_retrieval", "11_choice", "12_cues", "13_shortcuts"),
    *("20_con1", "30_attribution", "31_geometry", "32_heads", "33_tracing", "34_probes"),
    *("40_your_checkpoint", "41_policies", "42_ledger", "50_runs"),
]
SMALL = {
    "20_con1": {"method": "con1", "steps": 2, "validation_images": 30},
    "30_attribution": {"n_prompts": 4},
    "31_geometry": {"map_seeds": 1, "perplexities": "5"},
    "42_ledger": {"n_phantoms": 40, "known": "checkpoints/phantom-web"},
    "50_runs": {"live_runs": ""},
}


def plant(root: Path, about: str) -> Path:
    """Images of coarse noise, told from each other at any size, with names to look for."""
    rng, rows = (
        np.random.default_rng(0),
        ["image,patient,split,view,Pleural Effusion,Edema"],
    )
    (root / "zq-folder").mkdir(parents=True)
    for i in range(N):
        name = f"zq-folder/zq-image-{i:04d}.png"
        pixels = np.kron(rng.integers(0, 255, (8, 8), np.uint8), np.ones((8, 8), np.uint8))
        Image.fromarray(pixels).save(root / name)
        view = "AP" if i % 3 else "PA"
        rows.append(f"{name},zq-patient-{i:04d},test,{view},{i % 2},{i // 2 % 2}")
    (root / "manifest.csv").write_text("\n".join(rows) + "\n")
    (root / "about.yml").write_text(f"terms: for this test alone\n{about}\n")
    return root


def plant_mimic(root: Path) -> Path:
    """As `plant`, in the layout of MIMIC-CXR-JPG, with reports; credentialed by itself."""
    rng = np.random.default_rng(0)
    tables: dict[str, list[dict[str, str]]] = {"metadata": [], "split": [], "chexpert": []}
    for i in range(N + N_TRAIN):
        patient, study = str(19750000 + i), str(58640000 + i)
        keys = {"subject_id": patient, "study_id": study}
        image = keys | {"dicom_id": f"zq-image-{i:04d}"}
        view = {"ViewPosition": "AP" if i % 3 else "PA"}
        more = {"PerformedProcedureStepDescription": "CHEST", "Rows": "8", "Columns": "8"}
        tables["metadata"].append(image | more | view)
        tables["split"].append(image | {"split": "test" if i < N else "train"})
        said = dict.fromkeys(trees.FINDINGS, "")
        values = ("1.0", "0.0", "", "1.0", "0.0", "-1.0")
        said |= {name: values[(i + j) % 6] for j, name in enumerate(trees.FINDINGS[:4])}
        tables["chexpert"].append(keys | said)
        folder = root / "files" / f"p{patient[:2]}" / f"p{patient}"
        (folder / f"s{study}").mkdir(parents=True)
        (folder / f"s{study}.txt").write_text(f"FINDINGS: Zqreport {i} has no edema.")
        pixels = np.kron(rng.integers(0, 255, (8, 8), np.uint8), np.ones((8, 8), np.uint8))
        Image.fromarray(pixels).save(folder / f"s{study}" / f"zq-image-{i:04d}.jpg")
    for name, rows in tables.items():
        trees.write_table(root / f"mimic-cxr-2.0.0-{name}.csv.gz", rows)
    return root


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a made-up run, beside which the planted one is laid."""
    root = make_project(tmp_path / "project")
    for name, folder in (
        ("ROOT", root),
        ("RESULTS", root / "results"),
        ("EXECUTED", root / "book" / "executed"),
    ):
        monkeypatch.setattr(paths, name, folder)
    return root


def execute(
    project: Path, data: Path, notebooks: list[str], dataset: str = "mimic"
) -> None:
    """Run the real notebooks on planted images, as a study does."""
    weights = checkpoints.clip(project.parent / "weights")
    results = project / "results" / RUN
    shared = {
        **{"checkpoint": str(weights), "dataset": dataset, "root": str(data)},
        **{"n_images": 0, "n_resamples": 20, "results": str(results)},
    }
    for name in notebooks:
        source = source_of(name)
        target = project / "book" / "executed" / RUN / f"{name}.ipynb"
        asked = shared | SMALL.get(name, {})
        values = {k: v for k, v in asked.items() if k in declared(source)}
        write_whole(results / "parameters" / f"{name}.json", json.dumps(values).encode())
        run_notebook(source, target, values)
    record = {"notebooks": notebooks, "dataset": dataset, "root": str(data)}
    (results / "run.yml").write_text(yaml.safe_dump(record))


def travelling(project: Path) -> list[Path]:
    """Every file of the run that gets anywhere: its results, its pages, its artifact."""
    folders = [
        *(project / "results" / RUN, project / "artifacts" / "mine"),
        *(project / "book" / "executed", project / "book" / "generated"),
        project / "_build",
    ]
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in found if path.name != "run.yml"]


def embedded() -> set[str]:
    """The first numbers of each row of the cache, to four digits."""
    found = set()
    for file in (paths.cache() / "embeddings").glob("*.sqlite"):
        with closing(sqlite3.connect(file)) as cache:
            for (numbers,) in cache.execute("SELECT numbers FROM rows"):
                first = np.frombuffer(numbers, "<f4")[:LIKE]
                found.add(" ".join(f"{value:.4f}" for value in first))
    return found


def found_in(path: Path, keys: set[str], pictures: np.ndarray, rows: set[str]) -> set[str]:
    """What of the planted rows a file holds: names, hashes, pictures, embeddings."""
    content = path.read_bytes()
    if path.suffix == ".parquet":
        content = pd.read_parquet(path).to_csv().encode()
    text = content.decode("utf-8", errors="replace")
    leaks = {match[1].lower() for match in TOKEN.finditer(text)}
    leaks |= {"number" for _ in NUMBERED.finditer(text)}
    leaks |= {"hash" for key in keys if key in text}
    shown = [f"{float(number):.4f}" for number in DIGITS.findall(text)]
    runs = {" ".join(shown[i : i + LIKE]) for i in range(len(shown))}
    leaks |= {"embedding" for _ in runs & rows}
    coded = [base64.b64decode(m[1].replace(rb"\n", b"")) for m in INLINE.finditer(content)]
    whole = [content] if path.suffix in (".png", ".jpg", ".jpeg") else []
    if any(is_planted(picture, pictures) for picture in (*coded, *whole)):
        leaks.add("picture")
    return leaks


def is_planted(content: bytes, pictures: np.ndarray) -> bool:
    try:
        small = Image.open(io.BytesIO(content)).convert("L").resize((8, 8))
    except UnidentifiedImageError:
        return False
    alike = np.corrcoef(np.array(small, float).ravel()[None], pictures)[0, 1:]
    return bool((alike > 0.95).any())


def search(project: Path, data: Path, dataset: str = "mimic") -> dict[str, set[str]]:
    """What is found, by the file that holds it."""
    images, rows = load_dataset(dataset, root=str(data), split="all"), embedded()
    assert len(rows) >= N
    keys = {images.images.key(row) for row in range(len(images))}
    opened = (images.images.open(row).resize((8, 8)) for row in range(len(images)))
    pictures = np.stack([np.array(image, float).ravel() for image in opened])
    files = travelling(project)
    assert files
    found = {str(path): found_in(path, keys, pictures, rows) for path in files}
    return {path: leaks for path, leaks in found.items() if leaks}


@pytest.fixture
def no_drawing(monkeypatch):
    """Preparing draws no phantoms and bundles no scripts, which takes its time."""
    monkeypatch.setattr(build, "write_phantoms", lambda site: None)
    monkeypatch.setattr(build, "write_bundle", lambda site: None)


def lay_out(project: Path, notebooks: list[str]) -> None:
    prepare(Site(project), "default")
    pack([RUN], "mine", home=project / "artifacts", notebooks=notebooks)


def test_nothing_of_a_row_is_in_results_pages_and_artifact(project, tmp_path, no_drawing):
    data = plant_mimic(tmp_path / "data")
    execute(project, data, QUICK)
    lay_out(project, QUICK)
    kept = project / "artifacts" / "mine" / RUN
    assert {"10_retrieval.json", "10_retrieval.ipynb"} <= {p.name for p in kept.iterdir()}
    assert search(project, data) == {}


def test_the_search_finds_what_may_be_shown(project, tmp_path, no_drawing):
    data = plant(tmp_path / "data", "shows_images: true")
    execute(project, data, QUICK[:1], "folder")
    rows = load_dataset("folder", root=str(data), split="all").table
    first = pd.DataFrame([max(embedded()).split()]).astype(float) + 1e-7
    write_result(
        project / "results" / RUN,
        "99_rows",
        parameters={},
        started=now(),
        scalars={},
        tables={"rows": rows[["image", "patient"]], "embedding": first.add_prefix("e")},
    )
    lay_out(project, QUICK[:1])
    found = {
        Path(path).name: leaks for path, leaks in search(project, data, "folder").items()
    }
    assert found["10_retrieval.ipynb"] == {"picture"}
    assert found["99_rows.rows.parquet"] == {"image", "patient", "folder"}
    assert found["99_rows.embedding.parquet"] == {"embedding"}


def test_the_search_finds_patients_studies_and_reports(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<p>p19750003</p> <p>zqReport 3 has no edema</p>")
    assert found_in(page, set(), np.zeros((0, 64)), set()) == {"number", "report"}


@pytest.mark.parametrize(
    "shown",
    [
        "images.table.head()",
        "print(images.table['patient'].iloc[3])",
        "images.images.open(0)",
        "raise ValueError(images.table['image'].iloc[3])",
        "import warnings; warnings.warn(images.table['image'].iloc[3])",
    ],
)
def test_a_notebook_that_shows_a_row_never_appears(make_notebook, tmp_path, shown):
    data = plant(tmp_path / "data", "credentialed: true")
    source = make_notebook(
        "from negcxr.data.registry import load_dataset\n"
        "images = load_dataset(dataset, root=root, split='all')",
        shown,
        parameters="dataset: str = 'folder'\nroot: str = ''\nresults: str = 'results/x'",
    )
    target = tmp_path / "executed" / "10_tiny.ipynb"
    values = {"root": str(data), "results": str(tmp_path / "results" / "x")}
    with pytest.raises(NotebookFailed) as error:
        run_notebook(source, target, values)
    assert not target.exists()
    if "raise" not in shown:
        assert "credentialed" in str(error.value)
        assert not TOKEN.search(error.value.said)


def test_what_a_notebook_wrote_past_the_result_goes_when_it_is_refused(
    make_notebook, tmp_path
):
    data = plant(tmp_path / "data", "credentialed: true")
    source = make_notebook(
        "from negcxr.results import now, parameters_in, write_result\n"
        "from negcxr.data.registry import load_dataset\n"
        "rows = load_dataset(dataset, root=root, split='all').table[['patient']]\n"
        "write_result(results, '10_tiny', parameters=parameters_in(globals()), "
        "started=now(), scalars={}, tables={'rows': rows})",
        parameters="dataset: str = 'folder'\nroot: str = ''\nresults: str = 'results/x'",
    )
    folder = tmp_path / "results" / "x"
    with pytest.raises(NotebookFailed, match="table rows, column patient"):
        run_notebook(
            source, tmp_path / "out.ipynb", {"root": str(data), "results": str(folder)}
        )
    assert [path.name for path in folder.iterdir()] == ["failed"]


@pytest.mark.slow
def test_nothing_of_a_row_is_in_the_drawn_book_of_every_chapter(project, tmp_path):
    data = plant_mimic(tmp_path / "data")
    execute(project, data, ALL)
    build_book("default", site=Site(project))
    pack([RUN], "mine", home=project / "artifacts", notebooks=ALL)
    assert any(RUN in str(path) for path in travelling(project) if path.suffix == ".html")
    assert search(project, data) == {}
