"""What is in an artifact's files, looked into one by one before anything believes them.

A result must be of this library's form and lie where it says, a table belong to a result,
a notebook to one too; weights must be safetensors that name no code.

Limits: numbers are not computed again. Whether they are right, no file can say.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from negcxr.artifacts.folder import Listed, read_bytes
from negcxr.artifacts.form import RESULTS, WEIGHTS, Kind
from negcxr.artifacts.strict import read_json
from negcxr.artifacts.tables import require_table
from negcxr.artifacts.words import faults_in
from negcxr.errors import InputError
from negcxr.reading import first_fault
from negcxr.results import Result
from negcxr.schema import SCHEMA_VERSION

Results = dict[str, dict[str, Result]]  # by run and job
MOST_SECONDS = 365 * 24 * 3600.0  # a job; what is longer is no duration
YEARS = range(2000, 3000)
CODE = {"auto_map", "custom_pipelines", "_commit_hash_code"}  # that a config asks to run


def results_of(folder: Path, files: Mapping[str, Listed]) -> Results:
    """Every result of an artifact, by run and job.

    Raises:
        InputError: A file is no result of this version's form, or lies where another
            belongs; a run has none, or a table or notebook belongs to none.
    """
    found: Results = {}
    for path in files:
        if path.endswith(".json"):
            run, _, file = path.partition("/")
            where = f"{folder.name}/{path}"
            result = _result(read_bytes(folder, path, RESULTS), where=where)
            if (result.run, f"{result.notebook}.json") != (run, file):
                said = f"{result.run}/{result.notebook}"
                raise InputError(f"{where}: says that it is the result {said}")
            found.setdefault(run, {})[result.notebook] = result
    _require_owners(folder, files, found)
    return found


def _result(content: bytes, *, where: str) -> Result:
    fields = read_json(content, where=where)
    if not isinstance(fields, dict):
        raise InputError(f"{where}: not a result but a {type(fields).__name__}")
    version = fields.get("schema_version")
    if version != SCHEMA_VERSION:
        raise InputError(
            f"{where}: a result of form {str(version)[:20]!r}; this version of negcxr "
            f"reads form {SCHEMA_VERSION}"
        )
    for fault in faults_in(fields):
        raise InputError(f"{where}: a text that is more than words, {fault}")
    try:
        result = Result(**fields)
    except ValidationError as error:
        raise InputError(f"{where}: {first_fault(error)}") from None
    made = result.provenance
    if made.seconds > MOST_SECONDS or made.started.year not in YEARS:
        raise InputError(f"{where}: begun {made.started}, for {made.seconds} seconds")
    return result


def _require_owners(folder: Path, files: Mapping[str, Listed], found: Results) -> None:
    """Every table is named by a result and is there; every notebook has its result."""
    named = {
        f"{run}/{table}": f"{run}/{job}.json"
        for run, results in found.items()
        for job, result in results.items()
        for table in result.tables.values()
    }
    for table, owner in named.items():
        if table not in files:
            raise InputError(f"{folder.name}/{owner}: its table {table[:200]!r} is missing")
    for path in files:
        pure = PurePosixPath(path)
        if pure.suffix == ".parquet" and path not in named:
            raise InputError(f"{folder.name}/{path}: a table that no result names")
        if pure.suffix == ".ipynb" and pure.stem not in found.get(pure.parts[0], {}):
            raise InputError(f"{folder.name}/{path}: a notebook without its result")
    if not found:
        raise InputError(f"{folder.name}: no result is in it")


def require_contents(folder: Path, files: Mapping[str, Listed], kind: Kind) -> None:
    """Look into every file that is no result: tables, notebooks, weights.

    Raises:
        InputError: Names the file and what is wrong with it.
    """
    for path in files:
        where = f"{folder.name}/{path}"
        if path.endswith(".parquet"):
            require_table(folder / path, where=where)
        elif path.endswith(".ipynb"):
            # Charts are drawn anew, and altair takes seconds to import.
            from negcxr.artifacts.notebooks import require_inert

            require_inert(read_bytes(folder, path, kind), where=where)
        elif kind is WEIGHTS:
            _require_weights(folder, path, where=where)


def _require_weights(folder: Path, path: str, *, where: str) -> None:
    if path.endswith(".safetensors"):
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(folder / path, "np") as weights:
                weights.keys()
        except (SafetensorError, OSError, ValueError) as error:
            raise InputError(f"{where}: not safetensors ({str(error)[:200]})") from None
    elif path.endswith(".json"):
        _refuse_code(read_json(read_bytes(folder, path, WEIGHTS), where=where), where)


def _refuse_code(said: Any, where: str) -> None:
    if isinstance(said, dict) and (code := CODE & {*said}):
        raise InputError(f"{where}: {min(code)!r} names code to run; none is run here")
