"""Files of the user read strictly: YAML, and what tells that a file is the right one."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from negcxr.errors import InputError


def read_yaml(path: Path) -> Any:
    """What a YAML file holds.

    Raises:
        InputError: The file is missing or is not YAML; the message names the line.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise InputError(f"{path}{line}: not YAML in UTF-8") from None


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes in hexadecimal; one that does not change is read once."""
    stat = path.stat()
    return _hash_of(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=4096)  # an artifact has hundreds of files, and several runs
def _hash_of(path: Path, size: int, modified: int) -> str:
    # Size and time are there for the memory's sake: a file that changed is read again.
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def listed(names: str) -> list[str]:
    """The names in a text with commas between them, in its order; empty ones left out."""
    return [name.strip() for name in names.split(",") if name.strip()]


def first_fault(error: ValidationError) -> str:
    """The first thing that a pydantic model refused, in one phrase."""
    fault = error.errors()[0]
    field = ".".join(str(part) for part in fault["loc"])
    said = fault["msg"].removeprefix("Value error, ")
    if field:
        said = f"{field}: {said[0].lower()}{said[1:]}"
    if fault["type"] not in ("missing", "value_error", "extra_forbidden"):
        said += f", not {fault['input']!r}"
    if fault["input"] is False:
        said += "; YAML reads a bare no as false, so quote it"
    return said
