"""An artifact that came from elsewhere, verified aside and then put in its place at once.

Nothing that was there changes unless all of it is as it should be. The same artifact again
changes nothing; other runs, or other jobs of the same runs, are united with those that are
there (see `negcxr.artifacts.merge`); anything else under the same name is refused.

Limits: see `negcxr.artifacts.verify`: an artifact that somebody sealed anew passes.
"""

import shutil
from pathlib import Path
from typing import NamedTuple

from negcxr.artifacts.crate import crate_text, read_crate
from negcxr.artifacts.folder import files_of
from negcxr.artifacts.form import CRATE, require_name
from negcxr.artifacts.graph import graph
from negcxr.artifacts.merge import (
    require_runs,
    united_files,
    united_results,
    united_seal,
)
from negcxr.artifacts.staging import put, staged
from negcxr.artifacts.verify import Verified, verify_folder, verify_kept
from negcxr.artifacts.zipped import unpack
from negcxr.errors import InputError
from negcxr.writing import write_whole


class Added(NamedTuple):
    """What became of an artifact that was added.

    Attributes:
        folder: Where it lies.
        said: ``added``, ``united with what was there`` or ``there already``.
        verified: It, as it was brought.
    """

    folder: Path
    said: str
    verified: Verified


def add(source: Path, home: Path) -> Added:
    """Verify an artifact and put it among the others.

    Args:
        source: Its zip, or its folder.
        home: The folder of artifacts.

    Returns:
        Where it is and what was done.

    Raises:
        InputError: It is not as it should be, or another is there; nothing was changed.
    """
    with staged(home) as aside:
        made = aside / "artifact"
        bring(source, made)
        verified = verify_folder(made)
        require_runs(verified.results, where=verified.crate.seal.name)
        place = home / require_name(verified.crate.seal.name)
        _require_one_case(place)
        if not place.exists():
            put(made, place)
            return Added(place, "added", verified)
        there = _there(place)
        if there.crate.digest == verified.crate.digest:
            return Added(place, "there already", verified)
        _unite(made, place, verified, there)
        if read_crate(made).digest == there.crate.digest:
            return Added(place, "there already", verified)
        put(made, place)
        return Added(place, "united with what was there", verified)


def bring(source: Path, made: Path) -> None:
    """Copy an artifact, zip or folder, into a new folder; nothing but plain files.

    Raises:
        InputError: It is neither, or holds what no artifact has.
    """
    if source.is_dir() and not source.is_symlink():
        crate = read_crate(source)
        for path in [CRATE, *files_of(source, crate.kind)]:
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / path, made / path, follow_symlinks=False)
    elif source.is_file():
        made.mkdir(parents=True)
        unpack(source, made)
    else:
        raise InputError(f"{source}: neither an artifact's folder nor its zip")


def _there(place: Path) -> Verified:
    """What lies there, if it is as it was."""
    if not (place / CRATE).is_file():
        raise InputError(
            f"{place.name}: is there without a crate; 'negcxr artifact seal {place.name}' "
            "writes one, and then this can be united with it"
        )
    verify_kept(place)
    return verify_folder(place)


def _require_one_case(place: Path) -> None:
    for other in place.parent.iterdir():
        if other.name.casefold() == place.name.casefold() and other.name != place.name:
            raise InputError(f"{place.name}: differs from {other.name!r} by case alone")


def _unite(made: Path, place: Path, new: Verified, old: Verified) -> None:
    """Make of the new artifact's folder that of both."""
    files = united_files(old, new)
    for path in files:
        if not (made / path).exists():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(place / path, made / path)
    results = united_results(new.results, old.results)
    seal = united_seal(new.crate.seal, old.crate.seal, results)
    said = graph(seal, old.crate.credit, files, results, kind=old.crate.kind)
    (made / CRATE).unlink()
    write_whole(made / CRATE, crate_text(said).encode())
    verify_folder(made)
