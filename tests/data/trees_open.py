"""Writes small data sets in official layouts, by hand; nothing in them is of a person."""

import csv
import json
from pathlib import Path
from zlib import crc32

import numpy as np
from PIL import Image
from tests.data.dicoms import film, written

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
    """A ramp of grey in a file, with one pixel that tells it from those of other names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    top = 255 if bits == 8 else 4095
    ramp = np.linspace(0, top, 16 * 12).reshape(12, 16)
    ramp[6, 6] = crc32(path.name.encode()) % top
    Image.fromarray(ramp.astype(np.uint8 if bits == 8 else np.uint16)).save(path)


def _opened(path: Path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w", encoding="utf-8", newline="")


# report, its images, terms people chose, terms of the program, findings, impression
OPENI_REPORTS = (
    (
        1,
        ("CXR1_1_IM-0001-3001", "CXR1_1_IM-0001-4001"),
        ("normal",),
        (),
        "No edema.",
        "OK.",
    ),
    (
        2,
        ("CXR2_IM-0652-1001",),
        ("Cardiomegaly/borderline", "Pleural Effusion/left/small "),
        ("Pneumothorax",),
        "Small XXXX effusion. No pneumothorax.",
        "",
    ),
    (3, ("CXR3_IM-1384-1001",), ("No Indexing",), (), "", ""),
    (
        4,
        ("CXR4_IM-2050-1001", "CXR4_IM-2050-1001-0001"),
        ("Opacity/lung/base/left", "Cardiomegaly/borderline", "Cardiomegaly/mild"),
        (),
        "Left basal opacity.",
        "1. Opacity.",
    ),
    (5, (), ("Opacity/ribs", "Technical Quality of Image Unsatisfactory "), (), "", ""),
    (
        6,
        ("CXR6_IM-2192-1001",),
        ("Hydropneumothorax", "Thickening/bronchi"),
        (),
        "",
        "Air.",
    ),
    (10, ("CXR10_IM-0002-1001",), ("Pneumonia/lower lobe/right",), (), "Dense.", ""),
)


def openi(root: Path, reports: tuple = OPENI_REPORTS) -> Path:
    """Open-I as it comes out of its two archives."""
    for number, images, chosen, automatic, findings, impression in reports:
        text = openi_xml(f"CXR{number}", images, chosen, automatic, findings, impression)
        with _opened(root / "ecgen-radiology" / f"{number}.xml") as file:
            file.write(text)
        for image in images:
            draw(root / "NLMCXR_png" / f"{image}.png")
    return root


def openi_xml(uid, images=(), chosen=(), automatic=(), findings="", impression="") -> str:
    """One report, with the parts that somebody reads and some that nobody does."""
    major = "".join(f"<major>{term}</major>" for term in chosen)
    program = "".join(f"<automatic>{term}</automatic>" for term in automatic)
    films = "".join(
        f'<parentImage id="{image}"><figureId>F1</figureId><caption>PA and Lateral'
        f"</caption><panel type='single'><url>/x/{image}.jpg</url></panel></parentImage>"
        for image in images
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<eCitation><meta type="rr"/>'
        f'<uId id="{uid}"/><MedlineCitation><Article><Abstract>'
        '<AbstractText Label="COMPARISON">None.</AbstractText>'
        '<AbstractText Label="INDICATION">Cough?</AbstractText>'
        f'<AbstractText Label="FINDINGS">{findings}</AbstractText>'
        f'<AbstractText Label="IMPRESSION">{impression}</AbstractText>'
        f"</Abstract></Article></MedlineCitation><MeSH>{major}{program}</MeSH>{films}"
        "</eCitation>"
    )


VINDR_LABELS = (
    *("Aortic enlargement", "Atelectasis", "Calcification", "Cardiomegaly"),
    *("Clavicle fracture", "Consolidation", "Edema", "Emphysema", "Enlarged PA", "ILD"),
    *("Infiltration", "Lung Opacity", "Lung cavity", "Lung cyst", "Mediastinal shift"),
    *("Nodule/Mass", "Pleural effusion", "Pleural thickening", "Pneumothorax"),
    *("Pulmonary fibrosis", "Rib fracture", "Other lesion", "COPD", "Lung tumor"),
    *("Pneumonia", "Tuberculosis"),
)
# image, reader, what the reader marked; readers of one image stand apart in the table
VINDR_TRAIN = (
    ("aa01", "R9", ("Cardiomegaly", "Pleural effusion")),
    ("aa02", "R8", ("No finding",)),
    ("aa01", "R10", ("Cardiomegaly", "Nodule/Mass")),
    ("aa01", "R8", ("Cardiomegaly", "Pleural effusion", "Other diseases")),
    ("aa02", "R9", ("No finding",)),
    ("aa02", "R10", ("No finding",)),
)
VINDR_TEST = (
    ("bb01", ("Pneumonia", "Lung Opacity", "Other disease")),
    ("bb02", ("No finding",)),
)


def vindr(root: Path) -> Path:
    """VinDr-CXR: three readers an image in train, one consensus in test, DICOM films."""
    for split, last, rows in (
        ("train", "Other diseases", VINDR_TRAIN),
        ("test", "Other disease", [(image, "", marked) for image, marked in VINDR_TEST]),
    ):
        labels = [*VINDR_LABELS, last, "No finding"]  # the two tables spell it differently
        reader = ["rad_id"] if split == "train" else []
        with _opened(root / "annotations" / f"image_labels_{split}.csv") as file:
            table = csv.writer(file)
            table.writerow(["image_id", *reader, *labels])
            for image, who, marked in rows:
                cells = [int(label in marked) for label in labels]
                table.writerow([image, *([who] if reader else []), *cells])
        for image in {row[0] for row in rows}:
            ramp = np.arange(0, 3000, 100, dtype=np.uint16).reshape(5, 6)
            ramp[2, 3] = crc32(image.encode()) % 2900
            path = root / split / f"{image}.dicom"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written(film(ramp, PhotometricInterpretation="MONOCHROME1")))
    return root
