"""Anybody's own images: a folder with ``manifest.csv`` and image files.

Columns of the manifest:

============== ======== ==========================================================
image          needed   path of the file, from the folder: PNG, JPEG, TIFF, BMP or
                        DICOM
patient        needed   who is on it; all images of a patient are in one split
split          needed   train, test or any other name
view           optional AP, PA or any other name
age, sex       optional kept as they are; age in years
photometric    optional MONOCHROME1 where the file shows air bright and bone dark;
                        MONOCHROME2 or blank where it is the usual way round
side:<Finding> optional left, right, both or blank, where the finding is present
any other      a finding  1 present, 0 absent, -1 uncertain, blank unmentioned
============== ======== ==========================================================

At least one column is a finding. Use CheXpert's names where it has one ("Pleural
Effusion"), since those come with words for prompts; any other name goes by itself.

``about.yml`` beside it may say ``terms`` (licence and citation in one line),
``shows_images`` (whether an image may stand on a page), ``credentialed`` (whether its
terms forbid that a row of it leaves the machine) and ``data_set`` (the published data set
that the images are of, see `negcxr.data.about`). Without it no image is shown, since images
that are not known to be free to show are taken for private.

DICOM files say themselves which way round they are; ``photometric`` is blank there.

Limits: the default policy is ``explicit``, as only the labels' maker knows what a blank
means; ask for ``blank-absent`` where blanks are absences.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from negcxr.data import checks
from negcxr.data.about import About, about
from negcxr.data.checks import SIDES
from negcxr.data.dataset import Dataset, Request
from negcxr.data.files import PHOTOMETRIC as WORDS
from negcxr.data.files import FileImages, find_files
from negcxr.data.label_cells import four_values
from negcxr.data.labels import UNMENTIONED
from negcxr.data.tables import FIRST_ROW, read_csv
from negcxr.data.withheld import RowsOf, as_terms_allow
from negcxr.errors import InputError

MANIFEST = "manifest.csv"
NEEDED = ("image", "patient", "split")
OPTIONAL = ("view", "age", "sex")
PHOTOMETRIC = "photometric"
SIDE = "side:"
# Every way in which a spreadsheet writes the four values.
VALUES = {text: float(text) for text in ("1", "1.0", "0", "0.0", "-1", "-1.0")}
VALUES[""] = UNMENTIONED


def read(request: Request) -> Dataset:
    """The images that the manifest under ``request.root`` lists, all splits.

    Raises:
        InputError: A file or column is missing, or a row is not as it must be.
    """
    if request.root is None:
        raise InputError(f"data set folder needs root: the folder that holds {MANIFEST}")
    path = request.root / MANIFEST
    rows = read_csv(path)
    findings = _findings(rows, path)
    said = about(request.root)
    with as_terms_allow(said):
        table, images = _table(rows, path), _images(rows, request.root, said)
    return Dataset(
        name=said.data_set or request.root.resolve().name,
        kind="images",
        table=table,
        findings=findings,
        labels=four_values(
            rows[list(findings)], VALUES, source=str(path), first_row=FIRST_ROW
        ),
        policy="explicit",
        images=images,
        terms=said.terms,
        shows_images=said.shows_images,
        sides=_sides(rows, findings, path),
        credentialed=said.credentialed,
    )


def _findings(rows: pd.DataFrame, path: Path) -> tuple[str, ...]:
    checks.require_columns(rows, NEEDED, source=str(path))
    known = {*NEEDED, *OPTIONAL, PHOTOMETRIC}
    names = [name for name in rows.columns if name not in known]
    findings = tuple(name for name in names if not name.startswith(SIDE))
    if not findings:
        raise InputError(f"{path}: no column is a finding; it has: {', '.join(rows)}")
    if "" in findings:
        raise InputError(f"{path}: a column has no name; it has: {', '.join(rows)}")
    for name in names:
        if name.startswith(SIDE) and name.removeprefix(SIDE) not in findings:
            allowed = ", ".join(findings)
            raise InputError(f"{path}: {name!r} is of no finding; allowed: {allowed}")
    return findings


def _table(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    place = {"source": str(path), "first_row": FIRST_ROW}
    checks.refuse_empty(rows, source=str(path))
    checks.refuse_blank_cells(rows, NEEDED, **place)
    checks.refuse_repeated_images(rows, **place)
    checks.refuse_shared_patients(rows, source=str(path), place=RowsOf(path))
    table = rows[[name for name in (*NEEDED, *OPTIONAL) if name in rows.columns]].copy()
    if "view" not in table:
        table["view"] = ""
    if "age" in table:
        table["age"] = checks.as_years(table["age"], RowsOf(path))
    return table


def _images(rows: pd.DataFrame, root: Path, said: About) -> FileImages:
    path = root / MANIFEST
    files = find_files(root, rows["image"], source=str(path))
    place = RowsOf(path) if said.credentialed else None
    if PHOTOMETRIC not in rows:
        return FileImages(files, place=place)
    for row, word in enumerate(rows[PHOTOMETRIC], start=FIRST_ROW):
        if word not in WORDS:
            allowed = ", ".join(filter(None, WORDS))
            raise InputError(
                f"{path}, row {row}, {PHOTOMETRIC}: {word!r}; allowed: {allowed} or blank"
            )
    return FileImages(files, tuple(rows[PHOTOMETRIC]), place=place)


def _sides(
    rows: pd.DataFrame, findings: tuple[str, ...], path: Path
) -> Shaped[np.ndarray, "image finding"] | None:
    named = [name for name in findings if SIDE + name in rows]
    if not named:
        return None
    sides = np.full((len(rows), len(findings)), "", dtype="U5")
    for name in named:
        cells = rows[SIDE + name]
        off = ~cells.isin(SIDES).to_numpy()
        if off.any():
            row = int(off.argmax())
            raise InputError(
                f"{path}, row {FIRST_ROW + row}, {SIDE}{name}: {cells.iloc[row]!r}; "
                "allowed: left, right, both or blank"
            )
        sides[:, findings.index(name)] = cells
    return sides
