"""Which modules of this package a notebook or a module imports, and their data files.

Idea: they are read from the import statements, so what is not imported, however
indirectly, does not matter. Data files beside modules count, for they are read by name.

Limits: a module that is named only by a text put together at run time is not seen,
except below ``import_module`` with the package written out, as registries do: then all
modules of that package count.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import negcxr
from negcxr.errors import InputError
from negcxr.parameters import read_cells

PACKAGE = Path(negcxr.__file__).parent
DATA = ("*.yml", "*.json")


def library_inputs(source: Path) -> list[Path]:
    """Modules of this package that ``source`` imports, however indirectly, and their data.

    Args:
        source: A notebook or a Python file.

    Raises:
        InputError: A code cell is not Python.
    """
    found: set[Path] = set()
    ahead = list(_imported(source))
    while ahead:
        module = ahead.pop()
        if module not in found:
            found.add(module)
            ahead += _imported(module)
    folders = {module.parent for module in found}
    return sorted(found | {file for folder in folders for file in _data(folder)})


@cache
def _imported(source: Path) -> tuple[Path, ...]:
    names = {name for node in ast.walk(_tree(source)) for name in _names(node)}
    files = {file for name in names for file in _files(name)}
    return tuple(sorted(files - {source}))


def _tree(source: Path) -> ast.AST:
    if source.suffix != ".ipynb":
        return ast.parse(source.read_text(encoding="utf-8"))
    body: list[ast.stmt] = []
    for number, cell in enumerate(read_cells(source), start=1):
        if cell.kind == "code":
            lines = cell.source.splitlines()
            plain = [line for line in lines if not line.startswith(("%", "!"))]
            try:
                body += ast.parse("\n".join(plain)).body
            except SyntaxError as error:
                place = f"cell {number}, line {error.lineno}"
                raise InputError(f"{source.name}, {place}: not Python") from None
    return ast.Module(body, [])


def _names(node: ast.AST) -> Iterator[str]:
    """Dotted names that a node may import; a star stands for all of a package."""
    match node:
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom(module=str(module)):
            yield module
            yield from (f"{module}.{a.name}" for a in node.names if a.name != "*")
        case ast.Call(func=ast.Name(id="import_module"), args=[ast.Constant(str(name))]):
            yield name
        case ast.Call(
            func=ast.Name(id="import_module"),
            args=[ast.JoinedStr(values=[ast.Constant(str(prefix)), *_])],
        ):
            yield f"{prefix.rpartition('.')[0]}.*"


def _files(name: str) -> Iterator[Path]:
    """The module of a name, and the packages above it, which are executed first."""
    root, *parts = name.split(".")
    if root != PACKAGE.name:
        return
    folder = PACKAGE
    yield folder / "__init__.py"
    for part in parts:
        if part == "*":
            yield from folder.glob("*.py")
        elif (folder / part / "__init__.py").is_file():
            folder /= part
            yield folder / "__init__.py"
        elif (folder / f"{part}.py").is_file():
            yield folder / f"{part}.py"


def _data(folder: Path) -> Iterator[Path]:
    for pattern in DATA:
        yield from folder.glob(pattern)
    for below in folder.iterdir():
        if below.is_dir() and not (below / "__init__.py").is_file():
            for pattern in DATA:
                yield from below.rglob(pattern)
