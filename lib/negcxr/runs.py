"""Which run a folder of results belongs to.

``run.yml`` in the folder says what was measured on what. A result of another checkpoint
or data set is refused there, so that a folder never mixes two runs.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from negcxr.errors import InputError
from negcxr.reading import read_yaml

RECORD = "run.yml"
IDENTITY = ("checkpoint", "dataset", "root")  # what a run is named for


def read_record(folder: Path) -> dict[str, object]:
    """What ``run.yml`` says; nothing where there is none.

    Raises:
        InputError: The file is not a mapping.
    """
    path = folder / RECORD
    if not path.is_file():
        return {}
    record = read_yaml(path)
    if not isinstance(record, dict):
        raise InputError(f"{path}: not a mapping of names to values; remove the file")
    return record


def refuse_other_run(folder: Path, parameters: Mapping[str, object]) -> None:
    """Refuse parameters of another run than the one whose folder this is.

    Raises:
        InputError: Names what differs, and both values.
    """
    record = read_record(folder)
    for name in IDENTITY:
        if name in record and name in parameters and record[name] != parameters[name]:
            raise InputError(
                f"{folder} holds a run of {name} {record[name]!r}, not "
                f"{parameters[name]!r}; choose another --name, or remove the folder"
            )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or as it was; unchanged, it keeps its time.

    A job whose input keeps its time is not run again.
    """
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)  # mkstemp makes a file that only its owner can read
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
