"""Whether a table holds rows of a data set where it should hold aggregates.

Idea: rows are known by what they name, by what a column is called, and by their number.
A table of aggregates says in words what each row is of, so that under one heading there
are never as many rows as there are images.

Limits: a table that by chance has as many rows as there are images is refused as well;
another number of images mends it.
"""

import numpy as np
import pandas as pd

from negcxr.guard.numbers import refuse_few, refuse_few_of_each, refuse_many
from negcxr.guard.secrets import APART, LEAST, Secrets
from negcxr.guard.texts import refuse, refuse_text

ROW_NAMES = {  # what a column of rows is called, wherever it came from
    *("image", "images", "image_id", "path", "file", "filename", "dicom", "dicom_id"),
    *("patient", "patient_id", "subject", "subject_id", "study", "study_id", "report"),
    *("age", "sex", "gender", "label"),
}
MENDS = "another n_images tells which"
NAMED = "the name of an image or a patient"


def refuse_scalars(table: pd.DataFrame, secrets: Secrets, *, where: str) -> None:
    """Refuse numbers of a result of which one names a row, or is over too few.

    Args:
        table: A row a number: scalar, value, low, high, n, prevalence, note.

    Raises:
        InputError: Says where.
    """
    named = table.drop(columns="note")
    for column in named.columns:
        _refuse_cells(named[column], secrets, where)
    _refuse_row_each(named, secrets, where)
    refuse_few_of_each(table, secrets, where=where)


def refuse_table(table: pd.DataFrame, secrets: Secrets, *, where: str) -> None:
    """Refuse a table of rows instead of aggregates, or with what names one.

    Raises:
        InputError: Names the table and the column.
    """
    if any(_names_one(str(column), secrets) for column in table.columns):
        refuse(secrets, f"{where}, its columns", NAMED)
    refuse_text(APART.join(map(str, table.columns)), secrets, where=f"{where}, its columns")
    for column in table.columns:
        _refuse_cells(table[column], secrets, f"{where}, column {column}")
    _refuse_row_each(table, secrets, where)
    refuse_many(table, secrets, where=where)
    refuse_few(table, secrets, where=where)


def _refuse_cells(column: pd.Series, secrets: Secrets, where: str) -> None:
    if str(column.name).lower() in ROW_NAMES:
        refuse(secrets, where, "a column of this name holds rows")
    known = column.dropna()
    if pd.api.types.is_numeric_dtype(column):
        known = known[np.isfinite(known.astype(float))]
        whole = known[known.astype(float) % 1 == 0]
        texts = {str(int(value)) for value in whole.unique()}
        if any(len(text) >= LEAST and text in secrets.names.cells for text in texts):
            refuse(secrets, where, NAMED)
        return
    if not known.map(lambda cell: isinstance(cell, str)).all():
        refuse(secrets, where, "cells that are neither numbers nor words")
    texts = {*known.astype(str)}
    if any(_names_one(text, secrets) for text in texts):
        refuse(secrets, where, NAMED)
    refuse_text(APART.join(sorted(texts)), secrets, where=where)
    if all(" " not in text.strip() for text in texts):  # a report, a word a row
        refuse_text(" ".join(known.astype(str)), secrets, where=where)


def _names_one(text: str, secrets: Secrets) -> bool:
    """Whether a cell is a name; a short number alone may count anything."""
    cell = text.strip().lower()
    return cell in secrets.names.cells and not (cell.isdigit() and len(cell) < LEAST)


def _refuse_row_each(table: pd.DataFrame, secrets: Secrets, where: str) -> None:
    """Refuse as many rows under one heading, or columns, as there are images."""
    n, patients = len(secrets.sample), secrets.sample.table["patient"].nunique()
    words = [c for c in table.columns if not pd.api.types.is_numeric_dtype(table[c])]
    # Words that come again, such as a finding's; where they together tell every row from
    # the others, as in a grid of aggregates, the number of rows means nothing.
    again = [name for name in words if table[name].nunique() < len(table)]
    under = {*table.groupby(again, dropna=False, sort=False).size()} if again else set()
    sizes = under if under == {1} else under | {len(table)}
    sizes |= {table[name].nunique() for name in again}
    for count, what in ((n, "images"), (patients, "patients")):
        if count in sizes and len(words) < len(table.columns):
            refuse(
                secrets,
                where,
                f"a row for each of {count} {what}, or as many by chance; {MENDS}",
            )
    if len(table.columns) >= n:
        refuse(secrets, where, f"a column for each of {n} images")
