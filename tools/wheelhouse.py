"""Gathers what a machine without a network needs to run the study beside what it has.

Such a machine has torch and what goes with it, often of a vendor's own build, and that is
left alone: no wheel here is one of those, nor of what transformers pins for itself. All
else that executing a notebook needs is fetched in the versions of requirements.lock, for
the Python asked, with the hash of each file.

    python tools/wheelhouse.py 3.12

``_build/airgap.tar`` has the wheels and the project as it is committed, to be carried.

Limits: Linux on x86-64. What of the machine's own is too old is told there by pip. Of the
project's history its last commit travels alone, for results name it.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "_build" / "wheelhouse"
CARRIED = ROOT / "_build" / "airgap.tar"
LIMIT = 60  # MiB, of all wheels together

# On the machine already, and not to be replaced.
THERE = {"torch", "transformers", "numpy", "scipy", "scikit-learn", "pandas", "pyarrow"}
THERE |= {"pillow", "tokenizers", "safetensors", "huggingface-hub"}
BUILDS = "setuptools>=77"  # installs the project itself, as pyproject.toml says
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")


def needed(python: str) -> tuple[list[str], list[str]]:
    """Names of all packages to fetch: installed here, and not installed here.

    What only another Python needs is not installed here, so what it stands on is not known.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    marks = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    marks |= {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    marks |= {"platform_machine": "x86_64"}
    ahead, found, strange = list(_wanted(project["dependencies"], marks)), set(), set()
    while ahead:
        name = ahead.pop()
        if name in found | strange | THERE:
            continue
        try:
            ahead += _wanted(requires(name) or [], marks)
            found.add(name)
        except PackageNotFoundError:
            strange.add(name)
    return sorted(found), sorted(strange)


def _wanted(requirements: Iterable[str], marks: Mapping[str, str]) -> Iterable[str]:
    for text in requirements:
        one = Requirement(text)
        if one.marker is None or one.marker.evaluate(dict(marks)):
            yield canonicalize_name(one.name)


def locked() -> dict[str, str]:
    """The version of each package in requirements.lock."""
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    pins = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def fetch(python: str, into: Path) -> None:
    """Download the wheels."""
    known, strange = needed(python)
    pins = locked()
    for_it = ["--python-version", python, "--only-binary", ":all:", "--dest", str(into)]
    for_it += [word for platform in PLATFORMS for word in ("--platform", platform)]
    download = [sys.executable, "-m", "pip", "download", "--quiet", *for_it]
    exact = [f"{name}=={pins[name]}" for name in known]
    subprocess.run([*download, "--no-deps", *exact, BUILDS], check=True)
    if strange:  # with what they stand on, as far as the lock does not say otherwise
        lock = ["--constraint", str(ROOT / "requirements.lock")]
        subprocess.run([*download, *lock, *strange], check=True)


def described(wheel: Path) -> str:
    """A wheel's line in a file of requirements."""
    name, version, _, _ = parse_wheel_filename(wheel.name)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{name}=={version} --hash=sha256:{digest}  # {wheel.stat().st_size} bytes"


def write_requirements(python: str) -> float:
    """Write what the wheels are, to be installed by hash; their size in MiB."""
    wheels = sorted(OUT.glob("*.whl"))
    lines = [f"# For Python {python} on Linux, x86-64. Not here, for it is there already:"]
    lines += [f"# {', '.join(sorted(THERE))}", *map(described, wheels)]
    (OUT / "requirements.txt").write_text("\n".join(lines) + "\n", "utf-8")
    return sum(wheel.stat().st_size for wheel in wheels) / 2**20


def pack() -> None:
    """Write the project as committed, with the wheels in it, to one file."""
    with tempfile.TemporaryDirectory(dir=ROOT / "_build") as made:
        copy = Path(made, "negcxr")
        clone = ["git", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", str(copy)]
        subprocess.run(clone, check=True)
        url = [
            "git",
            "-C",
            str(copy),
            "remote",
            "remove",
            "origin",
        ]  # a path
        subprocess.run(url, check=True)
        shutil.copytree(OUT, copy / "_build" / "wheelhouse")
        with tarfile.open(CARRIED, "w") as tar:
            tar.add(copy, "negcxr")


def main() -> None:
    """Fetch all wheels anew, and write what they are."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("python", help="version on the machine, such as 3.12")
    asked = re.search(r"3\.\d+$", parser.parse_args().python)
    if not asked:
        sys.exit("name the version of Python on the machine: make wheelhouse PYTHON=3.12")
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    fetch(asked[0], OUT)
    size = write_requirements(asked[0])
    print(f"{len([*OUT.glob('*.whl')])} wheels, {size:.1f} of at most {LIMIT} MiB: {OUT}")
    if size > LIMIT:
        sys.exit(f"more than {LIMIT} MiB")
    pack()
    print(f"{CARRIED.stat().st_size / 2**20:.0f} MiB, with the project: {CARRIED}")


if __name__ == "__main__":
    main()
