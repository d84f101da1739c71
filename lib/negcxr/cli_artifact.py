"""``negcxr artifact``: finished runs packed to travel, verified, and brought in."""

from pathlib import Path
from typing import Annotated

import typer

from negcxr import paths
from negcxr.reading import listed

artifact = typer.Typer(help="Pack, verify and bring in kept runs.", no_args_is_help=True)
Home = Annotated[Path, typer.Option("--into", help="the folder of artifacts")]


@artifact.command()
def pack(
    runs: Annotated[list[str], typer.Argument(help="finished runs below results/")],
    name: Annotated[str, typer.Option(help="such as gpu-full or cpu-mine")],
    notebooks: Annotated[str, typer.Option(help="executed ones to pack too: a,b")] = "",
    zip_file: Annotated[Path | None, typer.Option("--zip", help="write it as one")] = None,
    weights: Annotated[bool, typer.Option("--weights", help="and tuned ones")] = False,
    into: Home = paths.ARTIFACTS,
) -> None:
    """Pack finished runs into artifacts/NAME, and with --zip into one file to send.

    Runs that the artifact holds beside them stay. Weights go into an artifact of their own,
    NAME.weights, and a zip of their own beside the other. A book built afterwards shows
    packed notebooks under "Kept runs".
    """
    from negcxr.packing import pack as pack_runs
    from negcxr.packing import pack_weights, require_weights

    if weights:
        require_weights(runs)  # else a run without any fails when its results are packed
    _tell(pack_runs(runs, name, home=into, notebooks=listed(notebooks), packed=zip_file))
    if weights:
        beside = zip_file and zip_file.with_suffix(".weights.zip")
        _tell(pack_weights(runs, name, home=into, packed=beside))


def _tell(folder: Path) -> None:
    from negcxr.artifacts.crate import read_crate

    typer.echo(f"{folder}: {read_crate(folder).digest}", err=True)


@artifact.command()
def verify(
    source: Annotated[Path, typer.Argument(help="an artifact's folder or zip")],
) -> None:
    """Hold every byte of an artifact against its crate, and look into each file.

    The exit code is 0 where all is as it was, and 2 where not.
    """
    import tempfile

    from negcxr.artifacts.add import bring
    from negcxr.artifacts.verify import SAYS, verify_folder

    with tempfile.TemporaryDirectory() as aside:
        folder = source
        if not source.is_dir():
            folder = Path(aside, "artifact")
            bring(source, folder)
        verified = verify_folder(folder)
    crate = verified.crate
    results = sum(len(jobs) for jobs in verified.results.values())
    runs = len({path.partition("/")[0] for path in crate.files})
    typer.echo(
        f"{crate.seal.name}: every byte is as its crate says ({crate.seal.status}, "
        f"{crate.seal.date}); "
        f"{runs} runs, {results} results, {len(crate.files)} files\n{crate.digest}\n{SAYS}"
    )


@artifact.command()
def add(
    source: Annotated[Path, typer.Argument(help="an artifact's folder or zip")],
    into: Home = paths.ARTIFACTS,
) -> None:
    """Verify an artifact and put it among the others; another one is never overwritten.

    Other runs, or other chapters of the same run, are put beside those that are there.
    """
    from negcxr.artifacts.add import add as bring_in
    from negcxr.artifacts.verify import SAYS

    added = bring_in(source, into)
    typer.echo(f"{added.folder}: {added.said}", err=True)
    typer.echo(f"{added.verified.crate.digest}\n{SAYS}", err=True)


@artifact.command(name="list")
def list_(into: Home = paths.ARTIFACTS) -> None:
    """Print a row for each kept run: what it is of, and whether it is as it was.

    The exit code is 1 where an artifact is damaged.
    """
    from negcxr.artifacts.listing import list_artifacts

    table = list_artifacts(into)
    if table.empty:
        typer.echo(f"no artifact in {into}", err=True)
        return
    typer.echo(table.to_string(index=False))
    if (table["form"] == "damaged").any():
        raise typer.Exit(1)


@artifact.command()
def seal(
    name: Annotated[str, typer.Argument(help="a folder of artifacts without a crate")],
    into: Home = paths.ARTIFACTS,
) -> None:
    """Write a crate for runs that were kept without one; it says that it came later."""
    from datetime import UTC, datetime

    from negcxr.artifacts.sealing import seal_folder

    typer.echo(str(seal_folder(into / name, datetime.now(UTC).date())), err=True)
