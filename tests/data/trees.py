"""Small folders in the layout of a published data set; every row of them is made up."""

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, str]


def write_table(path: Path, rows: Sequence[Row], *, columns: Sequence[str] = ()) -> None:
    """A CSV file, packed where its name says so."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


FINDINGS = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Enlarged Cardiomediastinum",
    "Fracture",
    "Lung Lesion",
    "Lung Opacity",
    "No Finding",
    "Pleural Effusion",
    "Pleural Other",
    "Pneumonia",
    "Pneumothorax",
    "Support Devices",
)
# dicom_id, subject_id, study_id, view, split
MIMIC_IMAGES = (
    ("aa-1", "10000032", "50000001", "PA", "train"),
    ("aa-2", "10000032", "50000001", "LATERAL", "train"),
    ("bb-1", "11000033", "51000002", "AP", "validate"),
    ("cc-1", "12000034", "52000003", "AP", "test"),
    ("cc-2", "12000034", "52000004", "PA", "test"),
    ("cc-3", "12000034", "52000004", "", "test"),
)
# study -> cells that are not blank; 52000004 has no row, as a report without text
MIMIC_LABELS = {
    "50000001": {"Edema": "1.0", "Pneumothorax": "0.0", "Pneumonia": "-1.0"},
    "51000002": {"No Finding": "1.0"},
    "52000003": {"Edema": "0.0", "Support Devices": "1.0"},
}


def mimic_tables() -> dict[str, list[dict[str, str]]]:
    """The four tables by the middle of their names, as rows that a test may change."""
    metadata, split, labels = [], [], []
    for dicom, subject, study, view, part in MIMIC_IMAGES:
        keys = {"dicom_id": dicom, "subject_id": subject, "study_id": study}
        more = {"PerformedProcedureStepDescription": "CHEST, 2 VIEWS", "ViewPosition": view}
        metadata.append({**keys, **more, "Rows": "3056", "Columns": "2544"})
        split.append({**keys, "split": part})
    for study, cells in MIMIC_LABELS.items():
        subject = next(row[1] for row in MIMIC_IMAGES if row[2] == study)
        given = {finding: cells.get(finding, "") for finding in FINDINGS}
        labels.append({"subject_id": subject, "study_id": study, **given})
    return {"metadata": metadata, "split": split, "chexpert": labels}


def write_mimic(
    root: Path, image: bytes, tables: Mapping[str, list[dict[str, str]]] | None = None
) -> Path:
    """MIMIC-CXR-JPG of six images of three patients; ``image`` is the bytes of each."""
    for name, rows in (tables or mimic_tables()).items():
        write_table(root / f"mimic-cxr-2.0.0-{name}.csv.gz", rows)
    for dicom, subject, study, *_ in MIMIC_IMAGES:
        folder = root / "files" / f"p{subject[:2]}" / f"p{subject}" / f"s{study}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{dicom}.jpg").write_bytes(image)
    return root


# path below the data set's folder, sex, age, frontal or lateral, AP or PA
CHEXPERT_IMAGES = {
    "train": (
        ("train/patient00001/study1/view1_frontal.jpg", "Female", "68", "Frontal", "AP"),
        ("train/patient00002/study2/view1_frontal.jpg", "Male", "87", "Frontal", "PA"),
        ("train/patient00002/study2/view2_lateral.jpg", "Male", "87", "Lateral", ""),
        ("train/patient00003/study1/view1_frontal.jpg", "Unknown", "0", "Frontal", "LL"),
    ),
    "valid": (
        ("valid/patient64541/study1/view1_frontal.jpg", "Male", "73", "Frontal", "AP"),
    ),
}
CHEXPERT_LABELS = {
    "train/patient00001/study1/view1_frontal.jpg": {"No Finding": "1.0", "Edema": "0.0"},
    "train/patient00002/study2/view1_frontal.jpg": {"Edema": "-1.0", "Fracture": "1.0"},
    "train/patient00002/study2/view2_lateral.jpg": {"Edema": "-1.0", "Fracture": "1.0"},
    "train/patient00003/study1/view1_frontal.jpg": {},
    "valid/patient64541/study1/view1_frontal.jpg": dict.fromkeys(FINDINGS, "0.0"),
}
TEST_IMAGES = (
    "test/patient64741/study1/view1_frontal.jpg",
    "test/patient64741/study1/view2_lateral.jpg",
)


def chexpert_tables(name: str = "CheXpert-v1.0-small") -> dict[str, list[dict[str, str]]]:
    """train.csv and valid.csv as rows; their paths begin with ``name``."""
    return {
        part: [
            {
                "Path": f"{name}/{path}",
                "Sex": sex,
                "Age": age,
                "Frontal/Lateral": side,
                "AP/PA": view,
                **{f: CHEXPERT_LABELS[path].get(f, "") for f in FINDINGS},
            }
            for path, sex, age, side, view in images
        ]
        for part, images in CHEXPERT_IMAGES.items()
    }


def chexpert_test_table() -> list[dict[str, str]]:
    """The test set's labels: fewer columns, whole numbers, paths without a beginning."""
    return [{"Path": path, **dict.fromkeys(FINDINGS, "1")} for path in TEST_IMAGES]


def write_chexpert(
    root: Path, image: bytes, tables: Mapping[str, list[dict[str, str]]] | None = None
) -> Path:
    """CheXpert of five images of four patients; ``image`` is the bytes of each."""
    for name, rows in (tables or chexpert_tables()).items():
        write_table(root / f"{name}.csv", rows)
    for path in (*CHEXPERT_LABELS, *TEST_IMAGES):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(image)
    return root
