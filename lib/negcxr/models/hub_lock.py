"""Which revision of a hub's checkpoint this project measures, kept in a file.

A name on the hub may mean other weights tomorrow. So the first time that one is used, its
commit and the hash of each file of weights are written down, and from then on a run takes
these or none: a number of today and one of next year are of the same weights. The file is
for reading and for version control; to go on to other weights, delete their entry.

Limits: of tokenizer and processor the commit is kept, not the hash. A folder has no entry:
its fingerprint stands in each result. To write the file takes a lock that Linux and macOS
have; elsewhere only what it keeps already can be used, and folders.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from negcxr.errors import InputError
from negcxr.paths import at_root
from negcxr.reading import first_fault
from negcxr.writing import write_whole

FILE = "checkpoints/hub.lock.json"  # from the project's root
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Pin(BaseModel):
    """What is kept of a checkpoint.

    Attributes:
        revision: The commit on the hub.
        weights: SHA-256 of each file of weights, by its name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    weights: dict[str, Hash] = Field(min_length=1)


PINS = TypeAdapter(dict[str, Pin])


def pins() -> dict[str, Pin]:
    """What the file keeps, by name on the hub; nothing where there is no file.

    Raises:
        InputError: The file is damaged; names the field.
    """
    path = at_root(FILE)
    if not path.exists():
        return {}
    try:
        return PINS.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        fault = first_fault(error) if isinstance(error, ValidationError) else error.strerror
        raise InputError(f"{path}: cannot be used ({fault})") from None


def agreed(name: str, revision: str = "") -> str:
    """The commit to use: the one that is kept, else the one asked for, else none.

    Raises:
        InputError: Another one is asked for than is kept.
    """
    kept = pins().get(name)
    if kept and revision not in ("", kept.revision):
        said = f"revision {revision} is asked for"
        raise _other(name, said, f"revision {kept.revision}")
    return kept.revision if kept else revision


def hold(name: str, revision: str, weights: Mapping[str, str]) -> None:
    """Refuse other weights than those that are kept; keep these where none are.

    Args:
        weights: SHA-256 of each file, by its name.

    Raises:
        InputError: The revision, or a hash, is not the one that is kept; or the file
            cannot be written.
    """
    found = Pin(revision=revision, weights=dict(weights))
    if pins().get(name) == found:
        return  # without a lock, which a folder that nobody may write would not allow
    with _alone():
        kept = pins()
        if name in kept:
            _refuse_other(name, found, kept[name])
            return
        plain = {key: pin.model_dump() for key, pin in (kept | {name: found}).items()}
        text = json.dumps(plain, indent=2, sort_keys=True) + "\n"
        try:
            write_whole(at_root(FILE), text.encode())
        except OSError as error:
            raise _unwritable(error) from None


def _refuse_other(name: str, found: Pin, kept: Pin) -> None:
    if found.revision != kept.revision:
        raise _other(name, f"found revision {found.revision}", f"revision {kept.revision}")
    for file in sorted(found.weights.keys() | kept.weights.keys()):
        here, there = found.weights.get(file, "none"), kept.weights.get(file, "none")
        if here != there:
            raise _other(name, f"{file} has SHA-256 {here}", f"SHA-256 {there}")


def _other(name: str, found: str, kept: str) -> InputError:
    return InputError(
        f"checkpoint {name}: {found}, but {at_root(FILE)} keeps {kept}; to change what is "
        f'measured, delete the entry "{name}" there'
    )


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time between reading the file and writing it."""
    try:
        import fcntl  # no part of Python on Windows, where a folder can be read
    except ImportError:
        raise InputError(
            f"{at_root(FILE)}: cannot be locked on this system, as a checkpoint of the hub "
            "asks; allowed: Linux or macOS, or a checkpoint in a folder"
        ) from None
    lock = at_root(FILE).with_name(f".{Path(FILE).name}.lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("a")
    except OSError as error:
        raise _unwritable(error) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _unwritable(error: OSError) -> InputError:
    return InputError(
        f"{at_root(FILE)}: cannot be written ({error.strerror}); allowed: a file that "
        "keeps the revision of each checkpoint of the hub, or a checkpoint in a folder"
    )
