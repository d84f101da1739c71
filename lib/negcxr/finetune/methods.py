"""Methods of fine-tuning: each a weighted sum of objectives over a mix of statements.

What sets one method apart from another stands in ``params/methods.yml`` and nowhere else,
so that a table of methods compares what it says it compares.
"""

import math
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from negcxr.errors import InputError
from negcxr.finetune.objectives import OBJECTIVES
from negcxr.finetune.statements import OPPOSED
from negcxr.paths import PARAMS
from negcxr.reading import first_fault, read_yaml

FILE = PARAMS / "methods.yml"


class Method(BaseModel):
    """How a text encoder is fine-tuned.

    Attributes:
        name: As in the file.
        about: What it does, one line for the model card.
        source: Citation key of the work that it follows; empty where it is our own.
        terms: Weight of each objective in the loss.
        statements: Share of each polarity among the captions.
        text: Where captions come from: the labels, or what each image's own report says.
        images: Which images make a batch: drawn at random, or in part each one's nearest
            neighbours, as hard images.
        tune: What is trained: the text tower, low-rank changes of its attention, or both
            towers.
        rank: Of the low-rank changes.
        layers: A JSON file with a weight for each layer of the text tower, taken from the
            project's root; empty trains all alike. See ``adapt.layer_weights``.
        lr: Peak step of AdamW.
        steps, batch, warmup: Steps, images a step, and steps to the peak.
        weight_decay: Of matrices.
        validate_every: Steps between two validations.
        patience: Validations without a better one after which training stops.
        share: How much of the way from the base's weights to the tuned ones is kept; 1 is
            all of it (WiSE-FT).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    about: str
    source: str = ""
    terms: dict[str, float] = Field(min_length=1)
    statements: dict[str, float] = Field(
        {"affirmed": 0.4, "denied": 0.4, "composite": 0.2}, min_length=1
    )
    text: Literal["labels", "reports"] = "labels"
    images: Literal["random", "neighbours"] = "random"
    tune: Literal["text", "lora", "both"] = "text"
    rank: int = Field(8, ge=1)
    layers: str = ""
    lr: float = Field(0.001, gt=0)
    steps: int = Field(400, ge=1)
    batch: int = Field(64, ge=2)
    warmup: int = Field(20, ge=1)
    weight_decay: float = Field(0.05, ge=0)
    validate_every: int = Field(25, ge=1)
    patience: int = Field(4, ge=1)
    share: float = Field(1.0, gt=0, le=1)

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        for field, given, known in (
            ("terms", self.terms, OBJECTIVES),
            ("statements", self.statements, OPPOSED),
        ):
            strangers = given.keys() - known.keys()
            if strangers:
                raise ValueError(f"{field}: {min(strangers)!r}; known: {', '.join(known)}")
            if min(given.values()) < 0 or not 0 < sum(given.values()) < math.inf:
                raise ValueError(
                    f"{field}: {given}; allowed: shares of 0 or more, not all 0"
                )
        if self.layers and self.tune == "both":
            raise ValueError("layers: of the text tower; allowed where tune is not both")
        if self.text == "reports" and "mirror" in self.terms:
            raise ValueError(
                "text: reports; the term mirror knows captions of labels alone"
            )
        return self


def read_methods(path: Path = FILE) -> dict[str, Method]:
    """Every method of a file, by name.

    Raises:
        InputError: A method is not as it must be; the message names it and the field.
    """
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}: not a mapping of names to methods")
    return {name: _method(name, fields, path) for name, fields in content.items()}


def method_named(name: str, path: Path = FILE) -> Method:
    """One method of a file.

    Raises:
        InputError: There is none of this name; the message lists those there are.
    """
    methods = read_methods(path)
    if name not in methods:
        raise InputError(f"method {name!r} is not known; choose of {', '.join(methods)}")
    return methods[name]


def _method(name: str, fields: object, path: Path) -> Method:
    try:
        return Method.model_validate({"name": name, **fields})
    except TypeError:
        raise InputError(f"{path}, {name}: not a mapping of fields") from None
    except ValidationError as error:
        raise InputError(f"{path}, {name}: {first_fault(error)}") from None
