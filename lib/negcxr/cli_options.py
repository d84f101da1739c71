"""Options that several commands have: what a study runs on, in place of its own values."""

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


def given(n_images: int | None, **words: str) -> dict[str, str | int]:
    """The options that were given, by parameter; paths as the project's root has them."""
    from negcxr.study import from_here

    found = {name: from_here(v) if name in PATHS else v for name, v in words.items() if v}
    return found | ({} if n_images is None else {"n_images": n_images})
