"""What a notebook found: one JSON file of numbers, one Parquet file a table.

Pages, tables and comparisons read these files and nothing else, so a number that is
shown is a number that was written, with its interval, its count and what made it. The
form is the JSON Schema in ``result.schema.json``.

Limits: a result says what was computed, not that it is right; and a table that is changed
by hand is not noticed.
"""

import io
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from negcxr.errors import InputError
from negcxr.guard import (
    APART,
    Secrets,
    refuse_scalars,
    refuse_table,
    refuse_text,
    secrets_of,
    strings_in,
)
from negcxr.paths import at_root
from negcxr.provenance import now, provenance
from negcxr.reading import first_fault
from negcxr.runs import refuse_other_run, write_whole
from negcxr.schema import Estimate, Parameter, Result

__all__ = [
    "Estimate",
    "Result",
    "now",
    "parameters_in",
    "read_result",
    "read_table",
    "refuse_said",
    "write_result",
]

NUMBERS = {"scalar": str, "n": int, **dict.fromkeys(("value", "low", "high"), float)}
NUMBERS |= {"prevalence": float, "note": str}
HASHES = {
    "provenance": {
        "commit": True,
        "checkpoint": {"fingerprint", "revision"},
        "dataset": {"fingerprint"},
    }
}


def parameters_in(namespace: Mapping[str, Any]) -> dict[str, Parameter]:
    """The parameters of a notebook, as they stand: its annotated names.

    Args:
        namespace: The notebook's ``globals()``.
    """
    return {name: namespace[name] for name in namespace.get("__annotations__", {})}


def write_result(
    folder: str | Path,
    notebook: str,
    *,
    parameters: Mapping[str, Parameter],
    scalars: Mapping[str, Estimate],
    tables: Mapping[str, pd.DataFrame],
    started: datetime,
    encoder: Any = None,
    dataset: Any = None,
    policy: str = "",
) -> Path:
    """Write what a notebook found; tables first, so that a JSON's tables are there.

    Args:
        folder: The run's folder, ``results/<run>``, from the project's root if relative;
            its name is the run's.
        notebook: The notebook's name without its suffix.
        parameters: All parameters that it ran on.
        scalars: Numbers by name.
        tables: Tables by name.
        started: When the notebook started, as ``now()`` said then.
        encoder: The encoder that was measured, if any.
        dataset: The images that it was measured on, if any.
        policy: The policy that turned labels into relevance.

    Returns:
        The JSON file.

    Raises:
        InputError: A value cannot be kept, the folder is another run's, or rows of a
            credentialed data set would be written.
    """
    folder = at_root(folder)
    refuse_other_run(folder, parameters)
    secrets = None if dataset is None else secrets_of(dataset)
    if secrets:
        for name, table in tables.items():
            refuse_table(table, secrets, where=f"result of {notebook}, table {name}")
    result = _validated(
        f"result of {notebook}",
        notebook=notebook,
        run=folder.name,
        parameters=dict(parameters),
        provenance=provenance(
            parameters, started=started, encoder=encoder, dataset=dataset, policy=policy
        ),
        scalars=dict(scalars),
        tables={name: f"{notebook}.{name}.parquet" for name in tables},
    )
    if secrets:
        refuse_said(result, secrets, where=f"result of {notebook}")
    return _write(folder, result, tables)


def refuse_said(result: Result, secrets: Secrets, *, where: str) -> None:
    """Refuse a result whose numbers, or whose words, are more than aggregates.

    Hashes are no names, and by chance they have one's digits; they are not looked into.

    Raises:
        InputError: Says where and what kind of thing was found.
    """
    said = [{"scalar": name, **one.model_dump()} for name, one in result.scalars.items()]
    numbers = pd.DataFrame(said, columns=[*NUMBERS]).astype(NUMBERS)
    refuse_scalars(numbers, secrets, where=f"{where}, its numbers")
    words = strings_in(result.model_dump(mode="json", exclude=HASHES))
    refuse_text(APART.join(words), secrets, where=f"{where}, its words")


def _write(folder: Path, result: Result, tables: Mapping[str, pd.DataFrame]) -> Path:
    for name, table in tables.items():
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        write_whole(folder / result.tables[name], buffer.getvalue())
    path = folder / f"{result.notebook}.json"
    text = json.dumps(result.model_dump(mode="json"), indent=1, allow_nan=False)
    write_whole(path, text.encode() + b"\n")
    for stale in folder.glob(f"{result.notebook}.*.parquet"):
        if stale.name not in result.tables.values():
            stale.unlink()
    return path


def read_result(path: str | Path) -> Result:
    """The result in a JSON file.

    Raises:
        InputError: There is no such file, or it is not a result.
    """
    path = Path(path)
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such result; run its notebook first") from None
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise InputError(f"{path}: not a result but a {type(fields).__name__}")
    return _validated(str(path), **fields)


def read_table(result_path: str | Path, table: str) -> pd.DataFrame:
    """One table of a result.

    Raises:
        InputError: The result names no such table, or its file is gone.
    """
    tables = read_result(result_path).tables
    if table not in tables:
        known = ", ".join(tables) or "none"
        raise InputError(f"{result_path}: no table {table!r}; tables: {known}")
    file = Path(result_path).parent / tables[table]
    if not file.is_file():
        raise InputError(f"{file} is gone; run the notebook again")
    return pd.read_parquet(file)


def _validated(source: str, **fields: Any) -> Result:
    try:
        return Result(**fields)
    except ValidationError as error:
        raise InputError(f"{source}: {first_fault(error)}") from error
