"""How findings are put into words, read from data files.

A finding that no file knows goes by its own name in lower case, so that anybody's labels
can be asked for at once; equivalents and sides then need an entry of their own.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from negcxr.errors import InputError
from negcxr.reading import first_fault, read_yaml

FOLDER = Path(__file__).parent
FINDINGS_FILE = FOLDER / "words" / "findings.yml"


class Words(BaseModel):
    """The words for one finding.

    Attributes:
        phrase: Bare noun phrase in lower case, as it stands after "no".
        also: Other names that fit the same place in a sentence.
        equivalents: Affirmed wordings of its absence.
        lateral: Whether it lies on one side, so that a side can be denied.
        plural: Whether it takes "are" instead of "is".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    phrase: str
    also: list[str] = []
    equivalents: list[str] = []
    lateral: bool = False
    plural: bool = False


def load_words(
    findings: Iterable[str], own: Mapping[str, Any] | None = None, *, source: str = ""
) -> dict[str, Words]:
    """The words for each of these findings.

    Args:
        own: Entries that add to the built-in ones, or replace single fields of theirs.
        source: The file that ``own`` came from, for messages.

    Raises:
        InputError: An own entry is not a mapping of the fields of ``Words``.
    """
    own = own or {}
    return {name: _words(name, own.get(name, {}), source) for name in findings}


def known_findings() -> tuple[str, ...]:
    """The findings that come with words."""
    return tuple(_built_in())


def _words(name: str, own: Any, source: str) -> Words:
    entry = _built_in().get(name, {"phrase": name.lower()})
    try:
        return Words.model_validate({**entry, **own})
    except (TypeError, ValidationError) as error:
        fields = ", ".join(Words.model_fields)
        fault = first_fault(error) if isinstance(error, ValidationError) else repr(own)
        raise InputError(
            f"{source}, findings, {name}: {fault}; allowed: {fields}"
        ) from None


@cache
def _built_in() -> dict[str, Any]:
    return read_yaml(FINDINGS_FILE)
