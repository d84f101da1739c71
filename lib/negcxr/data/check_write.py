"""What a check leaves on disk: tables of counts, what to mend, and a picture of samples.

Counts say nothing of a single image. What to mend names files and patients, since its
owner must find them; it and the picture are for the owner's eyes. So they are written
into one folder which no page, result or artifact is made from, and folders that are
published are refused.

Limits: who passes the folder on passes the names on.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from negcxr import paths
from negcxr.data.check import Check
from negcxr.data.check_labels import denial_factor, label_counts
from negcxr.data.check_policies import askable
from negcxr.data.check_sheet import SHOWN, contact_sheet, why_no_sheet
from negcxr.errors import InputError
from negcxr.writing import write_whole

TO_MEND, SAMPLES = "to-mend.csv", "samples.png"
RUN = "run.yml"  # marks the folder of a run, whose results pages read


def refuse_published(out: Path) -> None:
    """Refuse a folder that a book, an artifact or a run is made from.

    Raises:
        InputError: Names the folder, and the one that it lies in.
    """
    whole = out.resolve()
    for kept in (paths.BOOK, paths.ARTIFACTS, paths.ROOT / "_build"):
        if whole.is_relative_to(kept.resolve()):
            raise InputError(f"{out} lies in {kept}, which is published; choose another")
    if any((folder / RUN).is_file() for folder in (whole, *whole.parents)):
        raise InputError(f"{out} is a run's, whose results pages read; choose another")


def write_check(check: Check, out: Path, *, least: int, seed: int) -> list[Path]:
    """Write the tables and the picture of a check into a folder.

    Args:
        least: Images that a finding needs on each side to be askable.
        seed: Draws the images of the picture.

    Returns:
        The files: counts, labels, policies and verdicts as CSV; ``to-mend.csv``, with
        its header alone where nothing is; ``samples.png``, where images may be shown.

    Raises:
        InputError: The folder is one from which something is published.
    """
    refuse_published(out)
    labels = label_counts(check.dataset).merge(denial_factor(check.dataset), on="finding")
    tables = {
        "counts.csv": check.official,
        "labels.csv": labels,
        "policies.csv": askable(check.dataset.in_split(check.split), least),
        "verdicts.csv": check.verdicts,
        TO_MEND: check.to_mend(),
    }
    for name, table in tables.items():
        content = table.to_csv(index=False, float_format="%.4g").encode()
        write_whole(out / name, content)
    return [*(out / name for name in tables), *_pictured(check, out / SAMPLES, seed)]


def _pictured(check: Check, path: Path, seed: int) -> list[Path]:
    opened = check.looked.loc[check.looked["fault"] == "", "row"].to_numpy()
    if why_no_sheet(check.dataset) or not len(opened):
        path.unlink(missing_ok=True)  # of an earlier check, when it might be shown
        return []
    rng = np.random.default_rng(seed)
    rows = rng.choice(opened, min(SHOWN, len(opened)), replace=False)
    sheet = contact_sheet(check.dataset, sorted(map(int, rows)))
    write_whole(path, _png(sheet))
    return [path]


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
