"""Real reports of chest X-rays as tables: Open-I's text, and what people judged elsewhere.

Open-I's reports are read from the archive that `fetch` keeps. `read_gold` reads labels
that NegBio's makers gave to whole reports, `read_negex` sentences that clinicians judged;
both come from a folder that the user names. Of all three, words stay as they were
written: nothing is put in lower case, and ``XXXX`` stands where a name or a date was
taken out.

Limits: the reports are of one institution and of about 2011, and report numbers stand for
examinations, not for patients. Sentences are cut by a rule, and it errs where a full stop
has no space behind it.

Reference:
    Demner-Fushman et al. (2016), Preparing a collection of radiology examinations, JAMIA.
    Peng et al. (2018), NegBio, AMIA Summits, https://arxiv.org/abs/1712.05898.
    Chapman et al. (2001), A simple algorithm for identifying negated findings.
"""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

from negcxr.data import checks
from negcxr.data.tables import FIRST_ROW, read_csv
from negcxr.errors import InputError

SECTIONS = ("indication", "findings", "impression")
DESCRIBES = ("findings", "impression")  # an indication asks, and describes no image
GOLD, NEGEX = "openi_gold_14.csv", "negex_sentences.csv"
NUMBER = "filename"  # NegBio's column of report numbers
JUDGED = ("Affirmed", "Negated")
LONGEST = 1_000_000  # bytes of one report; the longest of Open-I has 9 kB
BROKEN = (tarfile.TarError, OSError, EOFError, ElementTree.ParseError)

# After a stop, before a capital or the number of an item of a list.
ENDS = re.compile(r"(?<=[.?!])\s+(?=[A-Z]|\d{1,2}\.\s)")
NOT_AN_END = re.compile(r"(?:^|\s)(?:\d+|Dr|Mr|Mrs|Ms|vs|approx)\.$")
ITEM = re.compile(r"^\d{1,2}\.(?=\s|[A-Z])\s*")
LETTER = re.compile(r"[A-Za-z]")


def read_reports(path: Path) -> pd.DataFrame:
    """Every report of Open-I's archive, by number.

    Members are read as streams and never unpacked to disk. The standard library's XML
    reader is safe here alone, where `fetch` has checked the archive's hash.

    Args:
        path: What ``fetched("open-i")`` gives.

    Returns:
        report (such as "CXR1"), indication, findings, impression, and text, which is the
        last two as one. A section that the report has not is "", and so is the text of a
        report that has neither; it stays.

    Raises:
        InputError: The file is no such archive, or a report in it cannot be read.
    """
    rows = sorted(_reports(path), key=lambda row: (len(row["report"]), row["report"]))
    table = pd.DataFrame(rows, columns=["report", *SECTIONS], dtype=str)
    texts = [" ".join(filter(None, row)) for row in table[list(DESCRIBES)].to_numpy()]
    return table.assign(text=texts)


def sentences(reports: pd.DataFrame) -> pd.DataFrame:
    """The sentences of findings and impression, in the order of the reports.

    A sentence ends at a full stop, question or exclamation mark, if a space and a capital
    or the number of a list's item follow; not after a number or an abbreviation such as
    "Dr.". The item's number is left out, and so is what has no letter.

    Returns:
        report, section, sentence.

    Example:
        >>> one = pd.DataFrame({"report": ["a"], "findings": ["1. No mass. 2. T7 is low."],
        ...                     "impression": ["Seen by Dr. XXXX."]})
        >>> sentences(one)["sentence"].tolist()
        ['No mass.', 'T7 is low.', 'Seen by Dr. XXXX.']
    """
    columns = ["report", *DESCRIBES]
    rows = [
        (report, section, sentence)
        for report, *texts in reports[columns].itertuples(index=False)
        for section, text in zip(DESCRIBES, texts, strict=True)
        for sentence in split(text)
    ]
    return pd.DataFrame(rows, columns=["report", "section", "sentence"], dtype=str)


def split(text: str) -> list[str]:
    """The sentences of one text; see `sentences`."""
    found: list[str] = []
    for piece in ENDS.split(text.strip()):
        if found and NOT_AN_END.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    found = [ITEM.sub("", sentence) for sentence in found]
    return [sentence for sentence in found if LETTER.search(sentence)]


def read_gold(folder: Path) -> pd.DataFrame:
    """Labels that people gave to reports of Open-I, from NegBio's file in ``folder``.

    Returns:
        report, then 0 or 1 a label: fourteen findings by NegBio's names, and normal. A 0
        says that the report does not state it, by denial or by silence.

    Raises:
        InputError: The file or its first column is missing, a report stands twice, or a
            label is another than 0 or 1.
    """
    path = folder / GOLD
    table = read_csv(path)
    checks.require_columns(table, [NUMBER], source=str(path))
    names = [name for name in table.columns if name != NUMBER]
    if not names:
        raise InputError(f"{path}: no column but {NUMBER}; each other one is a label")
    _require(table, [NUMBER], path)
    twice = table[NUMBER].duplicated()
    if twice.any():
        row = int(twice.to_numpy().argmax())
        report = table[NUMBER].iloc[row]
        raise InputError(f"{path}, row {row + FIRST_ROW}: {report} stands there twice")
    for name in names:
        _refuse_other(table[name], ("0", "1"), path)
    labels = table[names].astype(int)
    return pd.concat([table[NUMBER].rename("report"), labels], axis=1)


def read_negex(folder: Path) -> pd.DataFrame:
    """Clinical sentences with one concept each that people judged, from ``folder``.

    Returns:
        concept, sentence, negation ("Affirmed" or "Negated"). Not all concepts stand in
        their sentence word for word, and few are of the chest.

    Raises:
        InputError: The file or a column is missing, a cell is blank, or a judgement is
            another than those two.
    """
    path, columns = folder / NEGEX, ["concept", "sentence", "negation"]
    table = read_csv(path)
    _require(table, columns, path)
    _refuse_other(table["negation"], JUDGED, path)
    return table[columns]


def sections_of(root: ElementTree.Element) -> dict[str, str]:
    """A report's number (as "report") and its sections; "" where it has not the section.

    Raises:
        ElementTree.ParseError: The report has no number.
    """
    number = root.find("uId")
    if number is None or not number.get("id"):
        raise ElementTree.ParseError("no uId, which is a report's number")
    found = {"report": number.get("id", "")} | dict.fromkeys(SECTIONS, "")
    for part in root.iter("AbstractText"):
        section = str(part.get("Label")).lower()
        if section in SECTIONS:
            found[section] = " ".join((part.text or "").split())
    return found


def _require(table: pd.DataFrame, columns: list[str], path: Path) -> None:
    checks.require_columns(table, columns, source=str(path))
    if table.empty:
        raise InputError(f"{path}: no rows; at least one is needed")
    checks.refuse_blank_cells(table, columns, source=str(path), first_row=FIRST_ROW)


def _refuse_other(cells: pd.Series, allowed: tuple[str, ...], path: Path) -> None:
    other = ~cells.isin(allowed).to_numpy()
    if other.any():
        row = int(other.argmax())
        raise InputError(
            f"{path}, row {row + FIRST_ROW}: {cells.name} {cells.iloc[row]!r}; "
            f"allowed: {', '.join(allowed)}"
        )


def _reports(path: Path) -> Iterator[dict[str, str]]:
    name = ""
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                name = member.name
                if member.isfile() and name.endswith(".xml"):
                    content = archive.extractfile(member).read(LONGEST)
                    yield sections_of(ElementTree.fromstring(content))
    except BROKEN as error:
        raise InputError(f"{path}: {name or 'archive'} cannot be read ({error})") from None
