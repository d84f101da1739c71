"""What a layout says: how a published data set lies on disk, and what its cells mean.

A layout is one YAML file, ``layouts/NAME.yml``, and all that is known of the data set
stands there: its tables and how they join, which cells make an image's path, its patient,
view and split, which words are which of the four label values, its terms, and what its
makers counted. One reader then reads them all, see `layout`.

Limits: a column that no layout names is not read. Facts are as good as the source that
stands beside them.
"""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from negcxr.data.labels import named_policy
from negcxr.data.layout_parts import (
    Columns,
    Images,
    Join,
    Labels,
    Official,
    Reports,
    Strict,
)
from negcxr.errors import InputError
from negcxr.reading import first_fault, read_yaml

FOLDER = Path(__file__).parent / "layouts"


class Layout(Strict):
    """All that is known of a published data set.

    Attributes:
        title: Its makers' name of it.
        about: What a reader must know, in a few sentences.
        terms: Licence and citation in one line.
        sources: Of what stands here: what it is about, and where that is said.
        credentialed: Whether the terms forbid that a row of it leaves the machine.
        shows_images: Whether the terms let an image stand on a page.
        policy: The policy that is used where none is asked for.
        frontal: The views that the study reads; empty: all.
        prefixes: Beginnings of paths that go, where the folder has no such folder in it.
        images: The tables with a row an image.
        joins: The others, by a name.
        columns: What is known of an image.
        shares: The splits of images that have no official one, with their shares:
            patients are dealt out by a fixed hash.
        apart: Splits that ``all`` leaves out; they are read where asked for by name.
        labels: Where labels stand and how they are written.
        reports: Where reports lie.
        official: What a whole copy holds.
    """

    title: str
    about: str
    terms: str
    sources: dict[str, str]
    credentialed: bool
    shows_images: bool = False
    policy: str
    frontal: list[str] = []
    prefixes: list[str] = []
    images: Annotated[list[Images], Field(min_length=1)]
    joins: dict[str, Join] = {}
    columns: Columns
    shares: dict[str, float] = {}
    apart: list[str] = []
    labels: Labels
    reports: Reports | None = None
    official: Official

    @model_validator(mode="after")
    def _check(self) -> "Layout":
        named_policy(self.policy)
        if not self.columns.split and not self.shares:
            raise ValueError("neither columns.split nor shares says the splits")
        if self.shares and abs(sum(self.shares.values()) - 1) > 1e-9:
            raise ValueError(f"shares add up to {sum(self.shares.values())}, not 1")
        if self.labels.join and self.labels.join not in self.joins:
            raise ValueError(f"labels.join {self.labels.join!r} is none of joins")
        cells = [cell for written in self.labels.values.values() for cell in written]
        if len({*cells}) < len(cells):
            raise ValueError(f"labels.values has a cell twice: {cells}")
        return self


def names() -> tuple[str, ...]:
    """The data sets that have a layout."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yml")))


@cache
def named(name: str) -> Layout:
    """The layout of this name.

    Raises:
        InputError: There is none, or its file is not as it must be.
    """
    if name not in names():
        raise InputError(f"no layout {name!r}; choose one of: {', '.join(names())}")
    return read_layout(FOLDER / f"{name}.yml")


def read_layout(path: Path) -> Layout:
    """The layout that a file holds.

    Raises:
        InputError: A key is missing, unknown or of a wrong type.
    """
    try:
        return Layout.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path}: {first_fault(error)}") from None
