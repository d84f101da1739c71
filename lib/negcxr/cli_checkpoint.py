"""``negcxr checkpoint``: which checkpoints are known, and a look at one before a run."""

from typing import Annotated

import typer

from negcxr import paths

checkpoint = typer.Typer(help="Look at checkpoints before a run.", no_args_is_help=True)


@checkpoint.command("list")
def show() -> None:
    """Print the checkpoints that are known: family, sizes, licence, whether it is here."""
    from negcxr.models.catalogue import entries
    from negcxr.show_checkpoint import print_entries

    places = {entry.id: _place(entry.id, entry.name) for entry in entries()}
    print_entries(entries(), {name: place for name, place in places.items() if place})


@checkpoint.command()
def check(
    name: Annotated[str, typer.Argument(help="folder, or name on the hub")],
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1 or mps")] = "cpu",
    dtype: Annotated[str, typer.Option(help="float32, bfloat16 or float16")] = "float32",
) -> None:
    """Load a checkpoint once and print what it is, what it reads, and what will work.

    The exit code is 0 where it can be used, and 2 where not.
    """
    from negcxr.models.check import check as look
    from negcxr.show_checkpoint import print_check
    from negcxr.study import from_here

    found = look(from_here(name), device=device, dtype=dtype)
    print_check(found, dtype=dtype)
    if found.faults:
        raise typer.Exit(2)


@checkpoint.command()
def assemble(
    name: Annotated[str, typer.Argument(help="such as phantom-minilm")],
) -> None:
    """Put NAME together with the text tower that was fetched for it; print its folder."""
    from negcxr.models.assemble import assemble as put_together

    typer.echo(put_together(name))


def _place(name: str, folder: str) -> str:
    """Where a checkpoint is here: in a folder, or with the hub's client; or nowhere."""
    from huggingface_hub import try_to_load_from_cache

    if (paths.ROOT / "checkpoints" / folder / "config.json").is_file():
        return "checkpoints/"
    kept = isinstance(try_to_load_from_cache(name, "config.json"), str)
    return "the hub's cache" if kept else ""
