"""Open-I's films, with labels from the MeSH terms that people chose for their reports.

One table is made of a folder of XML files: a row a film. A chosen term makes its finding
present, one with "borderline" leaves it uncertain, and a finding without a term is
*unmentioned*: its label is blank. "normal" says that nothing was chosen, not that a
reader denied each finding, so there is no explicit absence. What a report denies stands
in its sections, which keep their words as written: ``XXXX`` is where a name or a date was
taken out. Which term means what is in ``words/openi.yml``.

Reports with "No Indexing" have no terms at all. Their films stand in a split of their
own, ``unindexed``, which ``all`` leaves out, as a blank there says nothing at all.

Limits: a report's number stands for an examination, and one examination is taken for one
patient, since who has two is not known. The files tell no view of a film, so it is blank,
and many are lateral. No split is official; the layout deals the others out.

Reference:
    Demner-Fushman et al. (2016), Preparing a collection of radiology examinations, JAMIA.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict

from negcxr.data.checks import require_columns
from negcxr.data.openi_xml import Report, read_folder
from negcxr.data.withheld import FileEach, Place
from negcxr.reading import read_yaml

WORDS = Path(__file__).with_name("words") / "openi.yml"
UNINDEXED = "unindexed"
PRESENT, UNCERTAIN, UNMENTIONED = "1", "-1", ""


class Terms(BaseModel):
    """What ``words/openi.yml`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    uncertain: list[str]
    not_indexed: list[str]
    findings: dict[str, list[str]]


def read_films(folder: Path, columns: Iterable[str]) -> tuple[pd.DataFrame, Place]:
    """A row a film that a report in this folder names, in the order of the reports.

    Args:
        columns: Which are wanted of: image (its file's name without ending), report (its
            number), file (the report's, without ending), split ("unindexed", or blank
            where it is open), and each finding, whose cells are "1", "-1" or "".

    Returns:
        The rows, and the file that each comes from.

    Raises:
        InputError: There is no report, or one is not as it must be; names the file.
    """
    terms = _terms()
    names = ["image", "report", "file", "split", *terms.findings]
    films = [(report, image) for report in read_folder(folder) for image in report.images]
    labels = {r.number: _labels(r, terms) for r, _ in films}
    rows = [
        [image, r.number, r.path.stem, _split(r, terms), *labels[r.number]]
        for r, image in films
    ]
    table = pd.DataFrame(rows, columns=names, dtype=str)
    wanted = list(dict.fromkeys(columns))
    require_columns(table, wanted, source=str(WORDS))
    return table[wanted], FileEach([report.path for report, _ in films])


@cache
def _terms() -> Terms:
    return Terms.model_validate(read_yaml(WORDS))


def _split(report: Report, terms: Terms) -> str:
    if set(report.terms) & set(terms.not_indexed):
        return UNINDEXED
    return ""


def _labels(report: Report, terms: Terms) -> list[str]:
    chosen = [_words(term) for term in report.terms]
    uncertain = {word.lower() for word in terms.uncertain}
    return [
        _label(chosen, [_words(one) for one in wanted], uncertain)
        for wanted in terms.findings.values()
    ]


def _label(chosen: list[list[str]], wanted: list[list[str]], uncertain: set[str]) -> str:
    """The label that the terms of a report give a finding: plainly there goes first."""
    fitting = [words for words in chosen if any(_fits(words, one) for one in wanted)]
    if not fitting:
        return UNMENTIONED
    is_plain = any(uncertain.isdisjoint(words) for words in fitting)
    return PRESENT if is_plain else UNCERTAIN


def _words(term: str) -> list[str]:
    return [word.strip().lower() for word in term.split("/")]


def _fits(words: list[str], wanted: list[str]) -> bool:
    return words[0] == wanted[0] and set(wanted[1:]) <= set(words[1:])
