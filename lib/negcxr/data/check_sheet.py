"""A few images of a data set side by side, each with what its labels say.

Whether labels belong to their images, and whether air is dark, a person sees at a
glance and no count tells.

Limits: eight images of many; a rare fault is not among them.
"""

from collections.abc import Sequence
from textwrap import wrap

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from negcxr.data.dataset import Dataset
from negcxr.data.labels import ABSENT, PRESENT, UNCERTAIN

SHOWN = 8
ACROSS, SIDE, GAP = 4, 240, 16  # images a row, pixels of one, pixels between
HEAD, LINE, LINES, LETTERS = 40, 16, 8, 38  # pixels, pixels, lines and letters a caption
WORDS = {"present": PRESENT, "uncertain": UNCERTAIN, "absent": ABSENT}
KINDS = {"phantoms": "drawn phantoms", "films": "films", "images": "images"}
PAPER, INK = 255, 0


def why_no_sheet(dataset: Dataset) -> str:
    """Why no image of a data set may be shown; "" where it may."""
    if dataset.credentialed:
        return "its terms forbid that an image of it leaves the machine"
    if dataset.shows_images:
        return ""
    if dataset.kind == "films":
        return "its terms do not let its images stand on a page"
    return "nothing says that its images may be shown; shows_images: true in about.yml does"


def contact_sheet(dataset: Dataset, rows: Sequence[int]) -> Image.Image:
    """The images of these rows, four abreast, with view, split and labels below each.

    Blanks are not written, as most labels are blank; "nothing said" is an image with
    blanks alone.

    Args:
        rows: Rows whose images open.
    """
    captions = [_caption(dataset, row) for row in rows]
    height = SIDE + LINE * max(map(len, captions)) + GAP
    size = (ACROSS * (SIDE + GAP) + GAP, HEAD + -(-len(rows) // ACROSS) * height)
    sheet = Image.new("L", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, GAP // 2), _title(dataset, len(rows)), INK, ImageFont.load_default(16))
    for place, row in enumerate(rows):
        x = GAP + place % ACROSS * (SIDE + GAP)
        y = HEAD + place // ACROSS * height
        sheet.paste(_fitted(dataset.images.open(row)), (x, y))
        caption = "\n".join(captions[place])
        pen.text((x, y + SIDE + 2), caption, INK, ImageFont.load_default(12), spacing=3)
    return sheet


def _title(dataset: Dataset, n: int) -> str:
    return f"{dataset.name}: {n} of {len(dataset):,} {KINDS[dataset.kind]}, chosen by lot"


def _fitted(image: Image.Image) -> Image.Image:
    """The whole image, as large as it fits in the middle of a black square."""
    return ImageOps.pad(image, (SIDE, SIDE))


def _caption(dataset: Dataset, row: int) -> list[str]:
    """View and split, then the labels; what does not fit is said to be left out."""
    view, split = dataset.table[["view", "split"]].iloc[row]
    said = []
    for word, value in WORDS.items():
        columns = np.flatnonzero(dataset.labels[row] == value)
        names = ", ".join(dataset.findings[column] for column in columns)
        said += wrap(f"{word}: {names}", LETTERS) if names else []
    lines = [f"{view or 'view not stated'}, {split}", *(said or ["nothing said"])]
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], "..."]
