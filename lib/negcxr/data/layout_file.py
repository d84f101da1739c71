"""What a layout says: how a published data set lies on disk, and what its cells mean.

A layout is one YAML file, ``layouts/NAME.yml``, and all that is known of the data set
stands there: its tables and how they join, which cells make an image's path, its patient,
view and split, which words are which of the four label values, its terms, and what its
makers counted. One reader then reads them all, see `layout`.

A text such as ``files/p{subject_id:2}/p{subject_id}`` is filled from the cells of a row:
``{column}`` is the cell, ``{column:2}`` its first two characters.

Limits: a column that no layout names is not read. Facts are as good as the source that
stands beside them.
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from negcxr.data.labels import named_policy
from negcxr.errors import InputError
from negcxr.reading import first_fault, read_yaml

FOLDER = Path(__file__).parent / "layouts"
CELL = re.compile(r"\{([^{}:]+)(?::(\d+))?\}")
Some = Annotated[list[str], Field(min_length=1)]
LABELS = ("present", "absent", "uncertain", "unmentioned")


class Strict(BaseModel):
    """A part of a layout: an unknown key is refused, and so is a wrong type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Table(Strict):
    """A file of cells under the data set's folder.

    Attributes:
        files: Its name without ``.csv`` or ``.csv.gz``; of several, the first there is.
        kind: How it is read: a key of ``joins.KINDS``.
        optional: Whether it may be missing.
    """

    files: Some
    kind: str = "csv"
    optional: bool = False


class Images(Table):
    """A table with a row an image. Several are put below one another.

    Attributes:
        adds: Cells that every row gets: a split, or a column that this file lacks.
    """

    adds: dict[str, str] = {}


class Join(Table):
    """A table that says more of an image, a study or a patient.

    Attributes:
        by: Columns that both tables have; together they name one row of this one.
        columns: What is taken from it.
        unmatched: Whether an image without a row in it gets blanks, or is refused.
    """

    by: Some
    columns: list[str] = []
    unmatched: Literal["blank", "refused"] = "blank"


class Column(Strict):
    """One way to know something of an image.

    Attributes:
        text: Filled from cells, such as ``{subject_id}``.
        pattern: Where given, what its one group finds in the text is taken; nothing is
            known where it finds nothing.
        values: Where given, every text that may stand there, and what it means here; a
            blank may always.
    """

    text: str
    pattern: str = ""
    values: dict[str, str] = {}

    @model_validator(mode="after")
    def _check(self) -> "Column":
        if self.pattern and re.compile(self.pattern).groups != 1:
            raise ValueError(f"pattern {self.pattern!r} has not exactly one group")
        return self


Ways = Annotated[list[Column], Field(min_length=1)]  # the first that is not blank counts


class Columns(Strict):
    """What is known of an image; each by one or more ways, the first that is not blank.

    Attributes:
        image: Its path from the data set's folder, which also is its name.
        patient: Who is on it.
        view: The view, in the study's words: AP, PA, LATERAL, LL, ...
        split: Its official split; empty where there is none, see ``Layout.shares``.
        study: The examination it belongs to.
        age: Years.
        sex: M or F.
    """

    image: Ways
    patient: Ways
    view: Ways
    split: list[Column] = []
    study: list[Column] = []
    age: list[Column] = []
    sex: list[Column] = []


class Labels(Strict):
    """Where labels stand and how they are written.

    Attributes:
        join: The joined table that holds them; blank: the tables of images.
        findings: A column's name, and the study's name of the finding.
        values: For each of the four values, every cell that means it.
        blank: What an unmentioned finding means in this data set.
    """

    join: str = ""
    findings: dict[str, str]
    values: dict[Literal["present", "absent", "uncertain", "unmentioned"], list[str]]
    blank: str


class Reports(Strict):
    """Where the report of each image lies.

    Attributes:
        text: Its path, filled from cells.
        folders: Where that path may begin, from the data set's folder; the first that is
            there counts. "" is that folder itself.
        kind: How it is read: a key of ``sections.KINDS``.
    """

    text: str
    folders: Some
    kind: str


class Count(Strict):
    """How many there are by the data set's makers, or by who counted.

    Attributes:
        of: Images, studies or patients, or labels of one finding.
        split: The split, or ``all``.
        n: The count.
        source: Who says so.
    """

    of: Literal["images", "studies", "patients"]
    split: str
    n: int
    source: str


class Counted(Strict):
    """Counts of many kinds at once, from one source, over all views."""

    split: str
    source: str
    counts: dict[str, list[int] | int]


class Official(Strict):
    """What must come out of a whole copy, over all views.

    Attributes:
        version: Of the data set.
        totals: Images, studies, patients.
        views: Images by view; "" is a blank one.
        labels: By the study's finding: present, absent, uncertain, unmentioned.
    """

    version: str
    totals: list[Count]
    views: Counted | None = None
    labels: Counted | None = None


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
        shares: The splits, where there are no official ones, with their shares: patients
            are dealt out by a fixed hash.
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
    labels: Labels
    reports: Reports | None = None
    official: Official

    @model_validator(mode="after")
    def _check(self) -> "Layout":
        named_policy(self.policy)
        if bool(self.columns.split) == bool(self.shares):
            raise ValueError("either columns.split or shares says the splits")
        if self.shares and abs(sum(self.shares.values()) - 1) > 1e-9:
            raise ValueError(f"shares add up to {sum(self.shares.values())}, not 1")
        if self.labels.join and self.labels.join not in self.joins:
            raise ValueError(f"labels.join {self.labels.join!r} is none of joins")
        cells = [cell for value in LABELS for cell in self.labels.values.get(value, [])]
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
