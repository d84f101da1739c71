"""A finished run packed to travel: results, tables, wanted notebooks, and a crate.

Results say themselves what they were made by; here they are copied without the names of
this machine's folders, looked into where their data are credentialed, held against the form
of an artifact, and sealed. Tuned weights go into a part of their own, since they are large
and seldom wanted.

Limits: of a credentialed run nothing can be packed where its data do not lie, and no
weights at all, since weights can give away what they were trained on.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from negcxr import paths
from negcxr.artifacts.crate import read_crate
from negcxr.artifacts.device import require_device
from negcxr.artifacts.form import CRATE, MARK, MIB, WEIGHT_FILES, kind_of, require_name
from negcxr.artifacts.graph import LATER, PACKED, Seal, ended
from negcxr.artifacts.sealing import write_crate
from negcxr.artifacts.staging import put, staged
from negcxr.artifacts.verify import verify_kept
from negcxr.artifacts.zipped import write_zip
from negcxr.errors import InputError
from negcxr.packable import copy_run, finished, refuse_other, require_known
from negcxr.results import Result
from negcxr.writing import clear_halves


def pack(
    runs: Sequence[str],
    name: str,
    *,
    home: Path,
    notebooks: Sequence[str] = (),
    packed: Path | None = None,
) -> Path:
    """Pack finished runs into an artifact, beside the other runs that it holds.

    A run that it holds already, of the same checkpoint, data set and root, is replaced.

    Args:
        runs: Names of runs below ``results/``.
        name: The artifact's.
        home: The folder of artifacts.
        notebooks: Jobs whose executed notebooks are packed too; each of a run that has it.
        packed: The zip that is written too, if any.

    Returns:
        The artifact's folder.

    Raises:
        InputError: A run is not finished, a notebook was not executed, another run lies
            there, something must not travel, or the zip is too large; nothing was written.
    """
    if name.endswith(MARK):
        raise InputError(f"{name!r}: names that end with {MARK} are those of weights")
    place = home / require_name(name)
    results = {run: finished(run) for run in runs}
    for run in runs:
        refuse_other(results[run], place / run)
    require_known(runs, notebooks)
    with staged(home) as aside:
        made = aside / name
        made.mkdir()
        before = _copy_others(place, made, runs)
        for run in runs:
            copy_run(run, made / run, notebooks)
        _seal(made, before, ended(_by_job(results)))
        return _put(made, place, packed)


def pack_weights(
    runs: Sequence[str], name: str, *, home: Path, packed: Path | None = None
) -> Path:
    """Pack the checkpoints that runs fine-tuned, as an artifact ``<name>.weights``.

    Raises:
        InputError: A run has none, or its data are credentialed; nothing was written.
    """
    place = home / require_name(f"{name}{MARK}")
    results = require_weights(runs)
    require_device(name, _by_job(results))
    with staged(home) as aside:
        made = aside / place.name
        made.mkdir()
        before = _copy_others(place, made, runs)
        for run in runs:
            for folder in _tuned(run):
                shutil.copytree(folder, made / run / folder.name, ignore=_not_weights)
        _seal(made, before, ended(_by_job(results)))
        return _put(made, place, packed)


def require_weights(runs: Sequence[str]) -> dict[str, list[Result]]:
    """The results of runs that all tuned a checkpoint which may be packed.

    Raises:
        InputError: A run is not finished, has tuned none, or its data are credentialed.
    """
    results = {run: finished(run) for run in runs}
    for run in runs:
        _refuse_derived(run, results[run])
        _tuned(run)
    return results


def _seal(made: Path, before: Seal | None, day: str) -> None:
    """Packed today as it was computed, unless the rest of it was sealed later."""
    status, date = PACKED, max(day, before.date if before else day)
    if before and before.status == LATER:
        status, date = LATER, before.date
    write_crate(made, Seal(made.name, status, date), kind=kind_of(made.name))


def _put(made: Path, place: Path, packed: Path | None) -> Path:
    """Put an artifact into its place, and its zip into its own, if the zip may be."""
    if packed is None:
        put(made, place)
        return place
    packed.parent.mkdir(parents=True, exist_ok=True)
    clear_halves(packed)
    handle, temporary = tempfile.mkstemp(dir=packed.parent, prefix=f".{packed.name}.")
    try:
        with os.fdopen(handle, "w+b") as file:
            write_zip(made, [*read_crate(made).files], file)
        size, most = os.path.getsize(temporary), kind_of(place.name).zip_bytes
        if size > most:
            raise InputError(
                f"{packed}: {size / MIB:.1f} MiB, allowed are {most // MIB}; pack fewer "
                "runs or notebooks into one artifact"
            )
        os.chmod(temporary, 0o644)  # mkstemp makes a file that only its owner can read
        put(made, place)
        os.replace(temporary, packed)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return place


def _copy_others(place: Path, made: Path, runs: Sequence[str]) -> Seal | None:
    """Copy what an artifact holds beside some runs, if it is as it was; None if nothing."""
    if not place.exists():
        return None
    if not (place / CRATE).is_file():
        raise InputError(
            f"{place}: is there without a crate; 'negcxr artifact seal {place.name}' first"
        )
    crate = verify_kept(place)  # else what is damaged there would get a hash of its own
    others = [path for path in crate.files if path.partition("/")[0] not in runs]
    for path in others:
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place / path, made / path)
    return crate.seal if others else None


def _by_job(results: dict[str, list[Result]]) -> dict[str, dict[str, Result]]:
    return {run: {one.notebook: one for one in every} for run, every in results.items()}


def _refuse_derived(run: str, results: Iterable[Result]) -> None:
    for result in results:
        data = result.provenance.dataset
        if data and data.credentialed:
            raise InputError(
                f"run {run!r}: {data.name!r} is credentialed, and weights that were tuned "
                "on it do not leave the machine"
            )


def _tuned(run: str) -> list[Path]:
    folder = paths.RESULTS / run / "checkpoints"
    found = [path.parent for path in sorted(folder.glob("*/model.safetensors"))]
    ready = [path for path in found if not path.name.endswith(".partial")]
    if not ready:
        raise InputError(f"run {run!r}: has tuned no checkpoint; none is in {folder}")
    return ready


def _not_weights(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name not in WEIGHT_FILES]
