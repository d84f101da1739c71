"""The real text that is there, and how to get what is not.

Idea: reports, labels and judged sentences come from three places, none of which is part of
the study, and any may be missing. What is missing is an empty table, so that every
question can be asked all the same, and a row that says how to get it.

Limits: reports are found where ``negcxr data fetch`` puts them, so two machines may differ
in what is there; the result says what was.
"""

from typing import NamedTuple

import pandas as pd

from negcxr.data import fetch, openi
from negcxr.paths import at_root
from negcxr.text.denials import has_negspacy

REPORTS = "open-i"
HOW = {
    "Open-I reports": "negcxr data fetch open-i",
    "labels of reports, by people": "text_root, a folder with openi_gold_14.csv",
    "judged sentences": "text_root, a folder with negex_sentences.csv",
    "negspacy": "pip install 'negspacy>=1.1'",
}


class RealText(NamedTuple):
    """Real text as tables; one that is not there has no row.

    Attributes:
        reports: report, and text with its findings and impression.
        sentences: report, section and sentence, of findings and impression.
        gold: report, then 0 or 1 a label.
        kit: sentence, concept, and denied by people.
    """

    reports: pd.DataFrame
    sentences: pd.DataFrame
    gold: pd.DataFrame
    kit: pd.DataFrame


def open_real_text(text_root: str) -> RealText:
    """Read the real text that is there.

    Args:
        text_root: A folder with labels and judged sentences, from the project's root if
            relative; empty for none.

    Raises:
        InputError: The folder was named and lacks a file, or a file is not as it must be.
    """
    reports = pd.DataFrame(columns=["report", "text"], dtype=str)
    sentences = pd.DataFrame(columns=["report", "section", "sentence"], dtype=str)
    gold = pd.DataFrame(columns=["report"], dtype=str)
    kit = pd.DataFrame(columns=["sentence", "concept", "denied"])
    if fetch.is_there(REPORTS):
        reports = openi.read_reports(fetch.fetched(REPORTS))
        sentences = openi.sentences(reports)
    if text_root:
        gold = openi.read_gold(at_root(text_root))
        judged = openi.read_negex(at_root(text_root))
        kit = judged.assign(denied=judged["negation"] == "Negated")
    return RealText(reports, sentences, gold, kit)


def sources(text: RealText) -> pd.DataFrame:
    """What is there: source, there (how many, or no), and how to get what is not."""
    counts = [str(len(table)) for table in (text.reports, text.gold, text.kit)]
    counts = [count if count != "0" else "no" for count in counts]
    there = [*counts, "yes" if has_negspacy() else "no"]
    rows = [
        [name, count, how if count == "no" else ""]
        for (name, how), count in zip(HOW.items(), there, strict=True)
    ]
    return pd.DataFrame(rows, columns=["source", "there", "get it by"])
