"""A checkpoint's files from the hub, or from what its client has already kept here.

What is there is taken without a question to the network, and what a project has begun to
measure stays at its revision (`negcxr.models.hub_lock`). Only where something is missing
is the hub asked, once and shortly: on a machine without network the answer is one line
that says how to bring the files.

Limits: a token, where a checkpoint needs one, is the hub client's own matter and is never
read here. An interrupted download goes on only where the network is to be had; that it
was, is seen where weights, config, processor or tokenizer are missing, not by a small file
that a checkpoint may do without.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from negcxr.errors import InputError
from negcxr.models.catalogue import entry_of

PATIENCE = 10  # seconds for the hub's first answer
MAIN = "main"  # what the hub calls its newest revision
SITE = "https://huggingface.co"
INDEX = ".index.json"  # ends the name of a file that names the shards of weights
MERGES = {"vocab.json": "merges.txt"}  # a vocabulary that is nothing without them


class Snapshot(NamedTuple):
    """The files of one commit, in the folder of the hub's client."""

    folder: Path
    revision: str


def snapshot(
    name: str, revision: str, files: Sequence[str], needs: Sequence[Sequence[str]]
) -> Snapshot:
    """The files of a hub's checkpoint, fetched where they are not all here.

    Args:
        name: ``org/name``.
        revision: A commit; empty for the newest that the hub has or, where the hub cannot
            be asked, that its client has kept here.
        files: Names or patterns of those that are wanted.
        needs: Names of files, one of which must be there of each; of shards all must be
            that their index names.

    Raises:
        InputError: The files are not here and cannot be had; says how to bring them.
    """
    from huggingface_hub import errors, snapshot_download  # a second; only here needed

    fetch = partial(snapshot_download, name, allow_patterns=list(files))
    here = _kept(fetch, revision) if revision else None
    if here and not missing(here.folder, needs):
        return here
    try:
        folder = Path(fetch(revision=_asked(name, revision)))
        return Snapshot(folder, folder.name)
    # Errors of the network have a class of the client's HTTP library, which differs by
    # version; the module names the one that is in use.
    except (OSError, errors.HTTPError, errors.HFValidationError) as error:
        here = _kept(fetch, revision or MAIN)
        lacks = missing(here.folder, needs) if here else ""
        if here is None or lacks:
            raise InputError(_why(name, revision, error, lacks)) from None
        return here


def missing(folder: Path, needs: Sequence[Sequence[str]]) -> str:
    """The first file that a folder lacks; empty where it is whole.

    Args:
        folder: It may hold what an interrupted download left.
        needs: As of `snapshot`.
    """
    for names in needs:
        found = next((name for name in names if (folder / name).is_file()), None)
        if found is None:
            return " or ".join(names)
        for name in _beside(folder / found):
            if not (folder / name).is_file():
                return name
    return ""


def _beside(file: Path) -> list[str]:
    """The files without which this one is of no use."""
    if not file.name.endswith(INDEX):
        return [MERGES[file.name]] if file.name in MERGES else []
    try:
        return sorted(
            {*json.loads(file.read_text(encoding="utf-8"))["weight_map"].values()}
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return []  # a damaged index is whole, and refused by whoever reads the folder


def _kept(fetch: Callable[..., str], revision: str) -> Snapshot | None:
    """What the hub's client has here of a revision, which may be a part of it.

    It takes any folder of the revision for all of it, also one that an interrupted
    download left.
    """
    from huggingface_hub import errors

    try:
        folder = Path(fetch(revision=revision, local_files_only=True))
    except (errors.LocalEntryNotFoundError, errors.HFValidationError):
        return None
    return Snapshot(folder, folder.name)


def _asked(name: str, revision: str) -> str:
    """The commit, once the hub has answered that it has it.

    A download by itself would try for half a minute where there is no network.
    """
    from huggingface_hub import HfApi

    return HfApi().model_info(name, revision=revision or None, timeout=PATIENCE).sha


def _why(name: str, revision: str, error: Exception, lacks: str) -> str:
    from huggingface_hub import errors

    match error:
        case errors.GatedRepoError():
            return (
                f"checkpoint {name}: its terms are not accepted yet; accept them at "
                f"{SITE}/{name}, then say who you are by: hf auth login"
            )
        case errors.RevisionNotFoundError():
            return f"checkpoint {name}: the hub has no revision {revision} of it"
        case errors.RepositoryNotFoundError() | errors.HFValidationError():
            return (
                f"checkpoint {name}: no such folder, and the hub has none of this name "
                "that is open to you; mend the name, or say who you are by: hf auth login"
            )
    return _how_to_bring(name, revision, error, lacks)


def _how_to_bring(name: str, revision: str, error: Exception, lacks: str) -> str:
    from huggingface_hub import errors

    offline = isinstance(error, errors.OfflineModeIsEnabled)
    cause = "HF_HUB_OFFLINE is set" if offline else str(error).strip().partition("\n")[0]
    known = entry_of(name)
    terms = f" (accept the terms at {SITE}/{name} first)" if known and known.gated else ""
    folder = f"checkpoints/{name.partition('/')[2]}"
    here = f"only in part here: {lacks} is missing" if lacks else "not here"
    pinned = f" --revision {revision}" if revision else ""
    return (
        f"checkpoint {name}: {here}, and the hub cannot be asked ({cause}); on a machine "
        f"with network{terms}: hf download {name}{pinned} --local-dir {folder}, then bring "
        f"that folder here and give it by --checkpoint {folder}"
    )
