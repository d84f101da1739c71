"""Other machines: what a cluster is asked for, and what goes where no network is."""

import ast
import importlib.util
import re
import tomllib
from functools import cache
from importlib.metadata import packages_distributions

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from negcxr.parameters import read_cells
from negcxr.paths import NOTEBOOKS, ROOT

PROFILES = sorted((ROOT / "profiles").glob("*/config.v8+.yaml"))
DRAWS = {"jupyter-book", "latex2mathml", "nbconvert", "snakemake", "vl-convert-python"}
OPTIONAL = {"negspacy", "spacy"}  # of the extra "real"; where they are not, that is told


@cache
def wheelhouse():
    spec = importlib.util.spec_from_file_location(
        "wheelhouse", ROOT / "tools/wheelhouse.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}


def first_imported(source: str) -> set[str]:
    """Names of packages that are imported as a module is, not later by a function."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module.partition(".")[0])
    return found


def sources() -> list[str]:
    texts = [path.read_text("utf-8") for path in (ROOT / "lib" / "negcxr").rglob("*.py")]
    for path in NOTEBOOKS.glob("*.ipynb"):
        texts += [cell.source for cell in read_cells(path) if cell.kind == "code"]
    return texts


def test_what_is_imported_is_among_the_packages_that_a_lean_machine_has():
    whose = packages_distributions()
    names = {name for text in sources() for name in first_imported(text)} - {"negcxr"}
    asked = {canonicalize_name(one) for name in names for one in whose.get(name, [])}
    assert asked - OPTIONAL <= dependencies()


def test_what_draws_the_book_is_none_of_them():
    assert not DRAWS & dependencies()


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_wheels_are_all_that_notebooks_need_and_nothing_of_the_machines_own(python):
    known, strange = wheelhouse().needed(python)
    assert dependencies() <= {*known, *strange} | wheelhouse().THERE
    assert not {*known, *strange} & (wheelhouse().THERE | DRAWS)


def test_each_wheel_is_of_the_locks_version():
    known, _ = wheelhouse().needed("3.12")
    assert {*known} <= wheelhouse().locked().keys()


def test_a_wheel_is_named_with_its_version_and_its_hash(tmp_path):
    wheel = tmp_path / "tiny_package-1.2-py3-none-any.whl"
    wheel.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    line = wheelhouse().described(wheel)
    assert line == f"tiny-package==1.2 --hash=sha256:{empty}  # 0 bytes"


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.parent.name)
def test_a_profile_speaks_of_rules_that_there_are(profile):
    rules = re.findall(
        r"^(?:rule|use rule \w+ as) (\w+)", (ROOT / "Snakefile").read_text(), re.M
    )
    said = yaml.safe_load(profile.read_text())
    for key in ("set-threads", "set-resources"):
        assert {*said.get(key, {})} <= {*rules}


def test_the_plugin_for_slurm_is_pinned_and_is_not_in_the_lock():
    text = (ROOT / "profiles" / "slurm" / "requirements.txt").read_text()
    pins = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z-]+==[\d.]+", pin) for pin in pins)
    assert "snakemake-executor-plugin-slurm" not in wheelhouse().locked()
