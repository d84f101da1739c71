"""ChestX-ray14 of the NIH Clinical Center, in the layout of its own download.

The folder holds ``Data_Entry_2017_v2020.csv``, ``train_val_list.txt`` (split ``train``),
``test_list.txt`` (split ``test``), and the films in ``images*/`` or ``images*/images/``.
A folder may hold a part of the data set: the table then has the rows of that part, and
the lists may name films that are not there.

Labels were mined from reports by a program, and only findings that it took for present
are listed. A finding that is not listed is *unmentioned*: its label is blank. So are all
labels of a film marked "No Finding", which says that nothing was mined, not that a
reader denied each of the fourteen. There is no explicit absence and no uncertainty, so
the policy ``explicit`` leaves nothing to compare with, and the default is
``blank-absent``.

Limits: about one label in ten is wrong by its makers' own estimate; AP films are of
sicker patients, so view alone predicts many findings.

Reference:
    Wang et al. (2017), ChestX-ray8, CVPR, https://arxiv.org/abs/1705.02315.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.data import checks
from negcxr.data.dataset import Dataset, Request
from negcxr.data.files import FileImages, listing, refuse_leaving
from negcxr.data.labels import PRESENT, UNMENTIONED
from negcxr.data.mendable import refuse
from negcxr.data.tables import FIRST_ROW, read_csv, read_lines
from negcxr.data.withheld import RowsOf
from negcxr.errors import InputError

TABLE = "Data_Entry_2017_v2020.csv"
LISTS = {"train": "train_val_list.txt", "test": "test_list.txt"}
COLUMNS = {
    "Image Index": "image",
    "Patient ID": "patient",
    "View Position": "view",
    "Patient Age": "age",
    "Patient Gender": "sex",
}
LABELS = "Finding Labels"
NOTHING = "No Finding"
# The data set's own name of a finding, and the study's.
FINDINGS = {
    "Atelectasis": "Atelectasis",
    "Cardiomegaly": "Cardiomegaly",
    "Consolidation": "Consolidation",
    "Edema": "Edema",
    "Effusion": "Pleural Effusion",
    "Emphysema": "Emphysema",
    "Fibrosis": "Fibrosis",
    "Hernia": "Hernia",
    "Infiltration": "Infiltration",
    "Mass": "Mass",
    "Nodule": "Nodule",
    "Pleural_Thickening": "Pleural Thickening",
    "Pneumonia": "Pneumonia",
    "Pneumothorax": "Pneumothorax",
}
TERMS = (
    "NIH ChestX-ray14, provided by the NIH Clinical Center; usage is unrestricted "
    "(its FAQ, Q04); original download: the NIH Clinical Center's Box folder "
    '"ChestXray-NIHCC", https://nihcc.app.box.com/v/ChestXray-NIHCC; '
    "cite Wang et al., CVPR 2017"
)


def read(request: Request) -> Dataset:
    """The films under ``request.root``, all splits.

    Raises:
        InputError: A file, column or film is missing, or a row is not as it must be.
    """
    if request.root is None:
        raise InputError(f"data set nih needs root: the folder that holds {TABLE}")
    path = request.root / TABLE
    rows = read_csv(path)
    checks.require_columns(rows, [*COLUMNS, LABELS], source=str(path))
    table = rows[list(COLUMNS)].rename(columns=COLUMNS)
    _check_rows(table, path)
    table["age"] = checks.as_years(table["age"], RowsOf(path))
    table["split"] = _splits(table["image"], request.root)
    checks.refuse_shared_patients(table, source=str(request.root))
    return Dataset(
        name="nih",
        kind="films",
        table=table,
        findings=tuple(FINDINGS.values()),
        labels=_labels(rows[LABELS], path),
        policy="blank-absent",
        images=FileImages(_films(table["image"], request.root)),
        terms=TERMS,
        shows_images=True,
    )


def _check_rows(table: pd.DataFrame, path: Path) -> None:
    checks.refuse_empty(table, source=str(path))
    texts = ("image", "patient", "view")
    checks.refuse_blank_cells(table, texts, source=str(path), first_row=FIRST_ROW)
    checks.refuse_repeated_images(table, source=str(path), first_row=FIRST_ROW)


def _labels(cells: pd.Series, path: Path) -> Float[np.ndarray, "image finding"]:
    columns = {name: column for column, name in enumerate(FINDINGS)}
    codes, lists = pd.factorize(cells)  # 112,120 films have fewer than a thousand lists
    labels = np.full((len(lists), len(columns)), UNMENTIONED)
    for code, cell in enumerate(lists):
        listed = [] if cell == NOTHING else cell.split("|")
        unknown = [name for name in listed if name not in columns]
        if unknown:
            raise InputError(
                f"{path}, row {FIRST_ROW + codes.tolist().index(code)}: {LABELS} has "
                f"{unknown[0]!r}; allowed: {NOTHING} alone, or some of {', '.join(columns)}"
            )
        labels[code, [columns[name] for name in listed]] = PRESENT
    return labels[codes]


def _splits(images: pd.Series, root: Path) -> list[str]:
    split_of: dict[str, str] = {}
    for split, name in LISTS.items():
        for image in read_lines(root / name):
            if split_of.setdefault(image, split) != split:
                raise InputError(f"{root}: {image} is in {' and '.join(LISTS.values())}")
    for row, image in enumerate(images, start=FIRST_ROW):
        if image not in split_of:
            lists = " or ".join(LISTS.values())
            raise InputError(f"{root / TABLE}, row {row}: {image} is not in {lists}")
    return [split_of[image] for image in images]


def _films(images: pd.Series, root: Path) -> list[Path]:
    folders = [folder for folder in sorted(root.glob("images*")) if folder.is_dir()]
    place_of: dict[str, Path] = {}
    for folder in [place for each in folders for place in (each, each / "images")]:
        for name in listing(folder):
            place_of.setdefault(name, folder / name)
    for row, image in enumerate(images, start=FIRST_ROW):
        if image not in place_of:
            refuse_leaving(image, root, source=f"{root / TABLE}, row {row}")
            refuse(
                f"{root / TABLE}, row {row}: no file {image} in {root}/images*/ "
                "or images*/images/"
            )
    return [place_of.get(image, root / "images" / image) for image in images]
