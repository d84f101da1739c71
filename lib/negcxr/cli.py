"""The command ``negcxr``: runs studies, trains checkpoints, builds the book, shows results.

What is heavy is imported by the command that needs it, so that help comes at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from negcxr import cli_options
from negcxr.cli_artifact import artifact
from negcxr.cli_checkpoint import checkpoint
from negcxr.cli_data import data
from negcxr.cli_embed import embed
from negcxr.cli_group import OneLine
from negcxr.cli_options import Device, Dtype
from negcxr.cli_results import results
from negcxr.cli_work import work

app = typer.Typer(
    cls=OneLine,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Studies of negation in CLIP models for chest X-rays.",
)
app.add_typer(results, name="results")
app.add_typer(data, name="data")
app.add_typer(checkpoint, name="checkpoint")
app.add_typer(embed, name="embed")
app.add_typer(artifact, name="artifact")
app.command()(work)


@app.command(context_settings={"allow_extra_args": True})
def run(
    ctx: typer.Context,
    params: cli_options.Study,
    checkpoint: cli_options.Checkpoint = "",
    dataset: cli_options.Dataset = "",
    root: cli_options.Root = "",
    name: cli_options.Name = "",
    policy: cli_options.Policy = "",
    prompt_set: cli_options.PromptSet = "",
    text_root: cli_options.TextRoot = "",
    n_images: cli_options.Images = None,
    device: Device = "",
    dtype: Dtype = "",
    cores: Annotated[int, typer.Option(help="0 takes all there are", min=0)] = 0,
    book: Annotated[bool, typer.Option(help="build the book afterwards")] = True,
) -> None:
    """Run a study and build the book; what is up to date is not done again.

    Options replace the study's own parameters. Paths count from where you are. What
    stands after -- goes to Snakemake, such as: -- --profile profiles/slurm
    """
    from negcxr import engine
    from negcxr.show import shown

    words = {"checkpoint": checkpoint, "dataset": dataset, "root": root, "policy": policy}
    words |= {"prompt_set": prompt_set, "text_root": text_root}
    words |= {"device": device, "dtype": dtype}
    names = cli_options.prepared(params, n_images, name=name, **words)
    target = "book" if book else "results"
    order = engine.Order(names, target, cores or engine.available_cores(), ctx.args)
    with shown() as sink:
        done = engine.make(order, sink)
    if not done:
        raise typer.Exit(1)
    typer.echo("up to date" + (": _build/html/index.html" if book else ""), err=True)


@app.command()
def notebook(
    source: Annotated[Path, typer.Argument(help="a notebook with a parameters cell")],
    target: Annotated[Path, typer.Option(help="the executed notebook")],
    parameters: Annotated[Path | None, typer.Option(help="values, JSON or YAML")] = None,
    change: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE")] = None,
    device: Device = "",
    dtype: Dtype = "",
    timeout: Annotated[int, typer.Option(help="seconds a cell may take", min=0)] = 0,
) -> None:
    """Run one notebook strictly; a failed one is kept aside, with a log."""
    from negcxr import events
    from negcxr.job import run_job, values_of
    from negcxr.show import shown

    words = {"device": device, "dtype": dtype}
    changes = [*(change or []), *(f"{name}={word}" for name, word in words.items() if word)]
    values = values_of(source, parameters, changes)
    with events.heard(shown) as sink:
        run_job(source, target, values, sink=sink, execution_timeout=timeout or None)


@app.command()
def pretrain(
    recipe: Annotated[Path, typer.Option(help="a file of params/pretrain/")],
    out: Annotated[Path, typer.Option(help="the checkpoint's folder")],
    device: Device = "cpu",
    dtype: Dtype = "",
) -> None:
    """Train an embedded checkpoint on phantoms; an unfinished one goes on."""
    from negcxr.finetune.pretrain import pretrain as train
    from negcxr.finetune.recipe import read_recipe

    changes = {"precision": dtype} if dtype else {}
    train(read_recipe(recipe, **changes), out, device=device)


@app.command()
def finetune(
    method: Annotated[str, typer.Option(help="a name in params/methods.yml")],
    checkpoint: Annotated[str, typer.Option(help="folder, or name on the hub")],
    dataset: Annotated[str, typer.Option(help="phantoms, nih or folder")],
    out: Annotated[Path, typer.Option(help="the new checkpoint's folder")],
    root: Annotated[str, typer.Option(help="the data set's folder")] = "",
    policy: Annotated[str, typer.Option(help="the rule that reads labels")] = "",
    images: Annotated[int, typer.Option(help="to train on; 0: all", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="draws images and batches")] = 0,
    steps: Annotated[int, typer.Option(help="0: the method's own", min=0)] = 0,
    lr: Annotated[float, typer.Option(help="0: the method's own", min=0)] = 0.0,
    device: Device = "cpu",
    dtype: Dtype = "float32",
) -> None:
    """Fine-tune a checkpoint by a method; an unfinished one goes on."""
    from negcxr.finetune.methods import method_named
    from negcxr.finetune.trainer import TrainingData
    from negcxr.finetune.trainer import finetune as tune
    from negcxr.study import from_here

    data = TrainingData(dataset, from_here(root), policy, images, seed)
    how = {"seed": seed, "steps": steps, "lr": lr, "device": device, "dtype": dtype}
    tune(method_named(method), from_here(checkpoint), out, data=data, **how)


@app.command()
def trace(
    checkpoint: Annotated[str, typer.Option(help="folder, or name on the hub")],
    dataset: Annotated[str, typer.Option(help="phantoms, nih or folder")],
    out: Annotated[Path, typer.Option(help="the file, such as params/layers/nast.json")],
    root: Annotated[str, typer.Option(help="the data set's folder")] = "",
    policy: Annotated[str, typer.Option(help="the rule that reads labels")] = "",
    images: Annotated[int, typer.Option(help="to measure on; 0: all", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="draws images and resamples")] = 0,
    device: Device = "cpu",
    dtype: Dtype = "float32",
) -> None:
    """Trace denial through a checkpoint's layers, and write layer weights for training."""
    from negcxr.chapters import Sampling, open_gallery
    from negcxr.chapters.layer_weights import trace_layers
    from negcxr.data.registry import load_dataset
    from negcxr.models import load_encoder
    from negcxr.study import from_here

    encoder = load_encoder(from_here(checkpoint), device=device, dtype=dtype)
    drawn = {"split": "train", "n_images": images, "seed": seed}
    data = load_dataset(dataset, root=from_here(root), **drawn)
    weights = trace_layers(open_gallery(encoder, data, policy), out, Sampling(1000, seed))
    typer.echo(f"{out}: {weights}", err=True)


@app.command()
def book(run: Annotated[str, typer.Argument(help="the run that the book shows")]) -> None:
    """Build the book in _build/html from executed notebooks; executes nothing."""
    from negcxr import events
    from negcxr.book import build_book
    from negcxr.job import told
    from negcxr.show import shown

    with events.heard(shown) as sink, told("book", sink):
        build_book(run)
