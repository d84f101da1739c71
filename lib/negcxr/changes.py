"""Which change of the library moved whose numbers, so that an old result is known as stale.

Idea: a result says which version made it. The list in ``changes.yml`` says which version
counted something otherwise, and in which notebooks; what is older than such a change and
of such a notebook is not to be laid beside what is made now.

Limits: the list is kept by hand. A change that moves a number and is not in it is not
known here.
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import negcxr
from negcxr.errors import InputError
from negcxr.reading import first_fault, read_yaml
from negcxr.runs import source_of
from negcxr.schema import NAME, SCHEMA_VERSION

FILE = Path(__file__).with_name("changes.yml")
VERSION = r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$"

Version = tuple[int, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(_Strict):
    """What one version counts otherwise than those before it.

    Attributes:
        version: The first version with the change.
        notebooks: Those whose numbers moved, as they lie in ``notebooks/``.
        moved: What is counted otherwise, in a line.
    """

    version: str = Field(pattern=VERSION)
    notebooks: tuple[Annotated[str, Field(pattern=NAME)], ...] = Field(min_length=1)
    moved: str = Field(min_length=1)


class _Changes(_Strict):
    changes: tuple[Change, ...]

    @model_validator(mode="after")
    def _versions_rise_to_this_one(self) -> Self:
        versions = [change.version for change in self.changes]
        if versions != sorted(versions, key=_parts):
            raise ValueError(f"versions must rise: {', '.join(versions)}")
        if versions and _parts(versions[-1]) > _parts(negcxr.__version__):
            raise ValueError(f"{versions[-1]} is above this version, {negcxr.__version__}")
        return self


def read_changes(path: Path = FILE) -> tuple[Change, ...]:
    """The changes in a file, from the oldest to the newest.

    Raises:
        InputError: The file is not such a list, its versions do not rise, or one is above
            this library's own.
    """
    fields = read_yaml(path)
    try:
        return _Changes.model_validate(fields).changes
    except ValidationError as error:
        raise InputError(f"{path}: {first_fault(error)}") from None


@cache
def known_changes() -> tuple[Change, ...]:
    """The changes of this library."""
    return read_changes()


def stale(
    job: str, package: str, schema: object, *, changes: tuple[Change, ...] | None = None
) -> str:
    """Why a result is not to be laid beside what is made now; empty where it may be.

    Args:
        job: What wrote it.
        package: The version of the library that it says it was made by.
        schema: The version of its form.
        changes: In place of this library's own.
    """
    if schema != SCHEMA_VERSION:
        return f"schema {schema}, not {SCHEMA_VERSION}"
    if not re.fullmatch(VERSION, package):
        return f"made by an unknown version, {package!r}"
    made, here = _parts(package), _parts(negcxr.__version__)
    if made > here:
        return f"made by {package}, which is newer than {negcxr.__version__}"
    notebook = source_of(job).stem
    for change in known_changes() if changes is None else changes:
        if notebook in change.notebooks and made < _parts(change.version):
            return f"made by {package}; since {change.version}: {change.moved}"
    return ""


def _parts(version: str) -> Version:
    return tuple(int(part) for part in version.split("."))
