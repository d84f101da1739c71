"""``negcxr embed``: images embedded in shards, and the shards merged to one table."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from negcxr.errors import InputError

embed = typer.Typer(
    help="Embed images in shards, one job each, and merge the shards to one table."
)


@embed.callback(invoke_without_command=True)
def shard(
    ctx: typer.Context,
    checkpoint: Annotated[str, typer.Option(help="folder, or name on the hub")] = "",
    dataset: Annotated[str, typer.Option(help="a data set's name, such as nih")] = "",
    root: Annotated[str, typer.Option(help="the data set's folder")] = "",
    split: Annotated[str, typer.Option(help="a split, or all")] = "test",
    images: Annotated[int, typer.Option(help="to draw; 0: all", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="draws the images")] = 0,
    shards: Annotated[int, typer.Option(help="how many make the whole", min=1)] = 1,
    shard: Annotated[int, typer.Option(help="which of them; the first is 1")] = 1,
    out: Annotated[Path | None, typer.Option(help="the folder of all shards")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1 or mps")] = "cpu",
    dtype: Annotated[str, typer.Option(help="float32, bfloat16 or float16")] = "float32",
) -> None:
    """Embed one shard of a data set's images; one that is there is not made again.

    Then: negcxr embed merge FOLDER. Chapters find the table where it lies below the
    cache's `tables` folder, or where NEGCXR_ROWS names its own.
    """
    if ctx.invoked_subcommand:
        return
    given = {"--checkpoint": checkpoint, "--dataset": dataset, "--out": out}
    for option, value in given.items():
        if not value:
            raise InputError(f"embed: {option} is missing; negcxr embed --help")
    from negcxr.data.registry import load_dataset
    from negcxr.models import load_encoder
    from negcxr.shards import piece, write_shard
    from negcxr.study import from_here

    which, weights, place = piece(shard, shards), from_here(checkpoint), from_here(root)
    words = {"--checkpoint": weights, "--dataset": dataset, "--root": place}
    words |= {"--split": split, "--images": images, "--seed": seed}
    words |= {"--device": device, "--dtype": dtype}
    asked = shlex.join(str(word) for pair in words.items() if pair[1] for word in pair)
    data = load_dataset(dataset, root=place, split=split, n_images=images, seed=seed)
    encoder = load_encoder(weights, device=device, dtype=dtype)
    typer.echo(write_shard(encoder, data, out, which, asked=asked))


@embed.command()
def merge(
    folder: Annotated[Path, typer.Argument(help="where all shards lie")],
) -> None:
    """Make one memory-mapped table of the shards in FOLDER; print its record."""
    from negcxr.merging import merge as put_together

    typer.echo(put_together(folder))
