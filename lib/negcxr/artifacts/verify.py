"""Is an artifact what it was? Every byte held against its crate, and looked into.

Each file has the size and the hash that the crate lists, none is missing and none is
there beside; each is what its name says and nothing in it acts; and the crate says of
them what they say themselves.

Limits: hashes tell accident. Whoever changes a file on purpose can seal it anew: compare
the digest with one that came another way, such as in the commit that holds the artifact.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from negcxr.artifacts.contents import Results, require_contents, results_of
from negcxr.artifacts.crate import Crate, digest_of, read_crate
from negcxr.artifacts.device import require_device
from negcxr.artifacts.folder import Listed, files_of
from negcxr.artifacts.form import CRATE, RESULTS
from negcxr.artifacts.graph import PACKED, ended, graph
from negcxr.errors import InputError

SAYS = (
    "Hashes tell accident, not intent: to know that nobody meant to change it, compare "
    "this digest with the one in the commit or the message that it came with."
)


class Verified(NamedTuple):
    """An artifact that was verified: its crate, and its results by run and job."""

    crate: Crate
    results: Results


def verify_folder(folder: Path) -> Verified:
    """Verify a folder as an artifact, down to what is in each file.

    Raises:
        InputError: Names the first file that is not as it should be, and why.
    """
    crate = verify_bytes(folder)
    results = results_of(folder, crate.files) if crate.kind is RESULTS else {}
    require_contents(folder, crate.files, crate.kind)
    _require_same(folder, crate, results)
    require_device(crate.seal.name, results)
    return Verified(crate, results)


def verify_bytes(folder: Path) -> Crate:
    """Hold every file of a folder against the crate beside them, without opening any.

    Raises:
        InputError: A file changed, is missing, or is there beside those listed.
    """
    crate = read_crate(folder)
    _require_listed(folder, crate.files, files_of(folder, crate.kind))
    return crate


def verify_kept(folder: Path) -> Crate:
    """As `verify_bytes`, for a folder of ``artifacts/``, which bears its artifact's name.

    Raises:
        InputError: It is called otherwise, or is not as it was.
    """
    crate = verify_bytes(folder)
    if crate.seal.name != folder.name:
        raise InputError(
            f"{folder.name}/{CRATE}: is the crate of {crate.seal.name!r}; a folder bears "
            "its artifact's name"
        )
    return crate


def _require_listed(
    folder: Path, listed: Mapping[str, Listed], found: Mapping[str, Listed]
) -> None:
    for path in sorted({*listed, *found}):
        where = f"{folder.name}/{path[:200]}"
        if path not in found:
            raise InputError(f"{where}: is missing; its crate lists it")
        if path not in listed:
            raise InputError(f"{where}: is not listed in its crate")
        if listed[path].size != found[path].size:
            raise InputError(
                f"{where}: {found[path].size:,} bytes; its crate says {listed[path].size:,}"
            )
        if listed[path] != found[path]:
            raise InputError(f"{where}: changed; its SHA-256 is not that in its crate")


def _require_same(folder: Path, crate: Crate, results: Results) -> None:
    """Refuse a crate that says otherwise than a crate made of its files would."""
    where = f"{folder.name}/{CRATE}"
    if results and crate.seal.status == PACKED and crate.seal.date != ended(results):
        raise InputError(
            f"{where}: dated {crate.seal.date}; its last job ended on another day"
        )
    made = graph(crate.seal, crate.credit, crate.files, results, kind=crate.kind)
    if digest_of(made) == crate.digest:
        return
    own = {entity["@id"]: entity for entity in made["@graph"]}
    for entity in crate.said["@graph"]:
        name = entity["@id"]
        if name != "./" and own.get(name) != entity:
            raise InputError(f"{where}: says of {name[:80]!r} what its files do not")
    raise InputError(f"{where}: does not say what its files do")
