"""Whether numbers are too many to be aggregates, or over too few to be ones.

Idea: aggregates say in words what each number is of, so they never come by the dozen under
one heading; rows of images, embeddings and pixels do. A resample, a layer or a step of
training tells numbers apart as a word does. A table of sentences and not of images, which
has cues, readers or denials, may count few of them, since none of these is a patient's.

Limits: a table of up to ``MOST`` rows of numbers passes, and so does any other in which
words, or what is called as in ``INDEX``, tell every row from the others; counts under
another name than those of ``COUNTS`` are not read; and a count says images alone, so that
five images of one patient pass here, see `negcxr.guard.enough`.
"""

import re
from html import unescape

import numpy as np
import pandas as pd

from negcxr.guard.secrets import MINIMUM, Secrets
from negcxr.guard.texts import refuse

MOST = 32  # numbers in a row, or rows of numbers under one heading
FEWEST = 2 * MINIMUM  # patients from which on a column of whole numbers may be theirs
INDEX = {  # numbers that tell apart what is not an image
    *("draw", "step", "layer", "layers", "head", "heads", "perplexity", "blanked"),
    *("share", "strength", "moved", "place"),
}
LABELS = {"present", "absent", "uncertain", "unmentioned"}  # counts of them, or shares
COUNTS = {"n", "count", "counts", "patients", "with blanks", *LABELS}
SENTENCES = {"cue", "reader", "denied", "denied_by"}  # columns that no image has
MAP = {"polarity", "x", "y"}  # of a map of sentences; an image has no polarity
_WRAP = re.compile(r"\b(?:np|numpy|torch|tensor|array|float|int)\w*(?:\.\w+)?\(")
_VALUE = re.compile(r"\b(?:nan|none|true|false|-?inf)\b")
_TAG = re.compile(r"<[^>]*>")
_RUN = re.compile(r"[-+\d.e\s,;:|()\[\]{}'\"]+")
_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?")


def refuse_many(table: pd.DataFrame, secrets: Secrets, *, where: str) -> None:
    """Refuse a table with more numbers under one heading than aggregates have.

    Raises:
        InputError: Names the table, and the column where it is one.
    """
    numbers = [c for c in table.columns if pd.api.types.is_numeric_dtype(table[c])]
    measured = [name for name in numbers if str(name).lower() not in INDEX]
    if len(measured) > MOST:
        refuse(secrets, where, f"more than {MOST} columns of numbers")
    patients = secrets.sample.table["patient"].nunique()
    for name in measured:
        if patients >= FEWEST and _counts_up(table[name], patients):
            what = "a whole number for each of as many rows as there are patients"
            refuse(secrets, f"{where}, column {name}", what)
    heading = [name for name in table.columns if name not in measured]
    how = {"dropna": False, "sort": False, "observed": True}
    rows = table.groupby(heading, **how).size().max() if heading else len(table)
    if rows > MOST and not {*table.columns} >= MAP:
        refuse(secrets, where, f"more than {MOST} rows of numbers under one heading")


def _counts_up(column: pd.Series, count: int) -> bool:
    known = column.dropna().astype(float)
    return bool((known % 1 == 0).all()) and known.nunique() >= count


def refuse_few(table: pd.DataFrame, secrets: Secrets, *, where: str) -> None:
    """Refuse a table with a number over, or a count of, fewer than ``MINIMUM`` images.

    Raises:
        InputError: Names the table, and the column where it is one.
    """
    _refuse_shares(table, secrets, where)
    if SENTENCES & {*map(str, table.columns)}:
        return
    for name in table.columns:
        if str(name).lower() in COUNTS and _is_of_few(table[name]):
            what = f"a count of fewer than {MINIMUM} images"
            refuse(secrets, f"{where}, column {name}", what)


def refuse_few_of_each(table: pd.DataFrame, secrets: Secrets, *, where: str) -> None:
    """Refuse numbers of a result over fewer than ``MINIMUM`` images.

    Most numbers over a few are over texts, methods or maps. One is taken for a number of
    images if it has a prevalence, or if it is over one thing, is no count, and no note
    says what it is.

    Args:
        table: A row a number: value, n, prevalence, note.

    Raises:
        InputError: Says where.
    """
    _refuse_shares(table, secrets, where)
    one = (table["n"] == 1) & table["value"].notna() & (table["value"] % 1 != 0)
    of_images = table["prevalence"].notna() | (one & (table["note"] == ""))
    if (_few(table["n"]) & of_images).any():
        refuse(secrets, where, f"a number over fewer than {MINIMUM} images")


def _refuse_shares(table: pd.DataFrame, secrets: Secrets, where: str) -> None:
    if not {"n", "prevalence"} <= {*table.columns}:
        return
    n, prevalence = (table[name].astype(float) for name in ("n", "prevalence"))
    if _few(np.minimum(n * prevalence, n - n * prevalence).round()).any():
        refuse(secrets, where, f"a share of fewer than {MINIMUM} images")


def _is_of_few(column: pd.Series) -> bool:
    """Whether a column of counts has a small one; shares of a label are no counts."""
    known = pd.to_numeric(column, errors="coerce").dropna().astype(float)
    if str(column.name).lower() in LABELS and (known <= 1).all():
        return False
    return bool((known % 1 == 0).all()) and bool(_few(known).any())


def _few(counts: pd.Series) -> pd.Series:
    return (counts > 0) & (counts < MINIMUM)


def refuse_run_of_numbers(text: str, secrets: Secrets, *, where: str) -> None:
    """Refuse a text with more than ``MOST`` numbers, and no word between them.

    Raises:
        InputError: Says where.
    """
    plain = unescape(_TAG.sub("<>", text)).lower()
    bare = _VALUE.sub("0", _WRAP.sub("(", plain))
    for run in _RUN.finditer(bare):
        if len(_NUMBER.findall(run[0])) > MOST:
            refuse(secrets, where, f"more than {MOST} numbers without a word between")
