"""All that decides an embedded checkpoint, as one YAML file."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from negcxr.data.reports import Bias
from negcxr.errors import InputError
from negcxr.reading import first_fault, read_yaml


class Recipe(BaseModel):
    """How one embedded checkpoint is trained.

    Attributes:
        about: What it stands for, one line for the model card.
        start: A checkpoint to go on from, or empty for random weights.
        objective: ``statements``, the sigmoid loss over statements whose truth is known
            for every image of the batch; or ``captions``, plain InfoNCE over pairs.
        bias: The reporting bias, fields of ``negcxr.data.reports.Bias``.
        sentences: Sentences of a report that make one caption, drawn anew each step.
        images: Phantoms of the training split, each with one report.
        vision, text: Sizes, in the words of CLIP's configuration.
        lr: Peak step of AdamW, for embeddings, projections, norms and biases.
        matrix_lr: Peak step of Muon, for the matrices of the layers.
        augment: Largest shift in pixels.
        precision: Of the forward pass; weights are float32 throughout.
        keep_every: Steps between two saved states, and between two validations.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str
    start: str = ""
    objective: Literal["statements", "captions"]
    bias: dict[str, Any]
    sentences: int = Field(2, ge=1)
    images: int = Field(15000, ge=1)
    vision: dict[str, int]
    text: dict[str, int]
    projection: int = 128
    vocab_size: int = 700
    steps: int = Field(ge=1)
    batch: int = Field(96, ge=2)
    lr: float = Field(gt=0)
    matrix_lr: float = Field(gt=0)
    warmup: int = 50
    weight_decay: float = 0.05
    augment: int = 4
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    keep_every: int = 250
    seed: int = 0

    def reporting(self) -> Bias:
        """The reporting bias, checked."""
        return Bias(**self.bias)


def read_recipe(path: Path) -> Recipe:
    """A recipe from its file.

    Raises:
        InputError: A field is missing, unknown or of a wrong type; the message names it.
    """
    try:
        recipe = Recipe.model_validate(read_yaml(path))
        recipe.reporting()
    except (ValidationError, TypeError) as error:
        fault = first_fault(error) if isinstance(error, ValidationError) else str(error)
        raise InputError(f"{path}: {fault}") from None
    return recipe
