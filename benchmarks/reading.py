"""The tables of MIMIC-CXR-JPG, whole: how long they take to read, and how much memory.

Writes made-up tables of as many rows as the real ones have, packed as they are, and reads
them in a fresh process, since the peak of a process never falls again. No image exists:
none is looked for before a sample is drawn.

Measured on two cores of a shared virtual machine (x86-64), with eight processes waiting
for them: 377,110 rows of every view in 4.0 s of work, 14 s by the clock, and 643 MiB at
the peak. 378 MiB of these were taken before anything was read.

Run: ``python benchmarks/reading.py``
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from negcxr.data.dataset import Request

N_IMAGES, N_STUDIES, N_PATIENTS = 377_110, 227_835, 65_379
VIEWS = {"AP": 0.39, "PA": 0.255, "LATERAL": 0.22, "LL": 0.093, "": 0.042}
CELLS = {"1.0": 0.1, "0.0": 0.1, "-1.0": 0.05, "": 0.75}
FINDINGS = (
    *("Atelectasis", "Cardiomegaly", "Consolidation", "Edema"),
    *("Enlarged Cardiomediastinum", "Fracture", "Lung Lesion", "Lung Opacity"),
    *("No Finding", "Pleural Effusion", "Pleural Other", "Pneumonia", "Pneumothorax"),
    "Support Devices",
)


def main() -> None:
    """Write the tables, read them in another process, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--read", type=Path, help="read this folder; for the other process")
    folder = parser.parse_args().read
    if folder:
        _read(folder)
        return
    with tempfile.TemporaryDirectory() as scratch:
        _write(Path(scratch))
        subprocess.run([sys.executable, __file__, "--read", scratch], check=True)


def _read(folder: Path) -> None:
    from negcxr.data import layout

    request = Request(folder, "all", 0, 0)
    print(f"{_peak_mib():.0f} MiB before anything is read")
    for what, read in (
        ("every view", lambda: layout.every_view("mimic", request)),
        ("frontal, test split", lambda: layout.read("mimic", request).in_split("test")),
    ):
        wall, work = time.perf_counter(), time.process_time()
        rows = len(read())
        wall, work = time.perf_counter() - wall, time.process_time() - work
        print(f"{what}: {rows} rows, {wall:.1f} s ({work:.1f} s of work)", end=", ")
        print(f"peak {_peak_mib():.0f} MiB")


def _write(folder: Path) -> None:
    rng = np.random.default_rng(0)
    patient = np.sort(rng.integers(0, N_PATIENTS, N_STUDIES))
    study = np.sort(np.concatenate([np.arange(N_STUDIES), _more_images(rng)]))
    keys = pd.DataFrame(
        {
            "dicom_id": _names(rng),
            "subject_id": 10_000_000 + patient[study] * 137,
            "study_id": 50_000_000 + study,
        }
    )
    metadata = keys.assign(
        PerformedProcedureStepDescription="CHEST (PA AND LAT)",
        ViewPosition=rng.choice(list(VIEWS), N_IMAGES, p=list(VIEWS.values())),
        Rows=3056,
        Columns=2544,
        StudyDate=21800506,
        StudyTime=213014.531,
        ProcedureCodeSequence_CodeMeaning="CHEST (PA AND LAT)",
        ViewCodeSequence_CodeMeaning="postero-anterior",
        PatientOrientationCodeSequence_CodeMeaning="Erect",
    )
    _save(metadata, folder, "metadata")
    splits = np.array(["train", "validate", "test"])
    of_patient = splits[np.searchsorted([0.98, 0.988], _place(patient))]
    _save(keys.assign(split=of_patient[study]), folder, "split")
    cells, shares = list(CELLS), list(CELLS.values())
    labels = {finding: rng.choice(cells, N_STUDIES, p=shares) for finding in FINDINGS}
    of_study = keys.drop_duplicates("study_id")[["subject_id", "study_id"]]
    _save(of_study.assign(**labels), folder, "chexpert")


def _more_images(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, N_STUDIES, N_IMAGES - N_STUDIES)


def _place(patient: np.ndarray) -> np.ndarray:
    """A number in [0, 1) for each patient, as if drawn."""
    return (patient * 7919 % N_PATIENTS) / N_PATIENTS


def _names(rng: np.random.Generator) -> list[str]:
    text = rng.bytes(20 * N_IMAGES).hex()
    parts = [text[i : i + 8] for i in range(0, len(text), 8)]
    return ["-".join(parts[i : i + 5]) for i in range(0, len(parts), 5)]


def _save(table: pd.DataFrame, folder: Path, name: str) -> None:
    path = folder / f"mimic-cxr-2.0.0-{name}.csv.gz"
    table.to_csv(path, index=False, compression={"method": "gzip", "compresslevel": 1})


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # bytes or KiB


if __name__ == "__main__":
    main()
