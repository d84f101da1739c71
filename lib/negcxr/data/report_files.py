"""Where the reports of a published data set lie, and which way they are read.

Reports are often placed by hand, beside the images or in a folder of their own, as they
are fetched apart.

Limits: the first folder that is there counts, whether or not it holds all reports.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from negcxr.data.layout_parts import Reports
from negcxr.data.openi_xml import ReportFiles
from negcxr.data.sections import HeadedFiles, Sections

# How reports are read: given a folder and each row's path from it.
KINDS: dict[str, Callable[[Path, Sequence[str]], Sections]] = {
    "headings": HeadedFiles,
    "open-i": ReportFiles,
}


def find_reports(root: Path, how: Reports, names: Sequence[str]) -> Sections | None:
    """The reports of images, where they are placed.

    Beside the images, the first image's report tells whether they are.

    Args:
        names: The path of each row's report, from the folder of reports.
    """
    for folder in how.folders:
        there = (root / folder).is_dir() if folder else (root / names[0]).is_file()
        if there:
            return KINDS[how.kind](root / folder, names)
    return None
