"""The parts of a layout: tables, joins, columns, labels, reports, and official counts.

A text such as ``files/p{subject_id:2}/p{subject_id}`` is filled from the cells of a row:
``{column}`` is the cell, ``{column:2}`` its first two characters.

Limits: a text is filled from cells of one row alone, and cells are not calculated with.
"""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

CELL = re.compile(r"\{([^{}:]+)(?::(\d+))?\}")
Some = Annotated[list[str], Field(min_length=1)]


class Strict(BaseModel):
    """A part of a layout: an unknown key is refused, and so is a wrong type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Table(Strict):
    """A file of cells under the data set's folder.

    Attributes:
        files: Its name without ``.csv`` or ``.csv.gz``; of several, the first there is.
        kind: How it is read: a key of ``joins.KINDS``.
        optional: Whether it may be missing.
        blanks: Columns that it may lack, where it is a CSV file; they are blank then.
    """

    files: Some
    kind: str = "csv"
    optional: bool = False
    blanks: list[str] = []

    @model_validator(mode="after")
    def _check_blanks(self) -> "Table":
        if self.blanks and self.kind != "csv":
            raise ValueError(f"blanks are for kind csv, not {self.kind}")
        return self


class Images(Table):
    """A table with a row an image. Several are put below one another.

    Attributes:
        adds: Cells that every row gets, such as its split.
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
        split: Its official split; where it says nothing ``Layout.shares`` does.
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
        kind: How it is read: a key of ``report_files.KINDS``.
    """

    text: str
    folders: Some
    kind: str


class Total(Strict):
    """How many there are by the data set's makers, or by who counted.

    Attributes:
        of: Images, studies or patients, or labels of one finding.
        split: The split, or ``all``.
        n: The count.
        source: Who says so, or what it is derived from.
    """

    of: Literal["images", "studies", "patients"]
    split: str
    n: int
    source: str


UNVERIFIED = "unverified"  # how a source begins that cannot be named


class Counted(Strict):
    """Counts of many kinds at once, from one source, over all views.

    Attributes:
        split: The split, or ``all``.
        source: Who says so; ``UNVERIFIED`` where nobody can be named, so that no copy is
            judged by the counts.
        counts: By the name of what is counted.
    """

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
    totals: list[Total]
    views: Counted | None = None
    labels: Counted | None = None
