"""The form of a result: numbers with their intervals, counts and what made them.

Limits: the form says that a missing number is explained; not that the reason is a good one.
"""

import json
import math
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from negcxr.provenance import Provenance

SCHEMA_VERSION = 1
SCHEMA_FILE = Path(__file__).with_name("result.schema.json")
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"  # what may stand in a file's name
TABLE = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"  # no dot: it parts the name from its notebook's
Parameter = bool | int | float | str


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and math.isnan(value)


def _finite(value: float | None) -> float | None:
    if value is not None and math.isinf(value):
        raise ValueError("infinity is no number that can be shown")
    return value


Number = Annotated[
    float | None,
    BeforeValidator(lambda value: None if _is_nan(value) else value),
    AfterValidator(_finite),
]


class Estimate(BaseModel):
    """A number with its 95 % interval, and what it must be read against.

    A number that could not be had is passed as NaN, kept as null, and its note says why.

    Attributes:
        value: The number itself.
        low: Lower end of the interval; null where there is none.
        high: Upper end of the interval; null where there is none.
        n: How many items the number is over: images, prompts or choices.
        prevalence: Share of the items that are relevant; null where that means nothing.
        chance: What an uninformed score is worth; null where that means nothing.
        note: Why a number is missing, or what to mind.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Number
    low: Number = None
    high: Number = None
    n: int = Field(ge=0)
    prevalence: Number = None
    chance: Number = None
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _missing_is_explained(cls, fields: Any) -> Any:
        if isinstance(fields, dict) and not fields.get("note"):
            missing = [k for k in ("value", "low", "high") if _is_nan(fields.get(k))]
            missing += ["value"] if fields.get("value", 0) is None else []
            if missing:
                raise ValueError(f"{missing[0]} is not a number and no note says why")
        return fields


class Result(BaseModel):
    """What one notebook found in one run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = SCHEMA_VERSION
    notebook: str = Field(pattern=NAME)
    run: str = Field(pattern=NAME)
    parameters: dict[str, Parameter]
    provenance: Provenance
    scalars: dict[str, Estimate]
    tables: dict[Annotated[str, Field(pattern=TABLE)], str]


def schema_text() -> str:
    """The JSON Schema of a result, as it stands in ``result.schema.json``."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Result.model_json_schema(),
    }
    return json.dumps(schema, indent=2) + "\n"
