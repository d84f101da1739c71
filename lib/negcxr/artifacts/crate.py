"""The crate's file: written so that each of its bytes is decided, and read so.

The root's ``identifier`` is the SHA-256 of the whole text with that field empty. So one
line stands for an artifact: it lists all hashes, and is itself held to one.

Limits: whoever changes a file can write a new crate. Against that stands only a digest
that came another way: in a commit, a message, a paper.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from negcxr.artifacts.credit import SPDX, Credit
from negcxr.artifacts.folder import Listed
from negcxr.artifacts.form import CRATE, KINDS, MIB, VERSION, Kind, kind_of, require_name
from negcxr.artifacts.graph import MEANS, Seal
from negcxr.artifacts.strict import read_json
from negcxr.artifacts.words import faults_in
from negcxr.errors import InputError

MOST_BYTES = 16 * MIB  # of a crate's file; ours have a few hundred thousand
DATE = re.compile(r"\d{4}-\d\d-\d\d")
HASH = re.compile(r"[0-9a-f]{64}")


class Crate(NamedTuple):
    """A crate as it was read: what it says, and what it lists.

    Attributes:
        seal: Name, status and day.
        credit: Licence and citation.
        kind: Which kind of artifact it is.
        files: Every file but the crate itself.
        digest: The one line that stands for all of it.
        said: The whole of its JSON-LD.
    """

    seal: Seal
    credit: Credit
    kind: Kind
    files: Mapping[str, Listed]
    digest: str
    said: dict[str, Any]


def crate_text(said: dict[str, Any]) -> str:
    """The text of a crate, with its digest in its place."""
    return _text(_with(said, digest_of(said)))


def digest_of(said: dict[str, Any]) -> str:
    """The SHA-256 of a crate's text with an empty identifier, after ``sha256:``."""
    empty = _text(_with(said, ""))
    return f"sha256:{hashlib.sha256(empty.encode()).hexdigest()}"


def _text(said: dict[str, Any]) -> str:
    # In ASCII: no editor, archive or version control has a reason to touch a byte of it.
    return json.dumps(said, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _with(said: dict[str, Any], digest: str) -> dict[str, Any]:
    graph = [
        {**entity, "identifier": digest} if entity.get("@id") == "./" else entity
        for entity in said["@graph"]
    ]
    return {**said, "@graph": graph}


def read_crate(folder: Path) -> Crate:
    """The crate of an artifact, held to its own digest and to the form of this version.

    Raises:
        InputError: There is none, it is of another version, or a byte of it changed.
    """
    where = f"{folder.name}/{CRATE}"
    content = _content(folder / CRATE, where)
    said = read_json(content, where=where)
    entities = _entities(said, where)
    root = entities.get("./", {})
    kind = _kind(str(root.get("schemaVersion")), where)
    digest = str(root.get("identifier"))
    if content != _text(said).encode() or digest != digest_of(said):
        raise InputError(f"{where}: changed since it was written; its digest is another")
    for fault in faults_in(said["@graph"]):
        raise InputError(f"{where}: a text that is more than words, {fault}")
    try:
        seal, credit = _seal(root), _credit(entities)
        files = {k: _listed(e) for k, e in entities.items() if e["@type"] == "File"}
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{where}: lacks what a crate of this form says") from None
    if kind is not kind_of(require_name(seal.name)) or seal.status not in MEANS:
        raise InputError(f"{where}: {seal.name!r} ({seal.status}) is no {kind.name}")
    return Crate(seal, credit, kind, files, digest, said)


def _content(path: Path, where: str) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise InputError(f"{where}: there is none; 'negcxr artifact pack' writes one")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InputError(f"{where}: above {MOST_BYTES:,} bytes")
    return content


def _entities(said: Any, where: str) -> dict[str, dict[str, Any]]:
    graph = said.get("@graph") if isinstance(said, dict) else None
    if not isinstance(graph, list) or not all(
        isinstance(e, dict) and isinstance(e.get("@id"), str) and "@type" in e
        for e in graph
    ):
        raise InputError(f"{where}: no RO-Crate")
    entities = {entity["@id"]: entity for entity in graph}
    if len(entities) < len(graph):
        raise InputError(f"{where}: says something twice under one name")
    return entities


def _kind(versions: str, where: str) -> Kind:
    name, _, number = versions.split(" ")[0].partition("/")
    if name not in KINDS or number != str(VERSION):
        raise InputError(
            f"{where}: of the form {versions[:60]!r}; this version of negcxr reads form "
            f"{VERSION} of {' and '.join(KINDS)}"
        )
    return KINDS[name]


def _seal(root: dict[str, Any]) -> Seal:
    if not DATE.fullmatch(root["datePublished"]):
        raise ValueError
    return Seal(root["name"], root["creativeWorkStatus"], root["datePublished"])


def _credit(entities: dict[str, dict[str, Any]]) -> Credit:
    root, study = entities["./"], entities["#study"]
    paper = next(one["@id"] for one in root["citation"] if one["@id"] != "#study")
    said = Credit(
        root["license"]["@id"].removeprefix(SPDX),
        entities["#author"]["name"],
        study["name"],
        study["version"],
        paper,
        entities[paper]["name"],
    )
    if not all(isinstance(text, str) for text in said) or not paper.startswith("https://"):
        raise ValueError
    return said


def _listed(entity: dict[str, Any]) -> Listed:
    if not HASH.fullmatch(entity["sha256"]):
        raise ValueError
    return Listed(int(entity["contentSize"]), entity["sha256"])
