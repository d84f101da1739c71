"""The form of an artifact: which files it may hold, their names and their sizes.

Results travel as ``<run>/<file>``, tuned weights in a part of their own as
``<run>/<job>/<file>``; beside the runs lies the crate, which lists every file. Whatever is
not of this form is refused by its name, before it is opened.

Limits: a part is smaller than 4 GiB, the most that a plain zip can hold.
"""

import re
from pathlib import PurePosixPath
from typing import NamedTuple

from negcxr.errors import InputError

CRATE = "ro-crate-metadata.json"
VERSION = 1  # of this form; a reader takes its own alone
MIB = 1024 * 1024
RATIO = 200  # times that a file may grow when unpacked; our notebooks grow 30 times
RATIO_FROM = MIB  # bytes from which that counts: little files may be of zeros alone
PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{n}{i}" for n in ("com", "lpt") for i in range(10)),
}
WEIGHT_FILES = {  # all that a tuned checkpoint is loaded from, its card and its method
    *("config.json", "model.safetensors", "method.json", "README.md"),
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"),
    *("vocab.json", "vocab.txt", "merges.txt", "spiece.model"),
    *("preprocessor_config.json", "processor_config.json"),
}


class Kind(NamedTuple):
    """One of the two kinds of artifact.

    Attributes:
        name: As the crate calls it.
        depth: Of how many parts the path of each file consists.
        suffixes: Of its files.
        files: How many there may be.
        file_bytes: How large one may be.
        total_bytes: How large all may be together, unpacked.
        zip_bytes: How large the zip may be.
    """

    name: str
    depth: int
    suffixes: tuple[str, ...]
    files: int
    file_bytes: int
    total_bytes: int
    zip_bytes: int


RESULTS = Kind(
    "negcxr-artifact",
    2,
    (".json", ".parquet", ".ipynb"),
    files=5000,
    file_bytes=16 * MIB,
    total_bytes=256 * MIB,
    zip_bytes=16 * MIB,
)
WEIGHTS = Kind(
    "negcxr-weights",
    3,
    (".json", ".safetensors", ".md", ".txt", ".model"),
    files=2000,
    file_bytes=2048 * MIB,
    total_bytes=4000 * MIB,
    zip_bytes=4000 * MIB,
)
KINDS = {kind.name: kind for kind in (RESULTS, WEIGHTS)}
MARK = ".weights"  # ends the name of an artifact that holds weights


def kind_of(name: str) -> Kind:
    """The kind of an artifact by its name."""
    return WEIGHTS if name.endswith(MARK) else RESULTS


def require_name(name: str) -> str:
    """An artifact's name as it is, if it can be one.

    Raises:
        InputError: It could not name a folder on every machine.
    """
    if not _is_part(name):
        raise InputError(
            f"{name[:60]!r} cannot name an artifact; take letters, digits, '-' and '_'"
        )
    return name


def require_files(paths: list[str], kind: Kind, *, where: str) -> None:
    """Refuse names that no artifact of a kind has, or that two machines take differently.

    Args:
        paths: Of all files but the crate, from the artifact's root.
        kind: The kind of artifact that they are in.
        where: How the artifact is called in a message.

    Raises:
        InputError: Names the file and what is wrong with it.
    """
    if len(paths) > kind.files:
        raise InputError(f"{where}: {len(paths):,} files; at most {kind.files:,} may be")
    folded: dict[str, str] = {}
    for path in paths:
        if fault := _fault(path, kind):
            raise InputError(f"{where}, {path[:200]!r}: {fault}")
        # Also run against Run: folders that differ in case are one on some machines.
        for part in [PurePosixPath(path), *PurePosixPath(path).parents]:
            known = folded.setdefault(str(part).casefold(), str(part))
            if known != str(part):
                raise InputError(f"{where}, {path!r}: differs from {known!r} by case alone")
    if len({*paths}) < len(paths):
        twice = next(path for path in paths if paths.count(path) > 1)
        raise InputError(f"{where}, {twice!r}: is there twice")


def _fault(path: str, kind: Kind) -> str:
    parts = path.split("/")
    if parts[0].lower() == CRATE:
        return "bears the crate's name"
    if len(parts) != kind.depth or not all(map(_is_part, parts)):
        shape = "<run>/<job>/<file>" if kind is WEIGHTS else "<run>/<file>"
        return f"no name of the form {shape}, of letters, digits, '.', '-' and '_'"
    if kind is WEIGHTS and parts[-1] not in WEIGHT_FILES:
        return "no file of a tuned checkpoint; they are " + ", ".join(sorted(WEIGHT_FILES))
    if not path.endswith(kind.suffixes):
        return f"no file of an artifact; they end with {', '.join(kind.suffixes)}"
    return ""


def _is_part(part: str) -> bool:
    stem = part.split(".")[0].lower()
    return bool(PART.fullmatch(part)) and not part.endswith(".") and stem not in DEVICES
