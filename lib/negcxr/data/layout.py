"""One reader for published data sets, each told by a layout what its files mean.

The data set's own folder is read as it was downloaded; nothing in it is changed, and
nothing is written elsewhere. Labels keep their four values. Rows are those of the
official tables, with three exceptions, all stated in ``terms``:

* Only frontal images are read, where the layout says which views are frontal. A report
  denies a finding for the whole examination, and on a lateral image hardly anybody could
  say so; it would be a denial that the image does not bear out. `every_view` reads all.
* A file ``images.txt`` in the folder, one path a line as the tables have it, keeps only
  the rows it names. A copy that was fetched in part needs it; see `tree`.
* Splits that a layout sets apart are read only where they are asked for by name.

Limits: images are not looked for when tables are read. Labels of a study hold for each
of its images, though a finding may show on one of them alone.
"""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.data import checks, columns, joins
from negcxr.data.dataset import Dataset, Request
from negcxr.data.joins import Cells
from negcxr.data.layout_file import Layout, named
from negcxr.data.layout_labels import decoded, joined_labels
from negcxr.data.layout_parts import Images
from negcxr.data.report_files import find_reports
from negcxr.data.tables import FIRST_ROW
from negcxr.data.tree import TreeImages, rows_there, shortened
from negcxr.data.withheld import Place, Stacked, as_terms_allow
from negcxr.errors import InputError

OPTIONAL = ("age", "sex")  # columns that are left out where nothing is known


def read(name: str, request: Request) -> Dataset:
    """The frontal images of a published data set, all splits.

    Raises:
        InputError: A table or column is missing, or a row is not as it must be.
    """
    return studied(every_view(name, request), name, request)


def studied(dataset: Dataset, name: str, request: Request) -> Dataset:
    """Those images of a published data set that a study reads.

    Left out are views that the layout does not call frontal, and splits that it sets
    apart, but for one that is asked for.

    Args:
        name: The data set's layout.

    Raises:
        InputError: No image is left.
    """
    layout, table = named(name), dataset.table
    keep, notes = np.ones(len(dataset), dtype=bool), [dataset.terms]
    if layout.frontal:
        keep &= table["view"].isin(layout.frontal).to_numpy()
        notes.append(f"only views {', '.join(layout.frontal)} are read")
    for split in [split for split in layout.apart if split != request.split]:
        keep &= (table["split"] != split).to_numpy()
        notes.append(f"split {split} is left out")
    if not keep.any():
        raise InputError(f"{request.root}: no image is left; {'; '.join(notes[1:])}")
    return replace(dataset.take(np.flatnonzero(keep)), terms="; ".join(notes))


def every_view(name: str, request: Request) -> Dataset:
    """All images of a published data set, laterals and those of no stated view among them.

    Raises:
        InputError: As ``read`` says.
    """
    layout = named(name)
    if request.root is None:
        first = " or ".join(layout.images[0].files)
        raise InputError(f"data set {name} needs root: the folder that holds {first}.csv")
    with as_terms_allow(layout):
        rows = _rows(layout, request.root)
    table, place = rows.table, rows.place if layout.credentialed else None
    reports = table.pop("report").to_numpy() if layout.reports else []
    how = layout.reports
    return Dataset(
        name=name,
        kind="films",
        table=table,
        findings=tuple(layout.labels.findings.values()),
        labels=rows.labels,
        policy=layout.policy,
        images=TreeImages(request.root, table["image"].to_numpy(), place=place),
        terms="; ".join([layout.terms, *rows.notes]),
        shows_images=layout.shows_images,
        sections=find_reports(request.root, how, reports, place) if how else None,
        credentialed=layout.credentialed,
    )


class _Rows(NamedTuple):
    """Rows of images, their labels, where they stand, and what is to be told of them."""

    table: pd.DataFrame
    labels: Float[np.ndarray, "image finding"]
    place: Place
    notes: list[str]


def _rows(layout: Layout, root: Path) -> _Rows:
    """What all tables of images say, of the images that are there."""
    parts = [_part(layout, root, table) for table in layout.images if _there(root, table)]
    table = pd.concat([part.table for part in parts], ignore_index=True)
    labels = np.concatenate([part.labels for part in parts])
    places, sizes = [part.place for part in parts], [len(part.table) for part in parts]
    whole = Stacked(places, sizes, np.arange(len(table)))
    checks.refuse_shared_patients(table, source=str(root), place=whole)
    keep, kept = rows_there(table["image"], root, layout.prefixes)
    table = table.iloc[keep].reset_index(drop=True)
    unknown = [name for name in OPTIONAL if name in table and _blank(table[name])]
    notes = list(filter(None, [*dict.fromkeys(n for p in parts for n in p.notes), kept]))
    return _Rows(
        table.drop(columns=unknown), labels[keep], replace(whole, rows=keep), notes
    )


def _there(root: Path, table: Images) -> bool:
    return not table.optional or joins.find_table(root, table) is not None


def _part(layout: Layout, root: Path, table: Images) -> _Rows:
    """What one table of images, and all that joins it, says of its images."""
    findings = layout.labels.findings
    own = [] if layout.labels.join else list(findings)
    cells = joins.read_table(root, table, [*_own(layout, table), *own])
    checks.refuse_empty(cells.frame, source=str(cells.path))
    labels, notes = (decoded(cells.frame[own], layout, cells.path) if own else None), []
    cells.frame = cells.frame.drop(columns=own).assign(**table.adds)
    for key, how in layout.joins.items():
        if key == layout.labels.join:
            other, labels = joined_labels(cells, layout, root)
            notes.append(f"labels of {other.name}")
        else:
            joins.join(cells, root, how, how.columns)
    return _Rows(_table(cells, layout, root), labels, cells.own, notes)


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
    table["image"] = shortened(table["image"], layout.prefixes, root)
    place = {"source": str(cells.path), "first_row": FIRST_ROW}
    checks.refuse_repeated_images(table, **place)
    table["patient"] = columns.needed(cells, of.patient, "patient")
    table["view"] = columns.known(cells, of.view)
    table["split"] = _splits(cells, layout, table["patient"])
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


def _splits(cells: Cells, layout: Layout, patients: pd.Series) -> pd.Series:
    """The official split; where there is none, the one that a patient is dealt."""
    if not layout.shares:
        return columns.needed(cells, layout.columns.split, "split")
    official = columns.known(cells, layout.columns.split)
    # With the title, so that it cuts otherwise than other hashes of the same numbers.
    dealt = columns.dealt(f"{layout.title} " + patients, layout.shares)
    return official.where(official != "", dealt)
