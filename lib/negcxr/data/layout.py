"""One reader for published data sets, each told by a layout what its files mean.

The data set's own folder is read as it was downloaded; nothing in it is changed, and
nothing is written elsewhere. Labels keep their four values. Rows are those of the
official tables, with two exceptions, both stated:

* Only frontal images are read, where the layout says which views are frontal. A report
  denies a finding for the whole examination, and on a lateral image hardly anybody could
  say so; it would be a denial that the image does not bear out. `every_view` reads all.
* A file ``images.txt`` in the folder, one path a line as the tables have it, keeps only
  the rows it names. A copy that was fetched in part needs it; see `tree`.

Limits: images are not looked for when tables are read. Labels of a study hold for each
of its images, though a finding may show on one of them alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.data import checks, columns, joins
from negcxr.data.dataset import Dataset, Request
from negcxr.data.joins import NO_ROW, Cells
from negcxr.data.label_cells import four_values, in_words, meanings
from negcxr.data.labels import UNMENTIONED
from negcxr.data.layout_file import Layout, named
from negcxr.data.layout_parts import Images
from negcxr.data.report_files import find_reports
from negcxr.data.tables import FIRST_ROW
from negcxr.data.tree import TreeImages, rows_there
from negcxr.errors import InputError

OPTIONAL = ("age", "sex")  # columns that are left out where nothing is known


def read(name: str, request: Request) -> Dataset:
    """The frontal images of a published data set, all splits.

    Raises:
        InputError: A table or column is missing, or a row is not as it must be.
    """
    return frontal(every_view(name, request), name, source=str(request.root))


def frontal(dataset: Dataset, name: str, *, source: str) -> Dataset:
    """Those images of a published data set that its layout calls frontal.

    Args:
        name: The data set's layout.
        source: The folder, for the message.

    Raises:
        InputError: No image is.
    """
    views = named(name).frontal
    if not views:
        return dataset
    rows = np.flatnonzero(dataset.table["view"].isin(views))
    if not rows.size:
        raise InputError(f"{source}: no image has one of the views {', '.join(views)}")
    terms = f"{dataset.terms}; only views {', '.join(views)} are read"
    return replace(dataset.take(rows), terms=terms)


def every_view(name: str, request: Request) -> Dataset:
    """All images of a published data set, laterals and those of no stated view among them.

    Raises:
        InputError: As ``read`` says.
    """
    layout = named(name)
    if request.root is None:
        first = " or ".join(layout.images[0].files)
        raise InputError(f"data set {name} needs root: the folder that holds {first}.csv")
    root = request.root
    table, labels = _rows(layout, root)
    reports = table.pop("report").to_numpy() if layout.reports else []
    return Dataset(
        name=name,
        kind="films",
        table=table,
        findings=tuple(layout.labels.findings.values()),
        labels=labels,
        policy=layout.policy,
        images=TreeImages(root, table["image"].to_numpy()),
        terms=layout.terms,
        shows_images=layout.shows_images,
        sections=find_reports(root, layout.reports, reports) if layout.reports else None,
        credentialed=layout.credentialed,
    )


def _rows(
    layout: Layout, root: Path
) -> tuple[pd.DataFrame, Float[np.ndarray, "image finding"]]:
    """What all tables of images say, of the images that are there."""
    parts = [_part(layout, root, table) for table in layout.images if _there(root, table)]
    table = pd.concat([part[0] for part in parts], ignore_index=True)
    labels = np.concatenate([part[1] for part in parts])
    checks.refuse_shared_patients(table, source=str(root))
    keep = rows_there(table["image"], root)
    table = table.iloc[keep].reset_index(drop=True)
    unknown = [name for name in OPTIONAL if name in table and _blank(table[name])]
    return table.drop(columns=unknown), labels[keep]


def _there(root: Path, table: Images) -> bool:
    return not table.optional or joins.find_table(root, table) is not None


def _part(
    layout: Layout, root: Path, table: Images
) -> tuple[pd.DataFrame, Float[np.ndarray, "image finding"]]:
    """What one table of images, and all that joins it, says of its images."""
    findings = layout.labels.findings
    own = [] if layout.labels.join else list(findings)
    path, frame = joins.read_table(root, table, [*_own(layout, table), *own])
    checks.refuse_empty(frame, source=str(path))
    labels = _decoded(frame[own], layout, path) if own else None
    cells = Cells(path, frame.drop(columns=own).assign(**table.adds))
    for key, how in layout.joins.items():
        if key == layout.labels.join:
            labels = _joined_labels(cells, layout, root)
        else:
            joins.join(cells, root, how, how.columns)
    return _table(cells, layout, root), labels


def _own(layout: Layout, table: Images) -> list[str]:
    """The columns that a table of images must have itself."""
    fields = type(layout.columns).model_fields
    names = columns.named_in(way for f in fields for way in getattr(layout.columns, f))
    names += [name for how in layout.joins.values() for name in how.by]
    names += columns.cells_of(layout.reports.text) if layout.reports else []
    brought = {name for how in layout.joins.values() for name in how.columns}
    return [n for n in dict.fromkeys(names) if n not in brought | table.adds.keys()]


def _blank(column: pd.Series) -> bool:
    return bool(column.isin(["", np.nan]).all())


def _table(cells: Cells, layout: Layout, root: Path) -> pd.DataFrame:
    of = layout.columns
    table = pd.DataFrame({"image": columns.paths(cells, of.image, root)})
    table["image"] = _shortened(table["image"], layout.prefixes, root)
    place = {"source": str(cells.path), "first_row": FIRST_ROW}
    checks.refuse_repeated_images(table, **place)
    table["patient"] = columns.needed(cells, of.patient, "patient")
    table["view"] = columns.known(cells, of.view)
    if layout.shares:
        table["split"] = columns.dealt(table["patient"], layout.shares)
    else:
        table["split"] = columns.needed(cells, of.split, "split")
    if of.study:
        table["study"] = columns.needed(cells, of.study, "study")
    if of.age:
        table["age"] = columns.years(cells, of.age)
    if of.sex:
        table["sex"] = columns.known(cells, of.sex)
    if layout.reports:
        table["report"] = columns.filled(cells, layout.reports.text)
        columns.refuse_escapes(table["report"], cells, layout.reports.text, root)
    return table


def _shortened(images: pd.Series, prefixes: Sequence[str], root: Path) -> pd.Series:
    for prefix in prefixes:
        if not (root / prefix).is_dir():
            images = images.str.removeprefix(prefix)
    return images


def _decoded(
    cells: pd.DataFrame, layout: Layout, path: Path
) -> Float[np.ndarray, "image finding"]:
    written = layout.labels.values
    place = {"source": str(path), "first_row": FIRST_ROW}
    return four_values(cells, meanings(written), allowed=in_words(written), **place)


def _joined_labels(
    cells: Cells, layout: Layout, root: Path
) -> Float[np.ndarray, "image finding"]:
    """Labels of the joined table; unmentioned where an image has no row in it."""
    how, names = layout.joins[layout.labels.join], list(layout.labels.findings)
    path, table = joins.read_table(root, how, [*how.by, *names])
    labels = _decoded(table[names], layout, path)
    rows = joins.matching(cells, (path, table), how)
    blank = np.full((1, len(names)), UNMENTIONED)
    return np.concatenate([labels, blank])[np.where(rows == NO_ROW, len(labels), rows)]
