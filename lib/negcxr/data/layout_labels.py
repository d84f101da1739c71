"""Labels of a published data set, from the table of images or from one that joins it.

Limits: a label of a study is given to each of its images.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.data import joins
from negcxr.data.joins import NO_ROW, Cells
from negcxr.data.label_cells import four_values, in_words, meanings
from negcxr.data.labels import UNMENTIONED
from negcxr.data.layout_file import Layout
from negcxr.data.tables import FIRST_ROW


def decoded(
    cells: pd.DataFrame, layout: Layout, path: Path
) -> Float[np.ndarray, "image finding"]:
    """Labels of cells of a file, a column a finding.

    Raises:
        InputError: A cell is none of those that the layout names.
    """
    written = layout.labels.values
    place = {"source": str(path), "first_row": FIRST_ROW}
    return four_values(cells, meanings(written), allowed=in_words(written), **place)


def joined_labels(
    cells: Cells, layout: Layout, root: Path
) -> tuple[Path, Float[np.ndarray, "image finding"]]:
    """The joined table, and its labels; unmentioned where an image has no row in it.

    Raises:
        InputError: It is missing, or not as it must be.
    """
    how, names = layout.joins[layout.labels.join], list(layout.labels.findings)
    other = joins.read_table(root, how, [*how.by, *names])
    labels = decoded(other.frame[names], layout, other.path)
    rows = joins.matching(cells, other, how)
    labels = np.concatenate([labels, np.full((1, len(names)), UNMENTIONED)])
    return other.path, labels[np.where(rows == NO_ROW, len(labels) - 1, rows)]
