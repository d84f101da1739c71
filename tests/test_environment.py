"""pyproject.toml, requirements.lock and environment.yml speak of the same environment."""

import re
import tomllib
from functools import cache

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from negcxr.paths import ROOT


@cache
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@cache
def lock() -> dict[str, Version]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pins}


def wanted() -> list[Requirement]:
    extras = project()["optional-dependencies"].values()
    texts = [*project()["dependencies"], *(text for extra in extras for text in extra)]
    return [Requirement(text) for text in texts]


@cache
def conda() -> list:
    return yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]


@pytest.mark.parametrize("requirement", wanted(), ids=lambda r: r.name)
def test_the_lock_pins_each_dependency_within_its_range(requirement):
    assert lock()[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_lock_pins_a_torch_that_every_platform_has():
    assert lock()["torch"].local is None


def test_the_lock_holds_nothing_of_one_kind_of_gpu():
    assert not [name for name in lock() if name.startswith(("nvidia", "triton", "cuda"))]


@pytest.mark.parametrize(
    ("name", "range_"),
    [
        ("torch", ">=2.10"),
        ("transformers", ">=5.3,<6"),
        ("jupyter-book", ">=1.0.4.post1,<2"),
    ],
)
def test_ranges_keep_the_floors_that_safety_and_the_book_need(name, range_):
    (requirement,) = [r for r in wanted() if r.name == name]
    assert requirement.specifier == SpecifierSet(range_)


def test_conda_installs_the_lock_and_the_package():
    (pip,) = [entry["pip"] for entry in conda() if isinstance(entry, dict)]
    assert pip == ["--requirement requirements.lock", "--editable ."]


def test_conda_takes_the_oldest_python_that_the_package_supports():
    (python,) = [entry for entry in conda() if str(entry).startswith("python=")]
    assert project()["requires-python"] == f">={python.removeprefix('python=')},<3.14"


def test_make_accepts_the_pythons_that_the_package_supports():
    makefile = (ROOT / "Makefile").read_text()
    tried = re.findall(r"python3\.(\d+)", makefile.partition("TORCH_INDEX")[0])
    supported = SpecifierSet(project()["requires-python"])
    assert all(Version(f"3.{minor}") in supported for minor in tried)
    assert tried == ["11", "12", "13"]
