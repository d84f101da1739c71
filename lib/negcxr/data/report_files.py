"""Where the reports of a published data set lie, and which way they are read.

Reports are often placed by hand, beside the images or in a folder of their own, as they
are fetched apart.

Limits: the first folder that is there counts, whether or not it holds all reports; a
handful of reports beside many images may be overlooked.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from negcxr.data.layout_parts import Reports
from negcxr.data.openi_xml import ReportFiles
from negcxr.data.sections import HeadedFiles, Sections
from negcxr.data.withheld import Place

PROBED = 64  # rows of a table whose reports are looked for beside the images

# How reports are read: given a folder, each row's path from it, and what messages call it.
KINDS: dict[str, Callable[[Path, Sequence[str], Place | None], Sections]] = {
    "headings": HeadedFiles,
    "open-i": ReportFiles,
}


def find_reports(
    root: Path, how: Reports, names: Sequence[str], place: Place | None = None
) -> Sections | None:
    """The reports of images, where they are placed.

    Beside the images, some rows spread over the table tell whether they are: one that
    lacks its report says nothing of the others.

    Args:
        names: The path of each row's report, from the folder of reports.
        place: What messages call the report of a row; none: its path.
    """
    probed = np.unique(np.linspace(0, len(names) - 1, PROBED).astype(int))
    for folder in how.folders:
        beside = (root / names[row] for row in probed)
        there = (root / folder).is_dir() if folder else any(map(Path.is_file, beside))
        if there:
            return KINDS[how.kind](root / folder, names, place)
    return None
