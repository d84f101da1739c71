"""Options that several commands have: what a study runs on, in place of its own values."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

Study = Annotated[Path, typer.Option(help="the study: a file of params/")]
Checkpoint = Annotated[str, typer.Option(help="folder, or name on the hub")]
Dataset = Annotated[str, typer.Option(help="phantoms, nih or folder")]
Root = Annotated[str, typer.Option(help="the data set's folder")]
Name = Annotated[str, typer.Option(help="name of the run, where it is one")]
Policy = Annotated[str, typer.Option(help="the rule that reads labels")]
PromptSet = Annotated[str, typer.Option(help="name of a set, or YAML file")]
TextRoot = Annotated[str, typer.Option(help="folder of judged real text")]
Images = Annotated[int | None, typer.Option(help="images to draw; 0: all")]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1 or mps")]
Dtype = Annotated[str, typer.Option(help="float32, bfloat16 or float16")]

PATHS = ("checkpoint", "root", "prompt_set", "text_root")


def prepared(params: Path, n_images: int | None, *, name: str, **words: str) -> list[str]:
    """Names of a study's runs, made ready with the options that were given.

    Paths among them count from where the caller is. What it has to tell goes to stderr.

    Raises:
        InputError: The study, or an option, cannot be used.
    """
    from negcxr.preflight import prepare
    from negcxr.study import from_here

    values: dict[str, str | int] = {
        key: from_here(v) if key in PATHS else v for key, v in words.items() if v
    }
    values |= {} if n_images is None else {"n_images": n_images}
    return prepare(params, values, name=name, tell=partial(typer.echo, err=True))
