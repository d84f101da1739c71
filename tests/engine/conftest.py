"""A whole project made small: notebooks that need no model, and a book of one page."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from negcxr.paths import ROOT

PARAMETERS = 'seed: int = 0\nwait: float = 0.0\nresults: str = "results/scratch"'
IMPORTS = """
import os, time
import pandas as pd
from negcxr.results import Estimate, now, parameters_in, write_result
started = now()
if wait: open("pids", "a").write(f"{os.getpid()} ")
time.sleep(wait)
1 / (seed != 13)
"""
WRITE = """
write_result(
    results, "NAME", parameters=parameters_in(globals()), started=started,
    scalars={"seed": Estimate(value=seed, n=1)},
    tables={"seeds": pd.DataFrame({"name": ["NAME"], "seed": [seed]})},
)
"""
BOOK = """
from negcxr.paths import ROOT


def build_book(run):
    page = ROOT / "_build" / "html" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(run)
"""
METHOD = "{about: none, terms: {con1: 1}}"
METHODS = f"con1: {METHOD}\nno-price: {METHOD}\nsoft: {METHOD}\n"
TUNED = """
runs:
  tuned: {}
  plain: {notebooks: [10_first]}
notebooks: [10_first, 20_method, 26_after]
methods: [con1, no-price]
"""
STUDY = "runs:\n  tiny: {}\nnotebooks: [10_first, 11_second]\nparameters: {seed: 1}\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's folder; the library in it is a copy, so that it is its own root."""
    root = tmp_path_factory.mktemp("project")
    compiled = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "lib", root / "lib", ignore=compiled)
    shutil.copy(ROOT / "Snakefile", root)
    files = {
        "lib/negcxr/book/__init__.py": BOOK,
        "params/tiny.yml": STUDY,
        "params/tuned.yml": TUNED,
        "params/methods.yml": METHODS,
        "params/other.yml": STUDY.replace("tiny", "other").replace(", 11_second", ""),
        "book/intro.md": "# Tiny",
        "_config.yml": "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for name in ("10_first", "11_second"):
        _write_notebook(root, name)
    _write_notebook(root, "20_method", 'method: str = "con1"', "20_{method}")
    _write_notebook(root, "26_after", 'methods: str = ""')
    return root


def _write_notebook(root: Path, name: str, more: str = "", writes: str = "") -> None:
    parameters = f"{PARAMETERS}\n{more}".strip()
    cells = [
        v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        v4.new_code_cell(IMPORTS),
        v4.new_code_cell(WRITE.replace('"NAME"', f'f"{writes or name}"')),
    ]
    path = root / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(v4.new_notebook(cells=cells), path)


@pytest.fixture(scope="module")
def start(project: Path) -> Callable[..., subprocess.Popen]:
    """Starts ``negcxr`` in the project."""

    def begin(*arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "negcxr", *arguments],
            cwd=project,
            env=os.environ | {"PYTHONPATH": str(project / "lib")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell that started the tests in the background has SIGINT ignored.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )

    return begin


@pytest.fixture(scope="module")
def negcxr(start: Callable[..., subprocess.Popen]) -> Callable[..., tuple[int, str]]:
    """Runs ``negcxr`` to its end: exit code, and the lines it wrote to stderr."""

    def call(*arguments: str) -> tuple[int, str]:
        process = start(*arguments)
        _, said = process.communicate(timeout=300)
        return process.returncode, said

    return call
