"""``negcxr results``: what runs found, as tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from negcxr import paths
from negcxr.artifacts.form import CRATE
from negcxr.errors import InputError

results = typer.Typer(help="Show what runs found.", no_args_is_help=True)


@results.command()
def show(
    run: Annotated[str, typer.Argument(help="a run, or a folder of one; none: all")] = "",
) -> None:
    """Print every number of a run: value, interval, n, prevalence, chance."""
    from negcxr.results import read_result
    from negcxr.show import print_result

    for folder in _folders(run):
        for path in sorted(folder.glob("*.json")):
            print_result(read_result(path))


@results.command()
def table(
    folder: Annotated[Path, typer.Argument(help="a run's folder, or a folder of runs")],
    readme: Annotated[Path | None, typer.Option(help="write it into this file")] = None,
) -> None:
    """Print the table of answers as Markdown, or write it between a file's marks."""
    from negcxr.readme import answer_block, with_block

    block = answer_block(folder)
    if readme is None:
        typer.echo(block)
        return
    from negcxr.runs import write_whole

    write_whole(readme, with_block(readme, block).encode())


@results.command()
def schema() -> None:
    """Print the JSON Schema of a result."""
    from negcxr.schema import schema_text

    typer.echo(schema_text(), nl=False)


def _folders(run: str) -> Iterator[Path]:
    if not run:
        yield from sorted(path.parent for path in paths.RESULTS.glob("*/run.yml"))
        return
    for folder in (Path(run), paths.RESULTS / run, paths.ARTIFACTS / run):
        if any(path.name != CRATE for path in folder.glob("*.json")):
            yield folder
            return
    known = ", ".join(sorted(path.parent.name for path in paths.RESULTS.glob("*/run.yml")))
    raise InputError(f"no results of a run {run!r}; there are: {known or 'none yet'}")
