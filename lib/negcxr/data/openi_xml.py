"""Open-I's reports as files of a folder, read so that a bad file can do no harm.

Each report is one XML file: its number, its sections, the terms that people chose for it,
and the names of its images. A file from a user's folder may be anything, so entities and
document types are refused (a few lines of them unpack to gigabytes), and so is a file
longer than any report.

Limits: only what the study needs is read; the program's `automatic` terms are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from negcxr.data.mendable import refuse
from negcxr.data.openi import LONGEST, SECTIONS, sections_of
from negcxr.data.withheld import Place
from negcxr.errors import InputError


@dataclass(frozen=True)
class Report:
    """One report: where it lies, its number, the terms people chose, its images' names."""

    path: Path
    number: str
    terms: tuple[str, ...]
    images: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ReportFiles:
    """Reports in XML files, one a row; images of a report share theirs."""

    root: Path
    names: Sequence[str]
    place: Place | None = None  # what messages call the report of a row; none: its path

    def read(self, row: int) -> dict[str, str]:
        """The report of this row's image: indication, findings, impression.

        Raises:
            InputError: The file is missing or is not a report.
        """
        path = self.root / self.names[row]
        _, found = _parsed(path, self.place(row) if self.place else str(path))
        return {section: found[section] for section in SECTIONS}


def read_folder(folder: Path) -> list[Report]:
    """Every report of a folder of XML files, in the order of their numbers.

    Raises:
        InputError: There is none, one cannot be read, or a number or an image is named
            by two of them.
    """
    paths = sorted(folder.glob("*.xml"), key=lambda path: (len(path.name), path.name))
    if not paths:
        raise InputError(f"{folder}: no XML file; the reports of Open-I are needed there")
    reports = [_report(path) for path in paths]
    number_of, image_of = {}, {}
    for report in reports:
        _claim(number_of, report.number, report.path, "report")
        for image in report.images:
            _claim(image_of, image, report.path, "image")
    return reports


def _claim(known: dict[str, Path], name: str, path: Path, what: str) -> None:
    first = known.setdefault(name, path)
    if first is not path:
        raise InputError(f"{path}: {what} {name!r} is also named by {first.name}")


def _report(path: Path) -> Report:
    root, sections = _parsed(path, str(path))
    terms = [" ".join((term.text or "").split()) for term in root.iter("major")]
    images = [image.get("id", "") for image in root.iter("parentImage")]
    for image in images:
        if not image or Path(image).name != image or "\\" in image:
            raise InputError(
                f"{path}: parentImage {image!r}; allowed: the name of an image"
            )
    if len(set(images)) < len(images):
        refuse(f"{path}: an image is named twice; each is taken once")
    unique = tuple(dict.fromkeys(images))
    return Report(path, sections["report"], tuple(filter(None, terms)), unique)


def _parsed(path: Path, name: str) -> tuple[ElementTree.Element, dict[str, str]]:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
        if len(content) > LONGEST:
            raise InputError(f"{name}: longer than {LONGEST} bytes; no report is")
        _refuse_declarations(content)
        root = ElementTree.fromstring(content)
        return root, sections_of(root)
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror})") from None
    except (ElementTree.ParseError, expat.ExpatError, ValueError) as error:
        raise InputError(f"{name}: not a report in XML ({error})") from None


def _refuse_declarations(content: bytes) -> None:
    # ElementTree would expand entities as it reads, so a pass that only looks goes first.
    def refuse_it(*_: object) -> None:
        raise ValueError("it declares a document type, which no report does")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_it
    parser.EntityDeclHandler = refuse_it
    parser.Parse(content, True)
