"""A crate for a folder that lies there without one, which then says that it came later."""

from datetime import date
from pathlib import Path

from negcxr.artifacts.contents import require_contents, results_of
from negcxr.artifacts.crate import crate_text
from negcxr.artifacts.credit import credit_of
from negcxr.artifacts.device import require_device
from negcxr.artifacts.folder import files_of
from negcxr.artifacts.form import CRATE, RESULTS, Kind, kind_of, require_name
from negcxr.artifacts.graph import LATER, Seal, graph
from negcxr.artifacts.merge import require_runs
from negcxr.errors import InputError
from negcxr.writing import clear_halves, write_whole


def seal_folder(folder: Path, day: date) -> Path:
    """Look into a folder of runs that have no crate, and write one that says the day.

    Raises:
        InputError: It has a crate, or something in it is not as it should be.
    """
    if (folder / CRATE).exists():
        raise InputError(f"{folder / CRATE}: is there; 'negcxr artifact verify' reads it")
    name = require_name(folder.name)
    clear_halves(folder / CRATE)  # else the next call refuses it as a file of no artifact
    write_crate(folder, Seal(name, LATER, day.isoformat()), kind=kind_of(name))
    return folder / CRATE


def write_crate(folder: Path, seal: Seal, *, kind: Kind) -> None:
    """Look into the files of a folder and write the crate that lists them.

    Raises:
        InputError: Something in it is not as it should be; no crate was written.
    """
    files = files_of(folder, kind)
    results = results_of(folder, files) if kind is RESULTS else {}
    require_contents(folder, files, kind)
    require_runs(results, where=folder.name)
    require_device(seal.name, results)
    said = graph(seal, credit_of(), files, results, kind=kind)
    write_whole(folder / CRATE, crate_text(said).encode())
