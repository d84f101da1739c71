"""Files written so that a reader never finds half of one."""

import os
import tempfile
from glob import escape
from pathlib import Path


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
    except BaseException as error:
        os.unlink(name)
        if isinstance(error, OSError):  # such as a full disk, which does not say whose
            error.filename, error.filename2 = str(path), None
        raise


def clear_halves(path: Path) -> None:
    """Remove what is left beside a file of a writing of it that was killed."""
    for half in path.parent.glob(f".{escape(path.name)}.????????"):  # as mkstemp names it
        half.unlink(missing_ok=True)
