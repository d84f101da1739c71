"""Which files a job or the book stands on; it is out of date when one changed.

Of this package they are read from the import statements: what is not imported, however
indirectly, does not matter. Data files beside modules count, for they are read by name.

Limits: a module that is named only by a text put together at run time is not seen,
except below ``import_module`` with the package written out, as registries do: then all
modules of that package count. Images of a data set do not count, nor reports in text, only
its tables; a hub's checkpoint neither: a run's parameters name it with its revision.
"""

import ast
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import negcxr
from negcxr import paths
from negcxr.artifacts.form import CRATE
from negcxr.errors import InputError
from negcxr.live import live_results
from negcxr.parameters import read_cells
from negcxr.reading import listed, read_yaml
from negcxr.runs import METHOD_JOB, method_of, read_record, source_of

PACKAGE = Path(negcxr.__file__).parent
DATA = ("*.yml", "*.json")
FINISHED = ("artifacts", "search")  # parameters that name folders of finished runs
KEPT = ("*.json", "*.parquet")  # of such a folder
KEPT_FILES = (  # what the book holds against its crate; a dot begins what is being made
    "[!.]*/*.json",
    *(f"[!.]*/[!.]*/*.{kind}" for kind in ("json", "ipynb", "parquet")),
)
FOLDERS = ("root", "text_root")  # parameters that name folders of tables
TABLES = ("*.csv", "*.csv.gz", "*.txt", "*.yml")  # of such a folder
MADE = {"executed", "generated", "vega-bundle.js"}  # by the build, into the book


def job_inputs(run: str, job: str, beside: Sequence[str] = ()) -> list[str]:
    """The files that one job of one run stands on, as Snakemake names files.

    Args:
        beside: Runs that are made in the same call.

    Raises:
        InputError: The notebook is not Python.
    """
    folder, source = paths.RESULTS / run, source_of(job)
    file = folder / "parameters" / f"{job}.json"
    values = json.loads(file.read_text())
    library = library_inputs(source)
    found = {source, file, PACKAGE / "run.py", PACKAGE / "tidy.py", *library}
    found |= {*_named(values), *_earlier(folder, job, values)}
    found |= {*live_results(run, job, values, beside)}
    if method_of(job) or PACKAGE / "finetune" / "methods.py" in library:
        found |= {*_methods(method_of(job))}
    if PACKAGE / "data" / "fetch.py" in library:
        found |= {path for path in _fetched().rglob("*") if path.is_file()}
    return _from_root(found)


def book_inputs() -> list[str]:
    """The files that the book stands on beside the results of runs."""
    pages = [path for path in paths.BOOK.rglob("*") if path.is_file()]
    sources = [path for path in pages if not MADE & {*path.parts}]
    # Tables too, which no page needs: the build stops where any file of a kept run changed.
    kept = [p for found in KEPT_FILES for p in paths.ARTIFACTS.glob(found)]
    code = library_inputs(PACKAGE / "book" / "__init__.py")
    timed = [*(paths.ROOT / "benchmarks").glob("*.csv")]
    return _from_root({*sources, *kept, *code, *timed, paths.ROOT / "_config.yml"})


def _named(values: Mapping[str, object]) -> Iterator[Path]:
    """Files that a job's parameters point at."""
    checkpoint = paths.at_root(str(values.get("checkpoint") or "checkpoints/none"))
    if checkpoint.is_dir():
        yield from (path for path in checkpoint.iterdir() if path.is_file())
    for value in values.values():
        # A prompt set, weights of layers. Path.is_file refuses a text too long for a name.
        if isinstance(value, str) and os.path.isfile(paths.at_root(value)):
            yield paths.at_root(value)
    for name in (name for name in FOLDERS if values.get(name)):
        for pattern in TABLES:
            yield from paths.at_root(str(values[name])).glob(pattern)
    from negcxr.data.layout_tables import tables_of  # takes a second, which most need not

    yield from tables_of(str(values.get("dataset")), str(values.get("root") or ""))
    for folder in (part for name in FINISHED for part in listed(str(values.get(name, "")))):
        for pattern in KEPT:
            found = paths.at_root(folder).rglob(pattern)
            yield from (path for path in found if path.name != CRATE)


def _earlier(folder: Path, job: str, values: Mapping[str, object]) -> Iterator[Path]:
    """Results of this run that a job reads: of methods that it compares, and of chapters.

    Such a result is written last, so with it there is all that its job leaves.
    """
    jobs = {f"{METHOD_JOB}{method}" for method in listed(str(values.get("methods", "")))}
    jobs |= {*listed(str(values.get("chapters", "")))}
    for name in jobs & {*read_record(folder).get("notebooks", [])} - {job}:
        yield folder / f"{name}.json"


def _fetched() -> Path:
    """Where ``negcxr data fetch`` puts what a job may find there, or not."""
    return paths.cache() / "fetched"


def _methods(method: str) -> Iterator[Path]:
    """The methods' file, and the weights of layers that one of them takes."""
    path = paths.PARAMS / "methods.yml"
    yield path
    if method and (layers := read_yaml(path)[method].get("layers")):
        yield paths.at_root(layers)


def _from_root(found: Iterable[Path]) -> list[str]:
    plain = [path for path in found if "__pycache__" not in path.parts]
    return sorted(os.path.relpath(path, paths.ROOT) for path in plain)


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
