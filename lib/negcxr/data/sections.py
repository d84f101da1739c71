"""The report of each image by section, read from disk only when somebody asks.

A report is what somebody wrote, word for word. Most studies read none of it, and hundreds
of thousands of small files take a while, so a data set holds what knows where they lie.

A report is cut at its headings: a line that begins with words in capitals and a colon,
as in ``IMPRESSION:``. Common headings get one name ("REASON FOR EXAM" is an indication),
others keep their own in lower case, so that no text is lost. A heading that comes twice,
as in an addendum, adds to its section.

Limits: no rule finds every section. A heading in small letters or without a colon is
taken for text, words in capitals with a colon within a list for a heading; and where a
report has neither findings nor impression, its last paragraph is given as such, which
need not describe the image.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from negcxr.data.part import Part
from negcxr.data.withheld import Place
from negcxr.errors import InputError

LONGEST = 1_000_000  # bytes of one report; long ones have some 10 thousand
MAIN = ("indication", "findings", "impression")  # which every report is asked for
LAST = "last paragraph"
UNNAMED = ""
HEADING = re.compile(r"^[ \t]*([A-Z][A-Z ,/&()-]{2,60}?)[ \t]*:", re.MULTILINE)
# Lines between the parts of one document; what follows has no heading yet.
DIVIDER = re.compile(r"^[ \t_]*(?:FINAL REPORT|(?:FINAL )?ADDENDUM)[ \t_]*$", re.MULTILINE)
PARAGRAPHS = re.compile(r"\n[ \t_]*\n")
SAME = {
    "indication": r"INDICATIONS?|(?:CLINICAL )?(?:HISTORY|INFORMATION)|REASON FOR .*",
    "findings": r"FINDINGS?|FINDINGS AND IMPRESSION",
    "impression": r"IMPRESSIONS?|CONCLUSIONS?",
    "comparison": r"COMPARISONS?",
}


@runtime_checkable
class Sections(Protocol):
    """What is asked of reports: the sections of one, by the row of its image."""

    def read(self, row: int) -> dict[str, str]:
        """Text by the section's name; "" where the report has not the section."""
        ...


class SectionRows(Part[Sections]):
    """The reports of some rows of others, renumbered from 0."""

    def read(self, row: int) -> dict[str, str]:
        """The report of this row's image by section."""
        return self.whole.read(self.at(row))


@dataclass(frozen=True, eq=False)
class HeadedFiles:
    """Reports with headings in text files, one a row; images of a study share theirs."""

    root: Path
    names: Sequence[str]
    place: Place | None = None  # what messages call the report of a row; none: its path

    def read(self, row: int) -> dict[str, str]:
        """The report of this row's image by section.

        Raises:
            InputError: The file is missing, too large, or is not text in UTF-8.
        """
        path = self.root / self.names[row]
        name = f"{self.place(row)}: the report" if self.place else path
        try:
            with path.open("rb") as file:
                content = file.read(LONGEST + 1)
            text = content.decode("utf-8-sig")
        except OSError as error:
            raise InputError(f"{name}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise InputError(f"{name}: not text in UTF-8") from None
        if len(content) > LONGEST:
            raise InputError(f"{name}: more than {LONGEST} bytes; no report is so long")
        return split_sections(text)


def split_sections(report: str) -> dict[str, str]:
    """The sections of a report by name, each on one line, in the report's order.

    Returns:
        ``MAIN`` first, "" where the report has not the section; then others by their
        headings in lower case; ``LAST`` where it has neither findings nor impression.

    Example:
        >>> split_sections("INDICATION: Cough.\\n\\nIMPRESSION:\\n No edema.")
        {'indication': 'Cough.', 'findings': '', 'impression': 'No edema.'}
    """
    report = report.replace("\r\n", "\n")
    found: dict[str, list[str]] = {name: [] for name in MAIN}
    for part in DIVIDER.split(report):
        for name, text in _headed(part):
            found.setdefault(name, []).append(" ".join(text.split()))
    sections = {name: " ".join(filter(None, texts)) for name, texts in found.items()}
    sections = {n: text for n, text in sections.items() if text or n in MAIN}
    if not sections["findings"] and not sections["impression"]:
        paragraphs = [text for text in PARAGRAPHS.split(report) if text.strip(" \t\n_")]
        sections[LAST] = " ".join(paragraphs[-1].split()) if paragraphs else ""
    return sections


def _headed(part: str) -> list[tuple[str, str]]:
    """Names and texts of a part of a report, the text before the first heading first."""
    before, *rest = HEADING.split(part)
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return [(UNNAMED, before), *((_name(heading), text) for heading, text in pairs)]


def _name(heading: str) -> str:
    for name, pattern in SAME.items():
        if re.fullmatch(pattern, heading):
            return name
    return heading.lower()
