"""Writes small data sets in official layouts, by hand; nothing in them is of a person."""

import csv
import json
from pathlib import Path

import numpy as np
from PIL import Image

PADCHEST = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"
PADCHEST_COLUMNS = (
    *("", "ImageID", "ImageDir", "StudyDate_DICOM", "StudyID", "PatientID"),
    *("PatientBirth", "PatientSex_DICOM", "ViewPosition_DICOM", "Projection"),
    *("Pediatric", "BitsStored_DICOM", "ReportID", "Report", "MethodLabel", "Labels"),
)
# image, folder, patient, birth, sex, projection, method, labels
PADCHEST_ROWS = (
    ("a.png", "0", "11", "1930.0", "F", "PA", "Physician", "['normal']"),
    ("b.png", "0", "11", "1930.0", "F", "L", "Physician", "[' cardiomegaly', 'unchanged']"),
    (
        "c.png",
        "54",
        "12",
        "",
        "M",
        "AP_horizontal",
        "Physician",
        "['pleural effusion ', '']",
    ),
    ("d.png", "54", "13", "1950.0", "O", "AP", "Physician", "['laminar atelectasis']"),
    ("e.png", "1", "14", "1960.0", "M", "PA", "RNN_model", "['pneumonia']"),
    ("f.png", "1", "15", "1960.0", "M", "PA", "Physician", ""),
    ("l.png", "1", "15", "nan", "M", "PA", "Physician", "nan"),
    ("g.png", "1", "16", "1960.0", "M", "PA", "Physician", "['suboptimal study']"),
    ("h.png", "1", "17", "1960.0", "M", "PA", "Physician", "['exclude', 'pneumonia']"),
    ("i.png", "1", "18", "1960.0", "M", "COSTAL", "Physician", "['pneumonia']"),
    ("j.png", "1", "19", "1960.0", "M", "PA", "Physician", "['']"),
    ("k.png", "1", "20", "1960.0", "nan", "PA", "Physician", "['pneumothorax']"),
)


def padchest(root: Path) -> Path:
    """PadChest: lists as text, PNG of 16 bits, and every oddity of its table once."""
    with _opened(root / PADCHEST) as file:
        table = csv.writer(file)
        table.writerow(PADCHEST_COLUMNS)
        for number, row in enumerate(PADCHEST_ROWS):
            image, folder, patient, born, sex, projection, method, labels = row
            table.writerow(
                [number, image, folder, "20140915", f"s{number}", patient, born, sex, ""]
                + [projection, "No", "12", "1", " sin hallazg .", method, labels]
            )
            draw(root / folder / image, bits=16)
    return root


CHEXPERT_PLUS = "df_chexpert_plus_240401.csv"
CHEXPERT_PLUS_COLUMNS = (
    *("path_to_image", "path_to_dcm", "frontal_lateral", "ap_pa", "deid_patient_id"),
    *("patient_report_date_order", "report", "section_findings", "section_impression"),
    *("age", "sex", "race", "split"),
)
# image, view, projection, patient, age, sex, split
CHEXPERT_PLUS_ROWS = (
    ("train/patient00001/study1/view1_frontal.jpg", "Frontal", "AP", "patient00001"),
    ("train/patient00001/study1/view2_lateral.jpg", "Lateral", "", "patient00001"),
    ("train/patient00002/study1/view1_frontal.jpg", "Frontal", "PA", "patient00002"),
    ("valid/patient64541/study1/view1_frontal.jpg", "Frontal", "AP", "patient64541"),
)
CHEXPERT_PLUS_LABELS = (
    {"Edema": 1.0, "Pleural Effusion": 0.0, "Pneumonia": -1.0, "No Finding": None},
    {"Edema": 1.0, "Pleural Effusion": None, "Pneumonia": None, "No Finding": None},
    {"No Finding": 1.0},
)  # the last image has no line


def chexpert_plus(root: Path) -> Path:
    """CheXpert Plus: names in .jpg and files in .png, reports in the table, JSON lines."""
    with _opened(root / CHEXPERT_PLUS) as file:
        table = csv.writer(file)
        table.writerow(CHEXPERT_PLUS_COLUMNS)
        for image, view, projection, patient in CHEXPERT_PLUS_ROWS:
            dicom = image.replace(".jpg", ".dcm")
            report = 'FINDINGS:\nNo edema, "none".\n\nIMPRESSION:\n1. Clear.'
            table.writerow(
                [image, dicom, view, projection, patient, "1", report, "", "1. Clear."]
                + ["61", "Female", "Other", image.split("/")[0]]
            )
            draw(root / "PNG" / Path(image).with_suffix(".png"))
    lines = [
        json.dumps({"path_to_image": row[0]} | labels)
        for row, labels in zip(CHEXPERT_PLUS_ROWS, CHEXPERT_PLUS_LABELS, strict=False)
    ]
    with _opened(root / "chexbert_labels" / "impression_fixed.json") as file:
        file.write("\n".join(lines) + "\n")
    return root


def draw(path: Path, bits: int = 8) -> None:
    """A ramp of grey in a file; its size tells nothing, its name is its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    top = 255 if bits == 8 else 4095
    ramp = np.linspace(0, top, 16 * 12).reshape(12, 16)
    Image.fromarray(ramp.astype(np.uint8 if bits == 8 else np.uint16)).save(path)


def _opened(path: Path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w", encoding="utf-8", newline="")
