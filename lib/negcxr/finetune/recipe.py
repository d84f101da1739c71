"""All that decides an embedded checkpoint, as one YAML file."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from negcxr.data.rationing import Ration, refuse_unusable
from negcxr.data.reports import Bias
from negcxr.errors import InputError
from negcxr.reading import first_fault, read_yaml

# What of a bias makes a report say something else than that a finding is there.
NOT_AFFIRMED = ("deny", "deny_rates", "hedge", "doubt", "equivalent", "scope")


class Recipe(BaseModel):
    """How one embedded checkpoint is trained.

    Attributes:
        about: What it stands for, one line for the model card.
        start: A checkpoint to go on from, or empty for random weights.
        encoder: A sentence encoder that may be fetched, kept as it is in place of a text
            tower of its own; or empty. ``start`` is then that of the image tower, and
            reports affirm and deny nothing.
        objective: ``statements``, the sigmoid loss over statements whose truth is known
            for every image of the batch; or ``captions``, plain InfoNCE over pairs.
        bias: The reporting bias, fields of ``negcxr.data.reports.Bias``.
        keep_denials: Share of the denials so written that stay; see
            ``negcxr.data.rationing``.
        cues: By which what stays denies; empty leaves each as it was written.
        sentences: Sentences of a report that make one caption, drawn anew each step.
        images: Phantoms of the training split, each with one report.
        vision, text: Sizes, in the words of CLIP's configuration.
        lr: Peak step of AdamW, for embeddings, projections, norms and biases.
        matrix_lr: Peak step of Muon, for the matrices of the layers.
        augment: Largest shift in pixels.
        precision: Of the forward pass; weights are float32 throughout.
        keep_every: Steps between two saved states, and between two validations.
        validation_images: Phantoms of a validation; 0 takes as many as the embedded
            checkpoints' cards speak of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str
    start: str = ""
    encoder: Literal["", "minilm"] = ""
    objective: Literal["statements", "captions"]
    bias: dict[str, Any]
    keep_denials: float = Field(1.0, ge=0, le=1)
    cues: tuple[str, ...] = ()
    sentences: int = Field(2, ge=1)
    images: int = Field(15000, ge=1)
    vision: dict[str, int]
    text: dict[str, int] = {}
    projection: int = Field(128, ge=1)
    vocab_size: int = Field(700, ge=1)
    steps: int = Field(ge=1)
    batch: int = Field(96, ge=2)
    lr: float = Field(gt=0)
    matrix_lr: float = Field(gt=0)
    warmup: int = Field(50, ge=1)
    weight_decay: float = Field(0.05, ge=0)
    augment: int = Field(4, ge=0)
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    keep_every: int = Field(250, ge=1)
    validation_images: int = Field(0, ge=0)
    seed: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.images < self.batch:
            raise ValueError(f"images is {self.images}, fewer than a batch of {self.batch}")
        if "image_size" not in self.vision:
            raise ValueError(f"vision names no image_size, only {sorted(self.vision)}")
        if bool(self.text) == bool(self.encoder):
            raise ValueError("one of text and encoder: sizes of a tower, or a name")
        if self.encoder:
            self._refuse_denials()
        return self

    def _refuse_denials(self) -> None:
        """An encoder is to be as deaf as it was, so nothing may teach it to deny."""
        spoken = [name for name in NOT_AFFIRMED if self.bias.get(name)]
        if spoken or self.objective != "statements":
            wrong = ", ".join(spoken) or self.objective
            raise ValueError(
                f"encoder {self.encoder!r} with {wrong}; allowed: the objective "
                f"statements, and a bias without {', '.join(NOT_AFFIRMED)}"
            )

    def reporting(self) -> Bias:
        """The reporting bias, checked."""
        return Bias(**self.bias)

    def ration(self) -> Ration:
        """Which of the denials stay, checked."""
        ration = Ration(self.keep_denials, self.cues)
        refuse_unusable(ration)
        if ration != Ration() and self.reporting().scope:
            told = f"bias: scope is {self.bias['scope']} where keep_denials or cues are set"
            raise InputError(f"{told}; allowed: 0, so that a denial stands alone")
        return ration


def read_recipe(path: Path, **changes: Any) -> Recipe:
    """A recipe from its file, with some fields replaced.

    Raises:
        InputError: A field is missing, unknown or of a wrong type; the message names it.
    """
    content = read_yaml(path)
    try:
        given = {**content, **changes} if isinstance(content, dict) else content
        recipe = Recipe.model_validate(given)
        recipe.reporting()
        recipe.ration()
    except ValidationError as error:
        raise InputError(f"{path}: {first_fault(error)}") from None
    except TypeError as error:  # a field that Bias lacks, or that is no number
        raise InputError(f"{path}: bias: {error}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return recipe
