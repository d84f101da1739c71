"""What a notebook declares in the cell tagged ``parameters``, and what may be passed.

Papermill takes any name and any value: a misspelt one runs on its default with a warning,
a name can carry code, and a notebook without the tag overrides what was passed. So the
cell is read here, and what does not fit is refused before anything runs.

Limits: types are the four that JSON and a command line can carry. Whether a value means
something is for the notebook to say.
"""

import ast
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from negcxr.errors import InputError

TAG = "parameters"
TYPES = {"str": str, "int": int, "float": float, "bool": bool}
Value = str | int | float | bool


class Cell(NamedTuple):
    """What is asked of a cell before it runs."""

    kind: str
    tags: list[str]
    source: str


def read_cells(path: Path) -> list[Cell]:
    """The cells of a notebook.

    Read as the JSON that it is: nbformat takes a second to import, and a study is
    checked far more often than a notebook runs.

    Raises:
        InputError: There is no such file, or it is not a notebook.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such notebook")
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if notebook["nbformat"] != 4:
            raise InputError(f"{path}: notebook format {notebook['nbformat']}, not 4")
        return [
            Cell(
                cell["cell_type"],
                cell["metadata"].get("tags", []),
                "".join(cell["source"]),  # one text, or a list of its lines
            )
            for cell in notebook["cells"]
        ]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a notebook: {error}") from None


def declared(path: Path) -> dict[str, Value]:
    """The parameters of a notebook and their defaults; a default's type is its type.

    Raises:
        InputError: No cell, or more than one, bears the tag ``parameters``; or the cell
            holds something else than annotated names with a default.
    """
    cells = [cell for cell in read_cells(path) if TAG in cell.tags]
    if len(cells) != 1:
        found = f"{len(cells)} cells tagged {TAG!r}"
        raise InputError(f"{path.name}: {found}; exactly one holds the parameters")
    try:
        statements = ast.parse(cells[0].source).body
    except SyntaxError as error:
        raise InputError(
            f"{path.name}, parameters, line {error.lineno}: not Python"
        ) from None
    return dict(_declaration(statement, path.name) for statement in statements)


def _declaration(statement: ast.stmt, notebook: str) -> tuple[str, Value]:
    match statement:
        case ast.AnnAssign(
            target=ast.Name(id=name),
            annotation=ast.Name(id=kind),
            value=ast.expr() as given,
        ) if kind in TYPES:
            try:
                value = ast.literal_eval(given)
            except ValueError:
                value = None  # an expression: refused below, as no type's literal
            if fits(value, TYPES[kind]):
                return name, TYPES[kind](value)
    said = ast.unparse(statement).partition("\n")[0]
    raise InputError(
        f"{notebook}, parameters, line {statement.lineno}: {said!r}; allowed: "
        f"name: type = literal, with type one of {', '.join(TYPES)}"
    )


def fits(value: object, kind: type) -> bool:
    """Whether a value is of a parameter's type; a whole number may stand for a float."""
    if type(value) is int and kind is float:
        return True
    if type(value) is not kind:
        return False
    return not (kind is float and not math.isfinite(value))


def checked_parameters(path: Path, given: Mapping[str, object]) -> dict[str, Value]:
    """Every parameter that a notebook runs on: those given, and its defaults for the rest.

    Raises:
        InputError: A name is not declared, or a value is not of its type; the message
            names the notebook, the parameter, the value and what is allowed.
    """
    values = declared(path)
    for name, value in given.items():
        if not str(name).isidentifier() or name not in values:
            known = ", ".join(values) or "none"
            raise InputError(f"{path.name}: no parameter {name!r}; it declares: {known}")
        kind = type(values[name])
        if not fits(value, kind):
            wanted = "a finite float" if kind is float else kind.__name__
            kinds = f"{value!r} is {type(value).__name__}, not {wanted}"
            raise InputError(f"{path.name}: parameter {name}: {kinds}")
        values[name] = kind(value)
    return values


def from_text(path: Path, name: str, text: str) -> Value:
    """A value as typed on a command line, in the type that the notebook declares.

    Raises:
        InputError: The notebook declares no such parameter, or the text is no such value.
    """
    kind = type(checked_parameters(path, {}).get(name))
    if kind is bool:
        allowed = {"true": True, "false": False}
        if text.lower() in allowed:
            return allowed[text.lower()]
    elif kind in (int, float, str):
        try:
            return kind(text)
        except ValueError:
            pass  # refused below, with the type it should have
    else:
        checked_parameters(path, {name: text})  # refuses the unknown name
    wanted = f"{text!r} is not {kind.__name__}"
    raise InputError(f"{path.name}: parameter {name}: {wanted}")
