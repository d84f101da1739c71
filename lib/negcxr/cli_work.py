"""``negcxr work``: a study where there is no Snakemake."""

import typer

from negcxr import cli_options


def work(
    params: cli_options.Study,
    checkpoint: cli_options.Checkpoint = "",
    dataset: cli_options.Dataset = "",
    root: cli_options.Root = "",
    name: cli_options.Name = "",
    policy: cli_options.Policy = "",
    prompt_set: cli_options.PromptSet = "",
    text_root: cli_options.TextRoot = "",
    n_images: cli_options.Images = None,
    device: cli_options.Device = "",
    dtype: cli_options.Dtype = "",
) -> None:
    """Run a study's jobs in turn, without Snakemake and without the book.

    For machines that have neither, and for short stays there: it may be killed at any
    moment, and the same call goes on. What is done is not done again. The exit code is 1
    where a job failed.
    """
    from negcxr.show import shown
    from negcxr.work import work as work_on

    words = {"checkpoint": checkpoint, "dataset": dataset, "root": root, "policy": policy}
    words |= {"prompt_set": prompt_set, "text_root": text_root}
    words |= {"device": device, "dtype": dtype}
    names = cli_options.prepared(params, n_images, name=name, **words)
    with shown() as sink:
        done = work_on(names, sink)
    if not done:
        raise typer.Exit(1)
    typer.echo("up to date", err=True)
